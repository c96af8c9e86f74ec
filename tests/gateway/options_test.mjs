// Command line, configuration file and log of the binary: what it prints, what it writes, and how it ends.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { ENVIRONMENT, RESFLOW, Stage } from './processes.mjs';
import { ResClient } from './res_client.mjs';
import { ResService } from './res_service.mjs';

// Each option with its letter, its property in the configuration file, and a value that is not its default.
const OPTIONS = [
  ['nats', 'n', 'natsUrl', 'nats://a:1'],
  ['addr', 'i', 'addr', '::1'],
  ['port', 'p', 'port', 9000],
  ['wspath', 'w', 'wsPath', '/ws'],
  ['apipath', 'a', 'apiPath', '/rest/'],
  ['reqtimeout', 'r', 'requestTimeout', 700],
  ['headauth', 'u', 'headerAuth', 'auth.web'],
  ['wsheadauth', 't', 'wsHeaderAuth', 'auth.ws'],
  ['metricsport', 'm', 'metricsPort', 9090],
  ['apiencoding', '', 'apiEncoding', 'jsonflat'],
  ['putmethod', '', 'putMethod', 'put'],
  ['deletemethod', '', 'deleteMethod', 'delete'],
  ['patchmethod', '', 'patchMethod', 'patch'],
  ['wscompression', '', 'wsCompression', true],
  ['resetthrottle', '', 'resetThrottle', 32],
  ['referencethrottle', '', 'referenceThrottle', 33],
  ['tls', '', 'tls', true],
  ['tlscert', '', 'certFile', 'cert.pem'],
  ['tlskey', '', 'keyFile', 'key.pem'],
  ['creds', '', 'natsCreds', 'ngs.creds'],
  ['natscert', '', 'natsCert', 'client.pem'],
  ['natskey', '', 'natsKey', 'client-key.pem'],
  ['natsrootca', '', 'natsRootCAs', ['root.pem']],
  ['natsinboxprefix', '', 'natsInboxPrefix', '_INBOX.resflow'],
  ['natsmaxsubscriptions', '', 'natsMaxSubscriptions', 1000],
  ['alloworigin', '', 'allowOrigin', 'http://a;https://b'],
  ['debug', 'D', 'debug', true],
  ['trace', 'V', 'trace', true],
  ['lanes', '', 'lanes', 4],
  ['maxmessagebytes', '', 'maxMessageBytes', 2048],
  ['maxoutboxbytes', '', 'maxOutboxBytes', 70_000],
  ['maxpendingrequests', '', 'maxPendingRequests', 5],
  ['maxsubscriptions', '', 'maxSubscriptions', 500],
  ['requestrate', '', 'requestRate', 30],
  ['requestburst', '', 'requestBurst', 90],
  ['writetimeout', '', 'writeTimeout', 60],
  ['maxconnections', '', 'maxConnections', 5000],
  ['maxconnectionsperip', '', 'maxConnectionsPerIp', 50],
  ['connectionrate', '', 'connectionRate', 20],
  ['limitsdryrun', '', 'limitsDryRun', true],
  ['trustedproxies', '', 'trustedProxies', '10.0.0.0/8;::1'],
  ['proxyprotocol', '', 'proxyProtocol', true],
  ['maxcachebytes', '', 'maxCacheBytes', 2_000_000],
  ['logformat', '', 'logFormat', 'json'],
  ['admin', '', 'admin', true],
  ['adminallow', '', 'adminAllow', '10.0.0.1;::2;[::3]'],
  ['capture', '', 'capture', 'a.jsonl'],
  ['capture-redact', '', 'captureRedact', true],
  ['capture-part-bytes', '', 'capturePartBytes', 4096],
  ['capture-part-seconds', '', 'capturePartSeconds', 60],
  ['capture-keep-parts', '', 'captureKeepParts', 7],
  ['capture-folder', '', 'captureFolder', 'caps'],
];
const WANTED = { ...Object.fromEntries(OPTIONS.map(([, , property, value]) => [property, value])), bufferSize: 8192 };
const ARGS = OPTIONS.map(([name, , , value]) => `--${name}=${value}`);

const folder = mkdtempSync(path.join(os.tmpdir(), 'resflow-options-'));
test.after(() => rmSync(folder, { recursive: true }));

function run(args, env = {}) {
  return spawnSync(RESFLOW, args, { encoding: 'utf8', timeout: 30_000, env: { ...ENVIRONMENT, ...env } });
}

