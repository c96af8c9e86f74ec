// The book collection example in a real browser: two windows, the gateway, the service and a NATS server.
//
//   RESFLOW=path/to/resflow node --test tests/browser/
//
// CHROMIUM names the browser (/usr/bin/chromium); RESFLOW_KEEP_FILES=1 keeps screenshots and logs, as a failure does.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect } from 'nats';
import { chromium } from 'playwright-core';
import { freePort, Stage } from './stage.mjs';

const EXAMPLE = fileURLToPath(new URL('../../examples/book-collection/', import.meta.url));
const PATIENCE_MS = 60_000; // for what must happen; how long it takes is not judged
const BROWSER_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const FIRST_BOOKS = ['Animal Farm / George Orwell', 'Brave New World / Aldous Huxley', 'Coraline / Neil Gaiman'];

// One window, with a browser profile of its own, and what is done and seen in it.
class Window {
  static async open(browser, url) {
    const context = await browser.newContext({ viewport: { width: 1100, height: 800 } });
    context.setDefaultTimeout(PATIENCE_MS);
    const window = new Window(await context.newPage());
    await window.page.goto(url);
    return window;
  }

  constructor(page) {
    this.page = page;
    this.complaints = [];
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy|404/.test(message.text())) this.complaints.push(message.text());
    });
  }

  books() {
    return this.page.$$eval('#books > li', (cards) =>
      cards.map((card) => `${card.querySelector('.title').textContent} / ${card.querySelector('.author').textContent}`),
    );
  }

  async shows(expected) {
    const same = (wanted) =>
      wanted ===
      JSON.stringify(
        [...document.querySelectorAll('#books > li')].map(
          (card) => `${card.querySelector('.title').textContent} / ${card.querySelector('.author').textContent}`,
        ),
      );
    await this.page.waitForFunction(same, JSON.stringify(expected)).catch(async () => {
      assert.deepEqual(await this.books(), expected);
    });
  }

  async isIn(state) {
    await this.page.waitForSelector(`#connection[data-state="${state}"]`);
  }

  card(title) {
    return this.page.locator('#books > li').filter({ has: this.page.locator('h3', { hasText: title }) });
  }

  async edit(title, fields) {
    const card = this.card(title);
    await card.getByRole('button', { name: `Edit ${title}` }).click();
    for (const [label, text] of Object.entries(fields)) await card.getByLabel(label).fill(text);
    await card.getByRole('button', { name: 'Save' }).click();
    return card;
  }

  async add(title, author) {
    const form = this.page.locator('#add');
    await form.getByLabel('Title').fill(title);
    await form.getByLabel('Author').fill(author);
    await form.getByRole('button', { name: 'Add book' }).click();
  }

  async delete(title) {
    await this.page.getByRole('button', { name: `Delete ${title}` }).click();
    await this.page.locator('#confirm').getByRole('button', { name: 'Delete' }).click();
  }
}

// What the tests share, filled by set-up.
const stage = new Stage();
let [natsUrl, gatewayPort, gateway, service, browser, here, there] = [];
let failed = false;

async function startGateway() {
  gateway = stage.start('gateway', process.env.RESFLOW, [
    ...['--nats', natsUrl, '--addr', '127.0.0.1', '--port', String(gatewayPort)],
  ]);
  await gateway.listensOn(gatewayPort);
}

async function startService() {
  service = stage.start('service', process.execPath, [path.join(EXAMPLE, 'service.mjs'), '--nats', natsUrl]);
  await service.says(/is ready/);
}

async function setUp() {
  assert.ok(process.env.RESFLOW, 'RESFLOW must name the gateway binary');
  const nats = stage.start('nats', 'nats-server', ['--addr', '127.0.0.1', '--port', '-1']);
  const [, natsPort] = await nats.says(/Listening for client connections on \S+:(\d+)/);
  natsUrl = `nats://127.0.0.1:${natsPort}`;
  gatewayPort = await freePort();
  await Promise.all([startService(), startGateway()]);
  const pages = stage.start('page server', process.execPath, [path.join(EXAMPLE, 'server.mjs'), '--port', '0']);
  const [, pageUrl] = await pages.says(/The page is at (\S+)/);
  const url = `${pageUrl}?gateway=ws://127.0.0.1:${gatewayPort}`;
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  browser = await chromium.launch({ executablePath, args: BROWSER_ARGS });
  here = await Window.open(browser, url);
  there = await Window.open(browser, url);
}

async function screenshot(name) {
  await here?.page.screenshot({ path: path.join(stage.folder, `${name}-here.png`), fullPage: true });
  await there?.page.screenshot({ path: path.join(stage.folder, `${name}-there.png`), fullPage: true });
}

async function both(expected) {
  await Promise.all([here.shows(expected), there.shows(expected)]);
}

// Changes a book past the gateway, as another user of the service would.
async function setDirectly(id, params) {
  const nats = await connect({ servers: natsUrl });
  const reply = await nats.request(`call.library.book.${id}.set`, JSON.stringify({ params }), { timeout: PATIENCE_MS });
  assert.deepEqual(reply.json(), { result: null });
  await nats.close();
}

