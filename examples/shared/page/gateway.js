// The part that all pages share: finds the gateway, connects to it with resclient, and shows the state of the
// connection in the element #connection. The published build of resclient sets the global variable `resclient`.
const RECONNECT_MS = 1000;
const RETRY_MS = 2000;

// Errors of the gateway when no service answers: the service may be starting, or reconnecting to NATS.
const ABSENT = ['system.notFound', 'system.timeout'];

const TEXTS = {
  connecting: 'Connecting…',
  waiting: 'Waiting for the service…',
  connected: 'Live',
  offline: 'Offline, trying again…',
};

// Messages for the user when the connection is the problem, not the service.
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

// Draws attention to a change with a color that fades; nothing moves.
export function highlight(element, ms = 2000) {
  element.animate({ backgroundColor: ['var(--highlight)', 'var(--highlight)', 'transparent'] }, ms);
}

// Returns the address of the gateway: from ?gateway=ws://host:port, or else port 8080 of the host that serves the page.
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
  #live = false; // true: the page has loaded what it shows
  #socket = null; // the latest socket
  #waiting = new Set(); // for each request under way, the function that rejects it

  // `options` are passed on to ResClient.
  constructor(options = {}) {
    this.url = gatewayUrl();
    this.client = new globalThis.resclient.default(() => this.#openSocket(), {
      reconnectDelay: RECONNECT_MS,
      ...options,
    });
    this.client.on('connect', () => this.#show());
  }

  // Opens the socket for resclient. The page does this itself, so that it always learns when the socket closes.
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
    setTimeout(() => this.#connect(), RECONNECT_MS); // resclient itself does not reconnect while it holds no resource
  }

  #connect() {
    this.client.connect().catch(() => {}); // the state already shows the error
  }

  #show() {
    setState(this.#live ? 'connected' : 'waiting');
  }

  // Connects and stays connected, for a page that has nothing to load yet.
  open() {
    this.#live = true;
    this.#connect();
  }

  // Opens a new connection, so that its handshake carries the current cookies.
  renew() {
    this.client.disconnect();
    this.#lose();
    this.#connect();
  }

  // Calls send(). Rejects if the connection ends before the answer; resclient would leave the promise pending forever.
  request(send) {
    let reject;
    const lost = new Promise((resolve, rejectIt) => this.#waiting.add((reject = rejectIt)));
    return Promise.race([send(), lost]).finally(() => this.#waiting.delete(reject));
  }

  // Like request(), but repeats it while the service is absent and the connection lasts. Only for requests that may be
  // sent twice.
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

  // Loads a resource. It repeats the first load until it succeeds, and calls `complain` with the reason of each
  // failure. After that resclient reconnects and updates the resource on its own.
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

// Runs the page. An error that ends run() is shown in the element `place`.
export function start(run, place) {
  setState('connecting');
  run().catch((error) => {
    setState('offline');
    showText(place, describe(error));
  });
}
