// The web server as a WebSocket server: the cases of the lists, plain and over TLS (README.md).
import test, { after, before } from 'node:test';

import { EchoServer } from './echo_server.mjs';
import { websocketGroups } from './groups.mjs';
import { run } from './websocket_runner.mjs';

let server;

before(async () => (server = await EchoServer.start()));
after(() => server?.close());

for (const secure of [false, true]) {
    test(`${name}${secure ? ', over TLS' : ''}`, async () => {
      const wrong = [];
      for (const row of rows) await run(server, row, secure).catch((error) => wrong.push(error.message));
      if (wrong.length > 0) throw new Error(`${wrong.length} of ${rows.length} cases went wrong\n${wrong.join('\n')}`);
    });
  }
}