// The steps build on each other; after a failed one the rest would only repeat its failure.
async function step(t, name, action) {
  await t.test(name, { skip: failed && 'an earlier step failed' }, async () => {
    try {
      await action();
      await screenshot(name.replaceAll(/\W+/g, '-'));
      assert.deepEqual([...here.complaints, ...there.complaints], []);
    } catch (error) {
      failed = true;
      await screenshot('failure').catch(() => {});
      throw error;
    }
  });
}

test('the book collection in two windows', { timeout: 10 * PATIENCE_MS }, async (t) => {
  t.after(async () => {
    await browser?.close();
    const keep = failed || Boolean(process.env.RESFLOW_KEEP_FILES);
    await stage.close(keep);
    if (keep) t.diagnostic(`screenshots and logs: ${stage.folder}`);
  });

  await step(t, 'both see the books', async () => {
    await setUp();
    await both(FIRST_BOOKS);
    await Promise.all([here.isIn('connected'), there.isIn('connected')]);
  });

  await step(t, 'an edit in one appears in the other', async () => {
    await here.edit('Coraline', { Title: 'The Graveyard Book' });
    await both([FIRST_BOOKS[0], FIRST_BOOKS[1], 'The Graveyard Book / Neil Gaiman']);
    await there.edit('Brave New World', { Title: 'Island', Author: 'A. Huxley' });
    await both([FIRST_BOOKS[0], 'Island / A. Huxley', 'The Graveyard Book / Neil Gaiman']);
  });

  await step(t, 'a change elsewhere does not disturb an edit under way', async () => {
    const card = here.card('Island');
    await card.getByRole('button', { name: 'Edit Island' }).click();
    await card.getByLabel('Title').fill('Ape and Essence');
    await there.edit('Island', { Author: 'Aldous Huxley' });
    await here.shows([FIRST_BOOKS[0], 'Island / Aldous Huxley', 'The Graveyard Book / Neil Gaiman']);
    assert.equal(await card.getByLabel('Title').inputValue(), 'Ape and Essence');
    assert.equal(await card.getByLabel('Author').inputValue(), 'Aldous Huxley');
    await card.getByRole('button', { name: 'Save' }).click();
    await both([FIRST_BOOKS[0], 'Ape and Essence / Aldous Huxley', 'The Graveyard Book / Neil Gaiman']);
  });

  await step(t, 'an added book appears in both, a deleted one leaves both', async () => {
    const others = [FIRST_BOOKS[0], 'Ape and Essence / Aldous Huxley'];
    await there.add('Dracula', 'Bram Stoker');
    await both([...others, 'The Graveyard Book / Neil Gaiman', 'Dracula / Bram Stoker']);
    await here.delete('The Graveyard Book');
    await both([...others, 'Dracula / Bram Stoker']);
    await here.edit('Dracula', { Author: 'Abraham Stoker' });
    await both([...others, 'Dracula / Abraham Stoker']);
  });

  await step(t, 'what the service refuses is shown, and changes nothing', async () => {
    const before = await here.books();
    const card = await here.edit('Dracula', { Title: '   ' });
    await card.getByText('Title must not be empty').waitFor();
    assert.equal(await card.getByLabel('Title').getAttribute('aria-invalid'), 'true');
    await screenshot('invalid edit');
    await card.getByRole('button', { name: 'Cancel' }).click();
    await here.add('Emma', '');
    await here.page.locator('#add').getByText('Author must not be empty').waitFor();
    await both(before);
  });

  await step(t, 'the page recovers when the gateway was killed', async () => {
    await gateway.end('SIGKILL');
    await Promise.all([here.isIn('offline'), there.isIn('offline')]);
    await screenshot('offline');
    await setDirectly(1, { title: 'Burmese Days' }); // an event that no gateway has heard
    await startGateway();
    await Promise.all([here.isIn('connected'), there.isIn('connected')]);
    await both(['Burmese Days / George Orwell', 'Ape and Essence / Aldous Huxley', 'Dracula / Abraham Stoker']);
    await there.edit('Dracula', { Author: 'Bram Stoker' });
    await both(['Burmese Days / George Orwell', 'Ape and Essence / Aldous Huxley', 'Dracula / Bram Stoker']);
  });

  await step(t, 'the pages follow a service that was restarted', async () => {
    await service.end('SIGTERM');
    assert.equal(service.how, 'exit code 0');
    await startService();
    await both(FIRST_BOOKS); // it has forgotten the rest, and system.reset made the gateway ask
    await here.add('Emma', 'Jane Austen');
    await there.edit('Emma', { Title: 'Persuasion' });
    await there.delete('Animal Farm');
    await both([FIRST_BOOKS[1], FIRST_BOOKS[2], 'Persuasion / Jane Austen']);
  });

  await step(t, 'a service killed without a word is followed too', async () => {
    await service.end('SIGKILL');
    await startService();
    await both(FIRST_BOOKS);
    await here.edit('Coraline', { Title: 'Stardust' });
    await both([FIRST_BOOKS[0], FIRST_BOOKS[1], 'Stardust / Neil Gaiman']);
  });

  await step(t, 'the gateway goes when asked to, with clients connected', async () => {
    await gateway.end('SIGTERM');
    assert.equal(gateway.how, 'exit code 0');
    await Promise.all([here.isIn('offline'), there.isIn('offline')]);
  });
});
