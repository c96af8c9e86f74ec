// A WebSocket client that can break the protocol (RFC 6455): a test makes frames by hand and sends any bytes in any
// pieces.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';

import { within } from './waiting.mjs';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
export const HANDSHAKE =
  'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n\r\n`;

export async function rawSocket(port) {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {}); // a reset counts as the end of the connection
  await within(once(socket, 'connect'), 'a TCP connection');
  return socket;
}

// Opens a WebSocket and returns its socket. `received` collects what the server sends after the handshake. `headers`
// are further header lines of the request.
export async function rawWebSocket(port, headers = '', path = '/') {
  return openWebSocket(await rawSocket(port), headers, path);
}

// Does the same on a socket that is connected. `response` is the head of the response to the handshake.
export async function openWebSocket(socket, headers = '', path = '/') {
  socket.received = Buffer.alloc(0);
  let opened;
  const open = new Promise((resolve) => (opened = resolve));
  socket.on('data', (bytes) => {
    socket.received = Buffer.concat([socket.received, bytes]);
    const end = socket.received.indexOf('\r\n\r\n');
    if (!socket.upgraded && end >= 0) {
      socket.upgraded = true;
      socket.response = socket.received.toString('latin1', 0, end);
      socket.received = socket.received.subarray(end + 4);
      opened();
    }
  });
  socket.write(HANDSHAKE.replace(' / ', ` ${path} `).replace(/\r\n$/, `${headers}\r\n`));
  await within(open, 'the upgrade of a connection');
  return socket;
}

// Returns a frame header that may claim any size and flags.
export function frameHeader(opcode, size, { fin = true, rsv = 0, masked = true } = {}) {
  const mask = masked ? 0x80 : 0;
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  if (size < 126) return Buffer.from([first, mask | size]);
  const header = Buffer.alloc(size < 65_536 ? 4 : 10);
  header[0] = first;
  header[1] = mask | (size < 65_536 ? 126 : 127);
  if (size < 65_536) header.writeUInt16BE(size, 2);
  else header.writeBigUInt64BE(BigInt(size), 2);
  return header;
}

export function frame(opcode, payload, options = {}) {
  const bytes = Buffer.from(payload);
  const header = frameHeader(opcode, bytes.length, options);
  if (options.masked === false) return Buffer.concat([header, bytes]);
  const mask = randomBytes(4);
  return Buffer.concat([header, mask, bytes.map((b, i) => b ^ mask[i % 4])]);
}

export const text = (value) => frame(1, value);

// Reads the header of the frame at `at`. Returns where the payload starts, and its size; without the size if bytes of
// the header are missing.
export function readHeader(bytes, at = 0) {
  if (bytes.length < at + 2) return { start: at + 2 };
  const short = bytes[at + 1] & 0x7f;
  const start = at + (short === 126 ? 4 : short === 127 ? 10 : 2);
  if (bytes.length < start) return { start };
  if (short < 126) return { start, size: short };
  return { start, size: short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2)) };
}

// Returns the complete frames in `bytes`.
export function frames(bytes) {
  const found = [];
  for (let at = 0; ; ) {
    const { start, size } = readHeader(bytes, at);
    if (size === undefined || bytes.length < start + size) return found;
    found.push({ opcode: bytes[at] & 15, rsv: (bytes[at] >> 4) & 7, payload: bytes.subarray(start, start + size) });
    at = start + size;
  }
}

// Waits for the end of the connection and returns the code of the server's close frame, or undefined if there was none.
export async function closeCode(socket) {
  if (!socket.closed) await within(once(socket, 'close'), 'a connection to end');
  const close = frames(socket.received).find((f) => f.opcode === 8);
  return close?.payload.length >= 2 ? close.payload.readUInt16BE(0) : close && 1005;
}
