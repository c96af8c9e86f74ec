// A TCP proxy on 127.0.0.1 that can misbehave: hold everything back, pass it on in small pieces, or cut its connections.
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const PIECE = 7; // bytes
const PIECE_MS = 2;
const POLL_MS = 10;

export class FaultyProxy {
  mode = 'pass'; // or 'stall', or 'trickle'
  #pairs = new Set();

  // Passes connections on to the port.
  static async start(targetPort) {
    const proxy = new FaultyProxy();
    proxy.server = net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => proxy.#join(socket, targetPort));
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    proxy.port = proxy.server.address().port;
    return proxy;
  }

  #join(near, targetPort) {
    const far = net.connect({ port: targetPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const pair = [near, far];
    this.#pairs.add(pair);
    for (const socket of pair) {
      socket.on('error', () => {}); // the end of the connection follows
      socket.on('close', (isBroken) => {
        this.#pairs.delete(pair);
        if (isBroken) for (const other of pair) other.destroy();
      });
    }
    this.#pump(near, far);
    this.#pump(far, near);
  }

  // Passes on what comes from one side until that side has ended, and then ends the other.
  async #pump(from, to) {
    try {
      for await (const bytes of from.iterator({ destroyOnReturn: false })) await this.#pass(bytes, to);
      to.end();
    } catch {
      to.destroy();
    }
  }

  async #pass(bytes, to) {
    let at = 0;
    while (at < bytes.length) {
      while (this.mode === 'stall' && !to.destroyed) await pause(POLL_MS);
      const isSlow = this.mode === 'trickle';
      const piece = isSlow ? bytes.subarray(at, at + PIECE) : bytes.subarray(at);
      at += piece.length;
      if (to.destroyed) throw new Error('nobody takes it');
      if (!to.write(piece)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
      if (isSlow) await pause(PIECE_MS);
    }
  }

  // Ends all connections with a reset.
  cut() {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  close() {
    this.server.close();
    this.cut();
  }
}
