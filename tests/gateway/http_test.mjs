// The HTTP API end to end: real sockets, a real nats-server, a scripted service.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import http from 'node:http';
import test, { after, before } from 'node:test';
import { promisify } from 'node:util';

import { ask, bytesOf, RawHttp } from './http_client.mjs';
import { samples } from './metrics.mjs';
import { freePort, Stage } from './processes.mjs';
import { ResClient } from './res_client.mjs';
import { ResService } from './res_service.mjs';
import { until } from './waiting.mjs';

const MAX_BODY = 65_536;
const NOT_FOUND = { code: 'system.notFound', message: 'Not found' };
const DENIED = { code: 'system.accessDenied', message: 'Access denied' };
// with several lanes, requests of one client concern different lanes
const LANES = process.env.RESFLOW_TEST_LANES ?? '2';

const stage = new Stage();
let nats;
let gateway;
let metricsPort;
let service;

before(async () => {
  nats = await stage.startNats();
  metricsPort = await freePort();
  gateway = await start({ metricsPort, putMethod: 'set', patchMethod: 'change', maxMessageBytes: MAX_BODY, requestTimeout: 500 });
  service = await ResService.start(nats.url);
  service.collection('test.shelf', [{ rid: 'test.book' }, { rid: 'test.gone' }, { rid: 'test.book', soft: true }, 1]);
  service.model('test.book', { title: 'One', shelf: { rid: 'test.shelf' }, data: { data: { rid: ['x'] } } });
});

after(async () => {
  await service?.close();
  const exit = gateway?.exit;
  await stage.close();
  assert.equal(exit, null, 'the gateway has ended before the tests');
});

function start(config) {
  return stage.startGateway(nats, { args: ['--lanes', LANES], config });
}

const get = (path, options) => ask(gateway.port, 'GET', path, options);
const post = (path, body, options) => ask(gateway.port, 'POST', path, { body: JSON.stringify(body), ...options });

test('GET: a resource with all that it refers to, in JSON with URLs', async () => {
  const { status, headers, json } = await get('/api/test/shelf');
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(headers['access-control-allow-origin'], '*');
  assert.match(headers.date, /GMT$/);
  const book = { title: 'One', shelf: { href: '/api/test/shelf' }, data: { rid: ['x'] } };
  assert.deepEqual(json, [
    { href: '/api/test/book', model: book },
    { href: '/api/test/gone', error: NOT_FOUND },
    { href: '/api/test/book' },
    1,
  ]);
});

test('GET: in flat JSON', async (t) => {
  const flat = await start({ apiEncoding: 'jsonflat', apiPath: '/rest' });
  t.after(() => flat.end());
  const { json } = await ask(flat.port, 'GET', '/rest/test/shelf');
  const book = { title: 'One', shelf: { href: '/rest/test/shelf' }, data: { rid: ['x'] } };
  assert.deepEqual(json, [book, NOT_FOUND, { href: '/rest/test/book' }, 1]);
});

test('HEAD: what GET gets, without the body', async () => {
  const client = await RawHttp.open(gateway.port);
  client.write(bytesOf('HEAD', '/api/test/book') + bytesOf('GET', '/api/test/book'));
  const head = await client.response({ head: true });
  const whole = await client.response();
  assert.equal(head.status, 200);
  delete head.headers.date;
  delete whole.headers.date;
  assert.deepEqual(head.headers, whole.headers);
  assert.equal(+head.headers['content-length'], whole.text.length);
  client.end();
});

test('GET: queries go to the service as they are', async () => {
  service.on('get.test.search', ({ query }) => ({ result: { collection: [query], query } }));
  for (const query of ['q=a%26b&limit=10', 'q=%C3%A9', 'a?b/c', '%zz', '[1]{2}|^`']) {
    assert.deepEqual((await get(`/api/test/search?${query}`)).json, [query]);
  }
  assert.equal(service.requests.at(-1).params.query, '[1]{2}|^`');
});

