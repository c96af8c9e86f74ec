// The Dockerfile, as far as it can be tested without a container: the files that it copies exist, and its health check
// tells a healthy gateway from an unhealthy one.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { Authority } from './certificates.mjs';
import { MeteredStage } from './metrics.mjs';
import { freePort } from './processes.mjs';

const place = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const LINES = readFileSync(place('tools/packaging/Dockerfile'), 'utf8').replaceAll('\\\n', ' ').split('\n');

const instruction = (name) => LINES.find((line) => line.startsWith(`${name} `));

// Returns the exit code of the health check, run against `port` instead of the port in the container.
async function healthCheck(port) {
  const [, command] = /^HEALTHCHECK .*?\bCMD (.*)$/.exec(instruction('HEALTHCHECK'));
  const [, metricsPort] = /^ENV RESFLOW_METRICSPORT=(\d+)$/.exec(instruction('ENV'));
  assert.ok(command.includes(`:${metricsPort}/`));
  const check = spawn('sh', ['-c', command.replaceAll(`:${metricsPort}/`, `:${port}/`)]);
  const [code] = await once(check, 'close');
  return code;
}

test('what it copies is there, and not ignored', () => {
  const ignored = readFileSync(place('.dockerignore'), 'utf8').split('\n');
  for (const [, source] of LINES.map((line) => /^COPY (\S+) \S+$/.exec(line)).filter(Boolean)) {
    assert.ok(existsSync(place(source)), source);
  }
  // The build needs all source folders except the tests.
  for (const folder of ['nodes', 'graph', 'io', 'tools', 'examples', 'README.md', 'LICENSE']) {
    assert.ok(!ignored.includes(folder), folder);
  }
});

test('it does not run as root', () => {
  assert.match(instruction('USER'), /^USER [1-9]\d+:[1-9]\d+$/);
});

test('the health check passes a gateway that is well, with TLS and without', async (t) => {
  const stage = new MeteredStage();
  t.after(() => stage.close());
  const { cert, key } = new Authority(stage.folder).issue('gateway');
  for (const args of [[], ['--tls', '--tlscert', cert, '--tlskey', key]]) {
    const { metricsPort } = await stage.startMetered({ args });
    assert.equal(await healthCheck(metricsPort), 0);
  }
});

test('the health check fails one that is not there or does not answer', async (t) => {
  assert.notEqual(await healthCheck(await freePort()), 0);
  const stage = new MeteredStage();
  t.after(() => stage.close());
  const { gateway, metricsPort } = await stage.startMetered();
  gateway.signal('SIGSTOP');
  assert.notEqual(await healthCheck(metricsPort), 0);
});
