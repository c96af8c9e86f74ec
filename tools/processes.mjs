// Processes, such as nats-server and the gateway, for the demo and for tests: started, waited for, and ended one by one,
// by their process ids. They end with the process that started them, whatever becomes of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { within } from './waiting.mjs';

const POLL_MS = 20;
const STOP_MS = 10_000; // then a process that was asked to end is killed
const MAX_OUTPUT = 4 << 20; // characters that are kept, the latest

// Without what the gateway would take for options.
export const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('RESFLOW_')),
);

export class Process {
  // `env` is added to the environment.
  constructor(command, args, { name = path.basename(command), env = {} } = {}) {
    this.name = name;
    this.output = ''; // of both streams
    this.stdout = '';
    this.exit = null; // { code, signal } when it has ended
    // A session of its own keeps it from the terminal's Ctrl-C, so that it is ended here, in order; and the kernel
    // kills it when this process goes without doing so.
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...ENVIRONMENT, ...env },
      detached: true,
    });
    this.child.stdout.setEncoding('utf8').on('data', (text) => {
      this.stdout = (this.stdout + text).slice(-MAX_OUTPUT);
      this.#add(text);
    });
    this.child.stderr.setEncoding('utf8').on('data', (text) => this.#add(text));
    this.child.on('error', (error) => this.#add(`${error.message}\n`));
    this.closed = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        this.exit = { code, signal };
        this.child.emit('output');
        resolve(this.exit);
      });
    });
  }

  #add(text) {
    this.output = (this.output + text).slice(-MAX_OUTPUT);
    this.child.emit('output');
  }

  get how() {
    if (!this.exit) return 'running';
    return this.exit.signal ?? `exit code ${this.exit.code}`;
  }

  #checkAlive(wanted) {
    if (this.exit) throw new Error(`${this.name} ended (${this.how}) ${wanted}:\n${this.output}`);
  }

  // The match of `pattern` in what it has printed.
  async says(pattern) {
    const search = async () => {
      for (;;) {
        const match = pattern.exec(this.output);
        if (match) return match;
        this.#checkAlive(`without saying ${pattern}`);
        await once(this.child, 'output');
      }
    };
    return within(search(), `${this.name} to say ${pattern}`, () => this.output);
  }

  async listensOn(port) {
    while (!(await isListening(port))) {
      this.#checkAlive(`without listening on port ${port}`);
      await pause(POLL_MS);
    }
    this.#checkAlive('while somebody else listens on its port');
  }

  // How it has ended, when it does.
  ended() {
    return within(this.closed, `${this.name} to end`, () => this.output);
  }

  signal(name) {
    if (!this.exit) this.child.kill(name);
  }

  async end(signal = 'SIGKILL') {
    const killer = setTimeout(() => this.signal('SIGKILL'), STOP_MS);
    this.signal(signal);
    await this.closed;
    clearTimeout(killer);
    return this.exit;
  }
}

// Processes that belong together, and a folder for their files.
export class Stage {
  constructor() {
    this.folder = mkdtempSync(path.join(os.tmpdir(), 'resflow-'));
    this.processes = [];
  }

  start(command, args, options) {
    const started = new Process(command, args, options);
    this.processes.push(started);
    return started;
  }

  // On a port of its own choice, unless `port` names one.
  async startNats({ port = -1, args = [], name } = {}) {
    const nats = this.start('nats-server', ['-a', '127.0.0.1', '-p', `${port}`, ...args], { name });
    nats.port = +(await nats.says(/client connections on 127\.0\.0\.1:(\d+)/))[1];
    nats.url = `nats://127.0.0.1:${nats.port}`;
    await nats.says(/Server is ready/);
    return nats;
  }

  // `options` are the arguments that the gateway is started with besides those that name its places.
  async startGateway(binary, natsUrl, { port = 0, options = [], name } = {}) {
    const places = ['--nats', natsUrl, '--addr', '127.0.0.1', '--port', `${port}`];
    const gateway = this.start(binary, [...places, ...options], { name });
    gateway.port = +(await gateway.says(/Listening on https?:\/\/127\.0\.0\.1:(\d+)/))[1];
    await gateway.says(/Server ready/);
    return gateway;
  }

  file(name, text) {
    const file = path.join(this.folder, name);
    if (text !== undefined) writeFileSync(file, text);
    return file;
  }

  // Ends what still runs, the last started first. The files stay when `keep` says so, with the output of each process.
  async close({ signal = 'SIGKILL', keep = false } = {}) {
    for (const one of [...this.processes].reverse()) await one.end(signal);
    if (!keep) return rmSync(this.folder, { recursive: true });
    this.processes.forEach(({ name, output, how }, n) => this.file(`${n}-${name}.log`, `${output}(${how})\n`));
  }
}

export function isListening(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
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