test('GET: bytes that are no UTF-8 reach the service as JSON all the same', async () => {
  service.on('get.test.bytes', ({ query }) => ({ result: { collection: [query], query } }));
  const client = await RawHttp.open(gateway.port);
  client.write(Buffer.from(bytesOf('GET', '/api/test/bytes?q=\xe9', { headers: { Cookie: '\xe9' } }), 'latin1'));
  assert.deepEqual((await client.response()).json, ['q=\ufffd']);
  client.end();
});

test('names are percent-encoded', async () => {
  service.model('test.a/b', { ok: true });
  service.model('test.{cid}', { ok: false });
  assert.deepEqual((await get('/api/test/a%2Fb')).json, { ok: true });
  service.collection('test.odd', [{ rid: 'test.a/b' }]);
  const [{ href }] = (await get('/api/test/odd')).json;
  assert.equal(href, '/api/test/a%2Fb');
  for (const path of ['/api/test/a%20b', '/api/test/%', '/api/test.book', '/api/test/book/', '/api/test//book', '/api/']) {
    assert.deepEqual((await get(path)).json, NOT_FOUND, path);
  }
  const { status, json } = await get('/elsewhere');
  assert.deepEqual([status, json], [404, NOT_FOUND]);
});

test('POST: calls a method with the body as its parameters', async () => {
  service.on('call.test.book.echo', ({ params, isHttp }) => ({ result: { params, isHttp } }));
  assert.deepEqual((await post('/api/test/book/echo', { a: [1, 'é'] })).json, { params: { a: [1, 'é'] }, isHttp: true });
  assert.deepEqual((await post('/api/test/book/echo', undefined)).json, { params: null, isHttp: true });
  service.on('call.test.book.nothing', { result: null });
  const nothing = await post('/api/test/book/nothing', {});
  assert.deepEqual([nothing.status, nothing.text], [204, '']);
  service.on('call.test.book.make', { resource: { rid: 'test.made.1?x=1' } });
  const made = await post('/api/test/book/make', {});
  assert.deepEqual([made.status, made.headers.location, made.text], [200, '/api/test/made/1?x=1', '']);
  assert.equal((await ask(gateway.port, 'POST', '/api/test/book/echo', { body: '{"a":' })).status, 400);
});

test('PUT, PATCH and DELETE: call what they are mapped to', async () => {
  service.on('call.test.book.set', ({ params }) => ({ result: { set: params } }));
  service.on('call.test.book.change', { error: { code: 'system.methodNotFound', message: 'Method not found' } });
  assert.deepEqual((await ask(gateway.port, 'PUT', '/api/test/book', { body: '[1]' })).json, { set: [1] });
  for (const method of ['PATCH', 'DELETE', 'TRACE']) {
    const { status, json } = await ask(gateway.port, method, '/api/test/book');
    assert.deepEqual([status, json], [405, { code: 'system.methodNotAllowed', message: 'Method not allowed' }]);
  }
});

test('OPTIONS: what may be asked', async () => {
  const headers = { Origin: 'http://o.example', 'Access-Control-Request-Headers': 'x-a, x-b' };
  const { status, headers: got, text } = await ask(gateway.port, 'OPTIONS', '/api/test/book', { headers });
  assert.deepEqual([status, text], [200, '']);
  assert.equal(got['access-control-allow-methods'], 'GET, HEAD, OPTIONS, POST, PUT, PATCH');
  assert.equal(got['access-control-allow-headers'], 'x-a, x-b');
  assert.equal(got['access-control-allow-origin'], '*');
});

