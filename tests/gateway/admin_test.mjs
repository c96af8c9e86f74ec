// The admin page over HTTP: what it shows, and which clients may see it.
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import zlib from 'node:zlib';

import { MeteredStage, page } from './metrics.mjs';
import { freePort, RESFLOW } from './processes.mjs';
import { ResClient } from './res_client.mjs';
import { ResService } from './res_service.mjs';
import { until } from './waiting.mjs';

function stageOf(t) {
  const stage = new MeteredStage();
  t.after(() => stage.close());
  return stage;
}

async function worldOf(t, { args = [], ...options } = {}) {
  const stage = stageOf(t);
  const world = await stage.startMetered({ args: ['--admin', ...args], ...options });
  const service = await ResService.start(world.nats.url);
  t.after(() => service.close());
  service.model('test.model', { n: 1, secret: 'value-of-a-model' });
  service.collection('test.collection', [1, 2, 3]);
  service.model('test.parent', { child: { rid: 'test.model' } });
  const open = async () => {
    const client = await ResClient.open(world.gateway.port);
    t.after(() => client.end());
    return client;
  };
  return { ...world, stage, service, open };
}

async function json(port, target) {
  const response = await page(port, target);
  assert.equal(response.status, 200, target);
  assert.equal(response.headers.get('content-type'), 'application/json');
  return response.json();
}

// Returns the rows of a table as objects with the names of the columns.
async function rows(port, table, query = '') {
  const { columns, rows: found, total } = await json(port, `/graph/${table}.json?${query}`);
  return Object.assign(
    found.map((row) => Object.fromEntries(columns.map((column, n) => [column, row[n]]))),
    { total },
  );
}

async function ask({ port, path = '/graph', host = `127.0.0.1:${port}`, headers = {}, method = 'GET', address = '127.0.0.1' }) {
  const request = http.request({ host: address, port, path, method, headers: { host, ...headers } }).end();
  const [response] = await once(request, 'response');
  response.resume();
  return response.statusCode;
}

test('it is not there unless it is asked for', async (t) => {
  const { metricsPort, gateway } = await stageOf(t).startMetered();
  for (const path of ['/graph', '/graph/nodes.json']) assert.equal((await page(metricsPort, path)).status, 404);
  assert.doesNotMatch(gateway.output, /Admin page/);
});

test('it wants the metrics port', async (t) => {
  const stage = stageOf(t);
  const gateway = stage.start(RESFLOW, ['--admin', '--nats', 'nats://127.0.0.1:1']);
  assert.equal((await gateway.ended()).code, 1);
  assert.match(gateway.output, /admin needs metricsport/);
});

