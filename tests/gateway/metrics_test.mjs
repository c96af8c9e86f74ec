// The metrics port: Resgate's metrics by their names, resflow's own metrics, and the health checks.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';

import { Authority } from './certificates.mjs';
import { MeteredStage, page, samples, scrape, untilSamples } from './metrics.mjs';
import { freePort, RESFLOW } from './processes.mjs';
import { rawWebSocket } from './raw_client.mjs';
import { ResClient } from './res_client.mjs';
import { ResService } from './res_service.mjs';
import { until } from './waiting.mjs';

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const CLASSIC = 'text/plain; version=0.0.4; charset=utf-8';

function stageOf(t) {
  const stage = new MeteredStage();
  t.after(() => stage.close());
  return stage;
}

// Starts a gateway and a service with some resources. `open` opens a client.
async function worldOf(t, options) {
  const stage = stageOf(t);
  const world = await stage.startMetered(options);
  const service = await ResService.start(world.nats.url);
  t.after(() => service.close());
  service.model('test.model', { n: 1 });
  service.model('test.parent', { child: { rid: 'test.model' } });
  service.collection('test.collection', [1, 2]);
  const open = async () => {
    const client = await ResClient.open(world.gateway.port);
    t.after(() => client.end());
    return client;
  };
  const api = (path, method = 'GET') => page(world.gateway.port, `/api/${path}`, { method });
  return { ...world, stage, service, open, api };
}

function isInstalled(program) {
  return spawnSync(program, ['--version']).status === 0;
}

// ---- Resgate's metrics

test("Resgate's metrics are there from the beginning", async (t) => {
  const { metricsPort } = await worldOf(t);
  const response = await page(metricsPort, '/metrics');
  assert.equal(response.headers.get('content-type'), OPENMETRICS);
  const lines = (await response.text()).split('\n');
  for (const line of [
    '# TYPE resgate info',
    '# TYPE resgate_ws_current_connections gauge',
    'resgate_ws_current_connections 0',
    '# TYPE resgate_ws_connections counter',
    'resgate_ws_connections_total 0',
    '# TYPE resgate_ws_requests counter',
    'resgate_ws_requests_total{method="get"} 0',
    'resgate_ws_requests_total{method="unsubscribe"} 0',
    'resgate_ws_requests_total{method="auth"} 0',
    'resgate_ws_requests_total{method="subscribe"} 0',
    'resgate_ws_requests_total{method="call"} 0',
    '# TYPE resgate_http_requests counter',
    'resgate_http_requests_total{method="POST"} 0',
    'resgate_http_requests_total{method="GET"} 0',
    '# TYPE resgate_cache_resources gauge',
    'resgate_cache_resources 0',
    '# TYPE resgate_cache_subscriptions gauge',
    'resgate_cache_subscriptions 0',
  ]) {
    assert(lines.includes(line), line);
  }
  assert(lines.some((line) => /^resgate_info\{version="\d+\.\d+\.\d+",protocol="1\.2\.3"\} 1$/.test(line)));
  assert.deepEqual(lines.slice(-2), ['# EOF', '']);
});

test('connections come and go', async (t) => {
  const { metricsPort, open } = await worldOf(t);
  const clients = [await open(), await open(), await open()];
  await untilSamples(metricsPort, { resgate_ws_current_connections: 3, resgate_ws_connections_total: 3 });
  clients[0].ws.close(1000);
  clients[1].end();
  await untilSamples(metricsPort, {
    resgate_ws_current_connections: 1,
    resgate_ws_connections_total: 3,
    'resflow_client_websockets_closed_total{code="1000"}': 1,
    'resflow_client_websockets_closed_total{code="1006"}': 1,
  });
});

test('WebSocket requests are counted by method', async (t) => {
  const { metricsPort, open } = await worldOf(t);
  const client = await open();
  const requests = (method) => `resgate_ws_requests_total{method="${method}"}`;
  for (const [request, method] of [
    ['get.test.model', 'get'],
    ['subscribe.test.model', 'subscribe'],
    ['unsubscribe.test.model', 'unsubscribe'],
    ['call.test.model.method', 'call'],
    ['auth.test.model.login', 'auth'],
  ]) {
    await client.request(request);
    assert.equal((await samples(metricsPort)).number(requests(method)), 1, request);
  }
  await client.request('new.test.model');
  assert.equal((await samples(metricsPort)).number(requests('call')), 2);
  await client.request('call.test..');
  assert.equal((await samples(metricsPort)).sum('resgate_ws_requests_total'), 6);
});

