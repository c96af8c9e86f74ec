// A service whose resources change at random: models and collections that refer to each other, also in cycles, and a
// query collection. It announces changes by events, or by a reset only. Some of its replies come late.
import { decode } from './res_service.mjs';

const MODELS = 20;
const LISTS = 8;
const ITEMS = 30;
const QUERIES = ['from=0&n=5', 'from=3&n=5', 'from=0&n=10'];
const INBOXES = 500; // the latest query events, whose query requests are answered

export class RandomWorld {
  constructor(service, random) {
    this.service = service;
    this.random = random;
    this.resources = new Map();
    this.items = Array.from({ length: ITEMS }, (_, i) => `item ${i}`);
    this.inboxes = 0;
    this.answering = []; // the subscriptions to the inboxes
    for (let i = 0; i < MODELS; ++i) this.resources.set(`test.m.${i}`, { n: i, ref: this.value() });
    for (let i = 0; i < LISTS; ++i) this.resources.set(`test.c.${i}`, [this.value(), this.value(), this.value()]);
    for (const rid of this.resources.keys()) this.#serve(rid);
    service.on('get.test.q', ({ query }) => ({ result: { collection: this.slice(query), query: this.normal(query) } }));
  }

  model() {
    return `test.m.${this.random.below(MODELS)}`;
  }
  list() {
    return `test.c.${this.random.below(LISTS)}`;
  }
  rid() {
    const { random } = this;
    const spelt = random.of([...QUERIES, 'n=5&from=0']);
    return random.of([this.model(), this.model(), this.list(), `test.q?${spelt}`, `test.none.${random.below(3)}`]);
  }

  value() {
    const { random } = this;
    const plain = random.of([null, true, random.below(100), `text "é\\ ${random.below(100)}`, -1.5e21]);
    const data = { data: [1, { x: [random.below(5)] }] };
    const soft = { rid: this.model(), soft: true };
    return random.of([plain, plain, { rid: this.model() }, { rid: this.model() }, { rid: this.list() }, soft, data]);
  }

  normal(query) {
    const parts = new URLSearchParams(query);
    return `from=${parts.get('from')}&n=${parts.get('n')}`;
  }
  slice(query) {
    const parts = new URLSearchParams(query);
    return this.items.slice(+parts.get('from'), +parts.get('from') + +parts.get('n'));
  }

  truth(rid) {
    return rid.startsWith('test.q?') ? this.slice(rid.slice(7)) : this.resources.get(rid);
  }

  #serve(rid) {
    const state = () => ({ result: { [Array.isArray(this.resources.get(rid)) ? 'collection' : 'model']: this.resources.get(rid) } });
    this.service.on(`get.${rid}`, () => this.#late(state));
    this.service.on(`call.${rid}.change`, () => {
      this.change(rid);
      return { result: null };
    });
    this.service.on(`call.${rid}.refer`, () => this.#late(() => ({ resource: { rid: this.model() } })));
  }

  // Answers after a few turns of the event loop, so that other answers may overtake it. The answer has the state at the
  // time of sending.
  async #late(answer) {
    for (let turns = this.random.below(4); turns > 0; --turns) await new Promise(setImmediate);
    return answer();
  }

  change(rid) {
    const value = this.resources.get(rid);
    if (Array.isArray(value)) this.#changeList(rid, value);
    else this.#changeModel(rid, value);
  }

  #changeModel(rid, model) {
    const key = this.random.of(['n', 'ref', 'other']);
    const gone = key === 'other' && this.random.oneIn(3);
    const value = gone ? { action: 'delete' } : this.value();
    if (gone) delete model[key];
    else model[key] = value;
    this.service.event(rid, 'change', { values: { [key]: value } });
  }

  #changeList(rid, list) {
    if (list.length > 6 || (list.length > 0 && this.random.oneIn(2))) {
      const idx = this.random.below(list.length);
      list.splice(idx, 1);
      return this.service.event(rid, 'remove', { idx });
    }
    const idx = this.random.below(list.length + 1);
    const value = this.value();
    list.splice(idx, 0, value);
    return this.service.event(rid, 'add', { idx, value });
  }

  // Changes resources without events, and sends a system reset, like a service that has lost track of its changes.
  changeSilently() {
    for (let i = 0; i < 4; ++i) this.resources.set(this.model(), { n: this.random.below(100), ref: this.value() });
    this.resources.set(this.list(), [this.value(), this.value()]);
    this.service.publish('system.reset', { resources: ['test.m.*', 'test.c.>'] });
  }

  // Changes the query collection. Each query request is answered with the state at the time of the query event.
  changeItems() {
    this.items.splice(this.random.below(ITEMS), 1);
    this.items.splice(this.random.below(ITEMS), 0, `item ${this.random.below(1000)}`);
    const then = [...this.items];
    const subject = `_query.${++this.inboxes}`;
    const inbox = this.service.connection.subscribe(subject, {
      callback: (_, message) => {
        const parts = new URLSearchParams(JSON.parse(decode(message.data)).query);
        const collection = then.slice(+parts.get('from'), +parts.get('from') + +parts.get('n'));
        message.respond(new TextEncoder().encode(JSON.stringify({ result: { collection } })));
      },
    });
    if (this.answering.push(inbox) > INBOXES) this.answering.shift().unsubscribe();
    this.service.event('test.q', 'query', { subject });
  }

  act() {
    const which = this.random.below(12);
    if (which === 0) this.changeSilently();
    else if (which < 3) this.changeItems();
    else this.change(this.random.oneIn(3) ? this.list() : this.model());
  }
}
