// The RES protocol end to end: real sockets, a real nats-server, a scripted service.
import assert from 'node:assert/strict';
import test, { after, afterEach, before } from 'node:test';

import { Stage } from './processes.mjs';
import { ResClient } from './res_client.mjs';
import { ResService } from './res_service.mjs';
import { until } from './waiting.mjs';

const DENIED = { code: 'system.accessDenied', message: 'Access denied' };
const LANES = process.env.RESFLOW_TEST_LANES ?? '2'; // with several lanes, related resources belong to different lanes

const stage = new Stage();
let nats;
let gateway;
let service;
let opened = [];

before(async () => {
  nats = await stage.startNats();
  gateway = await stage.startGateway(nats, { args: ['--reqtimeout', '500', '--lanes', LANES] });
});

after(async () => {
  await service?.close();
  await stage.close();
});

// Opens a client. Each test has its own clients, and its own resource names in the service.
async function open(options) {
  service ??= await ResService.start(nats.url);
  const client = await ResClient.open(gateway.port, options);
  opened.push(client);
  return client;
}

afterEach(() => {
  for (const client of opened) client.end();
  opened = [];
});

test('version', async () => {
  const client = await open({ protocol: null });
  assert.deepEqual(await client.result('version'), { protocol: '1.2.3' });
  assert.deepEqual(await client.result('version', { protocol: '1.0.0' }), { protocol: '1.2.3' });
  assert.equal(await client.errorCode('version', { protocol: '2.0.0' }), 'system.unsupportedProtocol');
  assert.equal(await client.errorCode('version', { protocol: 'x' }), 'system.invalidParams');
});

test('a subscription brings the tree, and its events', async () => {
  const client = await open();
  service.model('test.tree.root', {
    list: { rid: 'test.tree.list' },
    soft: { rid: 'test.tree.soft', soft: true },
    data: { data: { a: [1, { b: null }] } },
  });
  service.collection('test.tree.list', [{ rid: 'test.tree.leaf' }, { rid: 'test.tree.none' }, 'text "é"', 1e21]);
  service.model('test.tree.leaf', { back: { rid: 'test.tree.root' } });
  service.model('test.tree.late', { n: 1 });
  assert.deepEqual(await client.result('subscribe.test.tree.root'), {
    models: {
      'test.tree.root': {
        list: { rid: 'test.tree.list' },
        soft: { rid: 'test.tree.soft', soft: true },
        data: { data: { a: [1, { b: null }] } },
      },
      'test.tree.leaf': { back: { rid: 'test.tree.root' } },
    },
    collections: { 'test.tree.list': [{ rid: 'test.tree.leaf' }, { rid: 'test.tree.none' }, 'text "é"', 1e21] },
    errors: { 'test.tree.none': { code: 'system.notFound', message: 'Not found' } },
  });
  assert.equal(service.count('get.test.tree.soft'), 0);

  service.event('test.tree.list', 'remove', { idx: 1 });
  service.event('test.tree.list', 'add', { idx: 0, value: { rid: 'test.tree.late' } });
  service.event('test.tree.list', 'add', { idx: 1, value: 'x' });
  assert.deepEqual(await client.take(3), [
    { event: 'test.tree.list.remove', data: { idx: 1 } },
    {
      event: 'test.tree.list.add',
      data: { idx: 0, value: { rid: 'test.tree.late' }, models: { 'test.tree.late': { n: 1 } } },
    },
    { event: 'test.tree.list.add', data: { idx: 1, value: 'x' } },
  ]);
  service.event('test.tree.late', 'change', { values: { n: 2, m: { data: [1] } } });
  assert.deepEqual(await client.take(1), [
    { event: 'test.tree.late.change', data: { values: { n: 2, m: { data: [1] } } } },
  ]);
  service.event('test.tree.late', 'change', { values: { n: 2, m: { action: 'delete' } } });
  assert.deepEqual(await client.take(1), [
    { event: 'test.tree.late.change', data: { values: { m: { action: 'delete' } } } },
  ]);
});