test('web requests are counted by method', async (t) => {
  const config = { putMethod: 'put', deleteMethod: 'delete', patchMethod: 'patch' };
  const { metricsPort, api } = await worldOf(t, { config });
  const requests = (method) => `resgate_http_requests_total{method="${method}"}`;
  const { status } = await api('test/model');
  assert.equal(status, 200);
  await api('test/model', 'HEAD');
  await api('test/model/method', 'POST');
  for (const method of ['PUT', 'DELETE', 'PATCH']) await api('test/model', method);
  await api('test/model', 'OPTIONS');
  await untilSamples(metricsPort, {
    [requests('GET')]: 2,
    [requests('POST')]: 1,
    [requests('PUT')]: 1,
    [requests('DELETE')]: 1,
    [requests('PATCH')]: 1,
    resflow_client_web_requests_total: 7,
    'resflow_request_duration_seconds_count{kind="http"}': 7,
    resgate_ws_connections_total: 0,
    resgate_ws_current_connections: 0,
  });
});

// Requests as [client, request], followed by the expected numbers of cached resources and of subscriptions.
const CACHE = [
  ['a model', [[0, 'subscribe.test.model']], 1, 1],
  ['a collection', [[0, 'subscribe.test.collection']], 1, 1],
  ['a model with a reference', [[0, 'subscribe.test.parent']], 2, 2],
  ['a model that is referred to', [[0, 'subscribe.test.model'], [0, 'subscribe.test.parent']], 2, 2],
  ['a model of two clients', [[0, 'subscribe.test.model'], [1, 'subscribe.test.model']], 1, 2],
  ['a reference of one, a subscription of the other', [[0, 'subscribe.test.parent'], [1, 'subscribe.test.model']], 2, 3],
  ['a model let go', [[0, 'subscribe.test.model'], [0, 'unsubscribe.test.model']], 1, 0],
  ['a model with a reference let go', [[0, 'subscribe.test.parent'], [0, 'unsubscribe.test.parent']], 2, 0],
  [
    'a model let go that is referred to',
    [[0, 'subscribe.test.model'], [0, 'subscribe.test.parent'], [0, 'unsubscribe.test.model']],
    2,
    2,
  ],
  [
    'a model kept that was referred to',
    [[0, 'subscribe.test.model'], [0, 'subscribe.test.parent'], [0, 'unsubscribe.test.parent']],
    2,
    1,
  ],
  ['a model that was only read', [[0, 'get.test.model']], 1, 0],
  ['a model that there is not', [[0, 'subscribe.test.none']], 1, 0],
];
for (const [name, actions, resources, subscriptions] of CACHE) {
  test(`the cache has ${name}`, async (t) => {
    const { metricsPort, open } = await worldOf(t);
    const clients = [await open(), await open()];
    for (const [client, request] of actions) await clients[client].request(request);
    await untilSamples(metricsPort, {
      resgate_cache_resources: resources,
      resgate_cache_subscriptions: subscriptions,
      resflow_cache_names: resources,
    });
  });
}

test('the cache forgets what nobody uses', async (t) => {
  const { metricsPort, open } = await worldOf(t);
  const client = await open();
  await client.request('subscribe.test.parent');
  client.end();
  await untilSamples(metricsPort, {
    resgate_cache_resources: 0,
    resgate_cache_subscriptions: 0,
    resflow_cache_resources: 0,
  });
});

// ---- resflow's own metrics

