// Compressed messages with ordinary clients, and with malformed ones.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

import { Authority } from './certificates.mjs';
import { freePort, Stage } from './processes.mjs';
import { closeCode, frame, frames, rawWebSocket } from './raw_client.mjs';
import { ResClient } from './res_client.mjs';
import { ResService } from './res_service.mjs';
import { until } from './waiting.mjs';

const OFFER = 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n';
const LARGE = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`property${i}`, `the value of ${i}`]));

async function start(t, config = { wsCompression: true }, args = []) {
  const stage = new Stage();
  t.after(() => stage.close());
  const nats = await stage.startNats();
  const gateway = await stage.startGateway(nats, { config: typeof config === 'function' ? config(stage) : config, args });
  const service = await ResService.start(nats.url);
  t.after(() => service.close());
  service.model('test.large', LARGE);
  service.on('call.test.large.echo', ({ params }) => ({ result: params }));
  return { stage, gateway, service };
}

// Returns the payload of a compressed message.
function compress(text) {
  return deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

function expand(payload) {
  const whole = Buffer.concat([payload, Buffer.from([0, 0, 255, 255])]);
  return inflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
}

const compressed = (text, options = {}) => frame(1, compress(text), { rsv: 4, ...options });

// Checks requests and events that must work with every client, compressed or not.
async function converses(client, service) {
  assert.deepEqual((await client.result('subscribe.test.large')).models['test.large'], LARGE);
  assert.deepEqual(await client.result('call.test.large.echo', LARGE), { payload: LARGE });
  assert.deepEqual(await client.result('call.test.large.echo', 'ä'.repeat(100_000)), { payload: 'ä'.repeat(100_000) });
  const text = 'changed '.repeat(1_000);
  service.event('test.large', 'custom', { text });
  assert.deepEqual((await client.take(1))[0], { event: 'test.large.custom', data: { text } });
}

const clients = [
  ['by default', {}, true],
  ['with every message compressed', { threshold: 0 }, true],
  ['without context takeover', { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true }, true],
  ['with a small window of its own', { threshold: 0, clientMaxWindowBits: 9 }, true],
  ['with the largest window asked of the server', { threshold: 0, serverMaxWindowBits: 15 }, true],
  ['with a small window asked of the server', { threshold: 0, serverMaxWindowBits: 10 }, false],
  ['that wants none', false, false],
];
for (const [name, perMessageDeflate, agreed] of clients) {
  test(`a client ${name} is served, ${agreed ? 'compressed' : 'plain'}`, async (t) => {
    const { gateway, service } = await start(t);
    const client = await ResClient.open(gateway.port, { options: { perMessageDeflate } });
    assert.equal(client.ws.extensions, agreed ? 'permessage-deflate' : '');
    await converses(client, service);
    client.end();
  });
}

test('without the option nothing is compressed', async (t) => {
  const { gateway, service } = await start(t, {});
  const client = await ResClient.open(gateway.port, { options: { perMessageDeflate: { threshold: 0 } } });
  assert.equal(client.ws.extensions, '');
  await converses(client, service);
  client.end();
  const socket = await rawWebSocket(gateway.port, OFFER);
  socket.write(compressed('{"id":1,"method":"version"}'));
  assert.equal(await closeCode(socket), 1002);
});

test('over TLS, on several lanes', async (t) => {
  let ca;
  const withTls = (stage) => {
    const authority = new Authority(stage.folder);
    const { cert, key } = authority.issue('server');
    ca = readFileSync(authority.cert);
    return { wsCompression: true, tls: true, tlsCert: cert, tlsKey: key };
  };
  const { gateway, service } = await start(t, withTls, ['--lanes', '3']);
  const options = { perMessageDeflate: { threshold: 0 } };
  const all = await Promise.all(Array.from({ length: 6 }, () => ResClient.open(gateway.port, { ca, options })));
  for (const client of all) {
    await client.result('subscribe.test.large');
    assert.equal(client.ws.extensions, 'permessage-deflate');
  }
  service.event('test.large', 'change', { values: { property0: 'x'.repeat(10_000) } });
  for (const client of all) assert.equal((await client.take(1))[0].data.values.property0.length, 10_000);
  for (const client of all) client.end();
});

test('what goes to many is compressed once, and is smaller', async (t) => {
  const metricsPort = await freePort();
  const { gateway, service } = await start(t, { wsCompression: true, metricsPort });
  const count = async (name) => {
    const page = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    return +new RegExp(`^resflow_client_${name}_total (\\S+)$`, 'm').exec(page)[1];
  };
  const all = await Promise.all(Array.from({ length: 20 }, () => ResClient.open(gateway.port)));
  for (const client of all) await client.result('subscribe.test.large');
  const before = { frames: await count('frames_compressed'), bytes: await count('sent_bytes') };
  const text = 'changed '.repeat(1_000);
  service.event('test.large', 'custom', { text });
  for (const client of all) assert.equal((await client.take(1))[0].data.text, text);
  assert.equal((await count('frames_compressed')) - before.frames, 1);
  assert.ok((await count('sent_bytes')) - before.bytes < 20 * 1_000);
  for (const client of all) client.end();
});

test('a message in compressed fragments, with a ping between them', async (t) => {
  const { gateway } = await start(t);
  const socket = await rawWebSocket(gateway.port, OFFER);
  const payload = compress(JSON.stringify({ id: 1, method: 'call.test.large.echo', params: LARGE }));
  const third = Math.floor(payload.length / 3);
  socket.write(frame(1, payload.subarray(0, third), { fin: false, rsv: 4 }));
  socket.write(frame(9, 'ping'));
  socket.write(frame(0, payload.subarray(third, 2 * third), { fin: false }));
  socket.write(frame(0, payload.subarray(2 * third)));
  await until(() => frames(socket.received).length === 2, 'a pong and an answer');
  const [pong, answer] = frames(socket.received);
  assert.equal(pong.opcode, 10);
  assert.equal(pong.rsv, 0);
  assert.equal(answer.rsv, 4);
  // the older form of a result, because this client has sent no version
  assert.deepEqual(JSON.parse(expand(answer.payload)), { result: LARGE, id: 1 });
  socket.destroy();
});

test('fragments as the ws package makes them', async (t) => {
  const { gateway } = await start(t);
  const client = await ResClient.open(gateway.port, { options: { perMessageDeflate: { threshold: 0 } } });
  const text = JSON.stringify({ id: 1_000, method: 'call.test.large.echo', params: LARGE });
  let answer;
  client.waiting.set(1_000, { resolve: (value) => (answer = value), reject: () => {} });
  for (let i = 0; i < text.length; i += 10_000) {
    client.ws.send(text.slice(i, i + 10_000), { fin: i + 10_000 >= text.length, compress: true });
  }
  await until(() => answer, 'an answer');
  assert.deepEqual(answer, { result: { payload: LARGE } });
  client.end();
});

function inTwo(payload, at, rsv = 0) {
  return Buffer.concat([
    frame(1, payload.subarray(0, at), { fin: false, rsv: 4 }),
    frame(0, payload.subarray(at), { rsv }),
  ]);
}

const wrong = [
  ['a bomb', () => compressed(Buffer.alloc(200_000_000)), 1009],
  ['a bomb in fragments', () => inTwo(compress(Buffer.alloc(100_000_000)), 1_000), 1009],
  ['a message that is too large as it comes', () => frame(1, Buffer.alloc(1_100_000), { rsv: 4 }), 1009],
  ['garbage', () => frame(1, Buffer.from([255, 255, 255]), { rsv: 4 }), 1007],
  ['a message cut off', () => frame(1, compress('x'.repeat(1_000)).subarray(0, -3), { rsv: 4 }), 1007],
  ['text that is not UTF-8', () => compressed(Buffer.from([0xc3, 0x28])), 1007],
  ['a compressed ping', () => frame(9, compress('x'), { rsv: 4 }), 1002],
  ['the mark on a fragment that is not the first', () => inTwo(compress('{}'), 2, 4), 1002],
  ['another reserved bit', () => compressed('x', { rsv: 6 }), 1002],
];
test('what is wrong with a message is told to its sender, and harms nobody else', async (t) => {
  const { gateway, service } = await start(t);
  const good = await ResClient.open(gateway.port, { options: { perMessageDeflate: { threshold: 0 } } });
  for (const [name, bytes, code] of wrong) {
    const socket = await rawWebSocket(gateway.port, OFFER);
    socket.write(bytes());
    assert.equal(await closeCode(socket), code, name);
  }
  await converses(good, service);
  good.end();
});
