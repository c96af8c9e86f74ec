// Clients and services that break the rules. The gateway must survive, and another client must be served all the time.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import test, { after, before } from 'node:test';

import { Stage } from './processes.mjs';
import { Random } from './random.mjs';
import { closeCode, frame, frameHeader, frames, HANDSHAKE, rawSocket, rawWebSocket, text } from './raw_client.mjs';
import { ResClient } from './res_client.mjs';
import { ResService } from './res_service.mjs';
import { until, within } from './waiting.mjs';
import { Watch } from './watch.mjs';

const MAX_MESSAGE = 65_536;
const MAX_OUTBOX = 262_144;
const SEED = +(process.env.RESFLOW_TEST_SEED ?? 0); // another seed gives another test
const MASK = Buffer.alloc(4); // a mask of zeros, which follows the header of a frame
const NAMES = ['id', 'method', 'params', 'count', 'protocol', 'values', 'idx', 'value', 'rid', 'soft', 'data', 'action'];
const PARTS = ['version', 'subscribe', 'unsubscribe', 'get', 'call', 'auth', 'new', 'test', 'model', 'list', '{cid}', '*'];

const stage = new Stage();
let nats;
let gateway;
let service;
let watcher; // the service of `watch`
let watch;

before(async () => {
  nats = await stage.startNats();
  const config = { maxMessageBytes: MAX_MESSAGE, maxOutboxBytes: MAX_OUTBOX, requestTimeout: 300 };
  gateway = await stage.startGateway(nats, { args: ['--lanes', '2'], config });
  service = await ResService.start(nats.url);
  watcher = await ResService.start(nats.url, 'watch');
  watch = await Watch.start(gateway.port, watcher);
});

after(async () => {
  watch?.end();
  await service?.close();
  await watcher?.close();
  const exit = gateway?.exit;
  await stage.close();
  assert.equal(exit, null, 'the gateway has ended before the tests');
});

// Sends the bytes on a WebSocket connection, and returns the code with which the gateway closes it.
async function closedWith(...bytes) {
  const socket = await rawWebSocket(gateway.port);
  for (const b of bytes) socket.write(b);
  return closeCode(socket);
}

test('malformed frames are answered with the close code of what is wrong', async () => {
  await watch.during(async () => {
    const cases = [
      ['unmasked', 1002, frame(1, 'x', { masked: false })],
      ['reserved bits', 1002, frame(1, 'x', { rsv: 4 })],
      ['a reserved opcode', 1002, frame(3, 'x')],
      ['a reserved control opcode', 1002, frame(11, 'x')],
      ['a continuation of nothing', 1002, frame(0, 'x')],
      ['a new message within one', 1002, frame(1, 'x', { fin: false }), frame(1, 'x')],
      ['a fragmented ping', 1002, frame(9, 'x', { fin: false })],
      ['a ping above 125 bytes', 1002, frame(9, 'x'.repeat(126))],
      ['a close of one byte', 1002, frame(8, 'x')],
      ['a close code that is not allowed', 1002, frame(8, Buffer.from([0x03, 0xed]))],
      ['text that is not UTF-8', 1007, frame(1, Buffer.from([0xc3, 0x28]))],
      ['binary that is not UTF-8', 1007, frame(2, Buffer.from([0xff]))],
      ['a close reason that is not UTF-8', 1007, frame(8, Buffer.from([0x03, 0xe8, 0xff]))],
      ['a message above the limit', 1009, frame(1, 'x'.repeat(MAX_MESSAGE + 1))],
      ['the announcement of one', 1009, frameHeader(1, MAX_MESSAGE + 1), MASK],
      ['fragments above the limit', 1009, frame(1, 'x'.repeat(MAX_MESSAGE), { fin: false }), frame(0, 'x')],
    ];
    for (const [what, code, ...bytes] of cases) assert.equal(await closedWith(...bytes), code, what);
    const enormous = Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    assert.equal(await closedWith(enormous, MASK), 1009);
    assert.equal(await closedWith(frame(8, Buffer.from([0x03, 0xe8]))), 1000);
  });
});

test('frames cut anywhere, fragments, and control frames within them are good', async () => {
  const socket = await rawWebSocket(gateway.port);
  const request = '{"id":1,"method":"version"}';
  const bytes = Buffer.concat([
    frame(1, request.slice(0, 5), { fin: false }),
    frame(9, 'ping'),
    frame(0, '', { fin: false }),
    frame(0, request.slice(5)),
    frame(2, '{"id":2,"method":"version"}'),
    text(`{"id":3,"method":"version","params":{"x":"${'y'.repeat(MAX_MESSAGE - 60)}"}}`),
  ]);
  for (const byte of bytes.subarray(0, 80)) socket.write(Buffer.from([byte]));
  socket.write(bytes.subarray(80));
  const received = await until(() => frames(socket.received).length >= 4 && frames(socket.received), 'the answers');
  const pong = received.find((f) => f.opcode === 10);
  assert.equal(pong.payload.toString(), 'ping');
  const ids = received.filter((f) => f.opcode === 1).map((f) => JSON.parse(f.payload.toString()).id);
  assert.deepEqual(ids, [1, 2, 3]);
  socket.destroy();
});

