// Stores passwords salted and hashed, so that they cannot be read from the service's memory or its database.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const KEY_BYTES = 32;
const hash = (password, salt) => promisify(scrypt)(password, salt, KEY_BYTES);

export async function keepPassword(password) {
  const salt = randomBytes(16);
  return { salt, key: await hash(password, salt) };
}

// Returns true if the password is right. It takes the same time whether the password is nearly right, quite wrong, or
// the user is unknown (`kept` is undefined), so that the time tells an attacker nothing.
export async function isPassword(password, kept = { salt: '', key: Buffer.alloc(KEY_BYTES) }) {
  return timingSafeEqual(await hash(password, kept.salt), kept.key);
}
