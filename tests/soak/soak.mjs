// Churn against one gateway and one nats-server, for a time; see README.md. Writes soak.csv and soak.svg to --out.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { MeteredStage } from '../gateway/metrics.mjs';
import { Random } from '../gateway/random.mjs';
import { RandomWorld } from '../gateway/random_world.mjs';
import { ResService } from '../gateway/res_service.mjs';
import { until } from '../gateway/waiting.mjs';
import { Churn } from './churn.mjs';
import { picture } from './picture.mjs';
import { csv, measure, quantile } from './sampler.mjs';
import { slopeOf } from './slope.mjs';

const SAMPLE_MS = 10_000;
const TICK_MS = 20;
const SETTLED = 0.25; // the part of the time that the slope leaves out, in which memory is taken for the first time
const MAX_SLOPE = 5; // MB an hour
const JUDGED_MINUTES = 30; // a shorter run shows the slope, and judges only what is left at the end
const LIMITS = ['--maxoutboxbytes', `${4 << 20}`, '--writetimeout', '5'];
const PANELS = [
  { column: 'rss_mb', title: 'Memory of the gateway (RSS), MB' },
  { column: 'records', title: 'Records in all nodes (resflow_node_records)' },
  { column: 'files', title: 'Open files of the gateway' },
  { column: 'p99_ms', title: '99 % of events took less than, ms' },
];
const BUILT = fileURLToPath(new URL('../../build/soak', import.meta.url));

const { values: given } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '800' }, // actions in a second
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: BUILT },
  },
});

let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (isInterrupted = true));

class Soak {
  rows = [];
  faults = [];
  stage = new MeteredStage();
  start = 0;

  async open() {
    const { nats, gateway, metricsPort } = await this.stage.startMetered({ args: LIMITS });
    this.gateway = gateway;
    this.target = { pid: gateway.child.pid, metricsPort };
    this.atFirst = await measure(this.target);
    const workerData = { natsUrl: nats.url, port: gateway.port };
    this.probe = new Worker(new URL('probe.mjs', import.meta.url), { workerData });
    await once(this.probe, 'message');
    this.service = await ResService.start(nats.url);
    const random = new Random(+given.seed);
    const world = new RandomWorld(this.service, random);
    this.churn = new Churn({ port: gateway.port, service: this.service, world, random, faults: this.faults });
    this.start = performance.now();
  }

  get seconds() {
    return (performance.now() - this.start) / 1000;
  }

  // Does as many actions as belong to the time that has passed, until the end or the first fault.
  async run(seconds) {
    let nextSample = SAMPLE_MS / 1000;
    while (this.seconds < seconds && !isInterrupted && this.faults.length === 0) {
      if (this.gateway.exit) throw new Error(`the gateway ended (${this.gateway.how}):\n${this.gateway.output}`);
      const wanted = Math.floor(this.seconds * +given.rate);
      const behind = Math.min(wanted - this.churn.actions, Math.ceil(+given.rate / 10));
      for (let i = 0; i < behind; ++i) this.churn.act();
      if (this.seconds >= nextSample) {
        await this.sample();
        nextSample += SAMPLE_MS / 1000;
      }
      await pause(TICK_MS);
    }
  }

  async sample() {
    this.probe.postMessage('tell');
    const [latencies] = await once(this.probe, 'message');
    const times = { p50_ms: quantile(latencies, 0.5), p99_ms: quantile(latencies, 0.99) };
    const measured = await measure(this.target);
    this.rows.push({ seconds: Math.round(this.seconds), ...measured, actions: this.churn.actions, ...times });
  }

  // All leave. Then nothing of them may be left, when the cache has forgotten what nobody uses.
  async empty() {
    await this.churn.settle();
    this.churn.leave();
    this.probe.postMessage('end');
    await once(this.probe, 'exit');
    let left;
    await until(async () => {
      left = await measure(this.target);
      const objects = left.records + left.cache_resources + left.cache_kb + left.clients;
      return objects === 0 && left.files <= this.atFirst.files;
    }, () => `the gateway to let go: ${JSON.stringify(left)}`);
    return left;
  }

  async close() {
    await this.probe?.terminate();
    await this.service?.close();
    await this.stage.close();
  }
}

function report({ rows, churn, atFirst }, left) {
  const judged = rows.filter((r) => r.seconds >= rows.at(-1).seconds * SETTLED);
  const { slope, upper, independent } = slopeOf(judged.map((r) => r.seconds / 3600), judged.map((r) => r.rss_mb));
  const last = rows.at(-1);
  console.log(`${last.seconds} s, ${last.actions} actions (${(last.actions / last.seconds).toFixed(0)} a second), ` +
    `${last.events_delivered} events delivered; processor time of the gateway: ` +
    `${((100 * last.cpu_seconds) / last.seconds).toFixed(1)} % of a core`);
  console.log(`answers: ${JSON.stringify(churn.counts)}`);
  console.log(`RSS: ${atFirst.rss_mb.toFixed(1)} MB at first, ${last.rss_mb.toFixed(1)} MB at last, ` +
    `${left.rss_mb.toFixed(1)} MB when all had left`);
  console.log(`slope of RSS: ${slope.toFixed(2)} MB an hour, at most ${upper.toFixed(2)} ` +
    `(${judged.length} samples, which count as ${independent.toFixed(0)})`);
  console.log(`p99 of events: median ${quantile(rows.map((r) => r.p99_ms), 0.5).toFixed(2)} ms, ` +
    `highest ${Math.max(...rows.map((r) => r.p99_ms)).toFixed(2)} ms`);
  console.log(`slow readers: ${left.outboxes_full} closed with a full outbox, ${left.cut_off} cut off without progress`);
  console.log(`left at the end: ${left.records} records, ${left.clients} clients, ${left.cache_resources} resources, ` +
    `${left.files} files (${atFirst.files} at first)`);
  return upper;
}

function write(rows) {
  mkdirSync(given.out, { recursive: true });
  writeFileSync(path.join(given.out, 'soak.csv'), csv(rows));
  writeFileSync(path.join(given.out, 'soak.svg'), picture(rows, PANELS));
}

const soak = new Soak();
try {
  await soak.open();
  await soak.run(+given.minutes * 60);
  if (soak.rows.length > 1) write(soak.rows);
  const left = soak.faults.length === 0 ? await soak.empty() : undefined;
  const faults = soak.faults.slice(0, 10).join('\n');
  if (faults !== '') throw new Error(`after ${soak.seconds.toFixed(0)} s: ${faults}`);
  const upper = report(soak, left);
  const isJudged = +given.minutes >= JUDGED_MINUTES;
  if (isJudged && !(upper < MAX_SLOPE)) throw new Error(`memory grows by more than ${MAX_SLOPE} MB an hour`);
  if (isInterrupted) throw new Error('interrupted');
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await soak.close();
}
