// The client's side of one WebSocket connection: takes the server's frames apart, and objects to whatever a server must
// not send (RFC 6455, RFC 7692).
import assert from 'node:assert/strict';
import { constants, inflateRawSync } from 'node:zlib';

import { openWebSocket, readHeader } from '../gateway/raw_client.mjs';
import { within } from '../gateway/waiting.mjs';

const KINDS = { 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' };
const DEFLATED = 4; // the reserved bits of a compressed message

export class WebSocketPeer {
  // Opens the WebSocket. `offer` is the Sec-WebSocket-Extensions of the handshake, if there is one.
  static async open(socket, offer) {
    const headers = offer ? `Sec-WebSocket-Extensions: ${offer}\r\n` : '';
    return new WebSocketPeer(await openWebSocket(socket, headers, '/ws'));
  }

  constructor(socket) {
    this.socket = socket;
    this.extensions = /^Sec-WebSocket-Extensions: (.*)$/im.exec(socket.response)?.[1];
    this.received = []; // [kind, payload, was it compressed]
    this.pieces = [];
    this.size = 0; // bytes in `pieces`
    this.needed = 2; // bytes that the next step needs
    this.news = () => {};
    socket.removeAllListeners('data');
    if (socket.received.length > 0) this.#add(socket.received);
    socket.on('data', (bytes) => this.#add(bytes));
    socket.on('end', () => this.news());
    socket.on('close', () => this.news());
  }

  write(bytes) {
    return new Promise((resolve) => this.socket.write(bytes, resolve));
  }

  // Waits until the server has sent so many frames, or has ended the connection.
  has(count) {
    return this.#until(() => this.received.length >= count, `frame ${count}`);
  }

  // Waits until the server has ended its side, and then ends the connection.
  async ended() {
    await this.#until(() => this.socket.readableEnded, 'the end of the connection');
    this.socket.end();
    await this.#until(() => false, 'the connection to close');
  }

  async #until(condition, what) {
    const wait = async () => {
      while (!condition() && !this.socket.closed) await new Promise((resolve) => (this.news = resolve));
    };
    await within(wait(), what, () => `after ${JSON.stringify(this.received.map(([kind]) => kind))}`);
    if (this.broken) throw this.broken;
  }

  #add(bytes) {
    this.pieces.push(bytes);
    this.size += bytes.length;
    if (this.size < this.needed || this.broken) return;
    let all = Buffer.concat(this.pieces);
    try {
      for (let used = this.#take(all); used > 0; used = this.#take(all)) all = all.subarray(used);
    } catch (error) {
      this.broken = error;
    }
    this.pieces = [all];
    this.size = all.length;
    this.news();
  }

  // Takes the frame at the start of the bytes, and returns its size; 0 if it is not complete.
  #take(bytes) {
    const { start, size } = readHeader(bytes);
    this.needed = start + (size ?? 0);
    if (size === undefined) return 0;
    assert.ok(start === 2 || size > (start === 4 ? 125 : 65_535), 'the length is in its shortest form');
    if (bytes.length < start + size) return 0;
    this.#receive(bytes[0], bytes[1] & 0x80, bytes.subarray(start, start + size));
    this.needed = 2;
    return start + size;
  }

  #receive(first, masked, payload) {
    const kind = KINDS[first & 15];
    const rsv = (first >> 4) & 7;
    assert.ok(kind, `opcode ${first & 15} exists`);
    assert.ok(first & 0x80, 'the frame is the only one of its message');
    assert.equal(masked, 0, 'a server does not mask');
    assert.notEqual(this.received.at(-1)?.[0], 'close', `nothing follows a close frame, but a ${kind}`);
    if (rsv !== 0) {
      assert.equal(rsv, DEFLATED, 'reserved bits');
      assert.ok(this.extensions && /text|binary/.test(kind), 'compression was agreed on');
    }
    this.received.push([kind, rsv === 0 ? Buffer.from(payload) : expand(payload), rsv !== 0]);
  }
}

function expand(payload) {
  const whole = Buffer.concat([payload, Buffer.from([0, 0, 255, 255])]);
  return inflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH });
}
