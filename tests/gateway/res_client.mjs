// A RES client for tests. It keeps what it receives: answers by request, events in order.
import { once } from 'node:events';

import WebSocket from 'ws';

import { until, within } from './waiting.mjs';

export class ResClient {
  // Opens a connection. With `ca`, the certificate of an authority, it uses TLS. `options` are further options of the
  // ws package. `onUpgrade` gets the response to the handshake.
  static async open(port, { path = '/', protocol = '1.2.3', headers = {}, ca, options = {}, onUpgrade = () => {} } = {}) {
    const url = `${ca ? 'wss' : 'ws'}://127.0.0.1:${port}${path}`;
    const client = new ResClient(new WebSocket(url, { headers, ca, ...options }));
    client.ws.on('upgrade', onUpgrade);
    await within(once(client.ws, 'open'), 'a connection to open');
    if (protocol) await client.request('version', { protocol });
    return client;
  }

  constructor(ws) {
    this.ws = ws;
    this.events = [];
    this.waiting = new Map();
    this.lastId = 0;
    ws.on('message', (data) => this.receive(JSON.parse(data.toString())));
    ws.on('error', () => {}); // the close event follows and reports it
    this.closed = new Promise((resolve) => {
      ws.on('close', (code, reason) => {
        for (const { reject } of this.waiting.values()) reject(new Error(`closed with ${code} before the answer`));
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  receive(message) {
    if (message.event !== undefined) return this.events.push(message);
    const { id, ...answer } = message;
    const request = this.waiting.get(id);
    if (!request) throw new Error(`an answer to nothing: ${JSON.stringify(message)}`);
    this.waiting.delete(id);
    request.resolve(answer);
  }

  // Sends a request and returns its answer without the id.
  request(method, params) {
    const id = ++this.lastId;
    const answer = new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.ws.send(JSON.stringify({ id, method, params }));
    return within(answer, `an answer to ${method}`);
  }

  async result(method, params) {
    const answer = await this.request(method, params);
    if (answer.error) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
    return answer.result;
  }

  async errorCode(method, params) {
    return (await this.request(method, params)).error?.code;
  }

  // Waits for `count` events, and removes and returns them.
  async take(count) {
    await until(() => this.events.length >= count, `${count} events, have ${JSON.stringify(this.events)}`);
    return this.events.splice(0, count);
  }

  async isClosed() {
    return within(this.closed, 'a connection to be closed');
  }

  // Ends the connection without a closing handshake.
  end() {
    this.ws.terminate();
  }
}
