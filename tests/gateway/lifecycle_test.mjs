// The gateway as a process: how it starts, what it prints, and how it ends.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import test from 'node:test';

import { ENVIRONMENT, freePort, RESFLOW, Stage } from './processes.mjs';
import { rawWebSocket } from './raw_client.mjs';
import { ResClient } from './res_client.mjs';
import { ResService } from './res_service.mjs';

function stageOf(t) {
  const stage = new Stage();
  t.after(() => stage.close());
  return stage;
}

function run(...args) {
  return spawnSync(RESFLOW, args, { encoding: 'utf8', timeout: 30_000, env: ENVIRONMENT });
}

for (const signal of ['SIGTERM', 'SIGINT']) {
  for (const lanes of ['1', '4']) {
    test(`${signal} closes the clients of ${lanes} lanes and ends it well`, async (t) => {
      const stage = stageOf(t);
      const gateway = await stage.startGateway(await stage.startNats(), { args: ['--lanes', lanes] });
      const clients = await Promise.all(Array.from({ length: 12 }, () => ResClient.open(gateway.port)));
      gateway.signal(signal);
      for (const client of clients) assert.equal((await client.isClosed()).code, 1001);
      assert.deepEqual(await gateway.ended(), { code: 0, signal: null });
      assert.match(gateway.output, /Server stopped/);
    });
  }
}

test('with too few open files it does not start, and says why', async (t) => {
  const stage = stageOf(t);
  const nats = await stage.startNats();
  const limited = ['-c', 'ulimit -n 40; exec "$0" "$@"', RESFLOW, ...stage.gatewayArgs(nats.url)];
  const gateway = stage.start('bash', limited);
  assert.deepEqual(await gateway.ended(), { code: 1, signal: null });
  assert.match(gateway.output, /Failed to start server: the limit of open files is 40, and at least 64 are needed/);
});

for (const lanes of ['1', '2']) {
  test(`with ${lanes} lanes and nothing to do it answers the pings of the messaging system`, async (t) => {
    const stage = stageOf(t);
    // The server disconnects a client that has not answered two pings.
    const nats = await stage.startNats(['-V', '-c', stage.file('nats.conf', 'ping_interval: "300ms"\nping_max: 2\n')]);
    const gateway = await stage.startGateway(nats, { args: ['--lanes', lanes] });
    const answered = nats.says(/(?:<<- \[PONG\][^]*){6}/).then(() => 'answered');
    assert.equal(await Promise.race([gateway.ended(), answered]), 'answered');
  });
}

test('a signal ends it though a client neither reads nor answers', async (t) => {
  const stage = stageOf(t);
  const gateway = await stage.startGateway(await stage.startNats());
  const socket = await rawWebSocket(gateway.port);
  socket.pause();
  t.after(() => socket.destroy());
  gateway.signal('SIGTERM');
  assert.deepEqual(await gateway.ended(), { code: 0, signal: null });
});

test('a second signal while it stops does no harm', async (t) => {
  const stage = stageOf(t);
  const gateway = await stage.startGateway(await stage.startNats());
  const socket = await rawWebSocket(gateway.port);
  socket.pause();
  t.after(() => socket.destroy());
  gateway.signal('SIGTERM');
  await gateway.says(/Stopping server/);
  gateway.signal('SIGINT');
  assert.deepEqual(await gateway.ended(), { code: 0, signal: null });
});

test('it ends in the middle of work', async (t) => {
  const stage = stageOf(t);
  const nats = await stage.startNats();
  const gateway = await stage.startGateway(nats, { args: ['--lanes', '2'] });
  const service = await ResService.start(nats.url);
  t.after(() => service.close());
  service.on('get.test.never', () => null);
  const clients = await Promise.all(Array.from({ length: 4 }, () => ResClient.open(gateway.port)));
  for (const client of clients) client.request('subscribe.test.never').catch(() => {});
  await service.asked('get.test.never');
  for (let i = 0; i < 500; ++i) service.event('test.never', 'custom', { i });
  gateway.signal('SIGTERM');
  for (const client of clients) assert.equal((await client.isClosed()).code, 1001);
  assert.deepEqual(await gateway.ended(), { code: 0, signal: null });
});

test('without NATS it does not start, and says where it looked', async (t) => {
  const stage = stageOf(t);
  const address = `127.0.0.1:${await freePort()}`;
  const gateway = stage.start(RESFLOW, stage.gatewayArgs(`nats://user:secret@${address}`));
  assert.deepEqual(await gateway.ended(), { code: 1, signal: null });
  assert.match(gateway.output, new RegExp(`cannot connect to NATS at nats://\\S*${address}`));
  assert.doesNotMatch(gateway.output, /secret/);
});

for (const lanes of ['1', '3']) {
  test(`when NATS is lost the clients of ${lanes} lanes are closed, and it ends with an error`, async (t) => {
    const stage = stageOf(t);
    const nats = await stage.startNats();
    const gateway = await stage.startGateway(nats, { args: ['--lanes', lanes] });
    const clients = await Promise.all(Array.from({ length: 6 }, () => ResClient.open(gateway.port)));
    await nats.end();
    for (const client of clients) assert.equal((await client.isClosed()).code, 1001);
    assert.deepEqual(await gateway.ended(), { code: 1, signal: null });
    assert.match(gateway.output, /lost NATS connection/);
  });
}

