// A NATS server that refuses something. The gateway must go on, and other clients must keep their resources.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { replay } from './captures.mjs';
import { ask } from './http_client.mjs';
import { samples } from './metrics.mjs';
import { freePort, RESFLOW, Stage } from './processes.mjs';
import { ResClient } from './res_client.mjs';
import { ResService } from './res_service.mjs';
import { until } from './waiting.mjs';

const MANUAL = new URL('../../tools/gateway/README.md', import.meta.url);

async function worldOf(t, server, { user, config, args = [], serviceOptions } = {}) {
  const stage = new Stage();
  t.after(() => stage.close());
  const nats = await stage.startNats(['--config', stage.file('server.conf', server)]);
  const metricsPort = await freePort();
  const url = user ? nats.url.replace('nats://', `nats://${user}@`) : nats.url;
  const gateway = await stage.startGateway({ url }, { args: ['--metricsport', `${metricsPort}`, ...args], config });
  const service = await ResService.start(nats.url, 'test', serviceOptions);
  t.after(() => service.close());
  const open = async () => {
    const client = await ResClient.open(gateway.port);
    t.after(() => client.end());
    return client;
  };
  const metrics = () => samples(metricsPort);
  return { stage, nats, gateway, service, open, metrics };
}

// Requests `count` resources that nobody has asked for before. Every request is answered; returns how often each error
// code came, how often a result, and the number of the first resource that there is a result of.
async function pour(client, prefix, count, method = 'get') {
  const all = await Promise.all(Array.from({ length: count }, (_, i) => client.request(`${method}.test.${prefix}${i}`)));
  const codes = {};
  for (const { error } of all) codes[error?.code ?? 'result'] = (codes[error?.code ?? 'result'] ?? 0) + 1;
  return { codes, first: all.findIndex(({ error }) => !error) };
}

for (const lanes of [1, 3]) {
  test(`more subscriptions than NATS allows, with ${lanes} lanes`, async (t) => {
    const { gateway, service, open, metrics } = await worldOf(t, 'max_subscriptions: 100', {
      args: ['--lanes', `${lanes}`],
    });
    const holder = await open();
    service.model('test.model', { n: 1 });
    service.model('test.secret', { n: 1 });
    assert.deepEqual((await holder.result('subscribe.test.model')).models, { 'test.model': { n: 1 } });
    assert.deepEqual((await holder.result('subscribe.test.secret')).models, { 'test.secret': { n: 1 } });
    // Changes during a lost connection are made up for afterwards.
    service.model('test.model', { n: 2 });
    service.on('access.test.secret', { result: { get: false } });
    const other = await open();
    for (let i = 0; i < 300; i++) service.model(`test.a${i}`, { i });
    const { codes, first } = await pour(other, 'a', 300, 'subscribe');
    assert.equal(codes.result + codes['system.serviceUnavailable'], 300, JSON.stringify(codes));
    assert(codes.result >= 60, JSON.stringify(codes));
    const events = await holder.take(2);
    events.sort((a, b) => a.event.localeCompare(b.event));
    assert.deepEqual(events[0], { event: 'test.model.change', data: { values: { n: 2 } } });
    assert.equal(events[1].event, 'test.secret.unsubscribe');
    // The other client's resources are current, too. The gateway may be connecting again just now: then it misses the
    // event, and finds the change when it asks for the state. When the client disconnects, there is room for new
    // resources.
    const held = `test.a${first}`; // mostly the first of all; the lanes do not wait for each other
    service.model(held, { i: 'new' });
    service.event(held, 'change', { values: { i: 'new' } });
    assert.deepEqual(await other.take(1), [{ event: `${held}.change`, data: { values: { i: 'new' } } }]);
    assert.equal(await holder.errorCode('subscribe.test.a299'), 'system.serviceUnavailable');
    other.end();
    await until(async () => (await holder.errorCode('subscribe.test.a299')) === undefined, 'room for another');
    const { models } = await (await open()).result('get.test.model');
    assert.deepEqual(models, { 'test.model': { n: 2 } });
    const told = await metrics();
    assert(told.number('resflow_nats_reconnects_total') >= 1);
    assert(told.number('resflow_nats_subscription_limit') <= 100);
    assert(told.number('resflow_nats_subscriptions_refused_total{reason="limit"}') > 0);
    assert.match(gateway.output, /NATS allows the gateway \d+ subscriptions/);
    assert(gateway.output.match(/subscriptions/g).length < 20, 'a line for each refusal');
  });
}

