// The load generator against the gateway: each mode for a moment, and what can go wrong. No measured time is judged.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

import { freePort, Stage } from './processes.mjs';
import { ResService } from './res_service.mjs';

const BUILT = fileURLToPath(new URL('../../build/release/resflow-bench', import.meta.url));
const BENCH = process.env.RESFLOW_BENCH || BUILT;

const stage = new Stage();
let nats;
let gateway;

before(async () => {
  nats = await stage.startNats();
  gateway = await stage.startGateway(nats);
});

after(async () => {
  const exit = gateway?.exit;
  await stage.close();
  assert.equal(exit, null, 'the gateway has ended before the tests');
});

const atGateway = () => ['--url', `ws://127.0.0.1:${gateway.port}`];
const atBoth = () => [...atGateway(), '--nats', nats.url];

async function bench(...args) {
  const run = stage.start(BENCH, args);
  const { code } = await run.ended();
  return { code, stdout: run.stdout, output: run.output };
}

// Runs a mode that must succeed, and returns its report and its output.
async function measure(mode, ...args) {
  return measureOn(gateway, mode, ...args);
}

async function measureOn(target, mode, ...args) {
  const json = stage.file('report.json');
  const at = ['--url', `ws://127.0.0.1:${target.port}`, '--nats', nats.url, '--pid', `${target.child.pid}`];
  const result = await bench(mode, ...at, '--secs', '0.2', '--json', json, ...args);
  assert.equal(result.code, 0, result.output);
  const report = JSON.parse(readFileSync(json, 'utf8'));
  assert.equal(report.mode, mode);
  const { figures } = report;
  assert.equal(figures.errors, 0);
  for (const [name, value] of Object.entries(figures)) assert.ok(Number.isFinite(value) && value >= 0, name);
  assert.ok(figures.seconds > 0 && figures.rss_mb > 0 && figures.own_cpu_cores > 0);
  for (const l of Object.values(report.latency)) {
    assert.ok(l.count > 0);
    const ascending = [0, l.min_us, l.p50_us, l.p90_us, l.p99_us, l.p999_us, l.max_us];
    assert.deepEqual(ascending, [...ascending].sort((a, b) => a - b));
    assert.equal(l.buckets.reduce((sum, [, n]) => sum + n, 0), l.count);
  }
  return { figures, latency: report.latency, report, stdout: result.stdout };
}

test('fanout: every client gets every event', async () => {
  const { figures, latency } = await measure('fanout', '--conns', '20');
  assert.ok(figures.events > 0 && figures.frames_per_s > 0 && figures.cpu_us_per_frame > 0);
  assert.equal(figures.frames, figures.events * 20);
  assert.equal(latency.event.count, figures.frames);
});

test('fanout at a rate: so many events as are due', async () => {
  const { figures, latency } = await measure('fanout', '--conns', '3', '--rate', '500');
  assert.equal(figures.events, 100);
  assert.equal(figures.frames, 300);
  assert.equal(latency.own_delay.count, 100);
});

test('spread: every event has one client', async () => {
  const { figures } = await measure('spread', '--conns', '20');
  assert.ok(figures.events > 20);
  assert.equal(figures.frames, figures.events);
});

test('call: with a window, and at a rate', async () => {
  const flat = await measure('call', '--conns', '4', '--window', '5');
  assert.ok(flat.figures.calls > 20);
  assert.equal(flat.latency.call.count, flat.figures.calls);
  const paced = await measure('call', '--conns', '4', '--rate', '250');
  assert.equal(paced.figures.calls + paced.figures.calls_never_made, 50);
});

test('tree: every client gets every model', async () => {
  const { figures, latency } = await measure('tree', '--conns', '6', '--items', '30');
  assert.equal(figures.resources, 6 * 31);
  assert.equal(latency.subscribe.count, 6);
  assert.ok(figures.bytes > 6 * 30 * 64);
});

test('idle: what a client costs', async () => {
  // A gateway that has worked gives memory back while clients connect, and memory grows in steps of 2 MB. So the test
  // starts a new gateway, with more clients than fit into one step.
  const fresh = await stage.startGateway(nats);
  const { figures } = await measureOn(fresh, 'idle', '--conns', '1500');
  assert.ok(figures.ready_s > 0 && figures.ready_cpu_us_per_client > 0 && figures.kb_per_client > 0);
  await fresh.end();
});

test('reset: every changed value is removed and added', async () => {
  const { figures } = await measure('reset', '--conns', '2', '--items', '250');
  assert.equal(figures.frames, 2 * 2 * 3);
});

