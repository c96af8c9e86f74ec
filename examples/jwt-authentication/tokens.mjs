// The tokens (JWT) that the page server signs and the service checks. They share a secret; with a pair of keys, the
// service could check without being able to sign.
import { jwtVerify, SignJWT } from 'jose';

export const COOKIE = 'access-token';
export const LIFETIME_S = 60 * 60;
const ALGORITHM = 'HS256';
const secret = new TextEncoder().encode(process.env.JWT_SECRET ?? 'known to all who read this: not for real use');

export function sign(claims) {
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM }).setIssuedAt();
  return jwt.setExpirationTime(`${LIFETIME_S}s`).sign(secret);
}

// Its claims; rejects what is forged or has expired.
export async function verify(token) {
  return (await jwtVerify(token, secret, { algorithms: [ALGORITHM] })).payload;
}
