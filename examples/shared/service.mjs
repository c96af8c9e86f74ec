// The RES-Service protocol for the services of the examples: a Service answers the requests of gateways over NATS, and
// sends events.
//
//   const service = await Service.connect('greeter', ['example.>']);
//   service.serve({
//     'access.example.model': () => ({ get: true }),
//     'get.example.model': () => ({ model: { message: 'Hello' } }),
//   });
//   await service.ready();
//
// A handler returns the result of the request, or a promise of it. It throws a Refusal to reply with an error. Events
// that it sends before it returns reach the gateway ahead of its reply, as the protocol demands.
import { parseArgs } from 'node:util';
import { connect, createInbox, Events } from 'nats';

const RECONNECT_MS = 500;
const STOP_MS = 1000;

// An error reply to a request. `data` is for the client: for example the name of the wrong field, for a page to point
// at.
export class Refusal extends Error {
  constructor(code, message, data) {
    super(message);
    this.reply = { error: { code, message, data } };
  }
}

export const invalidParams = (message, data) => new Refusal('system.invalidParams', message, data);
export const invalidQuery = (message) => new Refusal('system.invalidQuery', message);
export const notFound = () => new Refusal('system.notFound', 'Not found');

// The result of a call that has created a resource. The client gets the resource together with the reply.
export class Resource {
  constructor(rid) {
    this.reply = { resource: { rid } };
  }
}

export function checkObject(params) {
  if (params !== null && typeof params === 'object' && !Array.isArray(params)) return params;
  throw invalidParams('Parameters must be an object');
}

// Returns the options of a service's command line: --nats, and the options in `more`, which has their defaults.
export function options(more = {}) {
  const known = { nats: process.env.NATS_URL ?? 'nats://127.0.0.1:4222', ...more };
  const described = Object.entries(known).map(([name, value]) => [name, { type: 'string', default: value }]);
  return parseArgs({ options: Object.fromEntries(described) }).values;
}

const encode = (payload) => new TextEncoder().encode(payload === undefined ? '' : JSON.stringify(payload));
const decode = (bytes) => (bytes.length > 0 ? JSON.parse(new TextDecoder().decode(bytes)) : {});

// Returns what a handler gets: the rid, the method, and the fields of the request (params, token, cid, query, header,
// ...). The subject is access.<rid> or get.<rid>, but call.<rid>.<method> or auth.<rid>.<method>.
function readRequest(message) {
  const [type, ...rest] = message.subject.split('.');
  const method = type === 'call' || type === 'auth' ? rest.pop() : undefined;
  const request = decode(message.data);
  return { ...request, params: request.params ?? {}, rid: rest.join('.'), method };
}

async function answer(handler, message, read) {
  try {
    const result = await handler(read(message));
    return result instanceof Resource ? result.reply : { result: result ?? null };
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    console.error(`Request on ${message.subject} failed:`, error);
    return { error: { code: 'system.internalError', message: 'Internal error' } };
  }
}

export class Service {
  // Connects, and waits for the NATS server as long as it takes. `owns` are the patterns of the resources that the
  // service answers for.
  static async connect(name, owns, url = options().nats) {
    const nats = await connect({
      servers: url.split(','),
      name,
      waitOnFirstConnect: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_MS,
    });
    return new Service(name, owns, nats);
  }

  constructor(name, owns, nats) {
    this.name = name;
    this.owns = owns;
    this.nats = nats;
    this.connected = true;
    this.inboxes = new Map(); // resource name -> the subject on which its queries are asked for
    this.atEnd = () => {}; // called before the service ends
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => this.#stop());
  }

  // Subscribes to requests. `handlers` maps a subject, in which * stands for any one part, to the function that answers
  // it.
  serve(handlers) {
    for (const [subject, handler] of Object.entries(handlers)) this.#reply(subject, handler, readRequest);
  }

  #reply(subject, handler, read) {
    this.nats.subscribe(subject, {
      callback: async (error, message) => {
        if (!error) message.respond(encode(await answer(handler, message, read)));
      },
    });
  }

  // Announces the service to gateways, with a reset, and on the terminal.
  async ready() {
    this.reset();
    await this.nats.flush();
    this.#followConnection();
    console.log(`The ${this.name} service is ready on ${this.nats.getServer()}`);
  }

  // Asks gateways to get the resources again and to check access again. They may have state from an earlier run of this
  // service in their cache, or have missed events while NATS was away.
  reset() {
    this.nats.publish('system.reset', encode({ resources: this.owns, access: this.owns }));
  }

  async #followConnection() {
    for await (const status of this.nats.status()) {
      if (status.type === Events.Disconnect) this.connected = false;
      if (status.type !== Events.Reconnect) continue;
      this.connected = true;
      this.reset();
    }
  }

  // Sends an event. Without a connection it is dropped: the reset after the reconnect makes up for it.
  event(rid, name, data) {
    if (this.connected && !this.nats.isDraining()) this.nats.publish(`event.${rid}.${name}`, encode(data));
  }

  change(rid, values) {
    this.event(rid, 'change', { values });
  }

  // Sets the token of a client's connection, or removes it (null). The gateway keeps the token and sends it to services
  // with each request of that client, but never to the client.
  setToken(cid, token) {
    this.nats.publish(`conn.${cid}.token`, encode({ token }));
  }

  // Serves a resource that takes queries. After a queryEvent(), which says that the resource may have changed, gateways
  // ask for each query that a client is subscribed to. `handler({ query })` answers with the complete collection or
  // model, and the gateways work out what has changed.
  serveQueries(rid, handler) {
    const inbox = createInbox();
    this.inboxes.set(rid, inbox);
    this.#reply(inbox, handler, (message) => decode(message.data));
  }

  // Tells the gateways that the results of this resource's queries may have changed.
  queryEvent(rid) {
    this.event(rid, 'query', { subject: this.inboxes.get(rid) });
  }

  // Sends what is still queued, then ends. The time limit is needed because sending never finishes while the connection
  // is lost.
  async #stop() {
    await Promise.race([this.nats.drain(), new Promise((resolve) => setTimeout(resolve, STOP_MS))]);
    await this.atEnd();
    process.exit(0);
  }
}
