// resetThrottle and referenceThrottle of the configuration file, end to end. Only a limited number of requests reaches
// the service at once, and all of them are answered in the end.
import assert from 'node:assert/strict';
import test, { after, afterEach, before } from 'node:test';

import { Stage } from './processes.mjs';
import { ResClient } from './res_client.mjs';
import { ResService } from './res_service.mjs';
import { until } from './waiting.mjs';

const LIMIT = 3;
const COUNT = 10;
const LANES = process.env.RESFLOW_TEST_LANES ?? '2';

const stage = new Stage();
let nats;
let gateway;
let service;
let opened = [];

before(async () => {
  nats = await stage.startNats();
  const config = { resetThrottle: LIMIT, referenceThrottle: LIMIT };
  gateway = await stage.startGateway(nats, { config, args: ['--lanes', LANES, '--reqtimeout', '20000'] });
  service = await ResService.start(nats.url);
});

after(async () => {
  await service?.close();
  await stage.close();
});

afterEach(() => {
  for (const client of opened) client.end();
  opened = [];
});

async function open() {
  const client = await ResClient.open(gateway.port);
  opened.push(client);
  return client;
}

// Requests that wait until the test lets them be answered. `peak` is the largest number that waited at the same time.
class Held {
  waiting = [];
  peak = 0;
  total = 0;

  on(subject, response) {
    service.on(subject, () => new Promise((resolve) => {
      this.waiting.push(() => resolve(response));
      this.peak = Math.max(this.peak, this.waiting.length);
      ++this.total;
    }));
  }

  async comes(count) {
    await until(() => this.waiting.length >= count, () => `${count} requests, have ${this.waiting.length}`);
  }

  // Answers `total` requests one by one. At least `room` requests must wait at the same time, as long as so many are
  // left.
  async serve(total, room = LIMIT) {
    for (let left = total; left > 0; --left) {
      await this.comes(Math.min(room, left));
      this.waiting.shift()();
    }
  }
}

const names = (name) => Array.from({ length: COUNT }, (_, i) => `test.${name}.${i}`);
const model = (value) => ({ result: { model: value } });

// Returns a client that is subscribed to `rids`.
async function subscriber(rids) {
  const client = await open();
  for (const rid of rids) await client.result(`subscribe.${rid}`);
  return client;
}

test('a system reset asks for states and access a few at a time', async () => {
  const rids = names('reset');
  for (const rid of rids) service.model(rid, { n: 0 });
  const client = await subscriber(rids);
  const held = new Held();
  for (const rid of rids) {
    held.on(`get.${rid}`, model({ n: 1 }));
    held.on(`access.${rid}`, { result: { get: true } });
  }
  service.publish('system.reset', { resources: ['test.reset.>'], access: ['test.reset.>'] });
  await held.serve(2 * COUNT);
  const events = await client.take(COUNT);
  assert.deepEqual(events.map((e) => e.event).sort(), rids.map((rid) => `${rid}.change`).sort());
  assert.equal(held.peak, LIMIT);
  assert.equal(held.total, 2 * COUNT);
});

test('many clients of one resource have their access asked for a few at a time', async () => {
  const rid = 'test.popular';
  service.model(rid, { n: 0 });
  const clients = [];
  for (let i = 0; i < COUNT; ++i) clients.push(await subscriber([rid]));
  const held = new Held();
  held.on(`access.${rid}`, { result: { get: false } });
  service.publish('system.reset', { access: [rid] });
  await held.serve(COUNT);
  for (const client of clients) {
    const [event] = await client.take(1);
    assert.equal(event.event, `${rid}.unsubscribe`);
  }
  assert.equal(held.peak, LIMIT);
});

test('a client that goes during a reset leaves its place to others', async () => {
  const rid = 'test.left';
  service.model(rid, { n: 0 });
  const clients = [];
  for (let i = 0; i < COUNT; ++i) clients.push(await subscriber([rid]));
  const held = new Held();
  held.on(`access.${rid}`, { result: { get: true } });
  service.publish('system.reset', { access: [rid] });
  await held.comes(LIMIT);
  for (const client of clients.slice(0, COUNT - 1)) client.end();
  await held.serve(COUNT);
  service.event(rid, 'change', { values: { n: 1 } });
  assert.deepEqual(await clients[COUNT - 1].take(1), [{ event: `${rid}.change`, data: { values: { n: 1 } } }]);
  assert.equal(held.peak, LIMIT);
});

test('references are followed a few at a time', async () => {
  const rids = names('tree');
  const held = new Held();
  service.collection('test.tree', rids.map((rid) => ({ rid })));
  for (const rid of rids) {
    held.on(`get.${rid}`, model({ child: { rid: `${rid}.child` } }));
    held.on(`get.${rid}.child`, model({ n: 1 }));
  }
  const client = await open();
  const answer = client.result('subscribe.test.tree');
  await held.serve(2 * COUNT);
  const { models, errors } = await answer;
  assert.equal(Object.keys(models).length, 2 * COUNT);
  assert.equal(errors, undefined);
  assert.equal(held.peak, LIMIT);
});

test('what a client that has gone was waiting for is still fetched for another', async () => {
  const rids = names('shared');
  const held = new Held();
  service.collection('test.shared', rids.map((rid) => ({ rid })));
  for (const rid of rids) held.on(`get.${rid}`, model({ n: 1 }));
  const first = await open();
  first.request('subscribe.test.shared').catch(() => {}); // this client disconnects before the answer comes
  await held.comes(LIMIT);
  const second = await open();
  const answer = second.result('subscribe.test.shared');
  await second.request('version'); // by now, the gateway has taken the subscribe request
  first.end();
  await held.serve(COUNT, 1);
  assert.equal(Object.keys((await answer).models).length, COUNT);
  assert.equal(held.total, COUNT);
});