test('what happens is counted', async (t) => {
  const { metricsPort, service, open } = await worldOf(t);
  const [client, other] = [await open(), await open()];
  const before = await samples(metricsPort);
  await client.request('subscribe.test.model');
  await other.request('subscribe.test.model');
  service.event('test.model', 'change', { values: { n: 2 } });
  await client.take(1);
  await other.take(1);
  service.event('test.model', 'change', { values: { n: 2 } });
  service.publishBytes('event.test.model.change', new TextEncoder().encode('['));
  service.event('test.model', 'add', { idx: 0, value: 1 });
  client.ws.send('no request');
  await client.request('call.elsewhere.method');
  await untilSamples(metricsPort, {
    'resflow_cache_lookups_total{result="miss"}': 1,
    'resflow_cache_lookups_total{result="hit"}': 1,
    resflow_events_received_total: 3,
    resflow_events_delivered_total: 2,
    'resflow_events_dropped_total{reason="unchanged"}': 1,
    'resflow_events_dropped_total{reason="misfit"}': 1,
    resflow_service_messages_malformed_total: 1,
    resflow_client_messages_dropped_total: 1,
    'resflow_service_requests_total{kind="get",outcome="reply"}': 1,
    'resflow_service_requests_total{kind="access",outcome="reply"}': 2,
    'resflow_service_requests_total{kind="access",outcome="no_responders"}': 1,
    'resflow_service_request_duration_seconds_count{kind="get"}': 1,
    'resflow_request_duration_seconds_count{kind="subscribe"}': 2,
    'resflow_request_duration_seconds_count{kind="version"}': 2,
    'resflow_request_errors_total{kind="call"}': 1,
    resflow_service_requests_pending: 0,
  });
  const after = await samples(metricsPort);
  for (const name of [
    'resflow_client_received_bytes_total',
    'resflow_client_sent_bytes_total',
    'resflow_client_frames_received_total',
    'resflow_client_frames_sent_total',
    'resflow_nats_messages_received_total',
    'resflow_nats_messages_sent_total',
    'resflow_nats_received_bytes_total',
    'resflow_nats_sent_bytes_total',
    'resflow_log_lines_total{level="error"}',
    'resflow_node_messages_total{node="session",lane="0"}',
    'resflow_edge_messages_total{from="session",port="encode",to="encode",lane="0"}',
  ]) {
    assert(after.number(name) > before.number(name), name);
  }
  assert(after.number('process_cpu_seconds_total') > 0);
  assert(after.number('process_resident_memory_bytes') > 1 << 20);
  assert(after.number('process_start_time_seconds') <= Date.now() / 1000 + 60);
});

test('why the gateway closes clients is told', async (t) => {
  const { metricsPort, service, open } = await worldOf(t, { config: { requestTimeout: 60_000 } });
  service.on('get.test.never', () => null);
  const client = await open();
  await client.request('subscribe.test.model');
  service.event('test.model', 'change', { values: { never: { rid: 'test.never' } } });
  for (let i = 0; i < 1_100; ++i) service.event('test.model', 'ping');
  await client.isClosed();
  await untilSamples(metricsPort, {
    'resflow_clients_dismissed_total{reason="too many events waiting for a resource"}': 1,
    'resflow_client_websockets_closed_total{code="1008"}': 1,
  });
});

test('several lanes add up', async (t) => {
  const { metricsPort, open } = await worldOf(t, { args: ['--lanes', '3'] });
  const clients = await Promise.all(Array.from({ length: 12 }, () => open()));
  await Promise.all(clients.map((client) => client.request('subscribe.test.parent')));
  await untilSamples(metricsPort, {
    resgate_ws_current_connections: 12,
    'resgate_ws_requests_total{method="subscribe"}': 12,
    resgate_cache_resources: 2,
    resgate_cache_subscriptions: 24,
    'resflow_request_duration_seconds_count{kind="subscribe"}': 12,
  });
  const all = await samples(metricsPort);
  for (const lane of [0, 1, 2]) all.number(`resflow_node_messages_total{node="cache",lane="${lane}"}`);
  // connect, version and subscribe of each client
  const parsed = [...all].filter(([name]) => name.startsWith('resflow_node_messages_total{node="parse"'));
  assert.equal(parsed.length, 3);
  assert.equal(parsed.reduce((sum, [, value]) => sum + value, 0), 36);
});

