// What the system refuses: room on the disk, files, memory. And a clock that jumps.
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { replay } from '../gateway/captures.mjs';
import { rawSocket } from '../gateway/raw_client.mjs';
import { ResClient } from '../gateway/res_client.mjs';
import { until } from '../gateway/waiting.mjs';
import { LimitedGateway } from './limited_gateway.mjs';

const TRAFFIC_MS = 2_000; // how long clients go on after a fault that nobody notices
const KB = 64; // the size at which the disk is full
const FILES = 300;
const CONNECTIONS = FILES - 128; // so many connections remain (README.md of the gateway)
const WAITING = 10; // clients for whom there is no file
const HOUR_S = 3_600;
const MEMORY_KB = 200_000; // about twice what a gateway has in its address space at start
const LARGE_MODELS = 500;
const LARGE = 500_000; // characters

let captures = 0;

async function captureFull(cluster) {
  const file = cluster.stage.file(`full-${++captures}.jsonl`);
  const gateway = await LimitedGateway.start(cluster, { before: `ulimit -f ${KB}`, args: ['--capture', file] });
  await gateway.process.says(/\[ERR\].*capture/i);
  await gateway.end();
  assert.ok(statSync(file).size <= KB * 1024);
  const { code, output } = await replay(cluster.stage, file);
  assert.equal(code, 2, output);
  assert.match(output, /cut off/);
  assert.match(output, /[1-9]\d* outputs equal, 0 different/);
}

async function logFull(cluster) {
  const file = cluster.stage.file(`full-${++captures}.log`);
  const toFile = { before: `ulimit -f ${KB}`, after: `2>'${file}'`, args: ['-DV'] };
  const gateways = [toFile, { after: '2>/dev/full', args: ['-DV'] }].map((how) => LimitedGateway.start(cluster, how));
  const [limited, full] = await Promise.all(gateways);
  await until(() => statSync(file).size === KB * 1024, 'the log file to be full');
  await pause(TRAFFIC_MS);
  await cluster.converge();
  await limited.end();
  await full.end();
}

async function fewFiles(cluster) {
  const gateway = await LimitedGateway.start(cluster, { before: `ulimit -n ${FILES}` });
  const sockets = await Promise.all(Array.from({ length: 2 * CONNECTIONS }, () => rawSocket(gateway.port)));
  for (const socket of sockets) socket.resume();
  const open = () => sockets.filter((socket) => !socket.closed).length;
  await until(() => open() <= CONNECTIONS, 'the gateway to refuse connections');
  assert.ok((await gateway.metrics()).sum('resflow_client_connections_rejected_total') > 0);
  await pause(TRAFFIC_MS);
  for (const socket of sockets) socket.destroy();
  await opens(gateway);
  await gateway.end();
}

// A client can connect.
async function opens({ port }) {
  const client = await until(() => ResClient.open(port).catch(() => null), 'a connection');
  client.end();
}

// The files are used up while it runs. Clients who are there go on; others wait until there are files again.
async function noFiles(cluster) {
  const gateway = await LimitedGateway.start(cluster);
  await until(() => gateway.guests.every((guest) => guest.strict), 'the guests');
  const files = gateway.files();
  const limit = Math.max(...files) + 1;
  gateway.limit('nofile', limit);
  let opened = 0;
  const openings = Array.from({ length: limit - files.length + WAITING }, () => ResClient.open(gateway.port));
  for (const opening of openings) opening.then(() => ++opened);
  await pause(TRAFFIC_MS);
  await cluster.converge();
  assert.ok(opened < openings.length, 'there were files enough');
  gateway.limit('nofile', 1024);
  for (const client of await Promise.all(openings)) client.end();
  await gateway.end();
}

function libfaketime() {
  const { arch } = process;
  const folder = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[arch];
  return `/usr/lib/${folder}/faketime/libfaketimeMT.so.1`;
}

// Returns by how many seconds the time in the last line of the log differs from ours.
function offBy({ output }) {
  const [year, ...rest] = output.match(/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/g).at(-1).split(/[/ :]/).map(Number);
  return (new Date(year, rest[0] - 1, ...rest.slice(1)) - Date.now()) / 1000;
}

async function clockJumps(cluster, seconds) {
  const file = cluster.stage.file(`clock-${++captures}`, '+0');
  const variables = [`LD_PRELOAD='${libfaketime()}'`, `FAKETIME_TIMESTAMP_FILE='${file}'`, 'FAKETIME_NO_CACHE=1',
    'FAKETIME_DONT_FAKE_MONOTONIC=1'];
  const gateway = await LimitedGateway.start(cluster, { before: `export ${variables.join(' ')}`, args: ['-DV'] });
  await pause(TRAFFIC_MS);
  assert.ok(Math.abs(offBy(gateway.process)) < HOUR_S / 2);
  writeFileSync(file, `${seconds > 0 ? '+' : ''}${seconds}`);
  await pause(TRAFFIC_MS);
  assert.ok(Math.abs(offBy(gateway.process) - seconds) < HOUR_S / 2, 'the clock has not jumped');
  await gateway.end();
}

// Clients ask for more than there is memory for. The gateway ends, and another one takes its place.
async function memoryRefused(cluster) {
  const gateway = await LimitedGateway.start(cluster, { before: `ulimit -v ${MEMORY_KB}` });
  const client = await ResClient.open(gateway.port);
  const rids = Array.from({ length: LARGE_MODELS }, (_, i) => `control.large.${i}`);
  for (const rid of rids) cluster.control.model(rid, { text: 'x'.repeat(LARGE) });
  await Promise.allSettled(rids.map((rid) => client.request(`subscribe.${rid}`)));
  await gateway.process.ended();
  assert.match(gateway.process.how, /SIGABRT/);
  assert.match(gateway.process.output, /resflow: out of memory/);
  const next = await LimitedGateway.start(cluster, { earlier: gateway });
  await next.end();
}

export const SYSTEM_FAULTS = {
  'disk-full-capture': { run: captureFull },
  'disk-full-log': { run: logFull },
  'files-few': { run: fewFiles },
  'files-gone': { run: noFiles },
  'clock-forward': { run: (cluster) => clockJumps(cluster, HOUR_S) },
  'clock-back': { run: (cluster) => clockJumps(cluster, -HOUR_S) },
  'memory-refused': { mayClose: ({ port }, cluster) => !cluster.ports.includes(port), run: memoryRefused },
};