test('errors of services, and their statuses', async () => {
  const cases = {
    'system.notFound': 404,
    'system.methodNotFound': 404,
    'system.timeout': 404,
    'system.accessDenied': 401,
    'system.methodNotAllowed': 405,
    'system.internalError': 500,
    'system.forbidden': 403,
    'system.serviceUnavailable': 503,
    'system.invalidParams': 400,
    'test.custom': 400,
  };
  for (const [code, status] of Object.entries(cases)) {
    const error = { code, message: 'It failed', data: { why: [1] } };
    service.on('call.test.book.fail', { error });
    service.on('get.test.fails', { error });
    for (const response of [await post('/api/test/book/fail', {}), await get('/api/test/fails')]) {
      assert.deepEqual([response.status, response.json], [status, error]);
    }
  }
  service.on('access.test.secret', { result: { get: false, call: 'some' } });
  for (const response of [await get('/api/test/secret'), await post('/api/test/secret/other', {})]) {
    assert.deepEqual([response.status, response.json], [401, DENIED]);
  }
  service.on('get.test.silent', () => null);
  assert.deepEqual((await get('/api/test/silent')).json, { code: 'system.timeout', message: 'Request timeout' });
  service.on('get.test.nonsense', '{nonsense');
  assert.equal((await get('/api/test/nonsense')).status, 500);
  assert.deepEqual((await get('/api/nobody')).json, NOT_FOUND);
  assert.equal((await get(`/api/test/${'x'.repeat(5_000)}`)).status, 414);
});

test('services say more about responses', async () => {
  service.model('test.meta', {});
  service.on('access.test.meta', {
    result: { get: true, call: '*' },
    meta: { header: { 'x-a': ['1', '2'], 'Set-Cookie': ['a=1'], 'Content-Type': ['evil'] } },
  });
  const { headers } = await get('/api/test/meta');
  assert.equal(headers['x-a'], '1, 2');
  assert.deepEqual(headers['set-cookie'], ['a=1']);
  assert.match(headers['content-type'], /^application\/json/);
  service.on('call.test.meta.go', {
    resource: { rid: 'test.book' },
    meta: { status: 303, header: { 'X-A': ['3'], 'Set-Cookie': ['b=1'] } },
  });
  const gone = await post('/api/test/meta/go', {});
  assert.deepEqual([gone.status, gone.headers.location, gone.headers['x-a']], [303, '/api/test/book', '3']);
  assert.deepEqual(gone.headers['set-cookie'], ['a=1', 'b=1']);
  service.on('call.test.meta.no', { result: null, meta: { status: 402 } });
  assert.deepEqual((await post('/api/test/meta/no', {})).json, DENIED);
  service.on('call.test.meta.odd', { result: 1, meta: { status: 200, header: { 'X-B': ['a\r\nX-C: evil'] } } });
  const odd = await post('/api/test/meta/odd', {});
  assert.deepEqual([odd.status, odd.json, odd.headers['x-b'], odd.headers['x-c']], [200, 1, undefined, undefined]);
  await gateway.says(/Invalid meta/);
});

test('pages of some origins only', async (t) => {
  const strict = await start({ allowOrigin: 'http://a.example;https://B.example:8443' });
  t.after(() => strict.end());
  const from = (method, origin) => ask(strict.port, method, '/api/test/book', { headers: { Origin: origin } });
  const allowed = await from('GET', 'https://b.example:8443');
  assert.equal(allowed.headers['access-control-allow-origin'], 'https://b.example:8443');
  assert.equal(allowed.headers.vary, 'Origin');
  const other = await from('GET', 'http://c.example');
  assert.deepEqual([other.status, other.json], [403, { code: 'system.forbidden', message: 'Forbidden origin' }]);
  assert.equal(other.headers['access-control-allow-origin'], 'http://a.example');
  assert.equal((await from('GET', 'null')).status, 403);
  assert.equal((await ask(strict.port, 'GET', '/api/test/book')).status, 200);
  assert.equal((await from('OPTIONS', 'http://c.example')).status, 200);
});

