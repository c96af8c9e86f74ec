// Runs an HTTP case: as it is, and cut in two at every byte if it is small. A case is
//
//   { name, send, gets, then, ... }
//
// name     what is special about it
// send     the bytes, as a text of Latin-1
// gets     the responses that must come, in this order: [status, body, 'head']; where nothing matters but that the
//          request is refused, several statuses are allowed; a body only counts if it is given; 'head' is for answers
//          to HEAD
// then     'open': the connection takes another request; 'closed': the server has ended it and told so; 'waits': the
//          server waits for more, and has sent nothing else
//          and otherwise, after an upgrade, the bytes that must come before the end
// whole    the case is not cut, because a cut makes another case of it
// departs  { why, gets, then }: what must come instead, because this server differs from the RFC on purpose
import assert from 'node:assert/strict';

import { RawHttp } from '../gateway/http_client.mjs';
import { cutsOf } from './delivery.mjs';

const AGAIN = 'GET /again HTTP/1.1\r\nHost: a\r\n\r\n';

// Returns all ways in which the bytes of a case are delivered.
export function deliveries(row, secure) {
  const bytes = Buffer.from(row.send, 'latin1');
  const cuts = row.whole ? [] : cutsOf(bytes.length, secure);
  return [[bytes], ...cuts.map((at) => [bytes.subarray(0, at), bytes.subarray(at)])];
}

export const sizes = (pieces) => pieces.map(({ length }) => length);

export async function deliver(server, row, pieces, secure) {
  const socket = await server.connect(secure);
  const client = new RawHttp(socket);
  try {
    await server.hasRead(); // what the server accepts after this has a first piece of its own
    for (const piece of pieces) {
      await new Promise((resolve) => socket.write(piece, resolve));
      if (piece !== pieces.at(-1)) await server.hasRead();
    }
    await check(server, client, { ...row, ...row.departs });
  } finally {
    socket.destroy();
  }
}

async function check(server, client, { gets, then }) {
  if (client.socket.readableEnded) client.socket.end();
  else client.socket.once('end', () => client.socket.end());
  let response;
  for (const [status, body, head] of gets) {
    response = await client.response({ head });
    assert.ok(response, `the connection ended without response ${status}`);
    assert.ok([status].flat().includes(response.status), `status ${response.status} instead of ${status}`);
    if (body !== undefined) assert.equal(response.text, body);
  }
  if (then === 'open') return stillOpen(client);
  if (then === 'waits') return waits(server, client);
  const more = await client.response();
  assert.equal(more, null, `one response too many: ${more?.status} ${more?.text}`);
  assert.equal(client.unread.toString('latin1'), then === 'closed' ? '' : then);
  assert.equal(client.socket.errored?.message, undefined, 'the connection ends in order');
  return assert.equal(response.headers.connection, then === 'closed' ? 'close' : 'Upgrade');
}

async function stillOpen(client) {
  client.write(AGAIN);
  const again = await client.response();
  assert.ok(again, 'the connection has ended');
  assert.equal(`${again.status} ${again.text}`, '200 GET /again ');
}

// What a request leads to may take two turns of the server.
async function waits(server, { socket, unread, pieces }) {
  await server.hasRead();
  await server.hasRead();
  await new Promise(setImmediate);
  assert.equal(Buffer.concat([unread, ...pieces]).toString('latin1'), '');
  assert.ok(!socket.readableEnded && !socket.destroyed, 'the connection has ended');
}
