// Starts processes such as nats-server and the gateway, for the demo and for tests, waits for their output, and ends
// them one by one by their process ids. They are killed when the process that started them ends, however it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { within } from './waiting.mjs';

const POLL_MS = 20;
const STOP_MS = 10_000; // a process that was asked to end is killed after this time
const MAX_OUTPUT = 4 << 20; // characters of output that are kept; the latest

// The environment without the variables that the gateway takes as options.
export const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('RESFLOW_')),
);

export class Process {
  // Starts the command. `env` is added to the environment.
  constructor(command, args, { name = path.basename(command), env = {} } = {}) {
    this.name = name;
    this.output = ''; // of stdout and stderr
    this.stdout = '';
    this.exit = null; // { code, signal } once it has ended
    // A session of its own protects it from the terminal's Ctrl-C, so that close() can end the processes in order. The
    // kernel kills it if this process ends without close().
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

  // Returns how it ended, as a text.
  get how() {
    if (!this.exit) return 'running';
    return this.exit.signal ?? `exit code ${this.exit.code}`;
  }

  #checkAlive(wanted) {
    if (this.exit) throw new Error(`${this.name} ended (${this.how}) ${wanted}:\n${this.output}`);
  }

  // Waits until its output matches `pattern`, and returns the match. Throws if the process ends first.
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

  // Waits until a process listens on the port. Throws if this process ends first: then another process has the port.
  async listensOn(port) {
    while (!(await isListening(port))) {
      this.#checkAlive(`without listening on port ${port}`);
      await pause(POLL_MS);
    }
    this.#checkAlive('while somebody else listens on its port');
  }

  // Waits until it ends. Resolves with { code, signal }.
  ended() {
    return within(this.closed, `${this.name} to end`, () => this.output);
  }

  signal(name) {
    if (!this.exit) this.child.kill(name);
  }

  // Sends the signal, and SIGKILL after STOP_MS. Resolves when the process has ended.
  async end(signal = 'SIGKILL') {
    const killer = setTimeout(() => this.signal('SIGKILL'), STOP_MS);
    this.signal(signal);
    await this.closed;
    clearTimeout(killer);
    return this.exit;
  }
}

// A group of processes, with a folder for their files.
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

  // Starts nats-server on a port that it chooses itself, unless `port` names one.
  async startNats({ port = -1, args = [], name } = {}) {
    const nats = this.start('nats-server', ['-a', '127.0.0.1', '-p', `${port}`, ...args], { name });
    nats.port = +(await nats.says(/client connections on 127\.0\.0\.1:(\d+)/))[1];
    nats.url = `nats://127.0.0.1:${nats.port}`;
    await nats.says(/Server is ready/);
    return nats;
  }

  // Starts a gateway. `options` are its arguments besides those for its addresses.
  async startGateway(binary, natsUrl, { port = 0, options = [], name } = {}) {
    const places = ['--nats', natsUrl, '--addr', '127.0.0.1', '--port', `${port}`];
    const gateway = this.start(binary, [...places, ...options], { name });
    gateway.port = +(await gateway.says(/Listening on https?:\/\/127\.0\.0\.1:(\d+)/))[1];
    await gateway.says(/Server ready/);
    return gateway;
  }

  // Returns the path of a file in the stage's folder; writes the file if there is a text.
  file(name, text) {
    const file = path.join(this.folder, name);
    if (text !== undefined) writeFileSync(file, text);
    return file;
  }

  // Ends the processes that still run, the last one started first. Removes the folder, unless `keep` is true: then the
  // output of each process is saved in it.
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

// Returns a port that no process listens on now.
export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
