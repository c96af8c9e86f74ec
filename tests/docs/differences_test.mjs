// Checks the section "Differences from Resgate" of the manual. Each of its lines must be backed by a check in this
// file, or by a test in another file that is named here. A new line in the manual needs an entry in one of the tables
// below, under the name that the manual prints in bold.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';

import { Authority } from '../gateway/certificates.mjs';
import { ask } from '../gateway/http_client.mjs';
import { ENVIRONMENT, freePort, RESFLOW, Stage } from '../gateway/processes.mjs';
import { ResClient } from '../gateway/res_client.mjs';
import { ResService } from '../gateway/res_service.mjs';
import { within } from '../gateway/waiting.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SECTION = '## Differences from Resgate';

// The tests that back a difference, by file.
const TESTED = {
  'Cyclic references': {
    'tests/nodes/session_random_test.cpp': ['Session at random: cyclic references'],
    'tests/nodes/session_test.cpp': ['Session: a cycle is sent once and let go whole', 'Session: a subscription that is under way holds nothing'],
  },
  'Overtaken access answers': {
    'tests/nodes/session_access_test.cpp': [
      'Session access: reaccess while the resource is being loaded is followed behind the answer',
      'Session access: a verdict from before a new token is not enough for a subscription under way',
      'Session access: a verdict that a reaccess event has overtaken is void',
    ],
  },
  'The first token': { 'tests/nodes/authorize_test.cpp': ['Authorize: the first token makes a denial void'] },
  'Nobody waits for ever': {
    'tests/nodes/ask_throttle_test.cpp': ['Ask throttles: a place is free however a request ends'],
    'tests/graph/throttle_test.cpp': ['throttle: when a client has gone, what only it wanted is not asked for any more'],
  },
  'A reset during a reset': {
    'tests/nodes/cache_order_test.cpp': [
      'Cache resets: reset again while the state is on its way, it is asked for again behind that',
      'Cache resets: a state that cannot be had is asked for again, and events stay dropped',
    ],
  },
  'Unanswered query requests': {
    'tests/nodes/cache_order_test.cpp': ['Cache queries: when no answer comes, the full state is fetched'],
  },
  'Long names': { 'tests/nodes/parse_test.cpp': ['Parse: names and queries that are too long'] },
  'Requests with an id': { 'tests/nodes/parse_test.cpp': ['Parse: what has an id that can be read is answered'] },
  'Letter case in values': { 'tests/gateway/protocol_test.mjs': ['services that spell members in another letter case'] },
  'Delete events': { 'tests/gateway/protocol_test.mjs': ['what else a service says of what is gone goes to clients'] },
  '`Origin: null`': { 'tests/nodes/origins_test.cpp': ['Origins: null is allowed where it is listed'] },
  'CORS on early refusals': { 'tests/io/web_server_http_test.cpp': ['Web server HTTP: pages can read what is refused early'] },
  'Slow clients': {
    'tests/io/web_server_http_test.cpp': ['Web server HTTP: one who never reads its response is cut off'],
    'tests/io/web_server_pace_test.cpp': ['Web server: a message that has begun must come in time'],
  },
  'Reaccess of a name': { 'tests/nodes/cache_test.cpp': ['Cache: a reaccess event is for the queries of its name as well'] },
  'An event named `unsubscribe`': { 'tests/nodes/decode_test.cpp': ['Decode: malformed events go no further, and are counted and logged'] },
  'Service text that is not UTF-8': { 'tests/nodes/service_events_test.cpp': ['Custom events: any JSON in UTF-8'] },
  Bounds: {
    'tests/nodes/write_test.cpp': ['Write: a client that does not read is closed when its outbox is full'],
    'tests/nodes/session_test.cpp': ['Session: the subscriptions of a client are bounded'],
    'tests/nodes/cache_order_test.cpp': ['Cache order: what waits is bounded, and the state is right in the end'],
    'tests/nodes/web_response_test.cpp': ['Web resource: no more is written when it is too large'],
  },
  'Percent-encoding': { 'tests/nodes/web_target_test.cpp': ['Web target: percent encoding', 'Web target: URLs of resources'] },
  'Headers that frame a message': {
    'tests/nodes/meta_test.cpp': [
      "Meta: headers that are not a service's to set are left out",
      'Meta: headers that cannot be sent are left out and complained of',
    ],
  },
  'Other WebSocket versions': { 'tests/gateway/http_test.mjs': ['the path of the WebSocket is for WebSockets'] },
  'Messages that are not UTF-8': { 'tests/gateway/robustness_test.mjs': ['malformed frames are answered with the close code of what is wrong'] },
  'Ten seconds': {
    'tests/io/web_server_http_test.cpp': ['Web server HTTP: requests that do not come in time'],
    'tests/io/http_head_test.cpp': ['HTTP head: 64 KiB is the limit'],
  },
  'SIGHUP with `--tls`': { 'tests/gateway/tls_test.mjs': ['without TLS a SIGHUP ends it'] },
  '`bufferSize`': { 'tests/io/config_file_test.cpp': ['config file: a buffer size is taken, and said to have no effect'] },
  'A password in the NATS URL': {
    'tests/io/config_file_test.cpp': ['config file: a new one is for all to read whom the umask allows, one with a password for its owner'],
  },
  'NATS that allows no more': {
    'tests/gateway/nats_limits_test.mjs': [
      'names that nobody may read do not keep others out',
      'what NATS does not permit is refused with the words of the server in the log',
    ],
  },
  'NATS over WebSocket': { 'tests/io/nats_url_test.cpp': ['NATS URL: what is wrong is told, without credentials'] },
  'One subscription for replies': {
    'tests/gateway/nats_limits_test.mjs': ['without permission for its replies it does not start, and says which'],
  },
  'A metrics port that cannot be had': { 'tests/gateway/metrics_test.mjs': ['a metrics port that is taken is an error'] },
};