test('mixed: events, calls, gets and subscriptions', async () => {
  const { figures, latency } = await measure('mixed', '--conns', '5', '--rate', '1000');
  assert.equal(figures.operations, 200);
  assert.deepEqual(Object.keys(latency), ['call', 'event', 'get', 'own_delay', 'subscribe', 'unsubscribe']);
  const counts = Object.fromEntries(Object.entries(latency).map(([name, l]) => [name, l.count]));
  const expected = { call: 40, event: 120 + 10 * 5, get: 20, own_delay: 200, subscribe: 10, unsubscribe: 10 };
  assert.deepEqual(counts, expected);
});

test('the table, the picture, and two runs compared', async () => {
  const [one, other, svg] = [stage.file('one.json'), stage.file('other.json'), stage.file('picture.svg')];
  const args = ['call', ...atBoth(), '--secs', '0.1', '--conns', '2'];
  const run = await bench(...args, '--json', one, '--plot', svg);
  assert.equal(run.code, 0, run.output);
  assert.match(run.stdout, /calls per s +[\d,]+\n/);
  assert.match(readFileSync(svg, 'utf8'), /^<svg [^]*<polyline [^]*<\/svg>\n$/);
  assert.equal((await bench(...args, '--json', other)).code, 0);
  const compared = await bench('--compare', one, other);
  assert.equal(compared.code, 0, compared.output);
  assert.match(compared.stdout, /calls_per_s +[\d,.]+ +[\d,.]+ +[\d.]+\n/);
});

test("somebody else's service", async () => {
  const service = await ResService.start(nats.url);
  service.model('test.model', { a: 1 });
  service.on('call.test.model.ping', () => ({ result: null }));
  const args = ['call', ...atGateway(), '--secs', '0.1', '--conns', '3', '--no-service', '--rid', 'test.model'];
  const good = await bench(...args);
  assert.equal(good.code, 0, good.output);
  const bad = await bench(...args, '--method', 'other');
  assert.equal(bad.code, 1);
  assert.match(bad.output, /requests failed; the first: \{"code":"system\.notFound"/);
  await service.close();
});

test('what it refuses', async () => {
  const cases = [
    [/there is no mode "everything"/, 'everything'],
    [/192\.0\.2\.1 is another machine/, 'call', '--url', 'ws://192.0.2.1:8080/'],
    [/192\.0\.2\.1 is another machine/, 'call', ...atGateway(), '--nats', 'nats://192.0.2.1:4222'],
    [/TLS is not spoken here/, 'call', '--url', 'wss://127.0.0.1/'],
    [/cannot read .*nothing\.json/, '--compare', stage.file('nothing.json'), stage.file('nothing.json')],
  ];
  for (const [message, ...args] of cases) {
    const { code, output } = await bench(...args);
    assert.match(output, message);
    assert.equal(code, 2, output);
  }
});

test('what fails', async () => {
  const nobody = await freePort();
  const cases = [
    [/cannot connect: Connection refused/, 'call', '--url', `ws://127.0.0.1:${nobody}`, '--nats', nats.url],
    [/cannot connect to NATS/, 'call', ...atGateway(), '--nats', `nats://127.0.0.1:${nobody}`],
    [/opens no WebSocket: HTTP\/1.1 404/, 'call', '--url', `ws://127.0.0.1:${gateway.port}/no`, '--nats', nats.url],
    [/too few for these --items/, 'tree', ...atBoth(), '--items', '1000000'],
    [/no process 4194303/, 'call', ...atBoth(), '--pid', '4194303'],
    [/cannot write .*missing/, 'call', ...atBoth(), '--secs', '0.01', '--json', stage.file('missing/report.json')],
  ];
  for (const [message, ...args] of cases) {
    const { code, output } = await bench(...args);
    assert.match(output, message);
    assert.equal(code, 1, output);
  }
});

test('a gateway that dies under it', async () => {
  const other = await stage.startGateway(nats);
  const run = stage.start(BENCH, ['call', '--url', `ws://127.0.0.1:${other.port}`, '--nats', nats.url, '--secs', '60']);
  await run.says(/calls\/s/);
  await other.end();
  assert.equal((await run.ended()).code, 1);
  assert.match(run.output, /client \d+: (the gateway ended the connection|cannot (read|write))/);
});

test('a NATS server that dies under it', async () => {
  const server = await stage.startNats();
  const other = await stage.startGateway(server);
  const run = stage.start(BENCH, ['spread', '--url', `ws://127.0.0.1:${other.port}`, '--nats', server.url, '--secs', '60']);
  await run.says(/frames\/s/);
  await server.end();
  assert.equal((await run.ended()).code, 1);
});
