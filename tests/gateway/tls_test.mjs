// Clients over TLS: WebSocket and HTTP, certificates that are replaced, and certificates that cannot be used.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import https from 'node:https';
import test from 'node:test';
import tls from 'node:tls';

import { Authority } from './certificates.mjs';
import { freePort, RESFLOW, Stage } from './processes.mjs';
import { rawSocket } from './raw_client.mjs';
import { ResClient } from './res_client.mjs';
import { ResService } from './res_service.mjs';
import { within } from './waiting.mjs';

async function start(t, args = []) {
  const stage = new Stage();
  t.after(() => stage.close());
  const authority = new Authority(stage.folder);
  const used = { cert: stage.file('used.pem'), key: stage.file('used.key') };
  const install = ({ cert, key }) => {
    copyFileSync(cert, used.cert);
    copyFileSync(key, used.key);
  };
  install(authority.issue('first'));
  const nats = await stage.startNats();
  const config = { tls: true, tlsCert: used.cert, tlsKey: used.key };
  const gateway = await stage.startGateway(nats, { config, args });
  return { stage, nats, gateway, authority, used, install, ca: readFileSync(authority.cert) };
}

async function serverName({ gateway, ca }) {
  const socket = tls.connect({ port: gateway.port, host: '127.0.0.1', ca });
  await within(once(socket, 'secureConnect'), 'TLS');
  const name = socket.getPeerCertificate().subject.CN;
  socket.destroy();
  return name;
}

async function get({ gateway, ca }, path, port = gateway.port) {
  const request = https.get({ port, host: '127.0.0.1', path, ca, agent: false });
  const [response] = await within(once(request, 'response'), 'a response');
  let body = '';
  for await (const part of response) body += part;
  return { status: response.statusCode, body };
}

for (const lanes of ['1', '4']) {
  test(`the same over TLS as without, on ${lanes} lanes`, async (t) => {
    const started = await start(t, ['--lanes', lanes]);
    const { nats, gateway, ca } = started;
    assert.match(gateway.output, /Listening on https:\/\/127\.0\.0\.1:/);
    const service = await ResService.start(nats.url);
    t.after(() => service.close());
    const text = 'x'.repeat(300_000);
    service.model('test.model', { text });
    const clients = await Promise.all(Array.from({ length: 12 }, () => ResClient.open(gateway.port, { ca })));
    for (const client of clients) {
      const { models } = await client.result('subscribe.test.model');
      assert.equal(models['test.model'].text, text);
    }
    service.event('test.model', 'change', { values: { text: 'changed' } });
    for (const client of clients) assert.equal((await client.take(1))[0].data.values.text, 'changed');
    const { status, body } = await get(started, '/api/test/model');
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(body), { text: 'changed' });
    gateway.signal('SIGTERM');
    for (const client of clients) assert.equal((await client.isClosed()).code, 1001);
    assert.deepEqual(await gateway.ended(), { code: 0, signal: null });
  });

  test(`SIGHUP has new connections on all of ${lanes} lanes see a new certificate; those that are open stay`, async (t) => {
    const started = await start(t, ['--lanes', lanes]);
    const { gateway, authority, install, ca } = started;
    const clients = await Promise.all(Array.from({ length: 8 }, () => ResClient.open(gateway.port, { ca })));
    for (const [name, key] of [['second', 'rsa'], ['third', 'ec'], ['fourth', 'ec']]) {
      install(authority.issue(name, { key }));
      const reloads = gateway.output.split('Reloaded the TLS certificate').length;
      gateway.signal('SIGHUP');
      await gateway.says(new RegExp(`(Reloaded the TLS certificate[^]*){${reloads}}`));
      for (let i = 0; i < 16; ++i) assert.equal(await serverName(started), name);
    }
    for (const client of clients) {
      assert.deepEqual(await client.result('version'), { protocol: '1.2.3' });
      client.end();
    }
    assert.equal(gateway.exit, null);
  });
}