test('names that nobody may read do not keep others out', async (t) => {
  const { service, open } = await worldOf(t, 'max_subscriptions: 100', { config: { natsMaxSubscriptions: 100 } });
  service.model('test.model', { n: 1 });
  for (let i = 0; i < 500; i++) service.on(`access.test.b${i}`, { result: { get: false } });
  const attacker = await open();
  const client = await open();
  for (let round = 0; round < 3; round++) {
    const { codes } = await pour(attacker, 'b', 500);
    assert.equal(Object.values(codes).reduce((a, b) => a + b), 500);
    assert.equal(codes.result, undefined);
    assert.deepEqual((await client.result('get.test.model')).models, { 'test.model': { n: 1 } });
  }
});

test('a client for whom there is no subscription cannot log in, and has all else', async (t) => {
  const { service, open, gateway } = await worldOf(t, 'max_subscriptions: 6', { config: { natsMaxSubscriptions: 6 } });
  service.model('test.model', { n: 1 });
  service.on('auth.test.login', ({ cid }) => {
    service.publish(`conn.${cid}.token`, { token: { user: 1 } });
    return { result: 'welcome' };
  });
  const first = await open();
  assert.deepEqual((await first.result('subscribe.test.model')).models, { 'test.model': { n: 1 } });
  assert.equal((await first.result('auth.test.login')).payload, 'welcome');
  const all = [];
  for (let i = 0; i < 5; i++) all.push(await open());
  const last = all.at(-1);
  assert.equal(await last.errorCode('auth.test.login'), 'system.serviceUnavailable');
  assert.deepEqual((await last.result('subscribe.test.model')).models, { 'test.model': { n: 1 } });
  assert.equal((await ask(gateway.port, 'GET', '/api/test/model')).status, 200);
  for (const client of all.slice(0, -1)) client.end();
  await until(async () => (await last.request('auth.test.login')).result, 'room for the client');
});

test('a connection that was replaced is in the capture, which plays', async (t) => {
  for (const lanes of [1, 2]) {
    const stage = new Stage();
    t.after(() => stage.close());
    const capture = stage.file('capture.jsonl.zst');
    const nats = await stage.startNats(['--config', stage.file('server.conf', 'max_subscriptions: 60')]);
    const gateway = await stage.startGateway(nats, { args: ['--capture', capture, '--lanes', `${lanes}`] });
    const service = await ResService.start(nats.url);
    t.after(() => service.close());
    const client = await ResClient.open(gateway.port);
    for (let i = 0; i < 100; i++) service.model(`test.a${i}`, { i });
    const { codes } = await pour(client, 'a', 100, 'subscribe');
    assert(codes.result >= 20 && codes['system.serviceUnavailable'] >= 20, JSON.stringify(codes));
    await pour(client, 'b', 20);
    client.end();
    await gateway.end('SIGTERM');
    const played = await replay(stage, '--quiet', capture);
    assert.match(played.stdout, /\d+ outputs equal, 0 different/, played.output);
    assert.equal(played.code, 0);
  }
});

for (const [limit, length] of [
  [512, 700],
  [256, 240],
]) {
  test(`a line that is too long for NATS (${limit}) ends one request`, async (t) => {
    const { service, open, metrics } = await worldOf(t, `max_control_line: ${limit}`);
    service.model('test.model', { n: 1 });
    const client = await open();
    await client.result('subscribe.test.model');
    const long = 'x'.repeat(length);
    assert.notEqual(await client.errorCode(`call.test.model.${long}`), undefined);
    assert.notEqual(await client.errorCode(`get.test.${long}`), undefined);
    assert.notEqual(await client.errorCode(`call.test.model.${long}`), undefined);
    service.event('test.model', 'change', { values: { n: 2 } });
    assert.deepEqual((await client.take(1))[0].data, { values: { n: 2 } });
    assert.equal(await client.errorCode('get.test.model'), undefined);
    assert((await metrics()).number('resflow_nats_reconnects_total') <= 2);
  });
}

