// Captures of a gateway, in each form: they contain everything that the gateway does, and give the same result when
// played.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import zlib from 'node:zlib';

import { AUTH, replay, SECRETS, serve, talk } from './captures.mjs';
import { RESFLOW, Stage } from './processes.mjs';
import { ResClient } from './res_client.mjs';
import { ResService } from './res_service.mjs';
import { until } from './waiting.mjs';

const stage = new Stage();
let nats;
let service;

before(async () => {
  nats = await stage.startNats();
  service = await ResService.start(nats.url);
  serve(service);
});

after(async () => {
  await service?.close();
  await stage.close();
});

async function record(name, { lanes = 1, args = [] } = {}) {
  const file = stage.file(name);
  const gateway = await stage.startGateway(nats, { args: ['--capture', file, '--lanes', `${lanes}`, ...AUTH, ...args] });
  const clients = await talk(gateway, service);
  assert.deepEqual(await gateway.end('SIGTERM'), { code: 0, signal: null });
  clients.forEach((c) => c.end());
  assert.doesNotMatch(gateway.output, /\[ERR\]/);
  return file;
}

async function playsEqual(...files) {
  const { code, output } = await replay(stage, '--diff', '3', ...files);
  assert.equal(code, 0, output);
  assert.match(output, /[1-9]\d* outputs equal, 0 different/);
}

