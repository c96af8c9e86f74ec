// Breaks things around and in a cluster, one after the other, and checks after each that the clients hold the truth; see
// README.md. The faults come in an order that the seed decides, until the time is over: first each of them, then pairs.
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { Random } from '../gateway/random.mjs';
import { Cluster } from './cluster.mjs';
import { NETWORK_FAULTS } from './network_faults.mjs';
import { SIGNAL_FAULTS } from './signal_faults.mjs';
import { SYSTEM_FAULTS } from './system_faults.mjs';

const TRAFFIC_MS = 500; // of ordinary traffic, before and after each fault
const FAULTS = { ...SIGNAL_FAULTS, ...NETWORK_FAULTS, ...SYSTEM_FAULTS };

const { values: given } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    fault: { type: 'string', multiple: true },
    keep: { type: 'boolean', default: false }, // keep what the processes printed, when something is wrong
  },
});

let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (isInterrupted = true));

function shuffled(list, random) {
  const rest = [...list];
  return list.map(() => rest.splice(random.below(rest.length), 1)[0]);
}

// Adds up numbers by their names.
function total(records) {
  const sums = {};
  for (const record of records) for (const [name, n] of Object.entries(record)) sums[name] = (sums[name] ?? 0) + n;
  return sums;
}

// No gateway may have ended, and no client may have been closed, unless the fault says so.
function judge({ mayEnd, mayClose }, cluster, clients) {
  const odd = cluster.gateways.flatMap((one) => one.ends).filter((end) => !mayEnd(end));
  if (odd.length > 0) throw new Error(`a gateway ended (${odd[0].how}):\n${odd[0].output}`);
  const closes = total(clients.filter((one) => !mayClose(one, cluster)).map((one) => one.closes));
  if (Object.keys(closes).length > 0) throw new Error(`clients were closed: ${JSON.stringify(closes)}`);
}

// Returns the fault of that name. Several names, joined by +, are faults at the same time.
function faultOf(name) {
  const parts = name.split('+').map((part) => FAULTS[part] ?? null);
  if (parts.includes(null)) throw new Error(`there is no ${name}; the faults are ${Object.keys(FAULTS).join(', ')}`);
  return {
    mayEnd: (end) => parts.some((part) => part.mayEnd?.(end)),
    mayClose: (client, cluster) => parts.some((part) => part.mayClose?.(client, cluster)),
    run: (cluster, random) => Promise.all(parts.map((part) => part.run(cluster, random))),
  };
}

async function meet(name, cluster, random) {
  const fault = faultOf(name);
  await cluster.resume();
  await pause(TRAFFIC_MS);
  await fault.run(cluster, random);
  await cluster.up();
  await pause(TRAFFIC_MS);
  await cluster.converge();
  const clients = [...cluster.residents, ...cluster.visitors, ...cluster.left];
  judge(fault, cluster, clients);
  const [closes, answers] = ['closes', 'answers'].map((what) => JSON.stringify(total(clients.map((one) => one[what]))));
  return `closes ${closes}, answers ${answers}`;
}

// Returns names without end: first each fault, then two at a time that may happen together.
function* program(random) {
  yield* shuffled(Object.keys(FAULTS), random);
  const together = [...Object.keys(SIGNAL_FAULTS), ...Object.keys(NETWORK_FAULTS)];
  for (;;) yield shuffled(together, random).slice(0, 2).join('+');
}

async function run(random) {
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  const cluster = new Cluster(random);
  let met = 0;
  let name = 'start';
  try {
    await cluster.open();
    for (name of given.fault ?? program(random)) {
      if (isInterrupted || elapsed() > +given.seconds) break;
      const before = elapsed();
      const seen = await meet(name, cluster, random);
      console.log(`${name}: ${(elapsed() - before).toFixed(1)} s, ${seen}`);
      ++met;
    }
  } catch (error) {
    await cluster.close({ keep: given.keep });
    const kept = given.keep ? `\nlogs: ${cluster.stage.folder}` : '';
    throw new Error(`seed ${given.seed}, ${name}: ${error.message}${kept}`);
  }
  await cluster.close();
  console.log(`${met} faults in ${elapsed().toFixed(0)} s; all clients held the truth after each`);
}

try {
  console.log(`seed ${given.seed}`);
  await run(new Random(+given.seed));
  if (isInterrupted) throw new Error('interrupted');
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
