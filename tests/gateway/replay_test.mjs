// resflow-replay as a program: what it prints, how it ends, and how it plays clients against a gateway.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import test, { after, before } from 'node:test';

import { replay, serve, talk } from './captures.mjs';
import { Stage } from './processes.mjs';
import { ResClient } from './res_client.mjs';
import { ResService } from './res_service.mjs';

const stage = new Stage();
let nats;
let service;
let file;
let lines;

before(async () => {
  nats = await stage.startNats();
  service = await ResService.start(nats.url);
  serve(service);
  file = stage.file('a.jsonl');
  const gateway = await stage.startGateway(nats, { args: ['--capture', file] });
  const clients = await talk(gateway, service, 2);
  await gateway.end('SIGTERM');
  clients.forEach((c) => c.end());
  lines = readFileSync(file, 'utf8').trimEnd().split('\n');
});

after(async () => {
  await service?.close();
  await stage.close();
});

let names = 0;
const fresh = (ending = 'jsonl') => stage.file(`${++names}.${ending}`);

function withLines(change) {
  const changed = fresh();
  writeFileSync(changed, `${change([...lines]).join('\n')}\n`);
  return changed;
}

// Writes a capture in which two recorded sends were changed.
const tampered = () => withLines((all) => {
  let left = 2;
  return all.filter((line) => !line.startsWith('{"batch":')).map((line) => {
    if (!line.startsWith('{"out":"send"') || left === 0) return line;
    --left;
    return line.replace('"frames":[', '"frames":[null,');
  });
});

async function ends(code, ...args) {
  const result = await replay(stage, ...args);
  assert.equal(result.code, code, result.output);
  return result.output;
}

test('help and version', async () => {
  assert.match(await ends(0, '--help'), /Usage: resflow-replay .*--speed/s);
  assert.match(await ends(0, '--version'), /^resflow-replay {2}v\d/);
});

test('equal: 0, different: 1, unsound: 2', async () => {
  assert.match(await ends(0, file), /[1-9]\d* outputs equal, 0 different/);
  assert.match(await ends(1, tampered()), /line \d+, .*outputs equal, 2 different/s);
  assert.match(await ends(2, fresh()), /resflow-replay: .*No such file/);
  assert.match(await ends(2, withLines((all) => all.with(3, all[3].replace('":', '";')))), /jsonl:2: a line from this one to \d+ is damaged/);
  assert.match(await ends(2, withLines((all) => all.slice(0, -5))), /jsonl:\d+: the capture is cut off/);
  assert.match(await ends(2), /which capture\?/);
  assert.match(await ends(2, '--bogus', file), /bogus/);
  assert.match(await ends(2, '--diff', 'x', file), /--diff: 'x' is no number/);
});

test('as many differences are shown as wanted', async () => {
  const other = tampered();
  const shown = async (...args) => (await ends(1, other, ...args)).match(/^line \d+/gm)?.length ?? 0;
  assert.equal(await shown(), 1);
  assert.equal(await shown('--diff', '0'), 0);
  assert.equal(await shown('--diff', '5'), 2);
});

