// The service with the auth method auth.jwtHeader. The method takes the JWT from the cookie in the handshake of the
// client's connection, checks it, and sets its claims as the connection's token. The gateway asks it when a client
// calls it and, with the option --headauth auth.jwtHeader, before each HTTP request.
//
//   node auth_service.mjs [--nats nats://127.0.0.1:4222]
import { parse } from 'cookie';
import { invalidParams, Service } from '../shared/service.mjs';
import { COOKIE, verify } from './tokens.mjs';

async function jwtHeader({ cid, header }) {
  const token = parse(header?.Cookie?.[0] ?? '')[COOKIE];
  if (!token) throw invalidParams('There is no token in the cookies');
  const claims = await verify(token).catch((error) => {
    throw invalidParams(`The token is not valid: ${error.message}`);
  });
  service.setToken(cid, claims);
}

const service = await Service.connect('auth', ['auth']);
service.serve({ 'auth.auth.jwtHeader': jwtHeader });
await service.ready();