// ---- differences that are checked in this file

const folder = mkdtempSync(path.join(os.tmpdir(), 'resflow-differences-'));
after(() => rmSync(folder, { recursive: true }));

function start(args, file) {
  const config = path.join(folder, 'config.json');
  if (file !== undefined) writeFileSync(config, file);
  const all = [...(file === undefined ? [] : ['--config', config]), ...args, '--checkconfig'];
  const { status, stdout, stderr } = spawnSync(RESFLOW, all, { encoding: 'utf8', env: ENVIRONMENT });
  return { status, stderr, config: status === 0 ? JSON.parse(stdout) : undefined };
}

// Starts a gateway with a service; they end with the test.
async function world(t, options = {}) {
  const stage = new Stage();
  t.after(() => stage.close());
  const nats = await stage.startNats();
  const gateway = await stage.startGateway(nats, options);
  const service = await ResService.start(nats.url);
  t.after(() => service.close());
  return { gateway, service };
}

async function worldWithTls(t) {
  const files = new Stage();
  t.after(() => files.close());
  const authority = new Authority(files.folder);
  const { cert, key } = authority.issue('server', { key: 'rsa' });
  const { gateway } = await world(t, { config: { tls: true, tlsCert: cert, tlsKey: key } });
  const ca = readFileSync(authority.cert);
  return async (options) => {
    const socket = tls.connect({ port: gateway.port, host: '127.0.0.1', ca, ...options });
    try {
      await within(once(socket, 'secureConnect'), 'TLS');
      return { alpn: socket.alpnProtocol, version: socket.getProtocol(), cipher: socket.getCipher().name };
    } catch (error) {
      return { refused: error.code };
    } finally {
      socket.destroy();
    }
  };
}

