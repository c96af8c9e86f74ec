// The page of the live table. Each view is a resource of its own, table.rows?<query>. While it is shown, resclient
// keeps its rows up to date, and the page listens for rows that come, go and change.
import { byId, describe, Gateway, highlight, showText, start } from './shared/gateway.js';
import { Row } from './row.js';
import { View } from './view.js';

const TYPING_MS = 200;
const count = new Intl.NumberFormat('en');

// Shows the rows of one collection.
class Rows {
  #collection = null;
  #rows = [];
  // An event of the collection shown before may still come after off(), so the handlers check the collection.
  #add = ({ item, idx }, collection) => {
    if (collection === this.#collection) highlight(this.#insert(item, idx).element, 1200);
  };
  #remove = ({ idx }, collection) => {
    if (collection === this.#collection) this.#rows.splice(idx, 1)[0].remove();
  };

  show(collection) {
    this.#collection?.off('add', this.#add);
    this.#collection?.off('remove', this.#remove);
    for (const row of this.#rows.splice(0)) row.remove();
    this.#collection = collection;
    collection.toArray().forEach((model, idx) => this.#insert(model, idx));
    collection.on('add', this.#add);
    collection.on('remove', this.#remove);
  }

  #insert(model, idx) {
    const row = new Row(model);
    byId('rows').insertBefore(row.element, this.#rows[idx]?.element ?? null);
    this.#rows.splice(idx, 0, row);
    return row;
  }
}

class Table {
  #turn = 0; // counts the views that were requested; an answer to an earlier one is not shown
  #isMissing = false;

  constructor(gateway) {
    this.gateway = gateway;
    this.view = new View();
    this.rows = new Rows();
    byId('search').value = this.view.search;
    byId('limit').value = String(this.view.limit);
    this.#listen();
    gateway.client.on('connect', () => {
      if (this.#isMissing) this.open();
    });
  }

  #listen() {
    let typing;
    byId('controls').addEventListener('submit', (event) => event.preventDefault());
    byId('search').addEventListener('input', () => {
      clearTimeout(typing);
      typing = setTimeout(() => this.#go({ search: byId('search').value.trim().toLowerCase(), from: 0 }), TYPING_MS);
    });
    byId('limit').addEventListener('change', () => this.#go({ limit: Number(byId('limit').value), from: 0 }));
    for (const header of document.querySelectorAll('[data-column]')) {
      header.firstElementChild.addEventListener('click', () => {
        this.view.sortBy(header.dataset.column);
        this.open();
      });
    }
    const page = (id, from) => byId(id).addEventListener('click', () => this.#go({ from: Math.max(0, from()) }));
    page('first', () => 0);
    page('previous', () => this.view.from - this.view.limit);
    page('next', () => this.view.from + this.view.limit);
    page('last', () => this.view.lastPage(this.found));
  }

  #go(values) {
    this.view.set(values);
    this.open();
  }

  async open() {
    const turn = (this.#turn += 1);
    byId('frame').setAttribute('aria-busy', 'true');
    try {
      const { client } = this.gateway;
      const both = () => Promise.all([client.get(this.view.rows), client.get(this.view.summary)]);
      const [rows, summary] = await this.gateway.request(both);
      if (turn !== this.#turn) return;
      this.#isMissing = false;
      this.#show(rows, summary.found);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#isMissing = true;
      byId('frame').removeAttribute('aria-busy');
      showText(byId('problem'), describe(error));
    }
  }

  #show(rows, found) {
    this.found = found;
    this.rows.show(rows);
    showText(byId('problem'), '');
    showText(byId('placeholder'), found === 0 ? 'Nothing is called so.' : '');
    byId('frame').hidden = byId('pages').hidden = found === 0;
    byId('frame').removeAttribute('aria-busy');
    this.#showPlace();
  }

  #showPlace() {
    const { from, limit, sort, dir } = this.view;
    const to = Math.min(from + limit, this.found);
    byId('range').textContent = `${count.format(from + 1)} to ${count.format(to)} of ${count.format(this.found)}`;
    byId('first').disabled = byId('previous').disabled = from === 0;
    byId('next').disabled = byId('last').disabled = to >= this.found;
    for (const header of document.querySelectorAll('[data-column]')) {
      if (header.dataset.column !== sort) header.removeAttribute('aria-sort');
      else header.setAttribute('aria-sort', dir === 'asc' ? 'ascending' : 'descending');
    }
  }
}

// Shows the button that starts and stops the prices. They move for all users or for none, and every user may change
// that.
function showMarket(market, gateway) {
  const button = byId('market');
  const show = () => (button.textContent = market.isOpen ? 'Stop the prices' : 'Let the prices move');
  button.disabled = false;
  button.addEventListener('click', async () => {
    try {
      await gateway.request(() => market.set({ isOpen: !market.isOpen }));
    } catch (error) {
      showText(byId('problem'), describe(error));
    }
  });
  market.on('change', show);
  show();
}

async function run() {
  const gateway = new Gateway();
  const market = await gateway.load('table.market', (why) => {
    showText(byId('placeholder'), `The table cannot be loaded yet: ${why}`);
  });
  showMarket(market, gateway);
  await new Table(gateway).open();
}

start(run, byId('failure'));
