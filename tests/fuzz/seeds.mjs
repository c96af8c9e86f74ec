// Writes the first inputs of each fuzzer, from the recorded captures and from samples: node seeds.mjs FOLDER TARGET. The
// first two bytes of an input choose the variant and the cuts (cuts.hpp).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { ARGUMENTS, CONFIGS, FEW_MESSAGES, HARS, META_REPLIES, REQUESTS, SCRIPTS } from './samples.mjs';

const CAPTURES = fileURLToPath(new URL('../captures', import.meta.url));
const MOST = 4_096; // bytes of an input
const ENOUGH = 60; // lines of a capture that become inputs; more would only repeat them
const [folder, only] = process.argv.slice(2);

function write(target, variant, bytes) {
  if (target !== only) return;
  const input = Buffer.concat([Buffer.from([variant, bytes.length % 251]), Buffer.from(bytes)]);
  if (input.length > MOST) return;
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

// Returns the commands of pipeline.cpp that do what the lines of a capture tell.
function scriptOf(lines) {
  const conns = [];
  const asked = [];
  const subjects = new Map();
  const indexOf = (list, item) => String.fromCharCode('0'.charCodeAt(0) + Math.min(Math.max(list.indexOf(item), 0), 60));
  const connOf = (line) => indexOf(conns, line.conn);
  const commands = [];
  for (const line of lines) {
    if (line.out === 'request') {
      asked.push(line.id);
    } else if (line.in === 'connected') {
      conns.push(line.conn);
      commands.push('*0');
    } else if (line.in === 'disconnected' && conns.includes(line.conn)) {
      commands.push(`-${connOf(line)}`);
      conns.splice(conns.indexOf(line.conn), 1);
    } else if (line.in === 'frame') {
      commands.push(`>${connOf(line)}${line.text}`);
    } else if (line.in === 'request') {
      commands.push(`w0${line.method} ${line.uri} ${line.body ?? ''}`);
    } else if (line.in === 'reply') {
      commands.push(`<${indexOf(asked, line.id)}${line.payload ?? ''}`);
      if (!line.payload?.startsWith('timeout:')) asked.splice(Math.max(asked.indexOf(line.id), 0), 1);
    } else if (line.in === 'message') {
      const kind = line.subject.split('.')[0];
      const rest = line.subject.slice(kind.length + 1);
      const payload = line.payload ?? '';
      commands.push(kind === 'conn' ? `k0${payload}` : `${kind === 'system' ? 'y' : 'e'}0${rest} ${payload}`);
    }
  }
  return commands;
}

function takeCapture(text) {
  const rows = text.split('\n').filter(Boolean);
  const lines = rows.map((row) => JSON.parse(row));
  const subjects = new Map();
  for (const line of lines) takeLine(line, subjects);
  for (const row of rows.slice(0, ENOUGH)) write('capture', 0, row);
  write('capture', 1, text);
  const commands = scriptOf(lines);
  for (let size = commands.length; size > 0; size = Math.floor(size / 2)) {
    const script = commands.slice(0, size).join('\n');
    if (script.length > MOST) continue;
    write('pipeline', 0, script);
    break;
  }
}

for (const name of readdirSync(CAPTURES).filter((file) => file.includes('.jsonl'))) {
  const file = path.join(CAPTURES, name);
  const text = name.endsWith('.zst') ? execFileSync('zstd', ['-dcq', file], { maxBuffer: 1 << 28 }) : readFileSync(file);
  takeCapture(text.toString());
}
for (const request of REQUESTS) write('http', 0, Buffer.from(request, 'latin1'));
for (const request of REQUESTS) write('headers', 0, Buffer.from(request, 'latin1'));
for (const reply of META_REPLIES) for (const variant of [1, 2]) write('headers', variant, reply);
for (const config of CONFIGS) write('config', 0, JSON.stringify(config));
for (const argument of ARGUMENTS) write('config', 1, argument.join('\n'));
for (const har of HARS) write('har', 0, JSON.stringify(har));
for (const script of SCRIPTS) for (let gateway = 0; gateway < 8; ++gateway) write('pipeline', gateway, script);
for (const messages of FEW_MESSAGES) write('frames', 1, Buffer.concat(messages.map(frame)));
