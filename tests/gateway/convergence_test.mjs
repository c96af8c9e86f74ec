// Does every client end with exactly the state of the service? The service changes at random while strict clients make
// random requests. Then all resources that the clients hold are compared with the service's.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { Stage } from './processes.mjs';
import { Random } from './random.mjs';
import { RandomWorld } from './random_world.mjs';
import { ResService } from './res_service.mjs';
import { StrictClient } from './strict_client.mjs';
import { until } from './waiting.mjs';

const CLIENTS = 6;
const OPERATIONS = 400;
const ROUNDS = 3;
const SEED = +(process.env.RESFLOW_TEST_SEED ?? 1); // another seed gives another test

function step(client, world, random) {
  const which = random.below(12);
  if (which < 5) return client.subscribe(world.rid());
  if (which < 8) {
    const endable = client.endable();
    return endable.length > 0 ? client.unsubscribe(random.of(endable)) : undefined;
  }
  if (which < 9) return client.get(world.rid());
  return client.call(`${world.model()}.${random.of(['change', 'refer'])}`);
}

// Waits until all earlier events have come: publishes a custom event on each resource that the client holds, and waits
// for all of them.
async function settled(client, service) {
  const marked = [...client.held].filter(([rid, { value }]) => value && !rid.includes('?')).map(([rid]) => `${rid}.mark`);
  for (const event of marked) service.publish(`event.${event}`, null);
  await until(() => marked.every((event) => client.customEvents.has(event)), 'the marks');
  client.customEvents.clear();
}

async function round(clients, world, random, requests) {
  for (let i = 0; i < OPERATIONS; ++i) {
    world.act();
    const request = step(random.of(clients), world, random);
    if (request) requests.push(request);
    if (random.oneIn(3)) await nextTurn();
  }
  await Promise.all(requests.splice(0));
}

async function converge(t, lanes, seed, config) {
  const stage = new Stage();
  t.after(() => stage.close());
  const nats = await stage.startNats();
  const gateway = await stage.startGateway(nats, { args: ['--lanes', `${lanes}`], config });
  const service = await ResService.start(nats.url);
  t.after(() => service.close());
  const random = new Random(seed);
  const world = new RandomWorld(service, random);
  const faults = [];
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => StrictClient.open(gateway.port, faults)));
  const requests = [];
  let compared = 0;
  for (let r = 0; r < ROUNDS; ++r) {
    await round(clients, world, random, requests);
    const truth = (rid) => world.truth(rid);
    // Resets and query events take some time. After that, nothing may change any more.
    await until(() => clients.every((c) => c.differences(truth).length === 0), () => differences(clients, truth));
    for (const client of clients) await settled(client, service);
    assert.deepEqual(differences(clients, truth), '');
    assert.deepEqual(faults, [], `seed ${seed}, ${lanes} lanes`);
    for (const client of clients) compared += client.held.size;
  }
  assert.ok(compared > 0);
  t.diagnostic(`${compared} resources compared`);
  for (const client of clients) client.client.end();
  assert.equal(gateway.exit, null);
  assert.doesNotMatch(gateway.output, /\[ERR\]/);
}

function differences(clients, truth) {
  return clients.flatMap((c) => c.differences(truth)).join('\n');
}

for (const lanes of [1, 2, 4]) {
  test(`clients converge with ${lanes} lanes`, (t) => converge(t, lanes, SEED + lanes));
  test(`clients converge with ${lanes} lanes and throttles`, (t) =>
    converge(t, lanes, SEED + 10 + lanes, { resetThrottle: 2, referenceThrottle: 1 }));
}