test('random bytes at the port', async () => {
  const random = new Random(SEED + 1);
  await watch.during(async () => {
    for (let i = 0; i < 150; ++i) {
      const socket = await rawSocket(gateway.port);
      if (random.oneIn(3)) socket.write(HANDSHAKE.slice(0, random.below(HANDSHAKE.length)));
      if (random.oneIn(3)) socket.write('GET / HTTP/1.1\r\n');
      socket.write(random.bytes(2_000));
      if (random.oneIn(2)) socket.end();
      else socket.destroy();
    }
  });
});

test('random bytes, and random frames, on an open WebSocket', async () => {
  const random = new Random(SEED + 2);
  await watch.during(async () => {
    for (let i = 0; i < 150; ++i) {
      const socket = await rawWebSocket(gateway.port);
      for (let k = 0; k < 5; ++k) {
        if (random.oneIn(3)) socket.write(random.bytes(300));
        else socket.write(frame(random.below(16), random.bytes(200), { fin: !random.oneIn(4) }));
      }
      socket.destroy();
    }
  });
});

function randomRequest(random) {
  const method = Array.from({ length: random.below(5) }, () => random.of(PARTS)).join(random.oneIn(9) ? '..' : '.');
  const request = { id: random.below(1000), method: random.oneIn(5) ? random.json(NAMES) : method };
  if (random.oneIn(2)) request.params = random.json(NAMES);
  if (random.oneIn(9)) request.id = random.json(NAMES);
  const whole = JSON.stringify(random.oneIn(9) ? random.json(NAMES) : request);
  return random.oneIn(4) ? random.damaged(whole) : whole;
}

test('random JSON from clients', async () => {
  const random = new Random(SEED + 3);
  service.model('test.model', { n: 1, ref: { rid: 'test.list' } });
  service.collection('test.list', [1, { rid: 'test.model' }]);
  await watch.during(async () => {
    for (let i = 0; i < 20; ++i) {
      const socket = await rawWebSocket(gateway.port);
      for (let k = 0; k < 100; ++k) socket.write(text(randomRequest(random)));
      // Invalid requests are dropped or answered with an error. The connection stays open.
      socket.write(text('{"id":987654321,"method":"version"}'));
      await until(() => socket.closed || socket.received.includes('987654321'), 'the answer behind the nonsense');
      assert.equal(socket.closed, false);
      for (const f of frames(socket.received)) JSON.parse(f.payload.toString());
      socket.destroy();
    }
  });
});

// A control line longer than the NATS server allows would end the NATS connection that all clients share. So this test
// has a gateway of its own.
test('a resource id that is too long for NATS is refused, and hurts nobody', async (t) => {
  const alone = new Stage();
  t.after(() => alone.close());
  const server = await alone.startNats();
  const port = (await alone.startGateway(server)).port;
  const other = await ResClient.open(port);
  for (const size of [4_030, 4_050, 4_070, 4_090, 4_096, 4_110, 5_000, 60_000]) {
    const name = `test.${'x'.repeat(size)}`;
    for (const method of [`get.${name}`, `subscribe.${name}`, `call.${name}.do`, `auth.${name}.do`, `new.${name}`]) {
      const client = await ResClient.open(port);
      const code = await client.errorCode(method);
      assert.match(code, size > 4_060 ? /^system\.subjectTooLong$/ : /^system\.(subjectTooLong|notFound)$/);
      assert.ok((await other.request('version')).result, `${method.slice(0, 20)}... of ${size}`);
      client.end();
    }
  }
  other.end();
});

// Sends requests to a service whose replies are made by `say`. Each request must get exactly one answer.
async function clientsOfABadService(random, say) {
  for (const type of ['access', 'get', 'call', 'auth']) {
    for (let i = 0; i < 10; ++i) {
      service.on(`${type}.test.bad.${i}${type === 'call' || type === 'auth' ? '.do' : ''}`, (_, message) => {
        message.respond(say());
        return null;
      });
    }
  }
  const client = await ResClient.open(gateway.port);
  const requests = [];
  for (let round = 0; round < 10; ++round) {
    for (let i = 0; i < 10; ++i) {
      const method = random.of(['subscribe', 'get', 'call', 'auth', 'unsubscribe']);
      const suffix = method === 'call' || method === 'auth' ? '.do' : '';
      requests.push(client.request(`${method}.test.bad.${i}${suffix}`));
    }
    for (const subject of ['event.test.bad.1.change', 'event.test.bad.2.add', 'event.test.bad.3.remove']) {
      service.publishBytes(subject, say());
    }
  }
  await Promise.all(requests);
  client.end();
}