test('the page and its parts are there, and name nobody else', async (t) => {
  const { metricsPort, gateway } = await worldOf(t);
  await gateway.says(/Admin page at http:\/\/127\.0\.0\.1:\d+\/graph/);
  const response = await page(metricsPort, '/graph');
  assert.match(response.headers.get('content-security-policy'), /default-src 'none'/);
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(response.headers.get('cache-control'), 'no-store');
  const html = await response.text();
  for (const [, path] of html.matchAll(/(?:href|src)="(\/[^"]+)"/g)) {
    const part = await page(metricsPort, path);
    assert.equal(part.status, 200, path);
    assert.doesNotMatch(await part.text(), /(href|src|import|fetch)[ =("']+https?:/);
  }
  assert.match(await (await page(metricsPort, '/graph/wiring.svg')).text(), /id="node&#45;cache"/);
  assert.equal((await page(metricsPort, '/graph/other')).status, 404);
});

test('nodes are told of, lane by lane', async (t) => {
  const { metricsPort, open } = await worldOf(t, { args: ['--lanes', '2'] });
  await (await open()).request('subscribe.test.parent');
  const { lanes, nodes, websockets } = await json(metricsPort, '/graph/nodes.json');
  assert.equal(lanes, 2);
  assert.equal(websockets, 1);
  assert.equal(nodes.length, 20);
  const sum = nodes.filter(({ name }) => name === 'cache').reduce((all, { messages }) => all + messages, 0);
  assert(sum > 0);
});

test('edges are told of, with what they carry in each lane', async (t) => {
  const { metricsPort, open, service } = await worldOf(t, { args: ['--lanes', '2'] });
  await (await open()).request('subscribe.test.model');
  const { edges } = await json(metricsPort, '/graph/nodes.json');
  const sum = (from, to, of) =>
    of.find((edge) => edge.from === from && edge.to === to).messages.reduce((all, messages) => all + messages, 0);
  for (const { messages } of edges) assert.equal(messages.length, 2);
  assert.equal(sum('clients', 'parse', edges), 3); // connect, version, subscribe
  assert.equal(sum('diff', 'cache', edges), 0);
  service.event('test.model', 'change', { values: { n: 2 } });
  await until(async () => {
    const { edges: now } = await json(metricsPort, '/graph/nodes.json');
    return ['services decode', 'decode cache', 'cache session', 'session encode', 'encode write', 'write clients'].every(
      (edge) => sum(...edge.split(' '), now) > sum(...edge.split(' '), edges),
    );
  }, 'the event to be counted on its way');
});

test('connections have what they hold and what has gone over them', async (t) => {
  const { metricsPort, open } = await worldOf(t, { args: ['--lanes', '2'] });
  const clients = await Promise.all(Array.from({ length: 5 }, () => open()));
  await clients[0].request('subscribe.test.parent');
  const all = await rows(metricsPort, 'connections', 'sort=subscriptions&order=desc&limit=3');
  assert.equal(all.total, 5);
  assert.equal(all.length, 3);
  assert.equal(all[0].subscriptions, 2);
  assert.equal(all[1].subscriptions, 0);
  assert.equal(all[0].kind, 'WebSocket');
  assert.match(all[0].address, /^127\.0\.0\.1:\d+$/);
  assert(all[0].bytesIn > 0 && all[0].bytesOut > 0 && all[0].ageMs >= 0);
  assert.equal(all[0].outboxBytes, 0);
  const found = await rows(metricsPort, 'connections', `search=${encodeURIComponent(all[0].address)}`);
  assert.deepEqual(found.map(({ id }) => id), [all[0].id]);
  clients[0].end();
  await until(async () => (await rows(metricsPort, 'connections')).total === 4, 'the connection to be gone');
});

test('cached resources are told by name, kind, size and subscribers', async (t) => {
  const { metricsPort, open } = await worldOf(t, { args: ['--lanes', '2'] });
  const [one, two] = [await open(), await open()];
  await one.request('subscribe.test.parent');
  await two.request('subscribe.test.model');
  await two.request('subscribe.test.collection');
  const all = await rows(metricsPort, 'resources', 'sort=name');
  assert.deepEqual(
    all.map(({ name, kind, size, subscribers }) => [name, kind, size, subscribers]),
    [
      ['test.collection', 'collection', 3, 1],
      ['test.model', 'model', 2, 2],
      ['test.parent', 'model', 1, 1],
    ],
  );
  assert.equal((await rows(metricsPort, 'resources', 'search=TEST.PA')).total, 1);
  for (const query of ['sort=x', 'limit=201', 'limit=0', 'offset=10001', 'order=up', 'x=1', 'search=%']) {
    assert.equal((await page(metricsPort, `/graph/resources.json?${query}`)).status, 400, query);
  }
});

test('it tells no secrets', async (t) => {
  const { metricsPort, gateway, service } = await worldOf(t);
  let asked;
  service.on('access.test.model', (request) => {
    asked = request;
    return { result: { get: true } };
  });
  const client = await ResClient.open(gateway.port, { headers: { Cookie: 'sid=my-cookie', Authorization: 'my-header' } });
  t.after(() => client.end());
  await client.request('subscribe.test.model');
  assert.match(asked.cid, /^[0-9a-f]{32}$/);
  service.publish(`conn.${asked.cid}.token`, { token: { user: 'my-token' } });
  let text = '';
  for (const path of ['nodes', 'connections', 'resources']) {
    text += await (await page(metricsPort, `/graph/${path}.json`)).text();
  }
  assert.match(text, /test\.model/);
  for (const secret of ['my-cookie', 'my-header', 'my-token', 'value-of-a-model', asked.cid]) assert(!text.includes(secret), secret);
});

test('to others it is refused', async (t) => {
  const { metricsPort: port } = await worldOf(t);
  assert.equal(await ask({ port }), 200);
  assert.equal(await ask({ port, host: `localhost:${port}` }), 200);
  for (const path of ['/graph', '/graph/page.js', '/graph/nodes.json', '/graph/connections.json']) {
    assert.equal(await ask({ port, path, host: `evil.example:${port}` }), 403);
    assert.equal(await ask({ port, path, headers: { origin: 'http://evil.example' } }), 403);
    assert.equal(await ask({ port, path, method: 'POST' }), 405);
    assert.equal(await ask({ port, path, method: 'HEAD' }), 200);
  }
  assert.equal(await ask({ port, path: '/metrics', host: 'gateway.example' }), 200);
});

const own = Object.values(os.networkInterfaces())
  .flat()
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

test('addresses that are named may see it', { skip: !own && 'there is no other address here' }, async (t) => {
  const stage = stageOf(t);
  const nats = await stage.startNats();
  for (const [allow, status] of [
    [[], 403],
    [['--adminallow', '192.0.2.1'], 403],
    [['--adminallow', `192.0.2.1;${own}`], 200],
    [['--adminallow', '*'], 200],
  ]) {
    const port = await freePort();
    const args = ['--nats', nats.url, '--addr', own, '--port', '0', '--metricsport', `${port}`, '--admin', ...allow];
    const gateway = stage.start(RESFLOW, args);
    await gateway.says(/Server ready/);
    assert.equal(await ask({ port, address: own, host: `${own}:${port}` }), status, `${allow}`);
    await gateway.end();
  }
});

// Starts or stops a capture, and returns the status and text of the response.
async function act({ port, action = 'start', method = 'POST', host = `127.0.0.1:${port}`, headers = {}, address = '127.0.0.1' }) {
  const all = { host, origin: `http://${host}`, 'x-resflow-admin': '1', ...headers };
  for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name];
  const request = http.request({ host: address, port, path: `/graph/capture/${action}`, method, headers: all }).end();
  const [response] = await once(request, 'response');
  let text = '';
  for await (const piece of response.setEncoding('utf8')) text += piece;
  return { status: response.statusCode, text, allow: response.headers.allow };
}

test('a capture is started and stopped, and told of', async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'resflow-admin-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { metricsPort: port, open, gateway } = await worldOf(t, { args: ['--capture-folder', folder, '--lanes', '2'] });
  const state = () => json(port, '/graph/capture.json');
  assert.deepEqual(await state(), { state: 'none', file: '', since: 0, bytes: 0, failure: '' });
  assert.deepEqual(await act({ port, action: 'stop' }), { status: 409, text: 'no capture is running\n', allow: undefined });

  const started = await act({ port });
  assert.equal(started.status, 200, started.text);
  const { state: running, file, since } = JSON.parse(started.text);
  assert.equal(running, 'running');
  assert.deepEqual(readdirSync(folder), [path.basename(file)]);
  assert.equal(path.dirname(file), folder);
  assert(Math.abs(since - Date.now() / 1_000) < 60);
  assert.deepEqual(await act({ port }), { status: 409, text: 'a capture is running already\n', allow: undefined });
  const { bytes } = await state();
  const client = await open();
  await client.request('auth.test.model.login', { password: 'my-secret' });
  await client.request('subscribe.test.parent');
  await until(async () => (await state()).bytes > bytes, 'the traffic to be written');

  const stopped = await act({ port, action: 'stop' });
  assert.equal(stopped.status, 200);
  assert.match(stopped.text, /"state":"(ending|ended)"/);
  await until(async () => (await state()).state === 'ended', 'the capture to be whole');
  assert.equal((await state()).bytes, statSync(file).size);
  const text = zlib.gunzipSync(readFileSync(file)).toString();
  assert.match(text, /"redacted":true/);
  assert.match(text, /subscribe\.test\.parent/);
  assert.match(text, /\n{"end":"stopped"/);
  assert.doesNotMatch(text, /my-secret/);

  // SIGUSR1 and the page control the same capture.
  gateway.signal('SIGUSR1');
  await until(async () => (await state()).state === 'running', 'another capture');
  assert.equal((await act({ port, action: 'stop' })).status, 200);
});

test('a capture that cannot be written is told of', async (t) => {
  const { metricsPort: port, gateway } = await worldOf(t, { args: ['--capture-folder', '/dev/null/below'] });
  const { status, text } = await act({ port });
  assert.equal(status, 409);
  assert.match(text, /Not a directory/);
  const { state, failure } = await json(port, '/graph/capture.json');
  assert.equal(state, 'failed');
  assert.match(failure, /Not a directory/);
  assert.match(gateway.output, /\[ERR\] Cannot capture: .*Not a directory/);
});

test('a capture is not started by others', async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'resflow-admin-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { metricsPort: port } = await worldOf(t, { args: ['--capture-folder', folder] });
  for (const [what, status, reason] of [
    // A page under a foreign name that resolves to this machine (DNS rebinding), and pages of other origins.
    [{ host: `evil.example:${port}` }, 403, /by an IP address, or as localhost/],
    [{ host: `gateway:${port}` }, 403, /by an IP address, or as localhost/],
    [{ headers: { origin: 'http://evil.example' } }, 403, /not for other origins/],
    [{ headers: { origin: 'null' } }, 403, /not for other origins/],
    [{ headers: { origin: `http://127.0.0.1:${port + 1}` } }, 403, /not for other origins/],
    [{ headers: { origin: `http://localhost:${port}` } }, 403, /not for other origins/],
    [{ headers: { origin: undefined } }, 403, /Origin header is missing/],
    // A form on another page cannot send headers of its own.
    [{ headers: { 'x-resflow-admin': undefined } }, 403, /X-Resflow-Admin: 1 is missing/],
    [{ headers: { 'x-resflow-admin': 'yes' } }, 403, /X-Resflow-Admin: 1 is missing/],
    [{ method: 'GET' }, 405, /POST only/],
    [{ method: 'PUT' }, 405, /POST only/],
    [{ method: 'OPTIONS', headers: { 'access-control-request-headers': 'x-resflow-admin' } }, 405, /POST only/],
    [{ action: 'other' }, 405, /GET, HEAD only/],
    [{ action: '../capture.json' }, 405, /GET, HEAD only/],
  ]) {
    for (const action of what.action ? [what.action] : ['start', 'stop']) {
      const answer = await act({ port, action, ...what });
      assert.equal(answer.status, status, JSON.stringify(what));
      assert.match(answer.text, reason);
      if (status === 405) assert.equal(answer.allow, reason.source.replace(' only', ''));
    }
  }
  assert.deepEqual(readdirSync(folder), []);
  assert.equal((await json(port, '/graph/capture.json')).state, 'none');
  assert.equal((await act({ port, host: `localhost:${port}` })).status, 200);
});

