// What clients and the service do all the time. Each call of act() starts one small thing, chosen at random.
import http from 'node:http';

import { ask } from '../gateway/http_client.mjs';
import { StrictClient } from '../gateway/strict_client.mjs';
import { until } from '../gateway/waiting.mjs';
import { readSlowly } from './slow_reader.mjs';

const VISITORS = 40; // about so many are there
const FRESH = 2_000; // resources of names that are used for a while only
const SLOW_READERS = 2; // at once, at most

export class Churn {
  constructor({ port, service, world, random, faults }) {
    Object.assign(this, { port, service, world, random, faults });
    this.visitors = new Set();
    this.underWay = new Set();
    this.counts = {}; // of answers, by how they are
    this.actions = 0;
    this.fresh = 0; // the number of the latest fresh resource
    this.slowReaders = 0;
    this.agent = new http.Agent({ keepAlive: true });
    service.model('test.flood', {});
    service.on('auth.test.gate.login', ({ cid }) => {
      service.publish(`conn.${cid}.token`, { token: { n: this.actions } });
      return { result: null };
    });
  }

  act() {
    ++this.actions;
    this.service.requests.length = 0;
    const which = this.random.below(1000);
    if (which < 100) this.#track(this.#comeOrGo());
    else if (which < 500) this.#visit();
    else if (which < 650) this.world.act();
    else if (which < 720) this.service.event(this.world.model(), 'custom', { n: this.actions });
    else if (which < 740) this.service.event(this.world.model(), 'reaccess');
    else if (which < 900) this.#useFresh();
    else if (which < 998) this.#track(this.#web());
    else if (this.slowReaders < SLOW_READERS) this.#track(this.#readSlowly());
  }

  #track(promise) {
    const tracked = promise.catch((error) => this.faults.push(error.message)).then(() => this.underWay.delete(tracked));
    this.underWay.add(tracked);
  }

  #count(what) {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  async #comeOrGo() {
    if (this.random.below(2 * VISITORS) < this.visitors.size) return this.#leave(this.random.of([...this.visitors]));
    const visitor = await StrictClient.open(this.port, this.faults);
    this.visitors.add(visitor);
    visitor.client.closed.then(({ code }) => {
      this.visitors.delete(visitor);
      if (!visitor.leaves) this.faults.push(`the gateway closed a client with ${code}`);
    });
  }

  #leave(visitor) {
    visitor.leaves = true;
    this.visitors.delete(visitor);
    if (this.random.oneIn(2)) visitor.client.end();
    else visitor.client.ws.close();
  }

  #visit() {
    if (this.visitors.size === 0) return;
    const visitor = this.random.of([...this.visitors]);
    const request = this.#request(visitor);
    if (request) this.#track(this.#answered(visitor, request));
  }

  #request(visitor) {
    const which = this.random.below(12);
    if (which < 5) return visitor.subscribe(this.world.rid());
    if (which < 9) {
      const endable = visitor.endable();
      return endable.length > 0 ? visitor.unsubscribe(this.random.of(endable)) : undefined;
    }
    if (which < 10) return visitor.get(this.world.rid());
    if (which < 11 && this.random.oneIn(3)) return visitor.client.request('auth.test.gate.login');
    return visitor.call(`${this.world.model()}.${this.random.of(['change', 'refer'])}`);
  }

  // Every request is answered, unless the client that sent it leaves.
  async #answered(visitor, request) {
    try {
      const { error } = await request;
      this.#count(error ? error.code : 'result');
    } catch (error) {
      if (!visitor.leaves) throw error;
      this.#count('left before the answer');
    }
  }

  // A visitor reads a resource that nobody has asked for before. The cache keeps it for its eviction time.
  #useFresh() {
    const rid = `test.fresh.${++this.fresh}`;
    this.service.model(rid, { n: this.fresh, text: 'x'.repeat(this.random.below(2_000)) });
    this.service.handlers.delete(`get.test.fresh.${this.fresh - FRESH}`);
    if (this.visitors.size === 0) return;
    const visitor = this.random.of([...this.visitors]);
    this.#track(this.#answered(visitor, visitor.get(rid)));
  }

  async #web() {
    const n = Math.max(1, this.fresh - this.random.below(20));
    const path = this.random.of([`/api/test/fresh/${n}`, '/api/test/q?from=0&n=10', '/api/test/none/1']);
    const agent = this.random.oneIn(2) ? this.agent : false; // a connection that is kept, or one of its own
    const call = this.random.oneIn(4);
    const wanted = call ? `/api/${this.world.model().replaceAll('.', '/')}/change` : path;
    const { status } = await ask(this.port, call ? 'POST' : 'GET', wanted, { agent });
    this.#count(`HTTP ${status}`);
  }

  async #readSlowly() {
    ++this.slowReaders;
    try {
      await readSlowly(this.port, this.service, this.random);
    } finally {
      --this.slowReaders;
    }
  }

  // Waits until every answer has come and every client holds what the service has.
  async settle() {
    await Promise.all(this.underWay);
    const truth = (rid) => this.world.truth(rid);
    const differences = () => [...this.visitors].flatMap((v) => v.differences(truth)).join('\n');
    await until(() => differences() === '', differences);
  }

  leave() {
    for (const visitor of this.visitors) this.#leave(visitor);
    this.agent.destroy();
  }
}