const isCounter = (name) => /_total(\{|$)|_bucket\{|_count(\{|$)|_sum(\{|$)/.test(name);

test('scraping under load harms nobody, and counters never go back', async (t) => {
  const { metricsPort, service, open, gateway } = await worldOf(t, { args: ['--lanes', '2'] });
  const clients = await Promise.all(Array.from({ length: 8 }, () => open()));
  await Promise.all(clients.map((client) => client.request('subscribe.test.model')));
  const EVENTS = 2_000;
  let sent = 0;
  const working = (async () => {
    for (; sent < EVENTS; sent += 50) {
      for (let i = 0; i < 50; ++i) service.event('test.model', 'change', { values: { n: 10 + sent + i } });
      await Promise.all(clients.map((client) => client.request('get.test.parent')));
    }
  })();
  const scraping = async () => {
    let last = await samples(metricsPort);
    for (let rounds = 0; sent < EVENTS || rounds < 5; ++rounds) {
      const next = await samples(metricsPort);
      for (const [name, value] of last) {
        if (isCounter(name)) assert(next.number(name) >= value, `${name}: ${value}, then ${next.get(name)}`);
      }
      last = next;
    }
  };
  await Promise.all([working, scraping(), scraping(), scraping()]);
  for (const client of clients) {
    const events = await client.take(EVENTS);
    assert.equal(events.at(-1).data.values.n, 10 + EVENTS - 1);
  }
  await untilSamples(metricsPort, { resflow_events_delivered_total: EVENTS * clients.length });
  assert.equal(gateway.exit, null);
});

// ---- formats

test('the classic text format is there for those who ask for it', async (t) => {
  const { metricsPort } = await worldOf(t);
  const response = await page(metricsPort, '/metrics', { headers: { accept: 'text/plain;version=0.0.4;q=1,*/*;q=0.1' } });
  assert.equal(response.headers.get('content-type'), CLASSIC);
  const text = await response.text();
  assert.match(text, /^# TYPE resgate_ws_connections_total counter$/m);
  assert.doesNotMatch(text, /# EOF/);
});

test('counters and histograms tell when they began to count, those of the classic format do not', async (t) => {
  const before = Date.now() / 1000;
  const { metricsPort, open } = await worldOf(t);
  await (await open()).request('subscribe.test.model');
  const all = await samples(metricsPort);
  const created = [...all].filter(([name]) => /_created(\{|$)/.test(name));
  for (const [name, at] of created) assert.ok(at >= Math.floor(before) && at <= Date.now() / 1000, `${name} ${at}`);
  for (const name of all.keys()) {
    if (/_(total|count)(\{|$)/.test(name)) assert.ok(all.has(name.replace(/_(total|count)(?=\{|$)/, '_created')), name);
  }
  assert.doesNotMatch(await scrape(metricsPort, { accept: 'text/plain' }), /_created/);
});

test('the metrics are compressed for those who accept that', async (t) => {
  const { metricsPort } = await worldOf(t);
  const raw = (encoding) =>
    new Promise((resolve, reject) => {
      const headers = encoding ? { 'accept-encoding': encoding } : {};
      http.get({ port: metricsPort, host: '127.0.0.1', path: '/metrics', headers, agent: false }, async (response) => {
        const parts = [];
        for await (const part of response) parts.push(part);
        resolve({ headers: response.headers, body: Buffer.concat(parts) });
      }).on('error', reject);
    });
  const plain = await raw();
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.equal(plain.headers.vary, 'Accept-Encoding');
  const packed = await raw('deflate, gzip;q=0.9');
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.equal(packed.headers.vary, 'Accept-Encoding');
  assert.equal(packed.headers['content-type'], OPENMETRICS);
  assert.ok(packed.body.length < plain.body.length / 4);
  assert.match(gunzipSync(packed.body).toString(), /^resgate_ws_connections_total 0$[^]*# EOF\n$/m);
  assert.equal((await raw('gzip;q=0')).headers['content-encoding'], undefined);
});

test('promtool finds nothing wrong', { skip: !isInstalled('promtool') && 'promtool is not installed' }, async (t) => {
  const { metricsPort, open } = await worldOf(t, { args: ['--lanes', '2'] });
  await (await open()).request('subscribe.test.model');
  const input = await scrape(metricsPort, { accept: 'text/plain' });
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
  assert.equal(stdout + stderr, '');
  assert.equal(status, 0);
});

test('Prometheus reads it', { skip: !isInstalled('prometheus') && 'Prometheus is not installed' }, async (t) => {
  const { stage, metricsPort, open } = await worldOf(t);
  await (await open()).request('subscribe.test.model');
  const port = await freePort();
  const config = stage.file(
    'prometheus.yml',
    'scrape_configs: [{job_name: resflow, scrape_interval: 1s, scrape_timeout: 1s, ' +
      `static_configs: [{targets: ["127.0.0.1:${metricsPort}"]}]}]`,
  );
  const args = [`--config.file=${config}`, `--storage.tsdb.path=${stage.file('tsdb')}`];
  const prometheus = stage.start('prometheus', [...args, `--web.listen-address=127.0.0.1:${port}`]);
  await prometheus.says(/Server is ready to receive web requests/);
  const query = async (path) => (await (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json()).data;
  let target;
  await until(
    async () => {
      target = (await query('targets')).activeTargets[0];
      return target?.health === 'up';
    },
    () => `the target to be up: ${JSON.stringify(target)}`,
  );
  const value = async (expression) => {
    const { result } = await query(`query?query=${encodeURIComponent(expression)}`);
    return result.length === 1 ? Number(result[0].value[1]) : undefined;
  };
  await until(async () => (await value('resgate_ws_requests_total{method="subscribe"}')) === 1, 'the request');
  assert.equal(await value('resgate_info{protocol="1.2.3"}'), 1);
  assert.equal(await value('resflow_request_duration_seconds_bucket{kind="subscribe",le="+Inf"}'), 1);
});

// ---- health

test('it is ready when it takes clients, and well all the time', async (t) => {
  const stage = stageOf(t);
  const status = async (port, path) => {
    const response = await page(port, path);
    return `${response.status} ${await response.text()}`;
  };
  // A NATS server that does not answer delays the start.
  const silent = net.createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const port = await freePort();
  const args = stage.gatewayArgs(`nats://127.0.0.1:${silent.address().port}`);
  const starting = stage.start(RESFLOW, [...args, '--metricsport', `${port}`]);
  await starting.says(/Metrics endpoint listening on http:\/\/127\.0\.0\.1:\d+\/metrics/);
  assert.equal(await status(port, '/readyz'), '503 starting\n');
  assert.equal(await status(port, '/healthz'), '200 ok\n');
  assert.equal(await status(port, '/metrics'), '503 starting\n');
  await starting.end();

  const { gateway, metricsPort } = await stage.startMetered();
  assert.equal(await status(metricsPort, '/readyz'), '200 ok\n');
  assert.equal(await status(metricsPort, '/healthz'), '200 ok\n');
  // A client that neither reads nor answers delays the end.
  const socket = await rawWebSocket(gateway.port);
  socket.pause();
  socket.on('error', () => {}); // the gateway cuts it off
  t.after(() => socket.destroy());
  gateway.signal('SIGTERM');
  await gateway.says(/Stopping server/);
  assert.equal(await status(metricsPort, '/readyz'), '503 stopping\n');
  assert.equal(await status(metricsPort, '/healthz'), '200 ok\n');
  assert.deepEqual(await gateway.ended(), { code: 0, signal: null });
});

test('other paths and methods are refused', async (t) => {
  const { metricsPort, gateway } = await worldOf(t);
  assert.equal((await page(metricsPort, '/')).status, 404);
  assert.equal((await page(metricsPort, '/api/test/model')).status, 404);
  assert.equal((await page(metricsPort, '/metrics', { method: 'POST' })).status, 405);
  assert.equal((await page(metricsPort, '/metrics', { method: 'HEAD' })).status, 200);
  assert.equal((await page(gateway.port, '/metrics')).status, 404);
});

test('a metrics port that is taken is an error', async (t) => {
  const stage = stageOf(t);
  const nats = await stage.startNats();
  const taken = net.createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  const { port } = taken.address();
  const gateway = stage.start(RESFLOW, [...stage.gatewayArgs(nats.url), '--metricsport', `${port}`]);
  assert.deepEqual(await gateway.ended(), { code: 1, signal: null });
  assert.match(gateway.output, new RegExp(`Failed to start server: .*${port}`));
});

test('with TLS for clients the metrics are on TLS, too', async (t) => {
  const stage = stageOf(t);
  const authority = new Authority(stage.folder);
  const { cert, key } = authority.issue('gateway');
  const { metricsPort } = await stage.startMetered({ args: ['--tls', '--tlscert', cert, '--tlskey', key] });
  const request = https.get({ host: '127.0.0.1', port: metricsPort, path: '/readyz', ca: readFileSync(authority.cert) });
  const [response] = await once(request, 'response');
  response.resume();
  assert.equal(response.statusCode, 200);
  assert.equal((await page(metricsPort, '/readyz')).status, 400);
});
