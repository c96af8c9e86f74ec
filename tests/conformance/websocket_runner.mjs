// Runs a WebSocket case: as it is, and cut in two at every byte if it is small.
import assert from 'node:assert/strict';

import { frame } from '../gateway/raw_client.mjs';
import { cutsOf } from './delivery.mjs';
import { WebSocketPeer } from './websocket_peer.mjs';
import { close, NO_CODE } from './websocket_parts.mjs';

// Returns what a case must lead to.
export function expected(row) {
  const { replies = [], orReplies, closes = 1000 } = { ...row, ...row.departs };
  return { replies: [replies, ...(orReplies ? [orReplies] : [])], closes };
}

// Returns the steps of a case: bytes to write, waits for a number of replies, and `read`, when the server must have
// read what was written.
function steps(row) {
  const items = typeof row.send === 'function' ? row.send() : row.send;
  const { replies } = expected(row);
  const closesItself = row.closes === undefined && row.departs?.closes === undefined;
  const ending = closesItself ? [{ wait: replies[0].length }, close(1000)] : [];
  const list = [];
  for (const item of [...items, ...ending]) {
    if (item.wait !== undefined) list.push(item);
    else for (const write of cut(bytesOf(item), row.cut)) list.push({ write }, ...(row.cut ? [{ read: row.cut }] : []));
  }
  return row.cut ? list : joined(list);
}

function bytesOf({ raw, op, data, fin, rsv, masked }) {
  return raw ?? frame(op, data, { fin, rsv, masked });
}

function cut(bytes, how) {
  const size = how === 'octets' ? 1 : typeof how === 'number' ? how : bytes.length;
  const pieces = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

// Joins neighbors that are written, so that they go out together.
function joined(list) {
  const result = [];
  let writes = [];
  const join = () => {
    if (writes.length > 0) result.push({ write: Buffer.concat(writes) });
    writes = [];
  };
  for (const step of list) {
    if (step.write) {
      writes.push(step.write);
    } else {
      join();
      result.push(step);
    }
  }
  join();
  return result;
}

const sizeOf = (list) => list.reduce((sum, { write }) => sum + (write?.length ?? 0), 0);

// Returns the steps with one more cut: after `at` bytes.
function cutAt(list, at) {
  const result = [];
  for (const step of list) {
    const size = step.write?.length ?? 0;
    if (at > 0 && at < size) {
      result.push({ write: step.write.subarray(0, at) }, { read: 'cut' }, { write: step.write.subarray(at) });
    } else {
      result.push(step);
      if (at > 0 && at === size) result.push({ read: 'cut' });
    }
    at -= size;
  }
  return result;
}

// Returns all ways in which the bytes of a case are delivered.
export function deliveries(row, secure) {
  const whole = steps(row);
  const cuts = row.cut || typeof row.send === 'function' ? [] : cutsOf(sizeOf(whole), secure);
  return [whole, ...cuts.map((at) => cutAt(whole, at))];
}

export function sizes(list) {
  const all = list.map(({ write, wait }) => write?.length ?? (wait === undefined ? 'read' : `wait ${wait}`));
  return all.slice(0, 20);
}

export async function deliver(server, row, list, secure) {
  const peer = await WebSocketPeer.open(await server.connect(secure), row.offer);
  try {
    assert.equal(peer.extensions, row.agrees);
    for (const step of list) await take(step, server, peer);
    await peer.ended();
    check(peer, row);
  } finally {
    peer.socket.destroy();
  }
}

async function take({ write, wait, read }, server, peer) {
  if (wait !== undefined) return peer.has(wait);
  if (peer.socket.destroyed) return undefined;
  if (write) return peer.write(write);
  // Long messages in small pieces are not waited for: the pieces are written one by one, whatever the server reads.
  return typeof read === 'number' ? new Promise(setImmediate) : server.hasRead();
}

function check(peer, row) {
  const { replies, closes } = expected(row);
  const got = peer.received.slice(0, -1);
  const [kind, code] = peer.received.at(-1) ?? ['no frame'];
  assert.equal(kind, 'close', `the last frame is a close frame; there were ${peer.received.map(([k]) => k)}`);
  assert.ok(replies.some((list) => same(got, list)), `replies: ${shown(got)} instead of ${replies.map(shown)}`);
  assert.equal(code.length >= 2 ? code.readUInt16BE() : NO_CODE, closes, 'the close code');
  if (row.compressed) assert.ok(got.every(([, , compressed]) => compressed), 'the replies are compressed');
  if (!row.goesOn) assert.equal(peer.socket.errored?.message, undefined, 'the connection ends in order');
}

function same(got, wanted) {
  return got.length === wanted.length && got.every(([kind, payload], i) => {
    return kind === wanted[i][0] && payload.equals(Buffer.from(wanted[i][1]));
  });
}

function shown(list) {
  return `[${list.map(([kind, payload]) => `${kind} of ${payload.length}: ${Buffer.from(payload).toString('latin1', 0, 40)}`)}]`;
}