test('a call: its parameters, its result, and the change event before it', async () => {
  const client = await open();
  service.model('test.call.model', { n: 1 });
  service.on('call.test.call.model.set', ({ params }) => {
    service.event('test.call.model', 'change', { values: params });
    return { result: { done: [true] } };
  });
  await client.result('subscribe.test.call.model');
  let eventsBefore;
  const answer = client.request('call.test.call.model.set', { n: 2 }).then((a) => {
    eventsBefore = client.events.length;
    return a;
  });
  assert.deepEqual(await answer, { result: { payload: { done: [true] } } });
  assert.equal(eventsBefore, 1);
  assert.deepEqual(await client.take(1), [{ event: 'test.call.model.change', data: { values: { n: 2 } } }]);
  const request = await service.asked('call.test.call.model.set');
  assert.match(request.cid, /^[0-9a-f]{32}$/);
  // Without a token, the token is null, as with Resgate.
  assert.equal(request.token, null);
  service.on('call.test.call.model.poke', { result: null });
  await client.result('call.test.call.model.poke');
  assert.equal((await service.asked('call.test.call.model.poke')).params, null);
});

test('a call with a resource as its response', async () => {
  const client = await open();
  service.model('test.made.1', { n: 1 });
  service.on('call.test.made.make', { resource: { rid: 'test.made.1' } });
  assert.deepEqual(await client.result('call.test.made.make'), {
    rid: 'test.made.1',
    models: { 'test.made.1': { n: 1 } },
  });
  service.event('test.made.1', 'custom', { x: 1 });
  assert.deepEqual(await client.take(1), [{ event: 'test.made.1.custom', data: { x: 1 } }]);
  assert.deepEqual(await client.result('call.test.made.make'), { rid: 'test.made.1' });
  assert.deepEqual(await client.request('unsubscribe.test.made.1', { count: 2 }), {});
  assert.equal(await client.errorCode('unsubscribe.test.made.1'), 'system.noSubscription');
});

test('a new request', async () => {
  const client = await open();
  service.model('test.create.1', { n: 1 });
  service.on('call.test.create.new', { result: { rid: 'test.create.1' } });
  assert.deepEqual(await client.result('new.test.create', { n: 1 }), {
    rid: 'test.create.1',
    models: { 'test.create.1': { n: 1 } },
  });
});

test('auth: a token event before its reply counts from there on', async () => {
  const client = await open({ headers: { 'X-Test': 'yes' } });
  const other = await open();
  service.model('test.auth.mine', { n: 1 });
  service.on('access.test.auth.mine', ({ token }) => ({ result: { get: token?.user === 'ann', call: 'a,b' } }));
  service.on('auth.test.auth.login', ({ cid, params }) => {
    service.publish(`conn.${cid}.token`, { token: { user: params.user } });
    return { result: null };
  });
  assert.deepEqual(await client.request('subscribe.test.auth.mine'), { error: DENIED });
  assert.deepEqual(await client.result('auth.test.auth.login', { user: 'ann' }), { payload: null });
  assert.deepEqual(await client.result('subscribe.test.auth.mine'), { models: { 'test.auth.mine': { n: 1 } } });
  assert.deepEqual(await other.request('subscribe.test.auth.mine'), { error: DENIED });
  const login = await service.asked('auth.test.auth.login');
  assert.deepEqual(login.header['X-Test'], ['yes']);
  assert.equal(login.uri, '/');
  assert.equal(login.host, `127.0.0.1:${gateway.port}`);
  assert.match(login.remoteAddr, /^127\.0\.0\.1:\d+$/);

  assert.equal(await client.errorCode('call.test.auth.mine.c'), 'system.accessDenied');
  assert.equal(await client.errorCode('call.test.auth.mine.b'), 'system.notFound');

  await client.result('auth.test.auth.login', { user: 'bob' });
  assert.deepEqual(await client.take(1), [{ event: 'test.auth.mine.unsubscribe', data: { reason: DENIED } }]);
  service.event('test.auth.mine', 'change', { values: { n: 2 } });
  assert.deepEqual(await client.request('subscribe.test.auth.mine'), { error: DENIED });
  assert.deepEqual(client.events, []);
});

