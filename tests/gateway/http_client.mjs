// Two clients for the HTTP API: Node's own client, and a client that writes bytes by hand and parses the responses.
import { once } from 'node:events';
import http from 'node:http';

import { rawSocket } from './raw_client.mjs';
import { within } from './waiting.mjs';

// Sends one request and returns its response. The body is given as text, and parsed if it is JSON.
export function ask(port, method, path, { headers = {}, body, agent = false } = {}) {
  const answer = new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method, path, headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more) => (text += more));
      response.on('end', () => resolve(whole(response.statusCode, response.headers, text)));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
  return within(answer, `a response to ${method} ${path}`);
}

function whole(status, headers, text) {
  const isJson = /^application\/json/.test(headers['content-type'] ?? '') && text !== '';
  return { status, headers, text, json: isJson ? JSON.parse(text) : undefined };
}

// A connection on which a test writes requests as bytes.
export class RawHttp {
  static async open(port) {
    return new RawHttp(await rawSocket(port));
  }

  constructor(socket) {
    this.socket = socket;
    this.unread = Buffer.alloc(0);
    // bytes that came since the last response; joined only when there are enough, as a large response has many pieces
    this.pieces = [];
    this.wanted = 0; // number of bytes still needed
    this.news = () => {};
    socket.on('data', (bytes) => {
      this.pieces.push(bytes);
      this.wanted -= bytes.length;
      if (this.wanted <= 0) this.news();
    });
    socket.on('close', () => this.news());
  }

  write(bytes) {
    this.socket.write(bytes);
    return this;
  }

  // Returns the next response, or null if the connection ends before it.
  async response({ head = false } = {}) {
    const next = async () => {
      for (;;) {
        const response = this.#take(head);
        if (response) return response;
        if (this.socket.closed) return null;
        await new Promise((resolve) => (this.news = resolve));
      }
    };
    return within(next(), 'a response', () => this.unread.toString('latin1'));
  }

  #take(head) {
    this.unread = Buffer.concat([this.unread, ...this.pieces.splice(0)]);
    this.wanted = 0;
    const end = this.unread.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const [line, ...fields] = this.unread.toString('latin1', 0, end).split('\r\n');
    const headers = Object.fromEntries(fields.map((f) => [f.split(':')[0].toLowerCase(), f.slice(f.indexOf(':') + 2)]));
    const size = head ? 0 : +(headers['content-length'] ?? 0);
    this.wanted = Math.max(0, end + 4 + size - this.unread.length);
    if (this.wanted > 0) return null;
    const text = this.unread.toString('utf8', end + 4, end + 4 + size);
    this.unread = this.unread.subarray(end + 4 + size);
    return whole(+line.split(' ')[1], headers, text);
  }

  async ended() {
    if (!this.socket.closed) await within(once(this.socket, 'close'), 'a connection to end');
  }

  end() {
    this.socket.destroy();
  }
}

export function bytesOf(method, path, { headers = {}, body = '' } = {}) {
  const fields = { Host: 'localhost', ...(body ? { 'Content-Length': Buffer.byteLength(body) } : {}), ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}
