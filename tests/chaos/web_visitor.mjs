// A client of the HTTP API. Every request of it is answered, or its connection is closed.
import { setTimeout as pause } from 'node:timers/promises';

import { ask } from '../gateway/http_client.mjs';

const STEP_MS = 50;
const PATHS = ['/api/test/q?from=0&n=5', '/api/test/q?from=3&n=5', '/api/test/none/1'];

export class WebVisitor {
  isResting = false;
  isOver = false;
  closes = {}; // as of a Resident; a connection is for one request only
  answers = {};

  constructor(port, names, random, faults) {
    Object.assign(this, { port, names, random, faults });
    this.life = this.#live();
  }

  async #live() {
    while (!this.isOver) {
      if (!this.isResting) await (this.request = this.#visit());
      await pause(STEP_MS);
    }
  }

  async #visit() {
    const change = `/api/${this.names.model().replaceAll('.', '/')}/change`;
    const [method, path] = this.random.oneIn(3) ? ['POST', change] : ['GET', this.random.of(PATHS)];
    const answer = ask(this.port, method, path);
    const kind = await answer.then(({ status }) => `HTTP ${status}`, (error) => this.#unanswered(error));
    this.answers[kind] = (this.answers[kind] ?? 0) + 1;
    if (kind === 'HTTP 500') this.faults.push(`the answer to ${method} ${path} was ${kind}`);
  }

  #unanswered({ message }) {
    if (/^waited in vain/.test(message)) this.faults.push(message);
    return 'HTTP closed';
  }

  rest() {
    this.isResting = true;
    return this.request;
  }

  end() {
    this.isOver = true;
    return this.life;
  }
}