test('a capture is not started from an address that may not see the page', { skip: !own && 'there is no other address here' }, async (t) => {
  const stage = stageOf(t);
  const nats = await stage.startNats();
  const port = await freePort();
  const gateway = stage.start(RESFLOW, ['--nats', nats.url, '--addr', own, '--port', '0', '--metricsport', `${port}`, '--admin']);
  await gateway.says(/Server ready/);
  const { status, text } = await act({ port, address: own, host: `${own}:${port}` });
  assert.equal(status, 403);
  assert.match(text, /named by adminallow/);
});

test('without the admin page there is no start of captures', async (t) => {
  const { metricsPort: port } = await stageOf(t).startMetered();
  assert.equal((await act({ port })).status, 404);
});

test('many ask at once, and clients do not wait', async (t) => {
  const { metricsPort, open, service } = await worldOf(t, { args: ['--lanes', '2'] });
  const clients = await Promise.all(Array.from({ length: 300 }, () => open()));
  for (let n = 0; n < 1_000; ++n) service.model(`test.many.${n}`, { n });
  await Promise.all(Array.from({ length: 1_000 }, (_, n) => clients[n % 300].request(`subscribe.test.many.${n}`)));
  const looking = Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      rows(metricsPort, n % 2 ? 'resources' : 'connections', `limit=200&offset=${n}&sort=${n % 2 ? 'name' : 'address'}`),
    ),
  );
  await Promise.all(clients.map((client) => client.request('get.test.model')));
  const answers = await looking;
  answers.forEach((answer, n) => {
    // All clients also read test.model, which is counted only as long as somebody reads it.
    if (n % 2) assert(answer.total === 1_000 || answer.total === 1_001, `${answer.total} resources`);
    else assert.equal(answer.total, 300);
    assert.equal(answer.length, 200);
  });
});