function effective(args, env) {
  const { status, stdout, stderr } = run([...args, '--checkconfig'], env);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

function file(name, text) {
  const full = path.join(folder, name);
  if (text !== undefined) writeFileSync(full, text);
  return full;
}

test('--help tells of every option, its letter, and the environment', () => {
  for (const option of ['--help', '-help', '-h']) {
    const { status, stdout, stderr } = run([option]);
    assert.equal(status, 0);
    assert.equal(stderr, '');
    for (const [name, letter] of [...OPTIONS, ['config', 'c'], ['help', 'h'], ['version', 'v'], ['DV', '']]) {
      assert.match(stdout, letter ? new RegExp(`^ +-${letter} .*--${name}\\b`, 'm') : new RegExp(`--${name}\\b`));
    }
    for (const name of ['checkconfig', 'graph']) assert.match(stdout, new RegExp(`--${name}\\b`));
    assert.match(stdout, /RESFLOW_NATS/);
  }
});

test('--version tells the version and that of the protocol', () => {
  for (const option of ['--version', '-version', '-v']) {
    const { status, stdout } = run([option]);
    assert.equal(status, 0);
    assert.match(stdout, /^resflow {2}v\d+\.\d+\.\d+\nprotocol v1\.2\.3\n$/);
  }
});

test('--checkconfig prints what results from the command line, from the environment, and from a file', () => {
  assert.deepEqual(effective(ARGS), WANTED);
  const environment = OPTIONS.map(([name, , , value]) => [`RESFLOW_${name.toUpperCase().replaceAll('-', '_')}`, `${value}`]);
  assert.deepEqual(effective([], Object.fromEntries(environment)), WANTED);
  assert.deepEqual(effective(['--config', file('all.json', JSON.stringify(WANTED))]), WANTED);
  assert.deepEqual(effective(['-c', file('printed.json', run([...ARGS, '--checkconfig']).stdout)]), WANTED);
});

test('--checkconfig hides credentials, writes nothing, and tells warnings beside it', () => {
  const missing = file('missing.json');
  const { status, stdout, stderr } = run(['-n', 'nats://user:secret@host', '-c', missing, '--checkconfig'], {
    RESFLOW_NATZ: 'x',
  });
  assert.equal(status, 0);
  assert.equal(JSON.parse(stdout).natsUrl, 'nats://***@host');
  assert.doesNotMatch(stdout + stderr, /secret/);
  assert.match(stderr, /RESFLOW_NATZ/);
  assert.match(stderr, /missing\.json/);
  assert.ok(!existsSync(missing));
});

test('an error is one line that names the option, and the exit code is 1', () => {
  const broken = file('broken.json', '{\n  "port": 80,\n}\n');
  const cases = [
    [['--nonsense'], {}, /--nonsense/],
    [['--port', 'http'], {}, /--port "http".* 0 to 65535/],
    [['-p'], {}, /--port/],
    [['--tls'], {}, /--tlscert.*RESFLOW_TLSCERT.*tlsCert/],
    [['--alloworigin', '*;http://a'], {}, /--alloworigin/],
    [['--addr', 'two\nlines'], {}, /--addr "two\\nlines"/],
    [[], { RESFLOW_LANES: '0' }, /RESFLOW_LANES "0".* 1 to 64/],
    [['--config', broken], {}, /broken\.json: line 3, column 1/],
    [['--config', file('type.json', '{"port":"80"}')], {}, /type\.json: invalid port "80": must be a number/],
    [['--config', folder], {}, /directory/],
  ];
  for (const [args, env, expected] of cases) {
    for (const more of [[], ['--checkconfig']]) {
      const { status, stdout, stderr } = run([...more, ...args], env);
      assert.equal(status, 1, args.join(' '));
      assert.equal(stdout, '');
      assert.match(stderr, /^resflow: [^\n]+\n$/);
      assert.match(stderr, expected);
    }
  }
});

test('a configuration file that is missing is written with what holds', async (t) => {
  const stage = new Stage();
  t.after(() => stage.close());
  const nats = await stage.startNats();
  const written = stage.file('new.json');
  const gateway = await stage.startGateway(nats, { args: ['--config', written, '--reqtimeout', '5000', '-D'] });
  gateway.signal('SIGTERM');
  await gateway.ended();
  const text = readFileSync(written, 'utf8');
  const config = JSON.parse(text);
  assert.equal(config.natsUrl, nats.url);
  assert.equal(config.addr, '127.0.0.1');
  assert.equal(config.requestTimeout, 5000);
  assert.equal(config.debug, true);
  assert.match(text, /^\{\n\t"natsUrl": /);
  assert.equal(statSync(written).mode & 0o777, 0o664 & ~process.umask());
  assert.deepEqual(effective(['--config', written]), config);
});

test('warnings are in the log, on one line each', async (t) => {
  const stage = new Stage();
  t.after(() => stage.close());
  const config = { 'no\nsuch': 1, requestTimeout: 3, bufferSize: 64 };
  const gateway = await stage.startGateway(await stage.startNats(), { config, args: ['surplus', '--nonsense'] });
  await gateway.says(/^\d{4}\/\d\d\/\d\d \S+ \[ERR\] .*"no\\nsuch"$/m);
  await gateway.says(/\[ERR\] Deprecated: .*3000/);
  await gateway.says(/\[ERR\] .*"surplus".* ignored/);
  await gateway.says(/\[INF\] .*bufferSize has no effect/);
});

test('a configuration file that cannot be written is warned of, and an empty argument does no harm', async (t) => {
  const stage = new Stage();
  t.after(() => stage.close());
  const args = ['--config', path.join(folder, 'none', 'x.json'), ''];
  const gateway = await stage.startGateway(await stage.startNats(), { args });
  await gateway.says(/\[ERR\] Cannot write the configuration file .*none\/x\.json: No such file or directory/);
  await gateway.says(/\[INF\] Command line: an empty argument is ignored/);
});

// Returns the log lines that are written while a client subscribes.
async function linesWith(t, args) {
  const stage = new Stage();
  t.after(() => stage.close());
  const nats = await stage.startNats();
  const gateway = await stage.startGateway(nats, { args });
  const service = await ResService.start(nats.url);
  t.after(() => service.close());
  service.model('test.model', { text: 'two\nlines' });
  const client = await ResClient.open(gateway.port);
  await client.result('subscribe.test.model');
  service.event('test.model', 'custom', { n: 1 });
  await client.take(1);
  client.ws.send('no\nrequest');
  await client.result('version');
  client.end();
  gateway.signal('SIGTERM');
  await gateway.ended();
  assert.equal(gateway.stdout, '');
  return gateway.output.trimEnd().split('\n');
}

for (const [args, expected] of [
  [[], ['INF']],
  [['-D'], ['DBG', 'INF']],
  [['-V'], ['INF', 'TRC']],
  [['-DV'], ['DBG', 'INF', 'TRC']],
]) {
  test(`log lines of a gateway with ${args.join(' ') || 'no options'}`, async (t) => {
    const lines = await linesWith(t, args);
    const form = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6} \[(ERR|INF|DBG|TRC)\] ./;
    for (const line of lines) assert.match(line, form);
    assert.deepEqual([...new Set(lines.map((line) => form.exec(line)[1]))].sort(), expected);
  });
}

test('the trace has what passes between clients and the gateway', async (t) => {
  const lines = await linesWith(t, ['-V', '--lanes', '2']);
  const trace = lines.map((line) => /\[TRC\] \[([0-9a-f]{32})\] (.*)/.exec(line)).filter(Boolean);
  assert.equal(new Set(trace.map(([, cid]) => cid)).size, 1);
  const texts = trace.map(([, , text]) => text);
  assert.match(texts.shift(), /^Connected: 127\.0\.0\.1:\d+$/);
  assert.deepEqual(texts, [
    '--> {"id":1,"method":"version","params":{"protocol":"1.2.3"}}',
    '<-- {"result":{"protocol":"1.2.3"},"id":1}',
    '--> {"id":2,"method":"subscribe.test.model"}',
    String.raw`<-- {"result":{"models":{"test.model":{"text":"two\nlines"}}},"id":2}`,
    '<<- {"event":"test.model.custom","data":{"n":1}}',
    String.raw`--> no\nrequest`,
    '--> {"id":3,"method":"version"}',
    '<-- {"result":{"protocol":"1.2.3"},"id":3}',
    'Disconnected',
  ]);
});

test('log lines as JSON', async (t) => {
  const lines = (await linesWith(t, ['-DV', '--logformat', 'json'])).map((line) => JSON.parse(line));
  const traced = lines.filter((line) => line.conn);
  assert.ok(traced.some((line) => line.msg === '--> no\nrequest'));
  for (const line of traced) assert.match(line.conn, /^[0-9a-f]{32}$/);
  for (const line of lines) {
    assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    assert.ok(['error', 'info', 'debug', 'trace'].includes(line.level));
    assert.equal(typeof line.msg, 'string');
  }
  assert.ok(lines.some((line) => line.level === 'info' && line.msg === 'Server ready'));
});
