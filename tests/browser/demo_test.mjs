// tools/demo: one command runs an example, and Ctrl-C ends all its processes.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort, isListening, Process } from '../../tools/processes.mjs';
import { RESFLOW } from './world.mjs';

const DEMO = fileURLToPath(new URL('../../tools/demo', import.meta.url));

async function start(t, ...args) {
  const demo = new Process(DEMO, args);
  t.after(() => demo.end());
  return demo;
}

async function places() {
  const [port, pagePort] = [await freePort(), await freePort()];
  return { port, pagePort, args: ['--port', `${port}`, '--page-port', `${pagePort}`, '--binary', path.resolve(RESFLOW)] };
}

for (const example of ['hello-world', 'jwt-authentication', 'cluster']) {
  for (const [signal, status] of [['SIGINT', 130], ['SIGTERM', 143]]) {
    test(`it runs ${example} until ${signal}`, async (t) => {
      const { port, pagePort, args } = await places();
      const demo = await start(t, example, ...args);
      const [, page] = await demo.says(/the page {6}(\S+)/);
      const [, natsPort] = await demo.says(/NATS {10}nats:\/\/127\.0\.0\.1:(\d+)/);
      assert.equal((await fetch(page)).status, 200);
      assert.equal(new URL(page).searchParams.get('gateway'), `ws://127.0.0.1:${port}`);
      assert.equal(await isListening(port), true);
      demo.signal(signal);
      assert.deepEqual(await demo.ended(), { code: status, signal: null });
      for (const each of [port, pagePort, Number(natsPort)]) assert.equal(await isListening(each), false);
    });
  }
}

test('when a part of it ends, it tells which and how, and ends the rest', async (t) => {
  const { port, pagePort, args } = await places();
  const demo = await start(t, 'hello-world', ...args.slice(0, -1), '/bin/false');
  assert.deepEqual(await demo.ended(), { code: 1, signal: null });
  assert.match(demo.output, /tools\/demo: false ended \(exit code 1\)/);
  for (const each of [port, pagePort]) assert.equal(await isListening(each), false);
});

test('it tells what is wrong with its options', async (t) => {
  const { args } = await places();
  const cases = [
    [['no-such-example'], 2, /no example "no-such-example"[^]*hello-world/],
    [['--nonsense'], 2, /Usage/],
    [['--port'], 2, /--port needs a value/],
    [[...args, '--port', '0'], 1, /--port 0: not a port number/],
    [[...args, '--page-port', args[1]], 1, /different ports/],
    [['--binary', '/no/such/file'], 1, /there is no \/no\/such\/file/],
    [['hello-world', 'edit-text', ...args], 1, /name one example/],
  ];
  for (const [given, status, text] of cases) {
    const demo = await start(t, ...given);
    assert.equal((await demo.ended()).code, status, given.join(' '));
    assert.match(demo.output, text);
  }
});

test('a port that is taken is told', async (t) => {
  const { args, pagePort } = await places();
  const first = await start(t, 'hello-world', ...args);
  await first.says(/Ctrl-C stops it all/);
  const second = await start(t, 'hello-world', ...args, '--port', `${await freePort()}`);
  assert.equal((await second.ended()).code, 1);
  assert.match(second.output, new RegExp(`port ${pagePort} is taken by another program; choose another one with --page-port`));
});

test('--list names every example with what it shows', async (t) => {
  const demo = await start(t, '--list');
  assert.equal((await demo.ended()).code, 0);
  const names = demo.output.trim().split('\n').map((line) => line.split(' ')[0]);
  assert.deepEqual(names, [
    'book-collection',
    'book-collection-cpp',
    'client-session',
    'cluster',
    'edit-text',
    'hello-world',
    'jwt-authentication',
    'live-table',
    'password-authentication',
  ]);
  for (const line of demo.output.trim().split('\n')) assert.match(line, /^\S+ +[A-Z].*\.$/);
});