test('a part of the time, and faster than it was', async () => {
  const all = await ends(0, file, '--speed', '10');
  assert.match(await ends(0, file, '--speed', 'max'), /0 different/);
  const count = (output) => +/(\d+) outputs equal/.exec(output)[1];
  const seconds = lines.map((line) => /^{"turn":\d+,"us":(\d+)/.exec(line)?.[1]).filter(Boolean).map((us) => us / 1e6);
  const middle = `${seconds[seconds.length >> 1]}`;
  assert.ok(count(await ends(0, file, '--to', middle)) < count(all));
  assert.ok(count(await ends(0, file, '--from', middle)) < count(all));
  assert.match(await ends(0, tampered(), '--from', '1000'), /0 outputs equal, 0 different/);
});

test('one connection or resource, by each name', async () => {
  const [, conn, cid] = lines.map((l) => /^{"in":"connected","conn":"([\d.]+)".*?"cid":"(\w+)"/.exec(l)).find(Boolean);
  for (const choice of [['--conn', conn], ['--conn', cid], ['--rid', 'test.model'], ['--conn', conn, '--rid', 'test.list']]) {
    assert.match(await ends(0, file, ...choice), /[1-9]\d* outputs equal, 0 different/);
    const exported = fresh('jsonl.gz');
    await ends(0, file, ...choice, '--export', exported);
    assert.match(await ends(0, exported), /[1-9]\d* outputs equal, 0 different/);
  }
  const none = fresh();
  assert.match(await ends(2, file, '--conn', 'nobody'), /there is nothing of nobody/);
  assert.match(await ends(2, file, '--rid', 'test.nothing', '--export', none), /there is nothing of test\.nothing/);
  assert.ok(!existsSync(none));
});

test('an export is a capture', async () => {
  const exported = fresh('zst');
  await ends(0, file, '--export', exported);
  await ends(0, exported);
  assert.match(await ends(2, file, '--export', exported), /the file exists already/);
  await ends(0, exported);
});

async function atGateway(run) {
  const gateway = await stage.startGateway(nats);
  try {
    return await run(`ws://127.0.0.1:${gateway.port}/`);
  } finally {
    await gateway.end('SIGTERM');
  }
}

// Records clients whose answers do not depend on the order of requests, because that may differ when they are played.
async function recordSimple() {
  const capture = fresh();
  const gateway = await stage.startGateway(nats, { args: ['--capture', capture] });
  for (let i = 0; i < 2; ++i) {
    const client = await ResClient.open(gateway.port);
    await client.result('get.test.model');
    await client.result('call.test.model.set', { a: i });
    client.end();
  }
  await gateway.end('SIGTERM');
  return capture;
}

test('clients of a capture talk to a gateway', () => atGateway(async (url) => {
  const simple = await recordSimple();
  for (const speed of [[], ['--speed', 'max']]) {
    const output = await ends(0, simple, '--to', url, ...speed);
    assert.match(output, /^2 connections, [1-9]\d* messages; [1-9]\d* answers equal, 0 different, 0 missing/m);
  }
  service.on('call.test.model.set', { result: 'other' });
  assert.match(await ends(1, simple, '--to', url), /recorded: .*\n +got: .*"other".*[1-9]\d* different/s);
  service.on('call.test.model.set', ({ params }) => ({ result: params ?? null }));
}));

test('a gateway that is not there, or not to be talked to', async () => {
  assert.notEqual(await ends(2, file, '--to', 'ws://127.0.0.1:1/'), '');
  assert.match(await ends(2, file, '--to', 'ws://192.0.2.1/'), /--allow-remote/);
  assert.notEqual(await ends(2, file, '--to', 'http://127.0.0.1/'), '');
  assert.match(await ends(2, file, '--to', 'ws://127.0.0.1:1/', '--conn', '0.1'), /--conn/);
});

test('a HAR file becomes a capture, whose clients talk to a gateway', () => atGateway(async (url) => {
  const message = (type, time, data) => ({ type, time, opcode: 1, data: JSON.stringify(data) });
  const messages = [
    message('send', 100, { id: 1, method: 'version', params: { protocol: '1.2.3' } }),
    message('receive', 100.01, { result: { protocol: '1.2.3' }, id: 1 }),
    message('send', 100.02, { id: 2, method: 'get.test.other' }),
  ];
  const har = stage.file('a.har', JSON.stringify({ log: { entries: [{ request: { url }, _webSocketMessages: messages }] } }));
  const capture = fresh('jsonl.zst');
  assert.match(await ends(0, '--import-har', har, '--export', capture), /3 messages/);
  assert.match(await ends(2, capture), /--to ws/);
  assert.match(await ends(0, capture, '--to', url), /1 connections, 2 messages; 1 answers equal, 0 different, 0 missing/);
  assert.match(await ends(2, '--import-har', file, '--export', fresh()), /this is no HAR file/);
  assert.match(await ends(2, '--import-har', har), /--export/);
}));
