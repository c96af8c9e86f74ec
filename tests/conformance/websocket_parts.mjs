// What the lists of WebSocket cases are made of. A case is
//
//   { id, send, replies, closes, ... }
//
// id        the number that the Autobahn test suite gives it; a case of our own has a letter at the end
// send      the frames to send, see below; a function that returns them if they are large
// cut       how they go out: 'octets' or 'frames' one by one, or pieces of so many bytes; otherwise all at once
// offer     Sec-WebSocket-Extensions of the handshake; agrees: what the server answers (nothing: no compression)
// replies   what must come, in this order: [kind, payload]; `orReplies` may come instead
// compressed  all replies must be compressed
// closes    the code of the close frame that the server must send after that, NO_CODE if it must be empty. Without it
//           the client closes with 1000, which the server must answer.
// goesOn    the client sends more after the close frames, so that the server may reset the connection
// departs   { why, replies, closes }: what must come instead, because this server differs from the suite on purpose
import { constants, deflateRawSync } from 'node:zlib';

export const NO_CODE = 1005;

// Why the server departs from the suite.
export const NOT_TEXT = 'Messages of the RES protocol are text; a binary message that is not UTF-8 fails the connection.';
export const ANSWERED_AS_TEXT = 'Messages of the RES protocol are text, so the server sends no binary ones.';

export const hex = (digits) => Buffer.from(digits.replaceAll(' ', ''), 'hex');
export const repeat = (pattern, size) => Buffer.alloc(size, pattern);

export const text = (data, more) => ({ op: 1, data, ...more });
export const binary = (data, more) => ({ op: 2, data, ...more });
export const other = (op, data = '', more = {}) => ({ op, data, ...more });
export const begin = (data, more) => ({ op: 1, data, fin: false, ...more });
export const beginBinary = (data, more) => ({ op: 2, data, fin: false, ...more });
export const more = (data) => ({ op: 0, data, fin: false });
export const last = (data) => ({ op: 0, data });
export const ping = (data = '', options = {}) => ({ op: 9, data, ...options });
export const pong = (data = '', options = {}) => ({ op: 10, data, ...options });
export const closeWith = (data) => ({ op: 8, data });
export const bytes = (data) => ({ raw: data }); // no frame, only its bytes
export const waitFor = (count) => ({ wait: count }); // until so many replies have come

export function close(code, reason = '') {
  const data = Buffer.alloc(2);
  data.writeUInt16BE(code);
  return closeWith(Buffer.concat([data, Buffer.from(reason)]));
}

// Returns the frames of a message that is sent in fragments of `size` bytes.
export function fragments(message, size, { op = 1, rsv = 0 } = {}) {
  const all = Buffer.from(message);
  const list = [];
  for (let at = 0; at === 0 || at < all.length; at += size) {
    const data = all.subarray(at, at + size);
    list.push({ op: at === 0 ? op : 0, rsv: at === 0 ? rsv : 0, fin: at + size >= all.length, data });
  }
  return list;
}

// Returns the payload of a compressed message (RFC 7692, section 7.2.1).
export function deflate(message, options = {}) {
  return deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH, ...options }).subarray(0, -4);
}

export const deflated = (message, options) => ({ op: 1, rsv: 4, data: deflate(message, options) });
