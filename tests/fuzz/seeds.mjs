// Writes the first inputs of each fuzzer, from the recorded captures: node seeds.mjs FOLDER. The first two bytes of an
// input choose the variant and the cuts (cuts.hpp).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const CAPTURES = fileURLToPath(new URL('../captures', import.meta.url));
const folder = process.argv[2];

function write(target, variant, bytes) {
  const input = Buffer.concat([Buffer.from([variant, bytes.length % 251]), Buffer.from(bytes)]);
  if (input.length > 4_096) return;
  mkdirSync(path.join(folder, target), { recursive: true });
  writeFileSync(path.join(folder, target, createHash('sha1').update(input).digest('hex')), input);
}

// A text message of a client, masked with zeros.
function frame(text) {
  const size = Buffer.byteLength(text);
  const head = size < 126 ? [0x81, 0x80 | size] : [0x81, 0x80 | 126, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), Buffer.from(text)]);
}

// The variants of service.cpp.
const REPLIES = { get: 0, access: 1, call: 2, auth: 2, query: 3 };
const EVENTS = { change: 4, add: 5, remove: 6, query: 7, token: 8, reset: 9, tokenReset: 10 };

function takeLine(line, subjects) {
  if (line.out === 'request') {
    subjects.set(line.id, line.subject);
    write('names', 0, line.subject.slice(line.subject.indexOf('.') + 1));
  } else if (line.in === 'frame') {
    write('frames', 0, line.text);
    write('frames', 1, frame(line.text));
  } else if (line.in === 'reply' && line.payload) {
    write('service', REPLIES[(subjects.get(line.id) ?? '').split('.')[0]] ?? REPLIES.query, line.payload);
  } else if (line.in === 'message' && line.payload) {
    write('service', EVENTS[line.subject.slice(line.subject.lastIndexOf('.') + 1)] ?? 11, line.payload);
  }
}

for (const name of readdirSync(CAPTURES).filter((file) => file.includes('.jsonl'))) {
  const file = path.join(CAPTURES, name);
  const text = name.endsWith('.zst') ? execFileSync('zstd', ['-dcq', file], { maxBuffer: 1 << 28 }) : readFileSync(file);
  const subjects = new Map();
  for (const line of text.toString().split('\n').filter(Boolean)) takeLine(JSON.parse(line), subjects);
}

const REQUESTS = [
  'GET /api/library/books HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST /api/library/books/new HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n{"a":1}GET / HTTP/1.0\r\n\r\n',
  'PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: v\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://a.example\r\n\r\n',
  'GET http://b/x?y HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.2.3.4, 10.0.0.9\r\nForwarded: for="[2001:db8::1]:7"\r\n\r\n',
  'PROXY TCP4 1.2.3.4 5.6.7.8 1000 80\r\n',
  '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x01\x02\x03\x04\x05\x06\x07\x08\x03\xe8\0\x50',
];
for (const request of REQUESTS) write('http', 0, Buffer.from(request, 'latin1'));
for (const url of ['nats://127.0.0.1:4222', 'tls://u:p%40@h,token@[::1]:1', 'library.book.{cid}?q=a&b=%20']) write('names', 0, url);
