// nats-server and the gateway as processes of a test: started on ports of their own choice, waited for, and ended one
// by one, by their process ids, whatever becomes of the test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { within } from './waiting.mjs';

const BUILT = fileURLToPath(new URL('../../build/release/resflow', import.meta.url));
export const RESFLOW = process.env.RESFLOW || BUILT;

// Without what the gateway would take for options.
export const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('RESFLOW_')),
);

export class Process {
  constructor(command, args) {
    this.name = path.basename(command);
    this.output = '';
    this.stdout = '';
    this.exit = null; // { code, signal } when it has ended
    // The kernel ends the child with this process, whatever becomes of it.
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: ENVIRONMENT,
    });
    this.child.stdout.setEncoding('utf8').on('data', (text) => {
      this.stdout += text;
      this.#add(text);
    });
    this.child.stderr.setEncoding('utf8').on('data', (text) => this.#add(text));
    this.child.once('close', (code, signal) => {
      this.exit = { code, signal };
      this.child.emit('output');
    });
  }

  #add(text) {
    this.output += text;
    this.child.emit('output');
  }

  // The match of `pattern` in what it has printed.
  async says(pattern) {
    const search = async () => {
      for (;;) {
        const match = pattern.exec(this.output);
        if (match) return match;
        if (this.exit) throw new Error(`${this.name} ended without saying ${pattern}:\n${this.output}`);
        await once(this.child, 'output');
      }
    };
    return within(search(), `${this.name} to say ${pattern}`, () => this.output);
  }

  // How it has ended, when it does.
  async ended() {
    if (!this.exit) await within(once(this.child, 'close'), `${this.name} to end`, () => this.output);
    return this.exit;
  }

  signal(name) {
    if (!this.exit) this.child.kill(name);
  }

  async end() {
    this.signal('SIGKILL');
    return this.ended();
  }
}

// The processes and files of one test, or of all tests of a file.
export class Stage {
  constructor() {
    this.folder = mkdtempSync(path.join(os.tmpdir(), 'resflow-test-'));
    this.processes = [];
  }

  start(command, args) {
    const started = new Process(command, args);
    this.processes.push(started);
    return started;
  }

  async startNats(args = []) {
    const nats = this.start('nats-server', ['-a', '127.0.0.1', '-p', '-1', '-m', '-1', ...args]);
    nats.monitorPort = +(await nats.says(/http monitor on 127\.0\.0\.1:(\d+)/))[1];
    nats.url = `nats://127.0.0.1:${(await nats.says(/client connections on 127\.0\.0\.1:(\d+)/))[1]}`;
    await nats.says(/Server is ready/);
    return nats;
  }

  // `config` is what stands in its configuration file.
  async startGateway(nats, { args = [], config } = {}) {
    const gateway = this.start(RESFLOW, [...this.gatewayArgs(nats.url, { config }), ...args]);
    gateway.port = +(await gateway.says(/Listening on https?:\/\/127\.0\.0\.1:(\d+)/))[1];
    await gateway.says(/Server ready/);
    return gateway;
  }

  gatewayArgs(natsUrl, { config, port = 0 } = {}) {
    const args = ['--nats', natsUrl, '--addr', '127.0.0.1', '--port', `${port}`];
    if (config) args.push('--config', this.file('config.json', JSON.stringify(config)));
    return args;
  }

  file(name, text) {
    const file = path.join(this.folder, name);
    if (text !== undefined) writeFileSync(file, text);
    return file;
  }

  // What the messaging system knows of the gateway: how many subscriptions it has.
  async gatewaySubscriptions(nats) {
    const response = await fetch(`http://127.0.0.1:${nats.monitorPort}/connz`);
    const connection = (await response.json()).connections.find((c) => c.name === 'resflow');
    return connection?.subscriptions;
  }

  async close() {
    for (const one of this.processes.reverse()) await one.end();
    rmSync(this.folder, { recursive: true });
  }
}

// A port that nobody listens on now.
export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