test('random bytes and random JSON from services, as replies', async () => {
  const random = new Random(SEED + 4);
  const whole = { result: { model: { a: 1 }, get: true, call: '*' } };
  const names = [...NAMES, 'result', 'error', 'resource', 'model', 'collection', 'query', 'get', 'call', 'code', 'message'];
  await watch.during(async () => {
    await clientsOfABadService(random, () => random.bytes(200));
    await clientsOfABadService(random, () => Buffer.from(JSON.stringify(random.json(names, 5))));
    await clientsOfABadService(random, () => Buffer.from(random.damaged(JSON.stringify(whole))));
    await clientsOfABadService(random, () => Buffer.from(JSON.stringify({ result: random.json(names, 5) })));
  });
});

test('random bytes and random JSON from services, as events', async () => {
  const random = new Random(SEED + 5);
  service.model('test.victim', { n: 1, ref: { rid: 'test.victims' } });
  service.collection('test.victims', [1, { rid: 'test.victim' }]);
  service.on('call.test.victim.who', ({ cid }) => ({ result: cid }));
  const client = await ResClient.open(gateway.port);
  await client.result('subscribe.test.victim');
  const cid = (await client.result('call.test.victim.who')).payload;
  const names = [...NAMES, 'resources', 'access', 'tids', 'tid', 'token', 'subject', 'events', '>', 'test.>'];
  const subjects = ['change', 'add', 'remove', 'delete', 'reaccess', 'query', 'create', 'reset', 'x', 'unsubscribe', 'é']
    .flatMap((name) => [`event.test.victim.${name}`, `event.test.victims.${name}`])
    .concat(['system.reset', 'system.tokenReset', 'system.x', `conn.${cid}.token`, `conn.${cid}.x`, 'conn.x.token']);
  await watch.during(async () => {
    for (let i = 0; i < 1_000; ++i) {
      const payload = random.oneIn(2) ? random.bytes(100) : Buffer.from(JSON.stringify(random.json(names, 4)));
      service.publishBytes(random.of(subjects), payload);
    }
    await service.connection.flush();
  });
  // The client may have received anything, but it is still connected. New events reach a new client.
  assert.ok((await client.request('version')).result);
  service.publish('system.reset', { resources: ['test.>'] });
  const late = await ResClient.open(gateway.port);
  service.model('test.fresh', { n: 1 });
  assert.deepEqual(await late.result('subscribe.test.fresh'), { models: { 'test.fresh': { n: 1 } } });
  client.end();
  late.end();
});

test('a client that does not read is closed, the others get everything', async () => {
  service.model('test.flood', {});
  const slow = await rawWebSocket(gateway.port);
  slow.write(text('{"id":1,"method":"subscribe.test.flood"}'));
  await until(() => slow.received.includes('"id":1'), 'the subscription of the slow client');
  slow.pause();
  const reader = await ResClient.open(gateway.port);
  await reader.result('subscribe.test.flood');
  const payload = 'x'.repeat(20_000);
  let sent = 0;
  await watch.during(async () => {
    while (!/does not read/.test(gateway.output)) {
      assert.ok(sent < 5_000, 'a slow client is not found out');
      for (let i = 0; i < 20; ++i) service.event('test.flood', 'data', { n: sent++, payload });
      const events = await reader.take(20);
      events.forEach((e, i) => assert.equal(e.data.n, sent - 20 + i));
    }
  });
  assert.equal(reader.ws.readyState, 1);
  slow.resume();
  if (!slow.closed) await within(once(slow, 'close'), 'the slow client to be cut off');
  reader.end();
});

test('clients that vanish, at any point, leave nothing behind', async () => {
  service.model('test.vanish', { ref: { rid: 'test.vanish.never' } });
  service.on('get.test.vanish.never', () => null);
  const random = new Random(SEED + 6);
  const request = Buffer.concat([text('{"id":1,"method":"subscribe.test.vanish"}'), frame(9, 'x')]);
  await watch.during(async () => {
    for (let i = 0; i < 100; ++i) {
      const socket = await rawWebSocket(gateway.port);
      socket.write(request.subarray(0, random.below(request.length + 1)));
      if (random.oneIn(2)) socket.resetAndDestroy();
      else socket.destroy();
    }
  });
  await onlyTheWatchIsLeft();
});

test('many quick connects', async () => {
  await watch.during(async () => {
    for (let round = 0; round < 5; ++round) {
      const clients = await Promise.all(Array.from({ length: 60 }, () => ResClient.open(gateway.port)));
      for (const client of clients) client.end();
      const sockets = await Promise.all(Array.from({ length: 60 }, () => rawSocket(gateway.port)));
      for (const socket of sockets) socket.destroy();
    }
  });
  await onlyTheWatchIsLeft();
});

// Waits until only four subscriptions are left: replies, system events, the connection of `watch` and its counter.
function onlyTheWatchIsLeft() {
  return until(async () => (await stage.gatewaySubscriptions(nats)) === 4, 'the gateway to let go of who has left');
}
