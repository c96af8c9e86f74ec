// resflow-dot: the picture of the flow graph, and of the load of a running gateway.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { Authority } from './certificates.mjs';
import { MeteredStage } from './metrics.mjs';
import { freePort, RESFLOW } from './processes.mjs';
import { ResClient } from './res_client.mjs';
import { ResService } from './res_service.mjs';
import { until } from './waiting.mjs';

const BUILT = fileURLToPath(new URL('../../build/release/resflow-dot', import.meta.url));
const RESFLOW_DOT = process.env.RESFLOW_DOT || BUILT;
const NODES = ['parse', 'admit', 'session', 'authorize', 'encode', 'write', 'ask', 'decode', 'cache', 'diff'];

// Runs resflow-dot without blocking, because the server that it asks may be in this process.
async function dot(...args) {
  const child = spawn(RESFLOW_DOT, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const out = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) child[stream].setEncoding('utf8').on('data', (text) => (out[stream] += text));
  const [code] = await once(child, 'close');
  return { code, ...out };
}

function svgOf(text) {
  const { status, stdout, stderr } = spawnSync('dot', ['-Tsvg'], { input: text, encoding: 'utf8', timeout: 60_000 });
  assert.equal(stderr, '');
  assert.equal(status, 0);
  return stdout.replaceAll('&#45;', '-');
}

async function refuses(args, complaint) {
  const { code, stdout, stderr } = await dot(...args);
  assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
  assert.match(stderr, complaint);
  assert.match(stderr, /^resflow-dot: .+\n$/);
}

function stageOf(t) {
  const stage = new MeteredStage();
  t.after(() => stage.close());
  return stage;
}

test('it prints what the gateway prints, and Graphviz draws it', async () => {
  const { code, stdout } = await dot();
  assert.equal(code, 0);
  assert.equal(stdout, spawnSync(RESFLOW, ['--graph'], { encoding: 'utf8' }).stdout);
  const svg = svgOf(stdout);
  for (const node of NODES) assert.match(svg, new RegExp(`<g id="node-${node}" `));
});

test('several lanes are drawn', async () => {
  const { code, stdout } = await dot('--lanes', '3');
  assert.equal(code, 0);
  const svg = svgOf(stdout);
  for (const node of NODES) for (const lane of [0, 1, 2]) assert.match(svg, new RegExp(`<g id="node-${node}-${lane}" `));
  assert.match(svg, /<g id="edge-session-0-cache-cache-2" /);
});

test('it draws what a running gateway does', async (t) => {
  const stage = stageOf(t);
  const { nats, gateway, metricsPort } = await stage.startMetered({ args: ['--lanes', '2'] });
  const service = await ResService.start(nats.url);
  t.after(() => service.close());
  service.model('test.model', { n: 1 });
  const client = await ResClient.open(gateway.port);
  t.after(() => client.end());
  await client.request('subscribe.test.model');
  let n = 1;
  const working = setInterval(() => service.event('test.model', 'change', { values: { n: ++n } }), 5);
  t.after(() => clearInterval(working));
  const url = `http://127.0.0.1:${metricsPort}`;

  const folded = await dot('--live', url);
  assert.equal(folded.stderr, '');
  assert.equal(folded.stdout.match(/\/s, [\d.]+ % of the time, \d+ waits?</g).length, NODES.length);
  assert.match(folded.stdout, /"cache" \[.*<b>[1-9][\d,.]*\/s, /);
  assert.equal(folded.stdout.match(/ -> .*<b>[\d,.]+\/s<\/b>.* penwidth=/g).length, folded.stdout.match(/ -> /g).length);
  assert.match(folded.stdout, /"session" -> "encode" \[.*<b>[1-9][\d,.]*\/s<\/b>/);
  svgOf(folded.stdout);

  const lanes = await dot('--live', `${url}/`, '--lanes', '2');
  assert.equal(lanes.stdout.match(/\/s, [\d.]+ % of the time, \d+ waits?</g).length, 2 * NODES.length);
  await refuses(['--live', url, '--lanes', '3'], /has no more than 2 lanes/);

  // A reader of the file always finds a complete picture, and later another one.
  const file = stage.file('now.dot');
  const watching = stage.start(RESFLOW_DOT, ['--live', url, '--watch', '0.1', '-o', file]);
  const seen = new Set();
  await until(() => {
    const text = read(file);
    if (text !== undefined) {
      assert.match(text, /^\/\/ [^]*\}\n$/);
      seen.add(text);
    }
    return seen.size > 2;
  }, 'the picture to be drawn again');
  await gateway.end();
  assert.equal((await watching.ended()).code, 2);
  assert.match(watching.output, /cannot get/);
});

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

test('over HTTPS it wants an authority that it knows', async (t) => {
  const stage = stageOf(t);
  const authority = new Authority(stage.folder);
  const { cert, key } = authority.issue('gateway');
  const { metricsPort } = await stage.startMetered({ args: ['--tls', '--tlscert', cert, '--tlskey', key] });
  const url = `https://localhost:${metricsPort}`;
  await refuses(['--live', url], /cannot get https:.*certificate/i);
  assert.equal((await dot('--live', url, '--cacert', authority.cert)).code, 0);
});

test('what is no gateway is complained of', async (t) => {
  const server = http.createServer((request, response) => {
    if (request.url === '/metrics') return response.end('go_goroutines 3\n');
    response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const url = `http://127.0.0.1:${server.address().port}`;
  await refuses(['--live', url], /has no metrics of resflow/);
  await refuses(['--live', `${url}/elsewhere`], /the answer is 404/);
  await refuses(['--live', `http://127.0.0.1:${await freePort()}`], /cannot get/);
  await refuses(['--live', 'ftp://localhost'], /cannot get/);
});

test('options that cannot be are complained of', async () => {
  await refuses(['--lanes', '0'], /--lanes 0: must be/);
  await refuses(['--lanes', '65'], /--lanes 65: must be/);
  await refuses(['--lanes', 'two'], /--lanes/);
  await refuses(['--live'], /--live/);
  await refuses(['--live', ''], /--live/);
  await refuses(['--watch'], /without --live/);
  await refuses(['--live', 'http://localhost', '--watch', '0'], /--watch/);
  await refuses(['--live', 'http://localhost', '--watch=nan'], /--watch/);
  await refuses(['--other'], /--other/);
  await refuses(['something'], /option/);
  await refuses(['-o', '/nowhere/x.dot'], /cannot write/);
  assert.equal((await dot('--help')).code, 0);
});
