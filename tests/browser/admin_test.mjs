// The admin page of a running gateway, in a browser.
//
// RESFLOW_KEEP_FILES=1 keeps screenshots: light and dark, wide and narrow.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import zlib from 'node:zlib';
import { connect } from 'nats';
import { freePort, Stage } from '../../tools/processes.mjs';
import { until } from '../../tools/waiting.mjs';
import { launchBrowser, RESFLOW } from './world.mjs';
import { Window } from './window.mjs';

const RESOURCES = 120;
const CLIENTS = 60;

const encode = (value) => new TextEncoder().encode(JSON.stringify(value));

async function startService(url) {
  const nats = await connect({ servers: url });
  const answer = (subject, result) =>
    nats.subscribe(subject, { callback: (_, message) => message.respond(encode({ result })) });
  answer('access.>', { get: true });
  answer('get.store.item.*', { model: { name: 'thing', price: 1 } });
  answer('get.store.items', { collection: [1, 2, 3] });
  await nats.flush();
  return nats;
}

// Opens clients inside another browser page. Each subscribes to two resources, and stays connected.
function openClients(page, port) {
  const open = ([port, count]) => {
    const one = (n) =>
      new Promise((resolve, reject) => {
        const ws = new WebSocket(`ws://127.0.0.1:${port}`);
        let left = 2;
        ws.onerror = () => reject(new Error('a client cannot connect'));
        ws.onopen = () => [n, n + count].forEach((i) => ws.send(`{"id":${i},"method":"subscribe.store.item.${i}"}`));
        ws.onmessage = ({ data }) => {
          if (JSON.parse(data).id !== undefined && --left === 0) resolve(ws);
        };
      });
    return Promise.all(Array.from({ length: count }, (_, n) => one(n))).then((clients) => {
      globalThis.clients = clients;
    });
  };
  return page.evaluate(open, [port, CLIENTS]);
}

