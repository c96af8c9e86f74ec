// A gateway with a metrics port, and the samples that it serves there.
import assert from 'node:assert/strict';

import { freePort, Stage } from './processes.mjs';
import { PATIENCE_MS, until } from './waiting.mjs';

export class Samples extends Map {
  // Reads the lines of the page. The key is everything before the last space, the value is the number behind it.
  constructor(text) {
    super();
    for (const line of text.split('\n')) {
      if (line === '' || line.startsWith('# ')) continue;
      const space = line.lastIndexOf(' ');
      assert(!this.has(line.slice(0, space)), `${line} is there twice`);
      this.set(line.slice(0, space), Number(line.slice(space + 1)));
    }
  }

  number(name) {
    assert(this.has(name), `${name} is missing`);
    return this.get(name);
  }

  // Adds up all samples of a metric, over all label values.
  sum(name) {
    let sum = 0;
    for (const [key, value] of this) if (key === name || key.startsWith(`${name}{`)) sum += value;
    return sum;
  }
}

export class MeteredStage extends Stage {
  // Starts a nats-server and a gateway with a metrics port.
  async startMetered({ args = [], config } = {}) {
    const nats = await this.startNats();
    const metricsPort = await freePort();
    const gateway = await this.startGateway(nats, { args: ['--metricsport', `${metricsPort}`, ...args], config });
    return { nats, gateway, metricsPort };
  }
}

export function page(port, path, { method = 'GET', headers = {} } = {}) {
  // A connection of its own, since the gateway may end and close those that are kept; and a limit, since fetch has none.
  const signal = AbortSignal.timeout(PATIENCE_MS);
  return fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { connection: 'close', ...headers }, signal });
}

export async function scrape(port, headers = {}) {
  const response = await page(port, '/metrics', { headers });
  assert.equal(response.status, 200);
  return response.text();
}

export async function samples(port) {
  return new Samples(await scrape(port));
}

// Waits until the named samples have the wanted values. The gateway notices what happens to a connection a little
// later.
export async function untilSamples(port, wanted) {
  let found;
  await until(
    async () => {
      const all = await samples(port);
      found = Object.fromEntries(Object.keys(wanted).map((name) => [name, all.get(name)]));
      return Object.entries(wanted).every(([name, value]) => all.get(name) === value);
    },
    () => `${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`,
  );
}
