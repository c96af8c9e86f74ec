// Passwords as a service keeps them: salted and hashed, so that its memory, or its database, does not tell them.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const KEY_BYTES = 32;
const hash = (password, salt) => promisify(scrypt)(password, salt, KEY_BYTES);

export async function keepPassword(password) {
  const salt = randomBytes(16);
  return { salt, key: await hash(password, salt) };
}

// Takes equally long whether a password is nearly right or quite wrong, or nobody has it (`kept` is undefined).
export async function isPassword(password, kept = { salt: '', key: Buffer.alloc(KEY_BYTES) }) {
  return timingSafeEqual(await hash(password, kept.salt), kept.key);
}
