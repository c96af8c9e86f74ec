// The service for logging in with a password. The auth methods passwd.login and passwd.logout set and remove the token
// of the client's connection. Other services, here the one with ticker.model, decide by the token.
//
//   node passwd_service.mjs [--nats nats://127.0.0.1:4222]
import { isPassword, keepPassword } from '../shared/passwords.mjs';
import { checkObject, invalidParams, Service } from '../shared/service.mjs';

const kept = await keepPassword('secret');

async function login({ cid, params }) {
  const { password } = checkObject(params);
  if (typeof password !== 'string') throw invalidParams('The password must be a string', { field: 'password' });
  if (!(await isPassword(password, kept))) throw invalidParams('Wrong password', { field: 'password' });
  service.setToken(cid, { role: 'reader' });
}

const service = await Service.connect('password', ['passwd']);
service.serve({
  'auth.passwd.login': login,
  'auth.passwd.logout': ({ cid }) => service.setToken(cid, null),
});
await service.ready();