test('{cid} in a resource id', async () => {
  const client = await open();
  service.on('call.test.cid.who', ({ cid }) => ({ result: cid }));
  const cid = (await client.result('call.test.cid.who')).payload;
  service.model(`test.cid.${cid}`, { n: 1 });
  assert.deepEqual(await client.result('subscribe.test.cid.{cid}'), { models: { 'test.cid.{cid}': { n: 1 } } });
  service.event(`test.cid.${cid}`, 'change', { values: { n: 2 } });
  assert.deepEqual(await client.take(1), [{ event: 'test.cid.{cid}.change', data: { values: { n: 2 } } }]);
});

test('query resources and their query events', async () => {
  const client = await open();
  let items = ['a', 'b', 'c', 'd'];
  const slice = (query) => {
    const parts = new URLSearchParams(query);
    return items.slice(+parts.get('from'), +parts.get('from') + +parts.get('n'));
  };
  const normal = (query) => `from=${new URLSearchParams(query).get('from')}&n=${new URLSearchParams(query).get('n')}`;
  service.on('get.test.query', ({ query }) => ({ result: { collection: slice(query), query: normal(query) } }));
  assert.deepEqual(await client.result('subscribe.test.query?n=2&from=0'), {
    collections: { 'test.query?n=2&from=0': ['a', 'b'] },
  });
  assert.deepEqual(await client.result('subscribe.test.query?from=1&n=2'), {
    collections: { 'test.query?from=1&n=2': ['b', 'c'] },
  });
  items = ['x', 'a', 'b', 'c', 'd'];
  service.listen('_query.1', ({ query }) =>
    query === 'from=0&n=2'
      ? { result: { events: [{ event: 'remove', data: { idx: 1 } }, { event: 'add', data: { idx: 0, value: 'x' } }] } }
      : { result: { collection: slice(query) } },
  );
  await service.connection.flush();
  service.event('test.query', 'query', { subject: '_query.1' });
  const events = await client.take(4);
  const of = (rid) => events.filter((e) => e.event.startsWith(rid)).map((e) => [e.event.slice(rid.length + 1), e.data]);
  assert.deepEqual(of('test.query?n=2&from=0'), [
    ['remove', { idx: 1 }],
    ['add', { idx: 0, value: 'x' }],
  ]);
  assert.equal(of('test.query?from=1&n=2').length, 2);
  assert.deepEqual(await client.result('get.test.query?from=0&n=2'), {
    collections: { 'test.query?from=0&n=2': ['x', 'a'] },
  });
});

test('system.reset: what has changed, and no more', async () => {
  const client = await open();
  service.model('test.reset.model', { a: 1, b: 1 });
  service.collection('test.reset.list', ['a', 'b', 'c']);
  service.model('test.gone', { a: 1 });
  for (const rid of ['test.reset.model', 'test.reset.list', 'test.gone']) await client.result(`subscribe.${rid}`);
  service.model('test.reset.model', { a: 1, b: 2, c: 3 });
  service.collection('test.reset.list', ['a', 'c']);
  service.publish('system.reset', { resources: ['test.reset.>'] });
  const events = await client.take(2);
  events.sort((a, b) => a.event.localeCompare(b.event));
  assert.deepEqual(events, [
    { event: 'test.reset.list.remove', data: { idx: 1 } },
    { event: 'test.reset.model.change', data: { values: { b: 2, c: 3 } } },
  ]);
  service.on('get.test.gone', undefined);
  service.publish('system.reset', { resources: ['test.gone'] });
  assert.equal((await client.take(1))[0].event, 'test.gone.delete');
});

