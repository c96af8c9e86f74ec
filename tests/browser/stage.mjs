// The processes a test needs: started, waited for, and ended one by one, by their process ids.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 20;
const STOP_MS = 10_000; // then the process is killed, so that a test that fails here ends all the same

// A port that is free now, for programs that cannot say which port they were given.
export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

class Process {
  constructor(name, command, args) {
    this.name = name;
    this.output = '';
    this.ended = false;
    // The kernel ends the child with this process, whatever becomes of it.
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.output += text;
        this.child.emit('output');
      });
    }
    this.child.once('error', (error) => this.#finish(error.message));
    this.child.once('close', (code, signal) => this.#finish(signal ?? `exit code ${code}`));
  }

  #finish(how) {
    this.ended = true;
    this.how = how;
    this.child.emit('output');
  }

  #checkAlive() {
    if (this.ended) throw new Error(`${this.name} ended (${this.how}):\n${this.output}`);
  }

  // The match of `pattern` in what the process has printed.
  async says(pattern) {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match) return match;
      this.#checkAlive();
      await once(this.child, 'output');
    }
  }

  async listensOn(port) {
    while (!(await accepts(port))) {
      this.#checkAlive();
      await pause(POLL_MS);
    }
    this.#checkAlive(); // else somebody else listens there
  }

  async end(signal = 'SIGTERM') {
    if (this.ended) return;
    const closed = once(this.child, 'close');
    const killer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    this.child.kill(signal);
    await closed;
    clearTimeout(killer);
  }
}

export class Stage {
  constructor() {
    this.folder = mkdtempSync(path.join(os.tmpdir(), 'resflow-browser-'));
    this.processes = [];
  }

  start(name, command, args) {
    const started = new Process(name, command, args);
    this.processes.push(started);
    return started;
  }

  // Ends what still runs, the last started first. The files stay when `keep` says so, with the output of each process.
  async close(keep) {
    for (const process of this.processes.reverse()) await process.end();
    if (!keep) return rmSync(this.folder, { recursive: true });
    this.processes.reverse().forEach((process, n) => {
      writeFileSync(path.join(this.folder, `${n}-${process.name}.log`), `${process.output}(${process.how})\n`);
    });
  }
}
