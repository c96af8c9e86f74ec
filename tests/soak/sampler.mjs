// Measures the gateway from outside: memory, files and processor time from /proc, the rest from its metrics.
import { readdirSync, readFileSync } from 'node:fs';

import { samples } from '../gateway/metrics.mjs';

const KB_IN_MB = 1024;
const TICKS = 100; // in a second, in /proc/PID/stat

export const COLUMNS = ['seconds', 'rss_mb', 'files', 'records', 'cache_resources', 'cache_kb', 'clients',
  'nats_subscriptions', 'cpu_seconds', 'actions', 'events_delivered', 'p50_ms', 'p99_ms'];

function fromProc(pid) {
  const rss = +/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1];
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const cpu = (+fields[11] + +fields[12]) / TICKS;
  return { rss_mb: rss / KB_IN_MB, files: readdirSync(`/proc/${pid}/fd`).length, cpu_seconds: cpu };
}

export async function measure({ pid, metricsPort }) {
  const metrics = await samples(metricsPort);
  return {
    ...fromProc(pid),
    records: metrics.sum('resflow_node_records'),
    cache_resources: metrics.sum('resflow_cache_resources'),
    cache_kb: metrics.sum('resflow_cache_bytes') / 1024,
    clients: metrics.sum('resgate_ws_current_connections'),
    nats_subscriptions: metrics.sum('resflow_nats_subscriptions'),
    events_delivered: metrics.sum('resflow_events_delivered_total'),
    outboxes_full: metrics.sum('resflow_slow_clients_total'),
    cut_off: metrics.number('resflow_client_connections_cut_total{reason="slow"}'),
  };
}

// Returns the value below which the part lies; not a number if there are no values.
export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

const short = (value) => (Number.isInteger(value) ? `${value}` : value.toFixed(3));

export function csv(rows) {
  return [COLUMNS, ...rows.map((row) => COLUMNS.map((name) => short(row[name])))].map((r) => `${r.join()}\n`).join('');
}
