// Makes tests of groups of cases: each group is a test, plain and over TLS, that names the first cases that go wrong.
import test, { after, before } from 'node:test';

import { runCase } from './delivery.mjs';
import { EchoServer } from './echo_server.mjs';

const ENOUGH = 5; // cases that went wrong; a case may wait for long until it has

// `runner` is http_runner.mjs or websocket_runner.mjs.
export function testGroups(groups, runner) {
  let server;
  before(async () => (server = await EchoServer.start()));
  after(() => server?.close());
  for (const secure of [false, true]) {
    for (const { name, rows } of groups) {
      test(`${name}${secure ? ', over TLS' : ''}`, async () => {
        const wrong = [];
        for (const row of rows) {
          await runCase(runner, server, row, secure).catch((error) => wrong.push(error.message));
          if (wrong.length === ENOUGH) break;
        }
        if (wrong.length > 0) throw new Error(`these cases went wrong:\n${wrong.join('\n')}`);
      });
    }
  }
}