test('system.reset of access, and reaccess', async () => {
  const client = await open();
  service.model('test.access.a', {});
  service.model('test.access.b', {});
  await client.result('subscribe.test.access.a');
  await client.result('subscribe.test.access.b');
  service.on('access.test.access.a', { result: { get: false } });
  service.publish('system.reset', { access: ['test.access.*'] });
  assert.deepEqual(await client.take(1), [{ event: 'test.access.a.unsubscribe', data: { reason: DENIED } }]);
  await service.asked('access.test.access.b', 2);
  service.on('access.test.access.b', { error: DENIED });
  service.event('test.access.b', 'reaccess');
  assert.deepEqual(await client.take(1), [{ event: 'test.access.b.unsubscribe', data: { reason: DENIED } }]);
});

test('custom events pass as they are', async () => {
  const client = await open();
  service.model('test.custom', {});
  await client.result('subscribe.test.custom');
  const payloads = [null, 1, 'é"\\', [], { deep: [{ x: { y: 1.5e300 } }] }];
  for (const payload of payloads) service.event('test.custom', 'news', payload);
  service.event('test.custom', 'bare');
  assert.deepEqual(
    (await client.take(6)).map((e) => e.data),
    [...payloads, null],
  );
});

test('delete: no more events, and another subscription is another try', async () => {
  const client = await open();
  service.model('test.deleted', { n: 1 });
  await client.result('subscribe.test.deleted');
  service.event('test.deleted', 'delete');
  service.event('test.deleted', 'change', { values: { n: 2 } });
  const events = await client.take(2);
  assert.equal(events[0].event, 'test.deleted.delete');
  assert.equal(events[1].event, 'test.deleted.unsubscribe');
  service.model('test.deleted', { n: 3 });
  assert.deepEqual(await client.result('subscribe.test.deleted'), { models: { 'test.deleted': { n: 3 } } });
  assert.deepEqual(client.events, []);
});

test('half a surrogate pair harms nobody: not the client that sends it, nor those who are sent it', async () => {
  const client = await open();
  service.model('test.half', { a: 1 });
  service.on('call.test.half.fail', { error: { code: 'app.bad', message: 'cut \ud83d' } });
  // JSON.stringify writes half a surrogate pair as an escape, because it has no UTF-8 form.
  assert.deepEqual(await client.result('get.test.half?q=a\ud83d'), { models: { 'test.half?q=a\ufffd': { a: 1 } } });
  assert.deepEqual(await client.request('call.test.half.fail'), { error: { code: 'app.bad', message: 'cut \ufffd' } });
  await client.result('subscribe.test.half');
  service.event('test.half', 'change', { values: { 'b\ud83d': 2, a: 3 } });
  assert.deepEqual(await client.take(1), [{ event: 'test.half.change', data: { values: { a: 3, 'b\ufffd': 2 } } }]);
});

test('services that spell members in another letter case', async () => {
  const client = await open();
  service.on('get.test.cased.list', { Result: { Collection: [{ RID: 'test.cased.item' }] } });
  service.on('get.test.cased.item', { RESULT: { Model: { n: 1, more: { Data: [1] } } } });
  service.on('access.test.cased.list', { Result: { Get: true, Call: '*' } });
  service.on('call.test.cased.list.fail', { Error: { Code: 'app.bad', Message: 'no', Data: 1 } });
  assert.deepEqual(await client.result('subscribe.test.cased.list'), {
    collections: { 'test.cased.list': [{ rid: 'test.cased.item' }] },
    models: { 'test.cased.item': { n: 1, more: { data: [1] } } },
  });
  assert.deepEqual(await client.request('call.test.cased.list.fail'), { error: { code: 'app.bad', message: 'no', data: 1 } });
  service.event('test.cased.item', 'change', { Values: { n: 2 } });
  assert.deepEqual(await client.take(1), [{ event: 'test.cased.item.change', data: { values: { n: 2 } } }]);
  service.on('get.test.cased.item', { RESULT: { Model: { n: 3, more: { data: [1] } } } });
  service.publish('system.reset', { Resources: ['test.cased.>'] });
  assert.deepEqual(await client.take(1), [{ event: 'test.cased.item.change', data: { values: { n: 3 } } }]);
});