test('the service sees the headers of web requests first', async (t) => {
  const careful = await start({ headerAuth: 'test.auth.web', allowOrigin: 'http://a.example' });
  t.after(() => careful.end());
  service.on('auth.test.auth.web', ({ cid, header, host, remoteAddr, uri, isHttp }) => {
    assert.deepEqual([host, isHttp], [`127.0.0.1:${careful.port}`, true]);
    assert.match(remoteAddr, /^127\.0\.0\.1:\d+$/);
    if (uri.endsWith('away')) return { result: null, meta: { status: 302, header: { Location: ['/login'] } } };
    if (uri.endsWith('no')) return { error: { code: 'test.no', message: 'No' }, meta: { status: 403 } };
    const user = header.Cookie?.[0].split('=')[1];
    if (user) service.publish(`conn.${cid}.token`, { token: { user } });
    return { result: null, meta: { header: { 'Set-Cookie': ['seen=1'] } } };
  });
  service.on('access.test.mine', ({ token }) => ({ result: { get: token?.user === 'ann' } }));
  service.model('test.mine', { n: 1 });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const as = (user, path = '/api/test/mine') =>
    ask(careful.port, 'GET', path, { headers: user ? { Cookie: `user=${user}` } : {}, agent });
  // All requests use one connection, but each is authenticated on its own.
  for (const [user, status] of [['ann', 200], ['bob', 401], [null, 401], ['ann', 200], [null, 401]]) {
    const response = await as(user);
    assert.equal(response.status, status);
    assert.deepEqual(response.headers['set-cookie'], ['seen=1']);
    assert.equal(response.headers['access-control-allow-credentials'], 'true');
  }
  const away = await as(null, '/api/test/away');
  assert.deepEqual([away.status, away.headers.location], [302, '/login']);
  const no = await as(null, '/api/test/no');
  assert.deepEqual([no.status, no.json], [403, { code: 'test.no', message: 'No' }]);
  assert.equal(service.count('access.test.away') + service.count('access.test.no'), 0);
});

test('the service decides whether a WebSocket is opened', async (t) => {
  const careful = await start({ wsHeaderAuth: 'test.auth.ws', wsPath: '/ws' });
  t.after(() => careful.end());
  service.model('test.mine', { n: 1 });
  service.on('access.test.mine', ({ token, isHttp }) => ({ result: { get: token === 'ann' && !isHttp } }));
  let answer;
  service.on('auth.test.auth.ws', ({ cid, isHttp }) => {
    assert.equal(isHttp, true);
    service.publish(`conn.${cid}.token`, { token: 'ann' });
    return answer;
  });
  answer = { result: null, meta: { header: { 'Set-Cookie': ['a=1', 'b=1'], 'X-A': ['1'], Upgrade: ['h2c'] } } };
  let upgrade;
  const client = await ResClient.open(careful.port, { path: '/ws', onUpgrade: (response) => (upgrade = response) });
  assert.deepEqual(upgrade.headers['set-cookie'], ['a=1', 'b=1']);
  assert.deepEqual([upgrade.headers['x-a'], upgrade.headers.upgrade], ['1', 'websocket']);
  assert.deepEqual(await client.result('get.test.mine'), { models: { 'test.mine': { n: 1 } } });
  client.end();
  answer = { resource: { rid: 'test.login' }, meta: { status: 307 } };
  await assert.rejects(ResClient.open(careful.port, { path: '/ws' }), /307/);
  const raw = await RawHttp.open(careful.port);
  raw.write(
    bytesOf('GET', '/ws', {
      headers: {
        Upgrade: 'websocket',
        Connection: 'Upgrade',
        'Sec-WebSocket-Version': 13,
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      },
    }),
  );
  assert.equal((await raw.response()).headers.location, '/api/test/login');
  await raw.ended();
  answer = { error: { code: 'test.no', message: 'No' }, meta: { status: 403 } };
  await assert.rejects(ResClient.open(careful.port, { path: '/ws' }), /403/);
  answer = { error: { code: 'test.no', message: 'No' } };
  (await ResClient.open(careful.port, { path: '/ws' })).end();
});

test('the path of the WebSocket is for WebSockets', async () => {
  assert.equal((await get('/')).status, 400);
  const upgrade = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' };
  const knock = async (method, headers, body) => {
    const client = await RawHttp.open(gateway.port);
    client.write(bytesOf(method, '/', { headers: { ...upgrade, ...headers }, body }));
    const response = await client.response();
    await client.ended();
    return response;
  };
  assert.equal((await knock('POST', {})).status, 405);
  assert.equal((await knock('GET', { 'Sec-WebSocket-Version': 13 }, 'body')).status, 400);
  const old = await knock('GET', { 'Sec-WebSocket-Version': 8 });
  assert.deepEqual([old.status, old.headers['sec-websocket-version']], [426, '13']);
});