for (const version of ['TLSv1.2', 'TLSv1.3']) {
  test(`a session of ${version} is resumed on each of four lanes`, async (t) => {
    const { gateway, ca } = await start(t, ['--lanes', '4']);
    const connect = async (session) => {
      const socket = tls.connect({ port: gateway.port, host: '127.0.0.1', ca, maxVersion: version, session });
      const ticket = once(socket, 'session');
      socket.resume(); // TLS 1.3 sends tickets after the handshake
      await within(once(socket, 'secureConnect'), 'TLS');
      const reused = socket.isSessionReused();
      if (!session) [session] = await within(ticket, 'a ticket');
      socket.destroy();
      return { reused, session };
    };
    const { reused, session } = await connect();
    assert.equal(reused, false);
    for (let i = 0; i < 16; ++i) assert.equal((await connect(session)).reused, true);
  });
}

test('a new certificate that is no good is told, and the old one stays', async (t) => {
  const started = await start(t);
  const { gateway, authority, install, used, ca } = started;
  const client = await ResClient.open(gateway.port, { ca });
  install({ cert: authority.issue('second').cert, key: authority.own.key });
  gateway.signal('SIGHUP');
  await gateway.says(/\[ERR\] The TLS certificate stays what it was: .*used\.key: the private key is not that of/);
  assert.equal(await serverName(started), 'first');
  rmSync(used.cert);
  gateway.signal('SIGHUP');
  await gateway.says(/\[ERR\] The TLS certificate stays what it was: .*used\.pem: No such file or directory/);
  assert.equal(await serverName(started), 'first');
  install(authority.issue('second'));
  gateway.signal('SIGHUP');
  await gateway.says(/Reloaded the TLS certificate/);
  assert.equal(await serverName(started), 'second');
  assert.deepEqual(await client.result('version'), { protocol: '1.2.3' });
  client.end();
});

test('a certificate that is no good is told at start, before anybody is connected to', async (t) => {
  const stage = new Stage();
  t.after(() => stage.close());
  const authority = new Authority(stage.folder);
  const { cert, key } = authority.issue('server');
  const cases = [
    [{}, /tls needs tlscert/],
    [{ tlsCert: cert }, /tls needs tlskey/],
    [{ tlsCert: stage.file('nowhere'), tlsKey: key }, /TLS certificate \S+nowhere: No such file or directory/],
    [{ tlsCert: key, tlsKey: key }, /TLS certificate \S+server\.key: there is no certificate in PEM format in it/],
    [{ tlsCert: cert, tlsKey: authority.own.key }, /the private key is not that of the certificate in \S+server\.pem/],
  ];
  for (const [files, expected] of cases) {
    const args = stage.gatewayArgs('nats://127.0.0.1:1', { config: { tls: true, ...files } });
    const gateway = stage.start(RESFLOW, args);
    assert.deepEqual(await gateway.ended(), { code: 1, signal: null });
    assert.match(gateway.output, expected);
    assert.doesNotMatch(gateway.output, /Connecting to NATS/);
  }
});

test('who does not speak TLS is cut off, and does no harm', async (t) => {
  const metricsPort = await freePort();
  const started = await start(t, ['--metricsport', `${metricsPort}`]);
  const { gateway, ca } = started;
  const client = await ResClient.open(gateway.port, { ca });
  for (const bytes of ['GET / HTTP/1.1\r\nHost: h\r\n\r\n', Buffer.alloc(100_000, 255), Buffer.from([22, 3, 1, 255, 255])]) {
    const socket = await rawSocket(gateway.port);
    socket.resume();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(bytes);
    if (bytes.length === 5) socket.end();
    await within(closed, 'the end of a connection');
  }
  const { body } = await get(started, '/metrics', metricsPort);
  assert.match(body, /^resflow_client_tls_failures_total 3(\.0)?$/m);
  assert.deepEqual(await client.result('version'), { protocol: '1.2.3' });
  client.end();
});

test('without TLS a SIGHUP ends it', async (t) => {
  const stage = new Stage();
  t.after(() => stage.close());
  const gateway = await stage.startGateway(await stage.startNats());
  gateway.signal('SIGHUP');
  assert.deepEqual(await gateway.ended(), { code: 0, signal: null });
});
