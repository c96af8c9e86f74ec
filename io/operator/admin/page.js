// The admin page: the flow graph at work, the capture, the connections and the cached resources. The page asks the
// gateway for all data every PERIOD_MS. It draws the picture only once; then only the numbers, widths and colours in
// the picture change.
import { Capture } from '/graph/capture.js';
import { Picture } from '/graph/picture.js';
import { formats, Table } from '/graph/table.js';

const PERIOD_MS = 1_500;

const element = (id) => document.getElementById(id);

function showState(state, text) {
  element('state').dataset.state = state;
  element('state').textContent = text;
}

async function getJson(url, options = {}) {
  const response = await fetch(url, { ...options, signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error((await response.text()).trim() || `the answer is ${response.status}`);
  return response.json();
}

const SUMMARY = [
  ['Up', (now) => formats.time((Date.now() / 1_000 - now.startTime) * 1_000)],
  ['WebSockets', (now) => formats.number(now.websockets)],
  ['Subscriptions', (now) => formats.number(now.subscriptions)],
  ['Cached names', (now) => formats.number(now.cachedNames)],
  ['Requests to services under way', (now) => formats.number(now.pendingRequests)],
  ['Events delivered', (now, before) => rate(now, before, 'eventsDelivered', '/s')],
  ['CPU', (now, before) => percent(now, before)],
  ['Memory', (now) => formats.bytes(now.memoryBytes)],
];

function rate(now, before, name, unit) {
  if (!before) return '';
  return `${formats.rate((now[name] - before[name]) / (now.time - before.time))}${unit}`;
}

function percent(now, before) {
  if (!before) return '';
  return `${(((now.cpuSeconds - before.cpuSeconds) / (now.time - before.time)) * 100).toFixed(0)} %`;
}

function makeSummary() {
  return SUMMARY.map(([name, text]) => {
    const [entry, term, value] = ['div', 'dt', 'dd'].map((tag) => document.createElement(tag));
    term.textContent = name;
    entry.append(term, value);
    element('summary').append(entry);
    return (now, before) => (value.textContent = text(now, before));
  });
}

function offerLanes(count) {
  const select = element('lane');
  while (select.options.length <= count) select.add(new Option(`${select.options.length - 1}`));
}

class Page {
  constructor() {
    this.picture = new Picture(element('picture'));
    this.summary = makeSummary();
    this.capture = new Capture(element('capture'), getJson);
    this.tables = [
      new Table(element('connections'), '/graph/connections.json', getJson, {
        sort: 'ageMs',
        order: 'desc',
        columns: {
          id: ['Connection', 'text'],
          kind: ['Kind', 'text'],
          address: ['Address', 'text'],
          lane: ['Lane', 'number'],
          ageMs: ['Age', 'time'],
          subscriptions: ['Subscriptions', 'number'],
          outboxFrames: ['Outbox frames', 'number'],
          outboxBytes: ['Outbox', 'bytes'],
          bytesIn: ['In', 'bytes'],
          bytesOut: ['Out', 'bytes'],
        },
      }),
      new Table(element('resources'), '/graph/resources.json', getJson, {
        sort: 'subscribers',
        order: 'desc',
        columns: {
          name: ['Name', 'text'],
          kind: ['Kind', 'text'],
          size: ['Size', 'number'],
          subscribers: ['Subscribers', 'number'],
          lane: ['Lane', 'number'],
        },
      }),
    ];
    element('lane').addEventListener('change', () => this.draw());
  }

  async look() {
    const now = await getJson('/graph/nodes.json');
    element('version').textContent = now.version;
    offerLanes(now.lanes);
    // After a restart the gateway counts from 0, so earlier figures are of no use.
    this.before = this.now?.startTime === now.startTime ? this.now : undefined;
    this.now = now;
    this.draw();
  }

  draw() {
    if (!this.now) return;
    for (const show of this.summary) show(this.now, this.before);
    const lane = element('lane').value;
    this.picture.show(this.now, this.before, lane === '' ? undefined : Number(lane));
  }

  // Sends one request after the other, and waits for each answer, so that a slow gateway does not get more and more
  // requests.
  async refresh() {
    await this.look();
    await this.capture.load();
    for (const table of this.tables) await table.load();
  }

  async run() {
    for (;;) {
      if (!document.hidden) {
        try {
          await this.picture.load();
          await this.refresh();
          showState('live', 'live');
        } catch (error) {
          showState('offline', `no answer: ${error.message}`);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
    }
  }
}

new Page().run();