test('pipelined requests are answered in order, each with its own', async () => {
  service.on('call.test.book.echo', async ({ params }) => {
    if (params % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    return { result: params };
  });
  const client = await RawHttp.open(gateway.port);
  const requests = Array.from({ length: 200 }, (_, i) =>
    i % 3 === 0 ? bytesOf('GET', '/api/test/nobody') : bytesOf('POST', '/api/test/book/echo', { body: `${i}` }),
  );
  client.write(requests.join(''));
  for (let i = 0; i < 200; ++i) {
    const { status, json } = await client.response();
    if (i % 3 === 0) assert.equal(status, 404);
    else assert.deepEqual([status, json], [200, i]);
  }
  client.end();
});

test('a body in chunks, with its trailers, and a client that waits to send it', async (t) => {
  service.on('call.test.book.echo', ({ params }) => ({ result: params }));
  const body = JSON.stringify({ text: 'é'.repeat(5_000) });
  const chunked = await ask(gateway.port, 'POST', '/api/test/book/echo', {
    headers: { 'Transfer-Encoding': 'chunked', Trailer: 'X-Sum' },
    body,
  });
  assert.deepEqual(chunked.json, JSON.parse(body));
  const waits = new Promise((resolve, reject) => {
    const request = http.request({
      host: '127.0.0.1',
      port: gateway.port,
      path: '/api/test/book/echo',
      method: 'POST',
      headers: { Expect: '100-continue', 'Content-Length': Buffer.byteLength(body) },
    });
    request.on('continue', () => request.end(body));
    request.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    request.on('error', reject);
  });
  assert.equal(await waits, 200);
});

test('limits', async () => {
  const answer = async (bytes) => {
    const client = await RawHttp.open(gateway.port);
    client.write(bytes);
    const response = await client.response();
    await client.ended();
    return response.status;
  };
  service.on('call.test.book.echo', { result: 1 });
  const at = (size) => bytesOf('POST', '/api/test/book/echo', { body: JSON.stringify('x'.repeat(size - 2)) });
  const client = await RawHttp.open(gateway.port);
  assert.equal((await client.write(at(MAX_BODY)).response()).status, 200);
  client.end();
  assert.equal(await answer(at(MAX_BODY + 1)), 413);
  const chunked = bytesOf('POST', '/api/a/b', { headers: { 'Transfer-Encoding': 'chunked' } });
  assert.equal(await answer(chunked + `1000\r\n${'x'.repeat(4_096)}\r\n`.repeat(17)), 413);
  assert.equal(await answer(`${chunked}1;${'x'.repeat(20_000)}`), 400);
  assert.equal(await answer(bytesOf('GET', '/api/test/book', { headers: { X: 'x'.repeat(65_536) } })), 431);
  assert.equal(await answer(`GET /api/${'x'.repeat(70_000)}`), 431);
  const both = { 'Content-Length': 3, 'Transfer-Encoding': 'chunked' };
  assert.equal(await answer(bytesOf('POST', '/api/a/b', { headers: both })), 400);
  assert.equal(await answer('GET /api/test/book HTTP/1.1\r\n\r\n'), 400);
  // Many headers are allowed.
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`X-${i}`, '']));
  const full = await RawHttp.open(gateway.port);
  assert.equal((await full.write(bytesOf('GET', '/api/test/book', { headers: many })).response()).status, 200);
  full.end();
});

test('a resource that refers to others without measure is too large', async () => {
  const next = (i) => ({ rid: `test.double.${i + 1}` });
  for (let i = 0; i < 40; ++i) service.collection(`test.double.${i}`, [next(i), next(i)]);
  service.collection('test.double.40', []);
  const { status, json } = await get('/api/test/double/0');
  assert.deepEqual([status, json.code], [500, 'system.internalError']);
});