test('what else a service says of what is gone goes to clients', async () => {
  const client = await open();
  service.collection('test.gone', [1, 2]);
  await client.result('subscribe.test.gone');
  service.event('test.gone', 'remove', { idx: 0, by: 'ann' });
  service.event('test.gone', 'delete', { by: 'bob' });
  assert.deepEqual((await client.take(2)).slice(0, 2), [
    { event: 'test.gone.remove', data: { idx: 0, by: 'ann' } },
    { event: 'test.gone.delete', data: { by: 'bob' } },
  ]);
});

test('names and queries have bounds', async () => {
  const client = await open();
  const name = 'test.' + 'n'.repeat(1024 - 'test.'.length);
  service.model(name, { n: 1 });
  assert.ok(await client.result(`get.${name}`));
  assert.ok(await client.result(`get.${name}?${'q'.repeat(16_384)}`));
  for (const method of [`get.${name}x`, `subscribe.${name}x`, `call.${name}x.m`, `auth.${name}x.m`, `new.${name}x`]) {
    assert.equal(await client.errorCode(method), 'system.subjectTooLong', method.slice(0, 9));
  }
  assert.equal(await client.errorCode(`get.${name}?${'q'.repeat(16_385)}`), 'system.subjectTooLong');
  assert.equal(await client.errorCode(`get.${'{cid}'.repeat(33)}`), 'system.subjectTooLong');
  assert.equal(await client.errorCode(`unsubscribe.${name}x`), 'system.noSubscription');
  // The length of a method is limited by the line length of NATS. Access is asked for first.
  service.on('access.test.long', { result: { get: true, call: '*' } });
  assert.equal(await client.errorCode(`call.test.long.${'m'.repeat(10_000)}`), 'system.subjectTooLong');
});

test('clients of earlier protocol versions', async () => {
  service.model('test.legacy', { data: { data: [1] }, soft: { rid: 'test.other', soft: true } });
  service.on('call.test.legacy.do', { result: { n: 1 } });
  service.on('call.test.legacy.make', { resource: { rid: 'test.legacy' } });
  const latest = await open({ protocol: '1.2.3' });
  const v120 = await open({ protocol: '1.2.0' });
  const v111 = await open({ protocol: '1.1.1' });
  const silent = await open({ protocol: null });
  assert.deepEqual(await latest.result('get.test.legacy'), {
    models: { 'test.legacy': { data: { data: [1] }, soft: { rid: 'test.other', soft: true } } },
  });
  // Before 1.2.1 there were no soft references and no data values.
  for (const client of [v120, v111, silent]) {
    const { models } = await client.result('subscribe.test.legacy');
    assert.equal(models['test.legacy'].soft, 'test.other');
    assert.equal(typeof models['test.legacy'].data, 'string');
  }
  // Before 1.2.0, the result of a call was sent as it is, without "payload".
  assert.deepEqual(await v120.result('call.test.legacy.do'), { payload: { n: 1 } });
  for (const client of [v111, silent]) {
    assert.deepEqual(await client.result('call.test.legacy.do'), { n: 1 });
    assert.deepEqual(await client.result('call.test.legacy.make'), { rid: 'test.legacy' });
  }
});

test('services of protocol 1.0 send the changed values alone', async () => {
  const client = await open();
  service.model('test.old', { n: 1 });
  await client.result('subscribe.test.old');
  service.event('test.old', 'change', { n: 2 });
  assert.deepEqual(await client.take(1), [{ event: 'test.old.change', data: { values: { n: 2 } } }]);
});

