// `--nats embedded`: the gateway starts a nats-server, which ends with the gateway, however that ends.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';

import { isListening } from '../../tools/processes.mjs';
import { RESFLOW, Stage } from './processes.mjs';
import { ResClient } from './res_client.mjs';
import { ResService } from './res_service.mjs';
import { until } from './waiting.mjs';

function stageOf(t) {
  const stage = new Stage();
  t.after(() => stage.close());
  return stage;
}

// Starts a gateway with its own nats-server. Services connect to `url`.
async function startEmbedded(stage, args = []) {
  const gateway = await stage.startGateway({ url: 'embedded' }, { args });
  const [, url, port] = await gateway.says(/Started a NATS server for services at (nats:\/\/127\.0\.0\.1:(\d+))/);
  const { pid } = gateway.child;
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  return { gateway, url, child, natsPort: +port };
}

const isGone = (port) => until(async () => !(await isListening(port)), `nobody to listen on port ${port}`);

test('services find it at the URL that the log tells', async (t) => {
  const { gateway, url } = await startEmbedded(stageOf(t), ['--lanes', '2', '--debug']);
  const service = await ResService.start(url);
  t.after(() => service.close());
  service.model('test.model', { n: 1 });
  const client = await ResClient.open(gateway.port);
  t.after(() => client.end());
  assert.deepEqual(await client.result('get.test.model'), { models: { 'test.model': { n: 1 } } });
  await gateway.says(/\[DBG\] nats-server: \[\d+\] \[INF\] Server is ready/);
});

test('two gateways have servers of their own', async (t) => {
  const stage = stageOf(t);
  const [one, other] = [await startEmbedded(stage), await startEmbedded(stage)];
  assert.notEqual(one.url, other.url);
});

test('it ends with the gateway, in order', async (t) => {
  const { gateway, natsPort } = await startEmbedded(stageOf(t));
  gateway.signal('SIGTERM');
  assert.deepEqual(await gateway.ended(), { code: 0, signal: null });
  assert.equal(await isListening(natsPort), false);
  assert.doesNotMatch(gateway.output, /\[ERR\]/);
});

test('the Ctrl-C of a terminal is for the gateway alone', async (t) => {
  const { gateway, natsPort } = await startEmbedded(stageOf(t));
  process.kill(-gateway.child.pid, 'SIGINT'); // to its process group, as a terminal does
  assert.deepEqual(await gateway.ended(), { code: 0, signal: null });
  assert.equal(await isListening(natsPort), false);
  assert.doesNotMatch(gateway.output, /\[ERR\]/);
});

test('it ends with a gateway that is killed', async (t) => {
  const { gateway, natsPort } = await startEmbedded(stageOf(t));
  gateway.signal('SIGKILL');
  assert.equal((await gateway.ended()).signal, 'SIGKILL');
  await isGone(natsPort);
});

test('it ends with a gateway that cannot start', async (t) => {
  const stage = stageOf(t);
  const first = await startEmbedded(stage);
  const second = stage.start(RESFLOW, stage.gatewayArgs('embedded', { port: first.gateway.port }));
  assert.deepEqual(await second.ended(), { code: 1, signal: null });
  assert.match(second.output, /Address already in use/);
  await isGone(+/services at nats:\/\/127\.0\.0\.1:(\d+)/.exec(second.output)[1]);
});

test('when it dies the gateway ends, and tells how it died', async (t) => {
  const { gateway, child } = await startEmbedded(stageOf(t));
  process.kill(child, 'SIGKILL');
  assert.deepEqual(await gateway.ended(), { code: 1, signal: null });
  assert.match(gateway.output, /Problem encountered: lost NATS connection/);
  assert.match(gateway.output, /The embedded nats-server ended by itself \(signal 9\)/);
});

test('where none is installed that is told, with the package to install', (t) => {
  const args = stageOf(t).gatewayArgs('embedded');
  for (const env of [{}, { PATH: '' }, { PATH: '/nowhere:relative::/' }]) {
    const { status, stderr } = spawnSync(RESFLOW, args, { encoding: 'utf8', timeout: 30_000, env });
    assert.equal(status, 1);
    assert.match(stderr, /Failed to start server: nats embedded needs nats-server, .*package nats-server/);
  }
});

// Starts a gateway that finds `script` as its nats-server.
function startWith(stage, script, { folder = 'bin' } = {}) {
  mkdirSync(stage.file(folder), { recursive: true });
  const program = stage.file(path.join(folder, 'nats-server'), script);
  chmodSync(program, 0o755);
  const PATH = `${stage.file('bin')}:${process.env.PATH}`;
  return stage.start(RESFLOW, stage.gatewayArgs('embedded'), { env: { PATH } });
}

test('a server that does not start is told, with its last words', async (t) => {
  for (const [script, expected] of [
    ['#!/bin/sh\necho "[1] [FTL] no port is free" >&2\nexit 1\n', /did not start \(exit code 1\): \[1\] \[FTL\] no port is free/],
    ['#!/bin/sh\nexit 0\n', /the embedded nats-server did not start \(exit code 0\)/],
    ['\x7fELF, but no program', /did not start \(exit code 127\): it cannot be executed/],
  ]) {
    const gateway = startWith(stageOf(t), script);
    assert.deepEqual(await gateway.ended(), { code: 1, signal: null });
    assert.match(gateway.output, expected);
  }
});

test('what it complains of is an error in the log', async (t) => {
  const gateway = startWith(stageOf(t), '#!/bin/sh\necho "[1] [WRN] something"\necho "[1] [INF] else"\n');
  await gateway.ended();
  assert.match(gateway.output, /\[ERR\] nats-server: \[1\] \[WRN\] something/);
  assert.doesNotMatch(gateway.output, /nats-server: \[1\] \[INF\]/);
});

test('it is also found in the sbin beside a bin of the PATH', async (t) => {
  const gateway = startWith(stageOf(t), '#!/bin/sh\necho found beside >&2\n', { folder: 'sbin' });
  await gateway.ended();
  assert.match(gateway.output, /did not start \(exit code 0\): found beside/);
});

test('credentials and certificates are not for it', async (t) => {
  const stage = stageOf(t);
  for (const args of [['--creds', 'a.creds'], ['--natsrootca', 'a.pem'], ['--natscert', 'a.pem', '--natskey', 'b.pem']]) {
    const gateway = stage.start(RESFLOW, [...stage.gatewayArgs('embedded'), ...args]);
    assert.deepEqual(await gateway.ended(), { code: 1, signal: null });
    assert.match(gateway.output, /nats embedded takes no credentials or certificates: a\./);
  }
});