test('many clients at once, on connections that stay', async (t) => {
  service.on('call.test.book.echo', ({ params }) => ({ result: params }));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 100 });
  t.after(() => agent.destroy());
  const requests = Array.from({ length: 2_000 }, async (_, i) => {
    if (i % 2 === 0) return assert.equal((await get('/api/test/book', { agent })).json.title, 'One');
    assert.equal((await post('/api/test/book/echo', i, { agent })).json, i);
  });
  await Promise.all(requests);
});

test('clients that vanish leave nothing behind, and requests under way are let go', async () => {
  const before = await stage.gatewaySubscriptions(nats);
  service.collection('test.waits', [{ rid: 'test.never' }]);
  service.on('get.test.never', () => null);
  service.on('call.test.book.never', () => null);
  const requests = [bytesOf('GET', '/api/test/waits'), bytesOf('POST', '/api/test/book/never', { body: '[1]' })];
  for (let i = 0; i < 60; ++i) {
    const client = await RawHttp.open(gateway.port);
    const bytes = requests[i % 2].repeat(1 + (i % 3));
    client.write(bytes.slice(0, 1 + ((i * 37) % bytes.length)));
    if (i % 4 === 0) client.socket.resetAndDestroy();
    else client.end();
  }
  await until(async () => (await stage.gatewaySubscriptions(nats)) <= before, 'the gateway to let go of who has left');
});

test('a client that reads slowly gets all of a large response', async () => {
  const row = 'x'.repeat(1_000);
  service.collection('test.large', Array.from({ length: 500 }, () => row));
  service.collection('test.huge', Array.from({ length: 40 }, () => ({ rid: 'test.large' })));
  const client = await RawHttp.open(gateway.port);
  client.socket.pause();
  client.write(bytesOf('GET', '/api/test/huge') + bytesOf('GET', '/api/test/book', { headers: { Connection: 'close' } }));
  await service.asked('get.test.huge');
  // All of the response is written, and most of it cannot leave.
  await until(
    async () => (await samples(metricsPort)).number('resflow_client_sent_bytes_total') > 20_000_000,
    'the gateway to write the response',
  );
  client.socket.resume();
  const { status, json } = await client.response();
  assert.deepEqual([status, json.length, json[39].collection.length], [200, 40, 500]);
  assert.equal((await client.response()).json.title, 'One');
  await client.ended();
});

test('a request under way is answered when the gateway ends', async () => {
  const ending = await start({});
  let reply;
  service.on('call.test.book.wait', () => new Promise((resolve) => (reply = resolve)));
  const waiting = ask(ending.port, 'POST', '/api/test/book/wait', { agent: new http.Agent({ keepAlive: true }) });
  await until(() => reply, 'the call');
  ending.signal('SIGTERM');
  await ending.says(/Stopping server/);
  reply({ result: 'done' });
  const { json, headers } = await waiting;
  assert.deepEqual([json, headers.connection], ['done', 'close']);
  assert.deepEqual(await ending.ended(), { code: 0, signal: null });
});

test('curl', async (t) => {
  // The service runs in this process, so curl must not block it.
  const run = async (...args) => (await promisify(execFile)('curl', ['-sS', '--max-time', '20', ...args])).stdout;
  if (spawnSync('curl', ['--version']).error) return t.skip('curl is not installed');
  const url = `http://127.0.0.1:${gateway.port}/api/test/book`;
  service.on('call.test.book.set', ({ params }) => ({ result: params }));
  service.on('call.test.book.echo', ({ params }) => ({ result: params }));
  assert.equal(JSON.parse(await run(url)).title, 'One');
  assert.match(await run('-I', url), /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(await run('-i', '--http1.0', url), /\r\nConnection: close\r\n/);
  assert.equal(await run('-X', 'PUT', '--data', '{"a":1}', url), '{"a":1}');
  const large = stage.file('large.json', JSON.stringify('x'.repeat(50_000)));
  // curl sends "Expect: 100-continue" here
  assert.equal((await run('--data-binary', `@${large}`, `${url}/echo`)).length, 50_002);
  assert.equal((await run('-X', 'POST', '-H', 'Transfer-Encoding: chunked', '-T', large, `${url}/echo`)).length, 50_002);
  assert.match(await run('-w', '%{num_connects}', url, url, url), /0$/);
});
