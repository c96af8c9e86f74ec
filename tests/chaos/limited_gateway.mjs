// A gateway that belongs to one fault: it runs under limits of the system, with clients of its own.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync } from 'node:fs';

import { samples } from '../gateway/metrics.mjs';
import { freePort, RESFLOW } from '../gateway/processes.mjs';

const GUESTS = 3;
let scripts = 0;

export class LimitedGateway {
  // `before` are lines of bash that come before the gateway starts, `after` is what follows its arguments. It may take
  // the port and the clients of `earlier`, which has ended.
  static async start(cluster, { before = '', after = '', args = [], earlier } = {}) {
    const one = new LimitedGateway();
    one.cluster = cluster;
    one.port = earlier?.port ?? (await freePort());
    one.metricsPort = await freePort();
    const text = `#!/usr/bin/env bash\n${before}\nexec '${RESFLOW}' "$@" ${after}\n`;
    const script = cluster.stage.file(`limited-${++scripts}`, text);
    chmodSync(script, 0o755);
    const places = ['--addr', '127.0.0.1', '--port', `${one.port}`, '--metricsport', `${one.metricsPort}`];
    const options = ['--nats', cluster.natsUrls.join(), ...places, ...args];
    one.process = cluster.stage.start(script, options, { name: 'limited' });
    await one.process.listensOn(one.port);
    one.guests = earlier?.guests ?? cluster.invite(one.port, GUESTS);
    return one;
  }

  get pid() {
    return this.process.child.pid;
  }

  // Changes a limit while it runs.
  limit(resource, value) {
    execFileSync('prlimit', ['--pid', `${this.pid}`, `--${resource}=${value}:`]);
  }

  // Returns the numbers of its open files.
  files() {
    return readdirSync(`/proc/${this.pid}/fd`).map(Number);
  }

  metrics() {
    return samples(this.metricsPort);
  }

  // Its clients hold the truth, and it ends in good order.
  async end() {
    await this.cluster.converge();
    this.cluster.dismiss(this.guests);
    assert.equal(this.process.how, 'running', this.process.output);
    assert.deepEqual(await this.process.end('SIGTERM'), { code: 0, signal: null });
  }
}
