// A client that follows the RES-Client protocol to the letter. It reports a fault for every message that does not fit
// the resources that it holds.
import { isDeepStrictEqual } from 'node:util';

import { ResClient } from './res_client.mjs';

const isReference = (value) => typeof value?.rid === 'string' && !value.soft;

export class StrictClient {
  static async open(port, faults) {
    return new StrictClient(await ResClient.open(port), faults);
  }

  constructor(client, faults) {
    this.client = client;
    this.faults = faults;
    this.held = new Map(); // by rid: { value } or { error }
    this.direct = new Map(); // by rid: number of direct subscriptions
    this.customEvents = new Set(); // names of custom events that have come
    const receive = client.receive.bind(client);
    // Handles each message before anybody else sees it, so that the held resources change in the order of the messages.
    client.receive = (message) => {
      if (message.event !== undefined) return this.#event(message);
      this.pending.get(message.id)?.(message);
      this.pending.delete(message.id);
      return receive(message);
    };
    this.pending = new Map();
  }

  #fault(text) {
    this.faults.push(text);
  }

  #request(method, onAnswer) {
    this.pending.set(this.client.lastId + 1, onAnswer);
    return this.client.request(method);
  }

  subscribe(rid) {
    return this.#request(`subscribe.${rid}`, ({ result }) => {
      if (!result) return;
      this.#take(result);
      this.#addDirect(rid);
    });
  }

  call(method) {
    return this.#request(`call.${method}`, ({ result }) => {
      if (!result?.rid) return;
      const failed = result.errors?.[result.rid];
      if (failed) return;
      this.#take(result);
      this.#addDirect(result.rid);
    });
  }

  // A get makes the client hold nothing.
  get(rid) {
    return this.#request(`get.${rid}`, () => {});
  }

  // Ends a direct subscription. While that is under way, endable() does not list it.
  unsubscribe(rid) {
    this.ending ??= new Set();
    this.ending.add(rid);
    return this.#request(`unsubscribe.${rid}`, ({ error }) => {
      this.ending.delete(rid);
      if (error) {
        if (this.direct.has(rid)) this.#fault(`unsubscribe.${rid}: ${error.code}`);
        return;
      }
      const count = this.direct.get(rid) - 1;
      if (count > 0) this.direct.set(rid, count);
      else this.direct.delete(rid);
      this.#letGo();
    });
  }

  endable() {
    return [...this.direct.keys()].filter((rid) => !this.ending?.has(rid));
  }

  #addDirect(rid) {
    this.direct.set(rid, (this.direct.get(rid) ?? 0) + 1);
    this.#letGo();
  }

  // Adds the resources of a set. RES-Client protocol: "any subscribed resource previously not subscribed by the
  // client".
  #take({ models = {}, collections = {}, errors = {} }) {
    for (const [rid, value] of Object.entries({ ...models, ...collections })) {
      if (this.held.get(rid)?.value) this.#fault(`${rid} is sent again`);
      this.held.set(rid, { value });
    }
    for (const [rid, error] of Object.entries(errors)) this.held.set(rid, { error });
  }

  #event({ event, data }) {
    const dot = event.lastIndexOf('.');
    const rid = event.slice(0, dot);
    const name = event.slice(dot + 1);
    const resource = this.held.get(rid);
    if (!resource?.value) return this.#fault(`${event} on what is not held`);
    if (name === 'unsubscribe') this.direct.delete(rid);
    else if (name === 'change') this.#change(resource.value, data);
    else if (name === 'add' || name === 'remove') this.#splice(event, resource.value, data, name === 'add');
    else this.customEvents.add(event);
    this.#letGo();
  }

  #change(model, data) {
    this.#take(data);
    for (const [key, value] of Object.entries(data.values)) {
      if (value?.action === 'delete') delete model[key];
      else model[key] = value;
    }
  }

  #splice(event, list, data, adds) {
    const { idx } = data;
    if (!(idx >= 0 && idx <= list.length - (adds ? 0 : 1))) return this.#fault(`${event}: ${idx} of ${list.length}`);
    if (!adds) return list.splice(idx, 1);
    this.#take(data);
    return list.splice(idx, 0, data.value);
  }

  // Returns all rids that can be reached from the direct subscriptions by references.
  reachable() {
    const seen = new Set();
    const walk = [...this.direct.keys()];
    while (walk.length > 0) {
      const rid = walk.pop();
      if (seen.has(rid)) continue;
      seen.add(rid);
      const resource = this.held.get(rid);
      if (!resource) this.#fault(`${rid} is referred to, but was not sent`);
      for (const value of Object.values(resource?.value ?? {})) if (isReference(value)) walk.push(value.rid);
    }
    return seen;
  }

  #letGo() {
    const kept = this.reachable();
    for (const rid of this.held.keys()) if (!kept.has(rid)) this.held.delete(rid);
  }

  // Returns a description of each held resource that differs from the truth.
  differences(truth) {
    const wrong = ([rid, { value, error }]) => (error ? truth(rid) !== undefined : !isDeepStrictEqual(value, truth(rid)));
    return [...this.held].filter(wrong).map(([rid, held]) => {
      return `${rid}: holds ${JSON.stringify(held)}, is ${JSON.stringify(truth(rid))}`;
    });
  }
}
