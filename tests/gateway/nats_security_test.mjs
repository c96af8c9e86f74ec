// The gateway with a NATS server that asks for credentials, or that must prove its own identity.
import assert from 'node:assert/strict';
import test from 'node:test';

import { credsAuthenticator } from 'nats';

import { Authority } from './certificates.mjs';
import { Operator } from './nats_jwt.mjs';
import { RESFLOW, Stage } from './processes.mjs';
import { ResClient } from './res_client.mjs';
import { ResService } from './res_service.mjs';

function stageOf(t) {
  const stage = new Stage();
  t.after(() => stage.close());
  return stage;
}

async function serves(t, stage, nats, config, serviceOptions) {
  const gateway = await stage.startGateway(nats, { config });
  const service = await ResService.start(nats.url, 'test', serviceOptions);
  t.after(() => service.close());
  service.model('test.model', { n: 1 });
  const client = await ResClient.open(gateway.port);
  t.after(() => client.end());
  assert.deepEqual((await client.result('subscribe.test.model')).models, { 'test.model': { n: 1 } });
  service.event('test.model', 'change', { values: { n: 2 } });
  assert.equal((await client.take(1))[0].data.values.n, 2);
}

async function refuses(stage, natsUrl, config, expected) {
  const gateway = stage.start(RESFLOW, stage.gatewayArgs(natsUrl, { config }));
  assert.deepEqual(await gateway.ended(), { code: 1, signal: null });
  assert.match(gateway.output, expected);
  assert.doesNotMatch(gateway.output, /Server ready/);
  return gateway;
}

test('a credentials file lets it in', async (t) => {
  const stage = stageOf(t);
  const operator = new Operator();
  const nats = await stage.startNats(['--config', stage.file('server.conf', operator.serverConfig())]);
  const natsCreds = stage.file('gateway.creds', operator.user('gateway'));
  const authenticator = credsAuthenticator(new TextEncoder().encode(operator.user('service')));
  await serves(t, stage, nats, { natsCreds }, { authenticator });
});

test('without credentials, or with those of another operator, it is not let in', async (t) => {
  const stage = stageOf(t);
  const nats = await stage.startNats(['--config', stage.file('server.conf', new Operator().serverConfig())]);
  await refuses(stage, nats.url, {}, /cannot connect to NATS at nats:\S+: Authorization Violation/);
  const natsCreds = stage.file('other.creds', new Operator().user('gateway'));
  await refuses(stage, nats.url, { natsCreds }, /cannot connect to NATS at nats:\S+: Authorization Violation/);
});

test('TLS with certificates on both sides', async (t) => {
  const stage = stageOf(t);
  const authority = new Authority(stage.folder);
  const other = new Authority(stage.folder, 'other');
  const server = authority.issue('server');
  const client = authority.issue('client');
  const tls = ['--tls', '--tlscert', server.cert, '--tlskey', server.key];
  const nats = await stage.startNats([...tls, '--tlsverify', '--tlscacert', authority.cert]);
  const natsRootCAs = [other.cert, authority.cert];
  await refuses(stage, nats.url, { natsRootCAs: [other.cert] }, /cannot connect to NATS at nats:\S+: .*certificate/);
  await refuses(stage, nats.url, { natsRootCAs }, /cannot connect to NATS at nats:/);
  const serviceTls = { tls: { caFile: authority.cert, certFile: client.cert, keyFile: client.key } };
  await serves(t, stage, nats, { natsRootCAs, natsCert: client.cert, natsKey: client.key }, serviceTls);
});

test('a file that cannot be used is named, and nobody is connected to', async (t) => {
  const stage = stageOf(t);
  const authority = new Authority(stage.folder);
  const { cert, key } = authority.issue('client');
  const missing = stage.file('missing');
  const cases = [
    [{ natsCreds: missing }, /NATS credentials file \S+missing: No such file or directory/],
    [{ natsRootCAs: [authority.cert, missing] }, /NATS root CA file \S+missing: No such file or directory/],
    [{ natsCert: cert, natsKey: missing }, /NATS client certificate \S+missing: No such file or directory/],
    [{ natsCert: cert }, /natscert is of no use without natskey/],
    [{ natsKey: key }, /natskey is of no use without natscert/],
    [{ natsCert: cert, natsKey: authority.own.key }, /the private key is not that of the certificate in \S+client\.pem/],
  ];
  for (const [config, expected] of cases) {
    const { output } = await refuses(stage, 'nats://127.0.0.1:1', config, expected);
    assert.doesNotMatch(output, /Connecting to NATS/);
  }
});

test('TLS is not done without where the URL asks for it', async (t) => {
  const stage = stageOf(t);
  const nats = await stage.startNats();
  const url = nats.url.replace('nats://', 'tls://');
  await refuses(stage, url, {}, /cannot connect to NATS at tls:\S+: Secure Connection not available/);
});
