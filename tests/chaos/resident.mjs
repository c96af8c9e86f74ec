// A client that stays: it makes random requests, follows the protocol to the letter, and comes back when its connection
// has ended. Every request of it is answered, or its connection is closed.
import { setTimeout as pause } from 'node:timers/promises';

import { StrictClient } from '../gateway/strict_client.mjs';
import { until } from '../gateway/waiting.mjs';

const STEP_MS = 30;
const RETURN_MS = 100;
const MAX_DIRECT = 6; // subscriptions that it wants to have

export class Resident {
  strict = null; // while it is connected
  isResting = false;
  isOver = false;
  closes = {}; // how often its connection has ended, by close code
  answers = {}; // how many answers there were, by kind
  requests = new Set();

  // `names` chooses resources at random.
  constructor(port, names, random, faults) {
    Object.assign(this, { port, names, random, faults });
    this.life = this.#live();
  }

  async #live() {
    while (!this.isOver) {
      try {
        const strict = await StrictClient.open(this.port, this.faults);
        this.strict = strict;
        strict.client.closed.then(({ code }) => this.#isClosed(code));
        await this.#stay(strict);
        strict.client.end();
      } catch {
        await pause(RETURN_MS); // nobody listens, or the connection has ended before it was open
      }
    }
  }

  #isClosed(code) {
    this.strict = null;
    if (!this.isOver) this.closes[code] = (this.closes[code] ?? 0) + 1;
  }

  async #stay(strict) {
    while (this.strict === strict && !this.isOver) {
      if (!this.isResting) this.#step(strict);
      await pause(STEP_MS);
    }
  }

  #step(strict) {
    const { random, names } = this;
    const endable = strict.endable();
    const which = random.below(10);
    const leaves = endable.length > MAX_DIRECT || (which < 2 && endable.length > 0);
    if (leaves) return this.#track(strict.unsubscribe(random.of(endable)));
    if (which < 6) return this.#track(strict.subscribe(names.rid()));
    if (which < 8) return this.#track(strict.get(names.rid()));
    return this.#track(strict.call(`${names.model()}.${random.of(['change', 'refer'])}`));
  }

  #track(request) {
    const tracked = request.then(
      ({ error }) => this.#answered(error?.code ?? 'result'),
      (error) => this.#unanswered(error),
    ).then(() => this.requests.delete(tracked));
    this.requests.add(tracked);
    return tracked;
  }

  #answered(kind) {
    this.answers[kind] = (this.answers[kind] ?? 0) + 1;
    if (kind === 'system.internalError') this.faults.push(`an answer was ${kind}`);
  }

  #unanswered({ message }) {
    if (!/^closed with|WebSocket is not open/.test(message)) this.faults.push(message);
    else this.#answered('closed');
  }

  // Connects anew.
  async comeBack() {
    const before = this.strict;
    before?.client.end();
    await until(() => this.strict !== null && this.strict !== before, 'a client to come back');
  }

  // Resolves when it is connected, and all its requests are answered.
  async rest() {
    this.isResting = true;
    await until(() => this.strict !== null && this.requests.size === 0, `${this.requests.size} answers`);
  }

  // What it holds that differs from the truth.
  differences(truth) {
    return this.strict ? this.strict.differences(truth) : ['not connected'];
  }

  // An error that it holds stays an error, also when the service would answer now. So it lets go of everything, and
  // subscribes again.
  async renew(truth) {
    const { strict } = this;
    if (!strict) return;
    const isOutdated = ([rid, { error }]) => error && truth(rid) !== undefined;
    const outdated = [...strict.held].filter(isOutdated).length;
    if (outdated === 0 || outdated < strict.differences(truth).length) return; // values must become right by themselves
    const direct = [...strict.direct];
    const isThere = () => this.strict === strict;
    for (const [rid] of direct) {
      while (isThere() && strict.direct.has(rid)) await this.#track(strict.unsubscribe(rid));
    }
    for (const [rid] of direct) if (isThere()) await this.#track(strict.subscribe(rid));
  }

  // Tells whether an event named `mark` has come for every resource that it holds.
  get isMarked() {
    const { held, customEvents } = this.strict;
    return [...held].every(([rid, { value }]) => !value || rid.includes('?') || customEvents.has(`${rid}.mark`));
  }

  end() {
    this.isOver = true;
    this.strict?.client.end();
    return this.life;
  }
}
