// Signs and checks the JWTs: the page server signs them, the service checks them. Both share a secret. With a key pair,
// the service could check JWTs without being able to sign them.
import { jwtVerify, SignJWT } from 'jose';

export const COOKIE = 'access-token';
export const LIFETIME_S = 60 * 60;
const ALGORITHM = 'HS256';
const secret = new TextEncoder().encode(process.env.JWT_SECRET ?? 'known to all who read this: not for real use');

export function sign(claims) {
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM }).setIssuedAt();
  return jwt.setExpirationTime(`${LIFETIME_S}s`).sign(secret);
}

// Resolves with the claims; rejects if the token is forged or has expired.
export async function verify(token) {
  return (await jwtVerify(token, secret, { algorithms: [ALGORITHM] })).payload;
}