test('error codes', async () => {
  const client = await open();
  service.on('call.test.errors.own', { error: { code: 'test.own', message: 'Own', data: { a: 1 } } });
  service.on('call.test.errors.nonsense', 'nonsense is no timeout');
  service.on('call.test.errors.array', '[1,2');
  service.on('call.test.errors.empty', {});
  service.on('call.test.errors.never', () => null);
  service.on('get.test.errors.model', { result: { model: 1 } });
  assert.deepEqual((await client.request('call.test.errors.own')).error, {
    code: 'test.own',
    message: 'Own',
    data: { a: 1 },
  });
  const cases = [
    ['call.test.errors.nonsense', 'system.timeout'], // a malformed pre-response is no response
    ['call.test.errors.array', 'system.internalError'],
    ['call.test.errors.empty', 'system.internalError'],
    ['call.test.errors.never', 'system.timeout'],
    ['call.test.errors.unknown', 'system.notFound'],
    ['get.test.errors.model', 'system.internalError'],
    ['get.test.errors.none', 'system.notFound'],
    ['get.nobody.serves.this', 'system.notFound'],
    ['unsubscribe.test.errors.none', 'system.noSubscription'],
    ['subscribe.test..x', 'system.invalidRequest'],
    ['subscribe.test.*', 'system.invalidRequest'],
    ['subscribe.test.a b', 'system.invalidRequest'],
    ['publish.test.x', 'system.invalidRequest'],
    ['', 'system.invalidRequest'],
  ];
  for (const [method, code] of cases) assert.equal(await client.errorCode(method), code, method);
  for (const count of [0, -1, 1.5, '1']) {
    assert.equal(await client.errorCode('unsubscribe.test.errors.none', { count }), 'system.invalidParams');
  }
});

test('a pre-response gives a request more time', async () => {
  const client = await open();
  service.on('call.test.slow.do', (_, message) => {
    message.respond(new TextEncoder().encode('timeout:"20000"'));
    // The response takes longer than the gateway's own limit: it comes after another request has timed out.
    return client.request('call.test.slow.never').then(() => ({ result: 'at last' }));
  });
  service.on('call.test.slow.never', () => null);
  assert.deepEqual(await client.result('call.test.slow.do'), { payload: 'at last' });
});

test('unsubscribe ends the events, but for what is still referred to', async () => {
  const client = await open();
  service.model('test.unsub.a', { b: { rid: 'test.unsub.b' } });
  service.model('test.unsub.b', { n: 1 });
  await client.result('subscribe.test.unsub.a');
  assert.deepEqual(await client.result('subscribe.test.unsub.b'), {});
  assert.deepEqual(await client.request('unsubscribe.test.unsub.b'), {});
  service.event('test.unsub.b', 'change', { values: { n: 2 } });
  assert.equal((await client.take(1))[0].event, 'test.unsub.b.change');
  assert.deepEqual(await client.request('unsubscribe.test.unsub.a'), {});
  service.event('test.unsub.b', 'change', { values: { n: 3 } });
  const cached = async () => (await client.result('get.test.unsub.b')).models['test.unsub.b'].n;
  await until(async () => (await cached()) === 3, 'the event to reach the cache');
  assert.deepEqual(client.events, []);
});

test('many clients get the same event', async () => {
  service ??= await ResService.start(nats.url);
  service.model('test.many', { n: 0 });
  const clients = await Promise.all(Array.from({ length: 20 }, () => open()));
  for (const client of clients) await client.result('subscribe.test.many');
  for (let n = 1; n <= 100; ++n) service.event('test.many', 'change', { values: { n } });
  for (const client of clients) {
    assert.deepEqual(
      (await client.take(100)).map((e) => e.data.values.n),
      Array.from({ length: 100 }, (_, i) => i + 1),
    );
  }
  assert.equal(service.count('get.test.many'), 1);
});

test('when all clients have left the gateway keeps no subscriptions', async () => {
  const client = await open();
  service.model('test.last', {});
  await client.result('subscribe.test.last');
  client.end();
  // The subscription to replies and the subscription to system events are left.
  await until(async () => (await stage.gatewaySubscriptions(nats)) === 2, 'the cache to let go');
});
