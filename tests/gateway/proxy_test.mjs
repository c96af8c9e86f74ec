// The gateway behind HAProxy: which client address services are told, with the PROXY protocol and with headers. Also
// what proxies do on plain sockets: HTTP/1.0, and closing one direction of a connection.
import assert from 'node:assert/strict';
import net from 'node:net';
import test from 'node:test';

import { freePort, isListening } from '../../tools/processes.mjs';
import { Stage } from './processes.mjs';
import { HANDSHAKE, rawSocket } from './raw_client.mjs';
import { ResService } from './res_service.mjs';
import { until } from './waiting.mjs';

const TIMES = 'timeout connect 5s\n timeout client 30s\n timeout server 30s\n';

async function world(t, { config = {}, server = '', frontend = '', mode = 'tcp' } = {}) {
  const stage = new Stage();
  t.after(() => stage.close());
  const nats = await stage.startNats();
  const gateway = await stage.startGateway(nats, { config });
  const service = await ResService.start(nats.url);
  t.after(() => service.close());
  service.model('test.model', { a: 1 });
  const port = await freePort();
  const file = stage.file(
    'haproxy.cfg',
    `defaults\n mode ${mode}\n ${TIMES}frontend f\n bind 127.0.0.1:${port}\n ${frontend}\n default_backend b\n` +
      `backend b\n server s 127.0.0.1:${gateway.port} ${server}\n`,
  );
  stage.start('haproxy', ['-db', '-f', file]);
  await until(() => isListening(port), 'HAProxy');
  return { stage, nats, gateway, service, port };
}

// Sends an HTTP request with header authentication, and returns the remoteAddr in its auth request.
async function remoteOf({ service, port }, headers = {}) {
  const told = new Promise((resolve) => {
    service.on('auth.test.in', ({ remoteAddr }) => {
      resolve(remoteAddr);
      return { result: null };
    });
  });
  const response = await fetch(`http://127.0.0.1:${port}/api/test/model`, { headers });
  assert.equal(response.status, 200);
  return told;
}

for (const [version, server] of Object.entries({ 1: 'send-proxy', 2: 'send-proxy-v2' })) {
  test(`the PROXY protocol of HAProxy, version ${version}`, async (t) => {
    const config = { headerAuth: 'test.in', trustedProxies: '127.0.0.0/8', proxyProtocol: true };
    const started = await world(t, { config, server });
    const remote = await remoteOf(started);
    assert.match(remote, /^127\.0\.0\.1:[1-9]\d*$/);
    // With the PROXY protocol, a connection without a PROXY header is refused, even from the proxy's address.
    const direct = await rawSocket(started.gateway.port);
    direct.write('GET /api/test/model HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.equal(await allOf(direct), '');
  });
}

test('X-Forwarded-For of HAProxy', async (t) => {
  const config = { headerAuth: 'test.in', trustedProxies: '127.0.0.1' };
  const started = await world(t, { config, mode: 'http', frontend: 'http-request set-header X-Forwarded-For 192.0.2.7' });
  assert.equal(await remoteOf(started), '192.0.2.7:0');
});

test('a client that nobody trusts cannot say who it is', async (t) => {
  const started = await world(t, { config: { headerAuth: 'test.in' } });
  const remote = await remoteOf(started, { 'X-Forwarded-For': '192.0.2.7', Forwarded: 'for=192.0.2.7' });
  assert.match(remote, /^127\.0\.0\.1:[1-9]\d*$/);
});

function allOf(socket) {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (bytes) => (text += bytes));
    socket.on('close', () => resolve(text));
  });
}

test('a request behind which the client ends its side is answered', async (t) => {
  const { gateway } = await world(t);
  for (const version of ['1.0', '1.1']) {
    const socket = net.connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true });
    const all = allOf(socket);
    socket.end(`GET /api/test/model HTTP/${version}\r\nHost: x\r\n\r\n`);
    socket.on('end', () => socket.destroy());
    assert.match(await all, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n\{"a":1\}$/);
  }
});

test('a WebSocket is opened over HTTP/1.0', async (t) => {
  const { gateway } = await world(t);
  const socket = await rawSocket(gateway.port);
  socket.write(HANDSHAKE.replace('HTTP/1.1', 'HTTP/1.0'));
  const [head] = await new Promise((resolve) => socket.once('data', (bytes) => resolve([`${bytes}`])));
  assert.match(head, /^HTTP\/1\.1 101 /);
  socket.destroy();
});
