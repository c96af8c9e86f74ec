// A process of the cluster that is started again whenever it has ended, as systemd would do.
import { setTimeout as pause } from 'node:timers/promises';

import { until } from '../gateway/waiting.mjs';

const REST_MS = 300; // before it is started again

export class Member {
  process = null;
  isUp = false;
  starts = 0;
  ends = []; // how it has ended: { how, output }
  #isOver = false;

  // `start(n)` starts the process for the nth time. `ready` is what it prints when it is ready.
  constructor(name, start, ready) {
    Object.assign(this, { name, start, ready });
  }

  // Keeps it running. Resolves when it is ready for the first time.
  async begin() {
    this.#keep();
    await this.up();
  }

  async #keep() {
    while (!this.#isOver) {
      this.process = this.start(++this.starts);
      this.process.says(this.ready).then(() => (this.isUp = !this.process.exit), () => {});
      await this.process.closed;
      this.isUp = false;
      this.ends.push({ how: this.process.how, output: this.process.output });
      await pause(REST_MS);
    }
  }

  up() {
    return until(() => this.isUp, () => `${this.name} to be ready:\n${this.process?.output}`);
  }

  // Sends the signal, which ends the process.
  async killed(signal = 'SIGKILL') {
    const { process } = this;
    process.signal(signal);
    await process.ended();
  }

  async stoppedFor(ms) {
    const { process } = this;
    process.signal('SIGSTOP');
    await pause(ms);
    process.signal('SIGCONT');
  }

  // From now on it is not started again.
  end() {
    this.#isOver = true;
  }
}
