// The live table example in a browser: two windows, each with a view of its own.
import assert from 'node:assert/strict';
import { until } from '../../tools/waiting.mjs';
import { testExample } from './world.mjs';

const SERVICE = 'service.mjs';
const COLUMNS = ['symbol', 'name', 'sector', 'price', 'change'];

const listColumn = (column) => [...document.querySelectorAll(`#rows .${column}`)].map((cell) => cell.textContent);
const column = (window, name) => window.page.evaluate(listColumn, name);
const prices = async (window) => (await column(window, 'price')).map((text) => Number(text.replaceAll(',', '')));

const isFalling = (numbers) => numbers.every((number, n) => n === 0 || number <= numbers[n - 1]);

testExample('the live table in two windows', 'live-table', async (world, step) => {
  let [here, there] = [];

  const hasOrder = (window, name, order) => window.locator(`[data-column="${name}"][aria-sort="${order}"]`).waitFor();

  async function sortBy(window, name, order) {
    await window.locator(`[data-column="${name}"] button`).click();
    await hasOrder(window, name, order);
  }

  // Sets a price by a call that no page has made. `symbol` ends with the id of the row.
  async function setPrice(symbol, price) {
    const reply = await world.call(`call.table.row.${Number(symbol.slice(2))}.set`, { price });
    assert.deepEqual(reply, { result: null });
  }

  await step('both see the first rows', async () => {
    await world.start();
    here = await world.open();
    there = await world.open();
    await world.areAllIn('connected');
    await world.allShow('#range', '1 to 25 of 10,000');
    assert.deepEqual(await column(here, 'symbol'), await column(there, 'symbol'));
  });

  await step('prices move, until one stops them for all', async () => {
    await sortBy(here, 'change', 'descending'); // these rows change most often
    const before = await prices(here);
    await until(async () => (await prices(here)).join() !== before.join(), 'a price to move');
    await there.button('Stop the prices').click();
    await world.all((window) => window.button('Let the prices move').waitFor());
  });

  await step('the dearest on top, and a page has its own order', async () => {
    await sortBy(here, 'price', 'descending');
    await until(async () => isFalling(await prices(here)), 'falling prices');
    await sortBy(there, 'symbol', 'descending');
    assert.notDeepEqual(await column(here, 'symbol'), await column(there, 'symbol'));
    await sortBy(there, 'price', 'descending');
    await there.sees(listColumn, await column(here, 'symbol'), 'symbol');
  });

  await step('a row moves, comes and goes with its price, in both windows', async () => {
    const before = await column(here, 'symbol');
    await setPrice(before[24], 9000.5);
    const after = [before[24], ...before.slice(0, 24)];
    await world.all((window) => window.sees(listColumn, after, 'symbol'));
    assert.equal((await column(here, 'price'))[0], '9,000.50');
    await setPrice(after[0], 0.01);
    await until(async () => !(await column(here, 'symbol')).includes(after[0]), 'the row to leave');
    assert.deepEqual((await column(here, 'symbol')).slice(0, 24), before.slice(0, 24));
    await there.sees(listColumn, await column(here, 'symbol'), 'symbol');
  });

  await step('pages, to the last and back', async () => {
    await there.button('Next page').click();
    await there.shows('#range', '26 to 50 of 10,000');
    assert.equal(await here.locator('#range').textContent(), '1 to 25 of 10,000');
    await there.button('Last page').click();
    await there.shows('#range', '9,976 to 10,000 of 10,000');
    assert.equal(await there.button('Next page').isDisabled(), true);
    await there.button('Previous page').click();
    await there.shows('#range', '9,951 to 9,975 of 10,000');
    await there.button('First page').click();
    await there.shows('#range', '1 to 25 of 10,000');
    await there.page.getByRole('combobox').selectOption('10');
    await there.shows('#range', '1 to 10 of 10,000');
    assert.equal((await column(there, 'symbol')).length, 10);
  });

  await step('a search finds by name, symbol and sector, also after a reload', async () => {
    await here.page.getByRole('searchbox').fill('00777');
    await until(async () => (await column(here, 'symbol')).length === 1, 'one row');
    assert.match((await column(here, 'symbol'))[0], /^[A-Z]{2}00777$/);
    await here.page.getByRole('searchbox').fill('Software');
    await until(async () => (await column(here, 'sector')).join() === Array(25).fill('Software').join(), 'one sector');
    assert.match(await here.locator('#range').textContent(), /^1 to 25 of 1,\d{3}$/);
    await here.page.reload();
    await until(async () => (await column(here, 'sector')).join() === Array(25).fill('Software').join(), 'the search');
    await here.page.getByRole('searchbox').fill('nobody is called so');
    await here.shows('#placeholder', 'Nothing is called so.');
    await here.page.getByRole('searchbox').fill('');
    await here.shows('#range', '1 to 25 of 10,000');
  });

  await step('the pages recover when the gateway was killed', async () => {
    const [top] = await column(there, 'symbol');
    const [, second] = await column(there, 'symbol');
    await world.restartGateway(() => setPrice(second, 8000));
    await until(async () => (await column(there, 'symbol'))[0] === second, 'the new order');
    await setPrice(top, 8500);
    await world.all((window) => until(async () => (await column(window, 'symbol'))[0] === top, 'the next order'));
  });

  await step('and when NATS was restarted', async () => {
    const [top, second] = await column(there, 'symbol');
    await world.restartNats();
    await setPrice(second, 9000);
    await world.all((window) => until(async () => (await column(window, 'symbol'))[0] === second, 'the next order'));
    await setPrice(top, 9500);
    await world.all((window) => until(async () => (await column(window, 'symbol'))[0] === top, 'the next order'));
  });

  await step('a restarted service has its first prices, and they move again', async () => {
    await world.restartService(SERVICE, 'SIGKILL');
    await world.all((window) => window.button('Stop the prices').waitFor());
    await until(async () => (await prices(here)).every((price) => price < 1000), 'the first prices');
    const before = await prices(here);
    await until(async () => (await prices(here)).join() !== before.join(), 'a price to move');
  });

  await step('the service refuses what no page asks', async () => {
    const refused = (subject, query) =>
      world.withNats(async (nats) => {
        const reply = await nats.request(`get.${subject}`, JSON.stringify({ query }), { timeout: 60_000 });
        return reply.json().error?.code;
      });
    const bad = ['limit=0', 'limit=101', 'limit=x', 'from=-1', 'from=10001', 'sort=colour', 'dir=up', `search=${'x'.repeat(51)}`];
    for (const query of bad) assert.equal(await refused('table.rows', query), 'system.invalidQuery', query);
    for (const sort of COLUMNS) assert.equal(await refused('table.rows', `sort=${sort}`), undefined);
    assert.equal(await refused('table.row.10001'), 'system.notFound');
  });
});
