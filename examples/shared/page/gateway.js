// What every page does: finds the gateway, connects to it with resclient, and shows the state of the connection in
// the element #connection. resclient, as published, has put itself into the global `resclient`.
const RECONNECT_MS = 1000;
const RETRY_MS = 2000;

// What the gateway says when nobody answers: the service may be starting, or be on its way back to NATS.
const ABSENT = ['system.notFound', 'system.timeout'];

const TEXTS = {
  connecting: 'Connecting…',
  waiting: 'Waiting for the service…',
  connected: 'Live',
  offline: 'Offline, trying again…',
};

// What a person is told when the connection, not the service, is the trouble.
const CONNECTION_TEXTS = {
  'system.connectionError': 'There is no connection: nothing was sent. Please try again.',
  'system.disconnect': 'The connection was lost before an answer came. Please look whether it was done.',
  'system.timeout': 'The service did not answer in time. Please look whether it was done.',
};

export function describe(error) {
  return CONNECTION_TEXTS[error?.code] ?? error?.message ?? String(error);
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const byId = (id) => document.getElementById(id);

export function showText(element, text) {
  element.textContent = text;
  element.hidden = text === '';
}

// Draws the eye to what has just changed: a colour that fades, and nothing moves.
export function highlight(element, ms = 2000) {
  element.animate({ backgroundColor: ['var(--highlight)', 'var(--highlight)', 'transparent'] }, ms);
}

// ?gateway=ws://host:port, or port 8080 of the host that serves the page.
function gatewayUrl() {
  const given = new URLSearchParams(location.search).get('gateway');
  if (given === null) return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.hostname}:8080`;
  if (!/^wss?:\/\/[^/]/.test(given)) throw new Error(`“${given}” is not the address of a gateway (ws://host:port)`);
  return given;
}

export function setState(state) {
  const pill = byId('connection');
  pill.dataset.state = state;
  pill.textContent = TEXTS[state];
}

export class Gateway {
  #live = false; // whether what the page shows has been loaded
  #socket = null; // the latest
  #waiting = new Set(); // what to call when the connection ends, of each request under way

  // `options` are those of ResClient.
  constructor(options = {}) {
    this.url = gatewayUrl();
    this.client = new globalThis.resclient.default(() => this.#openSocket(), {
      reconnectDelay: RECONNECT_MS,
      ...options,
    });
    this.client.on('connect', () => this.#show());
  }

  // The page opens the socket for resclient, to know for certain when it closes.
  #openSocket() {
    const socket = new WebSocket(this.url);
    socket.addEventListener('close', () => {
      if (socket === this.#socket) this.#lose();
    });
    return (this.#socket = socket);
  }

  #lose() {
    setState('offline');
    for (const reject of this.#waiting) reject({ code: 'system.disconnect' });
    setTimeout(() => this.#connect(), RECONNECT_MS); // resclient would not, while it holds nothing
  }

  #connect() {
    this.client.connect().catch(() => {}); // told by the state
  }

  #show() {
    setState(this.#live ? 'connected' : 'waiting');
  }

  // For a page that has nothing to load yet: connects, and stays connected.
  open() {
    this.#live = true;
    this.#connect();
  }

  // A new connection, so that its handshake carries the cookies of now.
  renew() {
    this.client.disconnect();
    this.#lose();
    this.#connect();
  }

  // Does `send()`, and rejects when the connection ends before the answer: resclient would leave it open for ever.
  request(send) {
    let reject;
    const lost = new Promise((resolve, rejectIt) => this.#waiting.add((reject = rejectIt)));
    return Promise.race([send(), lost]).finally(() => this.#waiting.delete(reject));
  }

  // The same, again and again while the service is absent and the connection lasts; for what may be sent twice.
  async insist(send, complain = () => {}) {
    const socket = this.#socket;
    for (;;) {
      try {
        return await this.request(send);
      } catch (error) {
        if (!ABSENT.includes(error.code)) throw error;
        complain(error);
      }
      await pause(RETRY_MS);
      if (socket !== this.#socket || socket.readyState !== WebSocket.OPEN) throw { code: 'system.disconnect' };
    }
  }

  call(rid, method, params) {
    return this.request(() => this.client.call(rid, method, params));
  }

  authenticate(rid, method, params) {
    return this.request(() => this.client.authenticate(rid, method, params));
  }

  // The resource. The first load is repeated until it succeeds, and `complain` gets to know why it does not yet; from
  // then on resclient reconnects and catches up by itself.
  async load(rid, complain = () => {}) {
    for (;;) {
      try {
        const resource = await this.request(() => this.client.get(rid));
        this.#live = true;
        this.#show();
        return resource;
      } catch (error) {
        if (this.client.connected) this.#show();
        complain(this.client.connected ? describe(error) : `there is no gateway at ${this.url}`);
        await pause(RETRY_MS);
      }
    }
  }
}

// Runs the page; what goes wrong for good is shown in `place`.
export function start(run, place) {
  setState('connecting');
  run().catch((error) => {
    setState('offline');
    showText(place, describe(error));
  });
}
