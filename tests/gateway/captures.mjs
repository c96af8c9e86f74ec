// Helpers for the tests of captures: runs resflow-replay, and makes traffic of all kinds.
import { fileURLToPath } from 'node:url';

import { ask } from './http_client.mjs';
import { ResClient } from './res_client.mjs';

const BUILT = fileURLToPath(new URL('../../build/release/resflow-replay', import.meta.url));
const RESFLOW_REPLAY = process.env.RESFLOW_REPLAY || BUILT;

// Runs resflow-replay, and returns its exit code and its output.
export async function replay(stage, ...args) {
  const run = stage.start(RESFLOW_REPLAY, args);
  const { code, signal } = await run.ended();
  return { code, signal, stdout: run.stdout, output: run.output };
}

export const SECRETS = ['cookie-secret', 'basic-secret', 'password-secret', 'token-secret', 'set-cookie-secret'];

export function serve(service) {
  service.model('test.model', { n: 1, text: 'é\u2028"\\' });
  service.collection('test.list', [{ rid: 'test.model' }, { rid: 'test.other' }, 3]);
  service.model('test.other', { back: { rid: 'test.list' } });
  service.on('call.test.model.set', ({ params }) => ({ result: params ?? null }));
  service.on('auth.test.model.login', ({ cid }) => {
    service.publish(`conn.${cid}.token`, { token: { user: 'token-secret' } });
    return { result: { ok: true }, meta: { header: { 'Set-Cookie': ['a=set-cookie-secret'] } } };
  });
}

export const AUTH = ['--headauth', 'auth.test.model.login', '--wsheadauth', 'auth.test.model.login',
  '--alloworigin', 'http://a.example'];

const headers = { Cookie: 'sid=cookie-secret', Authorization: 'Basic basic-secret' };

let changes = 1; // makes each change event differ from the last one

// Opens a few clients and sends requests, also over HTTP. When it returns, all are answered, and the connections are
// still open.
export async function talk(gateway, service, count = 4) {
  const clients = await Promise.all(Array.from({ length: count }, () => ResClient.open(gateway.port, { headers })));
  for (const c of clients) {
    await c.result('auth.test.model.login', { password: 'password-secret' });
    await Promise.all([c.result('subscribe.test.list'), c.result('get.test.model'), c.errorCode('subscribe.test.none')]);
    await c.result('call.test.model.set', { a: '\u0000\n"' });
  }
  service.event('test.model', 'change', { values: { n: ++changes } });
  service.event('test.list', 'add', { idx: 0, value: 'x' });
  for (const c of clients) await c.take(2);
  await ask(gateway.port, 'GET', '/api/test/list', { headers });
  await ask(gateway.port, 'POST', '/api/test/model/set', { headers, body: '{"b":\n1}' });
  await ask(gateway.port, 'GET', '/api/test/none', { headers });
  for (const c of clients.slice(1)) await c.result('unsubscribe.test.list');
  return clients;
}
