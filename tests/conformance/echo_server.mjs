// Starts the echo server, and connects to it with and without TLS.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import tls from 'node:tls';

import { Authority } from '../gateway/certificates.mjs';
import { Stage } from '../gateway/processes.mjs';
import { frame, rawSocket, rawWebSocket } from '../gateway/raw_client.mjs';
import { within } from '../gateway/waiting.mjs';

const BUILT = fileURLToPath(new URL('../../build/release/tests/resflow_echo_server', import.meta.url));
const PROGRAM = process.env.RESFLOW_ECHO_SERVER || BUILT;

export class EchoServer {
  answered = Promise.resolve(); // the last ping
  asked = null; // the ping that comes next, if somebody waits for it

  static async start() {
    const server = new EchoServer();
    server.stage = new Stage();
    const authority = new Authority(server.stage.folder);
    const { cert, key } = authority.issue('echo');
    server.ca = readFileSync(authority.cert);
    server.process = server.stage.start(PROGRAM, [cert, key]);
    const [, plain, secure] = await server.process.says(/Plain port (\d+)\nTLS port (\d+)\nReady/);
    server.ports = { plain: +plain, secure: +secure };
    server.probe = await rawWebSocket(server.ports.plain, '', '/ws');
    return server;
  }

  // Returns a connected socket. It can be written to after the server has ended its side, as a server has to expect.
  async connect(secure) {
    const socket = secure ? await this.#connectTls() : await rawSocket(this.ports.plain);
    socket.allowHalfOpen = true;
    return socket.setNoDelay();
  }

  async #connectTls() {
    const socket = tls.connect({ port: this.ports.secure, host: '127.0.0.1', ca: this.ca });
    socket.on('error', () => {}); // a reset counts as the end of the connection
    await within(once(socket, 'secureConnect'), 'TLS');
    return socket;
  }

  // Resolves when the server has read everything that was written before, on connections that it has accepted. It has
  // one thread, and reads its sockets in the order in which their bytes came, so a ping on another connection tells.
  hasRead() {
    this.asked ??= this.answered = this.answered.then(() => this.#ping());
    return this.asked;
  }

  async #ping() {
    await new Promise(setImmediate); // others join who have written in this turn
    this.asked = null;
    const pong = once(this.probe, 'data');
    this.probe.write(frame(9, ''));
    await within(pong, 'the answer to a ping', () => this.process.output);
  }

  // Ends the server, which must still be there.
  async close() {
    this.probe.destroy();
    const { exit } = this.process;
    await this.stage.close({ signal: 'SIGTERM' });
    assert.equal(exit, null, 'the server has ended before the tests');
    assert.deepEqual(this.process.exit, { code: 0, signal: null }, this.process.output);
  }
}
