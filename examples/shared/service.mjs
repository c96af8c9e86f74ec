// The RES-Service protocol for the services of the examples: answers what gateways ask over NATS, and sends events.
//
//   const service = await Service.connect('greeter', ['example.>']);
//   service.serve({
//     'access.example.model': () => ({ get: true }),
//     'get.example.model': () => ({ model: { message: 'Hello' } }),
//   });
//   await service.ready();
//
// A handler returns the result of the request, or a promise of it; it throws a Refusal to reply with an error. Events
// that it sends before it returns reach the gateway ahead of its reply, as the protocol demands.
import { parseArgs } from 'node:util';
import { connect, createInbox, Events } from 'nats';

const RECONNECT_MS = 500;
const STOP_MS = 1000;

// What a service replies when it refuses a request. `data` is for the client: a page may find a field's name there.
export class Refusal extends Error {
  constructor(code, message, data) {
    super(message);
    this.reply = { error: { code, message, data } };
  }
}

export const invalidParams = (message, data) => new Refusal('system.invalidParams', message, data);
export const invalidQuery = (message) => new Refusal('system.invalidQuery', message);
export const notFound = () => new Refusal('system.notFound', 'Not found');

// As the result of a call: the resource that it made. The client gets it together with the reply.
export class Resource {
  constructor(rid) {
    this.reply = { resource: { rid } };
  }
}

export function checkObject(params) {
  if (params !== null && typeof params === 'object' && !Array.isArray(params)) return params;
  throw invalidParams('Parameters must be an object');
}

// The command line of a service: --nats, and what `more` names with its default.
export function options(more = {}) {
  const known = { nats: process.env.NATS_URL ?? 'nats://127.0.0.1:4222', ...more };
  const described = Object.entries(known).map(([name, value]) => [name, { type: 'string', default: value }]);
  return parseArgs({ options: Object.fromEntries(described) }).values;
}

const encode = (payload) => new TextEncoder().encode(payload === undefined ? '' : JSON.stringify(payload));
const decode = (bytes) => (bytes.length > 0 ? JSON.parse(new TextDecoder().decode(bytes)) : {});

// What a handler gets to know: the resource, and whatever the request brings (params, token, cid, query, header, ...).
// Subjects are access.<rid> and get.<rid>, but call.<rid>.<method> and auth.<rid>.<method>.
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
  // Connects, waiting for NATS as long as it takes. `owns` are the patterns of the resources it answers for.
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
    this.inboxes = new Map(); // resource name -> where it is asked for its queries
    this.atEnd = () => {}; // what a service wants done before it ends
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => this.#stop());
  }

  // `handlers`: subject, with * for any one part of a name -> what answers requests on it.
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

  // Says on the messaging system and on the terminal that the service is there.
  async ready() {
    this.reset();
    await this.nats.flush();
    this.#followConnection();
    console.log(`The ${this.name} service is ready on ${this.nats.getServer()}`);
  }

  // Gateways may hold what an earlier run of this service told them, or may have missed events while NATS was away:
  // this asks them to fetch the resources anew, and to ask anew who may see them.
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

  // Without a connection, events are not kept for later: the reset does for all of them.
  event(rid, name, data) {
    if (this.connected && !this.nats.isDraining()) this.nats.publish(`event.${rid}.${name}`, encode(data));
  }

  change(rid, values) {
    this.event(rid, 'change', { values });
  }

  // Gives a client's connection a token, or takes it away (null). The gateway keeps it, shows it to services with each
  // request of that client, and never to the client.
  setToken(cid, token) {
    this.nats.publish(`conn.${cid}.token`, encode({ token }));
  }

  // A resource with queries: once queryEvent() has said that it may have changed, gateways ask for each query that
  // somebody looks at. `handler({ query })` answers with the full collection or model, and they work out what changed.
  serveQueries(rid, handler) {
    const inbox = createInbox();
    this.inboxes.set(rid, inbox);
    this.#reply(inbox, handler, (message) => decode(message.data));
  }

  queryEvent(rid) {
    this.event(rid, 'query', { subject: this.inboxes.get(rid) });
  }

  // Sends what is still to be sent; without a connection that would take for ever, hence the limit.
  async #stop() {
    await Promise.race([this.nats.drain(), new Promise((resolve) => setTimeout(resolve, STOP_MS))]);
    await this.atEnd();
    process.exit(0);
  }
}