test('a port in use is told', async (t) => {
  const stage = stageOf(t);
  const nats = await stage.startNats();
  const stranger = net.createServer().listen(0, '127.0.0.1');
  t.after(() => stranger.close());
  await once(stranger, 'listening');
  const { port } = stranger.address();
  const gateway = stage.start(RESFLOW, stage.gatewayArgs(nats.url, { port }));
  assert.deepEqual(await gateway.ended(), { code: 1, signal: null });
  assert.match(gateway.output, new RegExp(`cannot listen on 127\\.0\\.0\\.1 port ${port}: Address already in use`));
});

for (const lanes of ['1', '2']) {
  test(`a second gateway of ${lanes} lanes does not join the first on its port`, async (t) => {
    const stage = stageOf(t);
    const nats = await stage.startNats();
    const first = await stage.startGateway(nats, { args: ['--lanes', lanes] });
    const args = stage.gatewayArgs(nats.url, { port: first.port });
    const second = stage.start(RESFLOW, [...args, '--lanes', lanes]);
    assert.deepEqual(await second.ended(), { code: 1, signal: null });
    assert.match(second.output, /Address already in use/);
    const client = await ResClient.open(first.port);
    assert.deepEqual(await client.result('version'), { protocol: '1.2.3' });
    client.end();
  });
}

test('--help tells of every option', () => {
  const { status, stdout } = run('--help');
  assert.equal(status, 0);
  const options = ['nats', 'addr', 'port', 'wspath', 'reqtimeout', 'config', 'lanes', 'debug', 'trace', 'graph'];
  for (const option of [...options, 'help', 'version']) assert.match(stdout, new RegExp(`--${option}\\b`));
});

test('--version tells the version and that of the protocol', () => {
  const { status, stdout } = run('--version');
  assert.equal(status, 0);
  assert.match(stdout, /^resflow\s+v\d+\.\d+\.\d+$/m);
  assert.match(stdout, /^protocol v1\.2\.3$/m);
});

test('--graph prints the wiring as DOT', (t) => {
  const { status, stdout } = run('--graph');
  assert.equal(status, 0);
  assert.match(stdout, /^digraph resflow \{$/m);
  for (const node of ['parse', 'session', 'authorize', 'encode', 'write', 'ask', 'decode', 'cache', 'diff']) {
    assert.match(stdout, new RegExp(`^ +"${node}" \\[.*label=`, 'm'));
  }
  const drawn = spawnSync('dot', ['-Tsvg'], { input: stdout, encoding: 'utf8' });
  if (drawn.error) return t.diagnostic('graphviz is not installed: the DOT is not drawn');
  assert.equal(drawn.status, 0, drawn.stderr);
  assert.equal(drawn.stderr, '');
  assert.match(drawn.stdout, /<title>session&#45;&gt;encode<\/title>/);
});

test('what is wrong with its options is told', async () => {
  const cases = [
    [['--nonsense'], /nonsense/],
    [['--port', 'http'], /port "http"/],
    [['--lanes', '0'], /lanes "0"/],
    [['--addr', 'nowhere'], /addr "nowhere"/],
    [['--config', '/'], /\//],
    [['surplus'], /surplus/],
  ];
  for (const [args, expected] of cases) {
    const { status, stderr, stdout } = run(...args);
    assert.equal(status, 1, args.join(' '));
    assert.match(stderr, expected);
    assert.equal(stdout, '');
  }
});

test('a configuration file that does not exist is written, and is good for the next start', async (t) => {
  const stage = stageOf(t);
  const nats = await stage.startNats();
  const file = stage.file('written.json');
  for (let start = 0; start < 2; ++start) {
    const gateway = await stage.startGateway(nats, { args: ['--config', file] });
    assert.ok(existsSync(file));
    assert.equal(JSON.parse(readFileSync(file, 'utf8')).natsUrl, nats.url);
    gateway.signal('SIGTERM');
    assert.equal((await gateway.ended()).code, 0);
    assert.doesNotMatch(gateway.output, /\[ERR\]/);
  }
});

test('a WebSocket path of its own', async (t) => {
  const stage = stageOf(t);
  const gateway = await stage.startGateway(await stage.startNats(), { args: ['--wspath', '/ws'] });
  const client = await ResClient.open(gateway.port, { path: '/ws' });
  client.end();
  await assert.rejects(ResClient.open(gateway.port, { path: '/' }), /404/);
  assert.equal((await fetch(`http://127.0.0.1:${gateway.port}/`)).status, 404);
});

test('--trace logs the traffic with the services, each reply with the id of its request', async (t) => {
  const stage = stageOf(t);
  const nats = await stage.startNats();
  const gateway = await stage.startGateway(nats, { args: ['--debug', '--trace'] });
  const service = await ResService.start(nats.url);
  t.after(() => service.close());
  service.model('test.model', { n: 1 });
  const client = await ResClient.open(gateway.port);
  await client.result('subscribe.test.model');
  service.event('test.model', 'change', { values: { n: 2 } });
  await client.take(1);
  assert.equal(await client.errorCode('get.nobody.serves.this'), 'system.notFound');
  const requests = [...gateway.output.matchAll(/<== \(\S*?\.?(\w+)\) (\S+): \{/g)].map(([, id, subject]) => [subject, id]);
  const ids = Object.fromEntries(requests);
  await gateway.says(new RegExp(`==> \\(${ids['get.test.model']}\\): \\{"result":\\{"model":\\{"n":1\\}\\}\\}`));
  await gateway.says(new RegExp(`x=> \\(${ids['get.nobody.serves.this']}\\) No responders`));
  await gateway.says(/S=> event\.test\.model\.\*/);
  await gateway.says(/=>> event\.test\.model\.change: \{"values":\{"n":2\}\}/);
  client.end();
  await gateway.says(/U=> conn\.[0-9a-f]{32}\.\*/);
});
