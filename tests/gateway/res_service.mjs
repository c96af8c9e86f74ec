// A RES service for tests. It answers requests for resources below its name, and publishes events.
import { connect } from 'nats';

import { until } from './waiting.mjs';

const encode = (value) => new TextEncoder().encode(value);
export const decode = (bytes) => new TextDecoder().decode(bytes);

const TYPES = ['access', 'get', 'call', 'auth'];
const ALL = { result: { get: true, call: '*' } };
const NOT_FOUND = { error: { code: 'system.notFound', message: 'Not found' } };

export class ResService {
  // Connects to NATS. `options` are options of the nats package, such as credentials.
  static async start(url, name = 'test', options = {}) {
    const service = new ResService(await connect({ servers: url, noEcho: true, ...options }), name);
    await service.connection.flush(); // the server knows the subscriptions before the first request comes
    return service;
  }

  constructor(connection, name) {
    this.connection = connection;
    this.handlers = new Map();
    this.requests = [];
    for (const type of TYPES) {
      connection.subscribe(`${type}.${name}.>`, { callback: (_, message) => this.#serve(message) });
    }
  }

  // Sets the response for a subject. `handler` is the response, or a function that gets the parameters and returns it.
  // With null, no response is sent.
  on(subject, handler) {
    this.handlers.set(subject, handler);
  }
  model(rid, model) {
    this.on(`get.${rid}`, () => ({ result: { model } }));
  }
  collection(rid, collection) {
    this.on(`get.${rid}`, () => ({ result: { collection } }));
  }

  async #serve(message) {
    const params = message.data.length ? JSON.parse(decode(message.data)) : {};
    this.requests.push({ subject: message.subject, params });
    const handler = this.handlers.get(message.subject);
    const fallback = message.subject.startsWith('access.') ? ALL : NOT_FOUND;
    const response = typeof handler === 'function' ? await handler(params, message) : handler ?? fallback;
    if (response !== null) message.respond(encode(typeof response === 'string' ? response : JSON.stringify(response)));
  }

  // Answers requests on any other subject, such as query requests.
  listen(subject, handler) {
    return this.connection.subscribe(subject, {
      callback: (_, message) => message.respond(encode(JSON.stringify(handler(JSON.parse(decode(message.data)))))),
    });
  }

  publish(subject, payload) {
    this.connection.publish(subject, payload === undefined ? undefined : encode(JSON.stringify(payload)));
  }
  publishBytes(subject, bytes) {
    this.connection.publish(subject, bytes);
  }
  event(rid, name, payload) {
    this.publish(`event.${rid}.${name}`, payload);
  }

  count(subject) {
    return this.requests.filter((r) => r.subject === subject).length;
  }
  async asked(subject, times = 1) {
    await until(() => this.count(subject) >= times, `${times} requests on ${subject}`);
    return this.requests.filter((r) => r.subject === subject)[times - 1].params;
  }

  close() {
    return this.connection.close();
  }
}