test('the admin page in a browser', async (t) => {
  const stage = new Stage();
  const keep = process.env.RESFLOW_KEEP_FILES;
  t.after(() => stage.close({ keep }));
  const nats = await stage.startNats();
  const metricsPort = await freePort();
  const captures = path.join(stage.folder, 'captures');
  mkdirSync(captures);
  const options = ['--admin', '--metricsport', `${metricsPort}`, '--lanes', '2', '--capture-folder', captures];
  const start = (port) => stage.startGateway(RESFLOW, nats.url, { port, options });
  let gateway = await start(0);
  const service = await startService(nats.url);
  t.after(() => service.close());
  const { port } = gateway;
  let price = 1;
  const working = setInterval(() => {
    for (let n = 0; n < 40; ++n) service.publish(`event.store.item.${n}.change`, encode({ values: { price: ++price } }));
  }, 20);
  t.after(() => clearInterval(working));

  const browser = await launchBrowser();
  t.after(() => browser.close());
  const crowd = await browser.newPage();
  await openClients(crowd, port);
  const window = await Window.open(browser, `http://127.0.0.1:${metricsPort}/graph`);
  const { page } = window;
  const strangers = [];
  page.on('request', (request) => {
    if (new URL(request.url()).host !== `127.0.0.1:${metricsPort}` && !request.url().startsWith('data:')) {
      strangers.push(request.url());
    }
  });
  const isLive = () => page.waitForSelector('#state[data-state="live"]');
  const count = (selector) => page.locator(selector).count();

  await t.test('every node shows what it does', async () => {
    await isLive();
    assert.equal(await count('#picture .badge'), 10);
    const badge = () => page.locator('#load-cache text').textContent();
    await until(async () => /^[1-9][\d,.]*\/s · [\d.]+ % · \d+ wait$/.test(await badge()), 'cache to be at work');
    assert.equal(await count('#picture .rate'), await count('#picture g.edge'));
    for (const edge of ['services-events-decode', 'decode-cache-cache', 'cache-session-session', 'session-encode-encode', 'write-clients-to-clients']) {
      const rate = () => page.locator(`#rate-${edge} text`).textContent();
      await until(async () => /^[1-9][\d,.]*\/s$/.test(await rate()), `${edge} to carry messages`);
      assert.equal(await count(`#edge-${edge}:not(.idle)`), 1);
    }
    await window.shows('#rate-diff-cache-cache text', '0/s');
    assert.equal(await count('#edge-diff-cache-cache.idle'), 1);
    await page.evaluate(() => (document.querySelector('#picture svg').dataset.same = 'yes'));
    const before = await badge();
    await until(async () => (await badge()) !== before, 'the numbers to change');
    assert.equal(await page.locator('#picture svg').getAttribute('data-same'), 'yes');
    assert(Number(await page.locator('#node-cache').getAttribute('data-share')) >= 0);
  });

  await t.test('a lane can be looked at', async () => {
    assert.deepEqual(await page.locator('#lane option').allTextContents(), ['all', '0', '1']);
    await page.locator('#lane').selectOption('1');
    assert.equal(await count('#picture .badge'), 10);
    await page.locator('#lane').selectOption('');
  });

  const column = async (section, number) =>
    page.locator(`#${section} tbody tr td:nth-child(${number})`).allTextContents();

  await t.test('resources are sorted, searched and turned over', async () => {
    await window.shows('#resources .where', `1–25 of ${RESOURCES}`);
    await page.locator('#resources th').first().getByRole('button').click();
    await page.waitForSelector('#resources th[data-column="name"][aria-sort="ascending"]');
    assert.equal((await column('resources', 1))[0], 'store.item.0');
    await page.locator('#resources').getByRole('button', { name: 'On' }).click();
    await window.shows('#resources .where', `26–50 of ${RESOURCES}`);
    await page.getByLabel('Search cached resources').fill('ITEM.11');
    await window.shows('#resources .where', '1–11 of 11');
    assert((await column('resources', 1)).every((name) => name.startsWith('store.item.11')));
    await page.getByLabel('Search cached resources').fill('<b>none</b>');
    await window.shows('#resources .empty', 'None is found.');
    await page.getByLabel('Search cached resources').fill('');
    await window.shows('#resources .where', `1–25 of ${RESOURCES}`);
  });

  await t.test('connections are there, and go', async () => {
    await window.shows('#connections .where', `1–25 of ${CLIENTS}`);
    assert((await column('connections', 3)).every((address) => /^127\.0\.0\.1:\d+$/.test(address)));
    assert((await column('connections', 6)).every((subscriptions) => subscriptions === '2'));
    await crowd.evaluate(() => globalThis.clients.pop().close());
    await window.shows('#connections .where', `1–25 of ${CLIENTS - 1}`);
    await page.locator('#connections select').selectOption('200');
    await window.shows('#connections .where', `1–${CLIENTS - 1} of ${CLIENTS - 1}`);
    await page.locator('#connections select').selectOption('25');
  });

  await t.test('a capture is started and stopped', async () => {
    const button = (name) => page.locator('#capture').getByRole('button', { name });
    const size = async () => /: ([\d.]+ [KM]?i?B) in /.exec(await page.locator('#capture-text').textContent())?.[1];
    await window.shows('#capture-text', 'None has been made since the gateway started.');
    await button('Start a capture').click();
    await button('Stop the capture').waitFor();
    const [file] = readdirSync(captures);
    assert.match(await page.locator('#capture-text').textContent(), new RegExp(`^Recording since .* in ${path.join(captures, file)}$`));
    const before = await size();
    await until(async () => (await size()) !== before, 'the file to grow');
    if (keep) await portray(page, stage.folder, 'capture-');
    await button('Stop the capture').click();
    await button('Start a capture').waitFor();
    await page.waitForSelector('#capture[data-state="ended"]');
    assert.match(await page.locator('#capture-text').textContent(), new RegExp(`^The last one, of .* is in .*${file} \\([\\d.]+ [KM]iB\\)$`));
    assert.match(zlib.gunzipSync(readFileSync(path.join(captures, file))).toString(), /\n{"end":"stopped"/);
  });

  await t.test('a capture that cannot be made says why', async () => {
    const button = page.getByRole('button', { name: 'Start a capture' });
    const complaints = window.complaints.length;
    rmSync(captures, { recursive: true });
    await button.click();
    await page.waitForSelector('#capture[data-state="failed"]');
    assert.match(await page.locator('#capture-text').textContent(), /^None could be made: .*No such file or directory$/);
    mkdirSync(captures);
    await button.click();
    await page.waitForSelector('#capture[data-state="running"]');
    assert.equal(await page.locator('#capture-error').textContent(), '');
    await page.getByRole('button', { name: 'Stop the capture' }).click();
    await page.waitForSelector('#capture[data-state="ended"]');
    // the browser complains about the response that was not 200; that is expected here
    window.complaints.splice(complaints);
  });

  await t.test('a page of another origin starts none', async () => {
    const other = await browser.newPage();
    await other.goto(`http://127.0.0.1:${port}/`); // the client port of the gateway is another origin
    const before = readdirSync(captures).length;
    const tries = await other.evaluate(async (url) => {
      const told = async (options) => {
        try {
          return (await fetch(url, { method: 'POST', ...options })).type;
        } catch {
          return 'refused';
        }
      };
      return [await told({}), await told({ headers: { 'X-Resflow-Admin': '1' } }), await told({ mode: 'no-cors' })];
    }, `http://127.0.0.1:${metricsPort}/graph/capture/start`);
    assert.deepEqual(tries, ['refused', 'refused', 'opaque']);
    await other.close();
    await page.waitForSelector('#capture[data-state="ended"]');
    assert.equal(readdirSync(captures).length, before);
  });

  if (keep) await portray(page, stage.folder);

  await t.test('it comes back with the gateway', async () => {
    await gateway.end();
    await page.waitForSelector('#state[data-state="offline"]');
    gateway = await start(port);
    await openClients(crowd, port);
    await isLive();
    await window.shows('#connections .where', `1–25 of ${CLIENTS}`);
  });

  assert.deepEqual(window.complaints, []);
  assert.deepEqual(strangers, []);
});

async function portray(page, folder, name = '') {
  for (const colorScheme of ['light', 'dark']) {
    for (const [size, width] of [['wide', 1500], ['narrow', 420]]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 1000 });
      await page.waitForTimeout(600);
      await page.screenshot({ path: path.join(folder, `admin-${name}${colorScheme}-${size}.png`), fullPage: true });
    }
    await page.setViewportSize({ width: 1500, height: 1000 });
    await page.locator('#picture').screenshot({ path: path.join(folder, `admin-${name}${colorScheme}-picture.png`) });
  }
}