const CHECKED = {
  async 'Connection ids'(t) {
    const { gateway, service } = await world(t);
    service.on('call.test.model.cid', ({ cid }) => ({ result: cid }));
    const cids = [];
    for (let i = 0; i < 2; ++i) {
      const client = await ResClient.open(gateway.port);
      cids.push((await client.result('call.test.model.cid')).payload);
      client.end();
    }
    for (const cid of cids) assert.match(cid, /^[0-9a-f]{32}$/);
    assert.notEqual(cids[0], cids[1]);
  },
  async 'Values as they were sent'(t) {
    const { gateway, service } = await world(t);
    service.on('get.test.model', '{"result":{"model":{"text":"<a & b>","data":{"data":[1,  2]}}}}');
    const client = await ResClient.open(gateway.port);
    const texts = [];
    client.ws.on('message', (data) => texts.push(data.toString()));
    await client.result('subscribe.test.model');
    assert.ok(texts.at(-1).includes('{"data":{"data":[1,  2]},"text":"<a & b>"}'), texts.at(-1));
    client.end();
    assert.equal((await ask(gateway.port, 'GET', '/api/test/model')).text, '{"data":[1,  2],"text":"<a & b>"}');
  },
  async 'Sorted members'(t) {
    const { gateway, service } = await world(t);
    service.model('test.model', { b: 1, c: 2, a: 3 });
    assert.equal((await ask(gateway.port, 'GET', '/api/test/model')).text, '{"a":3,"b":1,"c":2}');
  },
  async 'No HTTP/2'(t) {
    const open = await worldWithTls(t);
    assert.equal((await open({ ALPNProtocols: ['h2', 'http/1.1'] })).alpn, 'http/1.1');
  },
  async 'No old TLS'(t) {
    const open = await worldWithTls(t);
    assert.equal((await open({ maxVersion: 'TLSv1.2' })).version, 'TLSv1.2');
    assert.equal((await open({})).version, 'TLSv1.3');
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    assert.ok((await open(old)).refused);
    for (const ciphers of ['ECDHE-RSA-AES128-SHA256', 'ECDHE-RSA-AES128-SHA', 'AES128-GCM-SHA256', 'AES256-SHA']) {
      assert.ok((await open({ maxVersion: 'TLSv1.2', ciphers })).refused, ciphers);
    }
    assert.equal((await open({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' })).refused, undefined);
  },
  'A bad command line'() {
    for (const args of [['--nonsense'], ['-p', '80x'], ['--nats'], ['--tls=maybe']]) {
      // An argument that lacks its value has to be the last.
      const { status, stdout, stderr } = spawnSync(RESFLOW, ['--checkconfig', ...args], { encoding: 'utf8', env: ENVIRONMENT });
      assert.deepEqual([status, stdout], [1, ''], args.join(' '));
      assert.match(stderr, /^resflow: [^\n]+\n$/);
    }
  },
  '`--port 0` and `--metricsport 0`'() {
    const { config, stderr } = start(['--port', '0', '--metricsport', '0'], '{"port":9000,"metricsPort":9001}');
    assert.equal(config.metricsPort, 0);
    assert.match(stderr, /port of the system's choice/);
  },
  '`"port": 0` in the file'() {
    assert.equal(start([], '{"port":0}').config.port, 80);
    assert.equal(start([], '{"port":0,"tls":true,"tlsCert":"c","tlsKey":"k"}').config.port, 443);
  },
  '`-DV=false`'() {
    const { config } = start(['-DV=false'], '{"debug":true,"trace":true}');
    assert.deepEqual([config.debug, config.trace], [false, false]);
  },
  'A request timeout below zero'() {
    assert.match(start(['-r', '-1']).stderr, /reqtimeout/);
    assert.match(start([], '{"requestTimeout":-1}').stderr, /requestTimeout/);
  },
  'Empty names'() {
    const empty = { headerAuth: '', wsHeaderAuth: '', putMethod: '', deleteMethod: '', patchMethod: '' };
    const { config } = start([], JSON.stringify(empty));
    for (const name of Object.keys(empty)) assert.equal(config[name], null);
    assert.deepEqual(start(['--natsrootca', '']).config.natsRootCAs, []);
  },
  '`tlsCert` and `tlsKey` in the file'() {
    const { config } = start([], '{"tlsCert":"c","tlsKey":"k"}');
    assert.deepEqual([config.certFile, config.keyFile], ['c', 'k']);
  },
  "`--alloworigin '*'` with a configuration file"() {
    assert.equal(start(['--alloworigin', '*'], '{}').config.allowOrigin, '*');
  },
  'A byte order mark'() {
    assert.equal(start([], '\ufeff{"port":9000}').config.port, 9000);
  },
  async 'The metrics `go_*`'(t) {
    const port = await freePort();
    await world(t, { args: ['--metricsport', `${port}`] });
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    assert.doesNotMatch(text, /^(# TYPE )?go_/m);
    assert.match(text, /^resflow_/m);
  },
};

// ---- the list

function namesInManual() {
  const manual = readFileSync(path.join(ROOT, 'tools/gateway/README.md'), 'utf8');
  const section = manual.slice(manual.indexOf(SECTION)).split(/\n## /)[0].replace(SECTION, '');
  const lines = section.split('\n').filter((line) => line.startsWith('- '));
  return lines.map((line) => {
    const name = /^- \*\*(.+?)\*\*/.exec(line)?.[1];
    assert.ok(name, `it has no name printed bold: ${line}`);
    return name;
  });
}

test('every difference is held by one line here, and every line here is a difference', () => {
  const held = [...Object.keys(TESTED), ...Object.keys(CHECKED)];
  assert.deepEqual([...held].sort(), namesInManual().sort());
});

test('the tests that are named are there', () => {
  for (const [name, files] of Object.entries(TESTED)) {
    for (const [file, titles] of Object.entries(files)) {
      const text = readFileSync(path.join(ROOT, file), 'utf8');
      for (const title of titles) assert.ok(['"', "'", '`'].some((q) => text.includes(`${q}${title}${q}`)), `${name}: ${file}: ${title}`);
    }
  }
});

for (const [name, check] of Object.entries(CHECKED)) test(name, check);
