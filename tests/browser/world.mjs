// A running example: NATS, the gateway, the services of the example, its page, and browser windows. A test can kill
// parts of it and start them again.
//
//   RESFLOW=path/to/resflow node --test tests/browser/
//
// CHROMIUM names the browser (default /usr/bin/chromium). Screenshots and logs are kept if a test fails, and always if
// RESFLOW_KEEP_FILES=1 is set.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect } from 'nats';
import { chromium } from 'playwright-core';
import { freePort, Stage } from '../../tools/processes.mjs';
import { until } from '../../tools/waiting.mjs';
import { PATIENCE_MS, Window } from './window.mjs';

export const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
export const RESFLOW = process.env.RESFLOW || fileURLToPath(new URL('../../build/release/resflow', import.meta.url));

const BROWSER_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const SIZES = { wide: { width: 1100, height: 800 }, narrow: { width: 390, height: 780 } };

export function launchBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: BROWSER_ARGS });
}

class World {
  constructor(t, example) {
    this.example = example;
    this.folder = path.join(EXAMPLES, example);
    this.manifest = JSON.parse(readFileSync(path.join(this.folder, 'example.json'), 'utf8'));
    this.stage = new Stage();
    this.services = {};
    this.windows = [];
    this.failed = false;
    t.after(() => this.#close(t));
  }

  // Starts everything except the windows. `args` has options for services, by the name of the service's script.
  async start(args = {}) {
    if (this.manifest.cluster) return this.#startCluster();
    await this.startNats(-1);
    this.gatewayPort = await freePort();
    const services = (this.manifest.services ?? []).map((script) => this.startService(script, args[script]));
    await Promise.all([this.startGateway(), ...services, this.#startProgram(), this.startPage()]);
  }

  // Starts NATS servers, gateways and services with the example's own script.
  async #startCluster() {
    this.gatewayPort = await freePort();
    const args = [path.join(this.folder, this.manifest.cluster), '--binary', RESFLOW, '--port', `${this.gatewayPort}`];
    this.cluster = this.stage.start(process.execPath, args, { name: 'cluster' });
    await Promise.all([this.cluster.says(/The cluster is at/), this.startPage()]);
  }

  async startNats(port) {
    this.nats = await this.stage.startNats({ port, args: ['-m', '-1'] });
    this.nats.monitorPort = +(await this.nats.says(/http monitor on 127\.0\.0\.1:(\d+)/))[1];
  }

  async startGateway() {
    const options = { port: this.gatewayPort, options: this.manifest.gateway };
    this.gateway = await this.stage.startGateway(RESFLOW, this.nats.url, options);
  }

  async startService(script, args = []) {
    const options = { name: path.basename(script, '.mjs'), env: { NATS_URL: this.nats.url } };
    this.services[script] = this.stage.start(process.execPath, [path.join(this.folder, script), ...args], options);
    await this.services[script].says(/is ready on/);
  }

  // Starts the service of an example that has a program instead of a script. The program was built next to the gateway.
  async #startProgram() {
    const { program } = this.manifest;
    if (!program) return;
    const file = path.join(path.dirname(RESFLOW), program);
    this.services[program] = this.stage.start(file, [], { env: { NATS_URL: this.nats.url } });
    await this.services[program].says(/is ready on/);
  }

  async startPage() {
    const args = [path.join(EXAMPLES, 'shared', 'page_server.mjs'), this.manifest.page ?? this.example, '--port', '0'];
    const server = this.stage.start(process.execPath, args, { name: 'page server' });
    const [, url] = await server.says(/The page is at (\S+)/);
    this.pageUrl = `${url}?gateway=ws://127.0.0.1:${this.gatewayPort}`;
  }

  async open(context) {
    this.browser ??= await launchBrowser();
    const window = await Window.open(this.browser, this.pageUrl, context);
    this.windows.push(window);
    return window;
  }

  all(action) {
    return Promise.all(this.windows.map(action));
  }

  allShow(selector, text) {
    return this.all((window) => window.shows(selector, text));
  }

  async areAllIn(state) {
    await this.all((window) => window.isIn(state));
  }

  // Disturbances follow. `meanwhile` runs while the pages are disconnected.

  async restartGateway(meanwhile = () => {}) {
    await this.gateway.end('SIGKILL');
    await this.areAllIn('offline');
    await meanwhile();
    await this.startGateway();
    await this.areAllIn('connected');
  }

  async restartService(script, signal = 'SIGTERM') {
    const service = this.services[script];
    await service.end(signal);
    if (signal === 'SIGTERM') assert.equal(service.how, 'exit code 0');
    await (script === this.manifest.program ? this.#startProgram() : this.startService(script));
  }

  // Restarts NATS. When its NATS server ends, the gateway exits with code 1, so that its supervisor starts it again.
  async restartNats() {
    await this.nats.end('SIGTERM');
    assert.equal((await this.gateway.ended()).code, 1);
    await this.areAllIn('offline');
    await this.startNats(this.nats.port);
    await this.servicesAreBack();
    await this.startGateway();
    await this.areAllIn('connected');
  }

  // Waits until all services have reconnected. How pages behave without a service is tested with restartService().
  async servicesAreBack() {
    const count = Object.keys(this.services).length;
    await until(async () => {
      const response = await fetch(`http://127.0.0.1:${this.nats.monitorPort}/connz`);
      return (await response.json()).num_connections >= count;
    }, 'the services to be back at NATS');
  }

  // Runs the action with a NATS connection of its own, as a service or another client, without the gateway under test.
  async withNats(action) {
    const nats = await connect({ servers: this.nats.url });
    try {
      return await action(nats);
    } finally {
      await nats.close();
    }
  }

  call(subject, params) {
    return this.withNats(async (nats) => {
      const reply = await nats.request(subject, JSON.stringify({ params }), { timeout: PATIENCE_MS });
      return reply.json();
    });
  }

  // Runs one step. Steps build on each other, so after a failure the others are skipped.
  async step(t, name, action) {
    await t.test(name, async (t) => {
      if (this.failed) return t.skip('an earlier step has failed');
      try {
        await action();
        if (process.env.RESFLOW_KEEP_FILES) await this.#portray(name);
        for (const { complaints } of this.windows) assert.deepEqual(complaints, []);
      } catch (error) {
        this.failed = true;
        await this.#photograph('failure').catch(() => {});
        throw error;
      }
    });
  }

  async #photograph(name) {
    for (const [n, { page }] of this.windows.entries()) {
      const file = `${name.replaceAll(/\W+/g, '-')}-${n}.png`;
      if (!page.isClosed()) await page.screenshot({ path: path.join(this.stage.folder, file), fullPage: true });
    }
  }

  // Takes screenshots for a person to look at: light and dark, wide and narrow.
  async #portray(name) {
    for (const colorScheme of ['light', 'dark']) {
      for (const [size, viewport] of Object.entries(SIZES)) {
        for (const { page } of this.windows.filter(({ page: each }) => !each.isClosed())) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize(viewport);
        }
        await this.#photograph(`${name}-${colorScheme}-${size}`);
      }
    }
    for (const { page } of this.windows.filter(({ page: each }) => !each.isClosed())) {
      await page.setViewportSize(SIZES.wide);
    }
  }

  async #close(t) {
    await this.browser?.close();
    const keep = this.failed || Boolean(process.env.RESFLOW_KEEP_FILES);
    await this.stage.close({ keep });
    if (keep) t.diagnostic(`screenshots and logs: ${this.stage.folder}`);
  }
}

// Defines a test of an example. `script(world, step)` runs it; step(name, action) runs one of its steps.
export function testExample(name, example, script) {
  test(name, { timeout: 10 * PATIENCE_MS }, async (t) => {
    const world = new World(t, example);
    await script(world, (title, action) => world.step(t, title, action));
  });
}