test('what NATS does not permit is refused with the words of the server in the log', async (t) => {
  const server = `authorization { users = [
    {user: gateway, password: x, permissions: {
      publish: {deny: ["call.test.model.secret"]}, subscribe: {deny: ["event.test.hidden.*"]}}},
    {user: service, password: x}]}`;
  const { gateway, service, open, metrics } = await worldOf(t, server, {
    user: 'gateway:x',
    serviceOptions: { user: 'service', pass: 'x' },
    config: { requestTimeout: 60_000 },
  });
  service.model('test.model', { n: 1 });
  service.model('test.hidden', { n: 1 });
  const client = await open();
  assert.equal(await client.errorCode('call.test.model.secret'), 'system.internalError');
  // The model may have been loaded before the gateway learned of the refusal.
  const answer = await client.request('subscribe.test.hidden');
  if (answer.result) {
    const [event] = await client.take(1);
    assert.equal(event.event, 'test.hidden.unsubscribe');
    assert.equal(event.data.reason.code, 'system.serviceUnavailable');
  } else {
    assert.equal(answer.error.code, 'system.serviceUnavailable');
  }
  await gateway.says(/Permissions Violation for Publish to "call\.test\.model\.secret"/);
  await gateway.says(/Permissions Violation for Subscription to "event\.test\.hidden\.\*"/);
  assert.deepEqual((await client.result('subscribe.test.model')).models, { 'test.model': { n: 1 } });
  assert.equal((await metrics()).number('resflow_nats_permission_violations_total'), 2);
});

test('without permission for its replies it does not start, and says which', async (t) => {
  const stage = new Stage();
  t.after(() => stage.close());
  const server = `authorization { users = [
    {user: gateway, password: x, permissions: {publish: ">", subscribe: ["_INBOX.*", "event.>", "conn.>", "system.*"]}}]}`;
  const nats = await stage.startNats(['--config', stage.file('server.conf', server)]);
  const url = nats.url.replace('nats://', 'nats://gateway:x@');
  const gateway = stage.start(RESFLOW, stage.gatewayArgs(url));
  assert.deepEqual(await gateway.ended(), { code: 1, signal: null });
  assert.match(gateway.output, /does not permit the gateway to subscribe to _INBOX\.\w+\.\*.*--natsinboxprefix/);
  assert.doesNotMatch(gateway.output, /Server ready/);
});

test('the permissions in the manual are enough', async (t) => {
  const section = readFileSync(MANUAL, 'utf8').split('\n## NATS permissions\n')[1];
  const server = /```text\n([^]*?)```/.exec(section)[1];
  const { gateway, service, open } = await worldOf(t, server, {
    user: 'gateway:gateway-secret',
    serviceOptions: { user: 'service', pass: 'service-secret' },
    args: ['--natsinboxprefix', '_INBOX.gateway'],
  });
  service.model('test.model', { n: 1 });
  service.on('call.test.model.set', { result: 'done' });
  service.on('auth.test.login', ({ cid }) => {
    service.publish(`conn.${cid}.token`, { token: { user: 1 } });
    return { result: 'welcome' };
  });
  const client = await open();
  assert.equal((await client.result('auth.test.login')).payload, 'welcome');
  await client.result('subscribe.test.model');
  assert.equal((await client.result('call.test.model.set')).payload, 'done');
  assert.deepEqual((await service.asked('call.test.model.set')).token, { user: 1 });
  service.event('test.model', 'change', { values: { n: 2 } });
  assert.deepEqual((await client.take(1))[0].data, { values: { n: 2 } });
  service.publish('system.reset', { resources: ['test.>'] });
  service.model('test.model', { n: 3 });
  await service.asked('get.test.model', 2);
  assert.doesNotMatch(gateway.output, /Violation/);
});

test('a server that is gone ends it', async (t) => {
  const { nats, gateway } = await worldOf(t, 'max_subscriptions: 100');
  nats.end('SIGKILL');
  assert.deepEqual(await gateway.ended(), { code: 1, signal: null });
  assert.match(gateway.output, /lost NATS connection/);
});