for (const [lanes, ending] of [[1, 'jsonl'], [3, 'jsonl.gz'], [1, 'jsonl.zst'], [3, 'jsonl']]) {
  test(`${lanes} lanes, as ${ending}: it plays the same again`, async () => {
    const file = await record(`all-${lanes}.${ending}`, { lanes });
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await playsEqual(file);
    if (ending !== 'jsonl') return;
    const text = readFileSync(file, 'utf8');
    assert.match(text.split('\n').at(-2), /^{"end":"stopped"/);
    for (const secret of SECRETS) assert.ok(text.includes(secret), secret);
  });
}

test('without secrets: none is in the file, and it plays the same again', async () => {
  for (const lanes of [1, 3]) {
    const file = await record(`hidden-${lanes}.jsonl.gz`, { lanes, args: ['--capture-redact'] });
    const text = zlib.gunzipSync(readFileSync(file)).toString();
    assert.doesNotMatch(text, /secret/);
    assert.match(text, /"redacted":true/);
    assert.match(text, /"Cookie","redacted-[0-9a-f]{8}"/);
    await playsEqual(file);
  }
});

test('in parts', async () => {
  const file = stage.file('parts.jsonl');
  const second = stage.file('parts.2.jsonl');
  const gateway = await stage.startGateway(nats, { args: ['--capture', file, '--capture-part-bytes', '2000', ...AUTH] });
  const clients = await talk(gateway, service);
  await until(() => existsSync(second), 'a second part');
  clients.push(...(await talk(gateway, service)));
  await gateway.end('SIGTERM');
  clients.forEach((c) => c.end());
  const parts = [file];
  for (let n = 2; existsSync(stage.file(`parts.${n}.jsonl`)); ++n) parts.push(stage.file(`parts.${n}.jsonl`));
  await playsEqual(...parts);
  const missing = await replay(stage, file, ...parts.slice(2), file);
  assert.equal(missing.code, 2);
  assert.match(missing.output, /part 2 is expected/);
});

test('on demand: SIGUSR1 begins and ends one, without secrets, that tells of the middle', async () => {
  const folder = stage.file('demand');
  mkdirSync(folder);
  const gateway = await stage.startGateway(nats, { args: ['--capture-folder', folder, ...AUTH] });
  const before = await talk(gateway, service, 1);
  gateway.signal('SIGUSR1');
  await gateway.says(/Capturing traffic to .*secrets are hidden/);
  const clients = await talk(gateway, service, 2);
  gateway.signal('SIGUSR1');
  await gateway.says(/The capture has ended/);
  const [name] = readdirSync(folder);
  const file = path.join(folder, name);
  assert.match(name, /^resflow-\d{8}T\d{6}Z-\d+\.jsonl\.gz$/);
  const ended = () => {
    try {
      return zlib.gunzipSync(readFileSync(file)).toString().includes('"end":"stopped"');
    } catch {
      return false; // the file is still being written
    }
  };
  await until(ended, 'the end of the capture');
  const text = zlib.gunzipSync(readFileSync(file)).toString();
  assert.doesNotMatch(text, /secret/);
  await clients[0].result('get.test.model');
  clients.concat(before).forEach((c) => c.end());
  assert.deepEqual(await gateway.end('SIGTERM'), { code: 0, signal: null });

  const refused = await replay(stage, file);
  assert.equal(refused.code, 2);
  assert.match(refused.output, /the gateway was at work/);
  const conn = /{"in":"connected","conn":"([\d.]+)"/.exec(text)[1];
  const exported = stage.file('one.jsonl');
  const one = await replay(stage, file, '--conn', conn, '--export', exported);
  assert.equal(one.code, 0, one.output);
  await playsEqual(exported);
});

test('on demand, several in the same second: each has a file of its own', async () => {
  const folder = stage.file('often');
  mkdirSync(folder);
  const gateway = await stage.startGateway(nats, { args: ['--capture-folder', folder] });
  const times = (text) => gateway.output.split(text).length - 1;
  for (let n = 1; n <= 5; ++n) {
    gateway.signal('SIGUSR1');
    await until(() => times('Capturing traffic to') === n, 'a capture');
    gateway.signal('SIGUSR1');
    await until(() => times('The capture has ended') === n, 'its end');
  }
  assert.deepEqual(await gateway.end('SIGTERM'), { code: 0, signal: null });
  assert.doesNotMatch(gateway.output, /\[ERR\]/);
  const files = readdirSync(folder);
  assert.equal(files.length, 5);
  for (const name of files) {
    assert.match(zlib.gunzipSync(readFileSync(path.join(folder, name))).toString(), /\n{"end":"stopped"/);
  }
});

test('on demand: after one that a full disk has ended, SIGUSR1 begins another', async () => {
  const folder = stage.file('full');
  mkdirSync(folder);
  // A limit on the size of files has the same effect as a full disk.
  const limited = ['-c', 'ulimit -f 64; exec "$0" "$@"', RESFLOW, ...stage.gatewayArgs(nats.url)];
  const gateway = stage.start('bash', [...limited, '--capture-folder', folder]);
  const [, port] = await gateway.says(/Listening on http:\/\/[\d.]+:(\d+)/);
  await gateway.says(/Server ready/);
  gateway.signal('SIGUSR1');
  await gateway.says(/Capturing traffic to/);
  const client = await ResClient.open(Number(port));
  await client.result('subscribe.test.model');
  for (let n = 0; n < 2_000 && !/\[ERR\]/.test(gateway.output); ++n) {
    await client.result('call.test.model.set', { a: randomBytes(400).toString('base64') });
  }
  await gateway.says(/\[ERR\] The capture has ended: .*File too large/);
  gateway.signal('SIGUSR1');
  await until(() => gateway.output.match(/Capturing traffic to/g).length === 2, 'another capture');
  await client.result('get.test.model');
  client.end();
  assert.deepEqual(await gateway.end('SIGTERM'), { code: 0, signal: null });
  assert.equal(readdirSync(folder).length, 2);
});

test('a file that is there already: the gateway does not start, and leaves it alone', async () => {
  for (const ending of ['jsonl', 'gz', 'zst']) {
    const file = stage.file(`mine.${ending}`, 'mine');
    const gateway = stage.start(RESFLOW, [...stage.gatewayArgs(nats.url), '--capture', file]);
    const { code } = await gateway.ended();
    assert.notEqual(code, 0);
    assert.match(gateway.output, new RegExp(`mine\\.${ending}: the file exists already`));
    assert.equal(readFileSync(file, 'utf8'), 'mine');
  }
});

test('a folder that cannot be written: the gateway goes on', async () => {
  const folder = path.join(stage.file('file', ''), 'below');
  const gateway = await stage.startGateway(nats, { args: ['--capture-folder', folder] });
  gateway.signal('SIGUSR1');
  await gateway.says(/\[ERR\] Cannot capture: .*Not a directory/);
  const client = await ResClient.open(gateway.port);
  await client.result('get.test.model');
  gateway.signal('SIGUSR1');
  await until(() => gateway.output.match(/Cannot capture/g).length === 2, 'another complaint');
  await client.result('get.test.model');
  client.end();
  assert.deepEqual(await gateway.end('SIGTERM'), { code: 0, signal: null });
});

test('a gateway that is killed leaves a capture that can be read as far as it goes', async () => {
  const file = stage.file('killed.jsonl.zst');
  const gateway = await stage.startGateway(nats, { args: ['--capture', file, ...AUTH] });
  const clients = await talk(gateway, service);
  const header = statSync(file).size;
  await until(() => statSync(file).size > header || header > 1_500, 'the traffic to be written');
  await gateway.end('SIGKILL');
  clients.forEach((c) => c.end());
  const { code, output } = await replay(stage, file);
  assert.equal(code, 2, output);
  assert.match(output, /[1-9]\d* outputs equal, 0 different/);
  assert.match(output, /the capture is cut off (after|in) this line/);
});
