// The page of the book collection: connects to the gateway, keeps one card for each book of library.books, and adds
// and deletes books. resclient keeps the collection and its models up to date; the page only listens to them.
import { Card } from './card.js';
import { describe, onSubmit, showText } from './form.js';

const RECONNECT_MS = 1000;
const RETRY_MS = 2000;

const byId = (id) => document.getElementById(id);
const list = byId('books');
const cards = []; // in the order of the collection

// ?gateway=ws://host:port, or port 8080 of the host that serves the page.
function gatewayUrl() {
  const given = new URLSearchParams(location.search).get('gateway');
  if (given === null) return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.hostname}:8080`;
  if (!/^wss?:\/\/[^/]/.test(given)) throw new Error(`“${given}” is not the address of a gateway (ws://host:port)`);
  return given;
}

const STATES = {
  connecting: 'Connecting…',
  waiting: 'Waiting for the books…',
  connected: 'Live',
  offline: 'Offline, trying again…',
};

function setState(state) {
  byId('connection').dataset.state = state;
  byId('connection').querySelector('.text').textContent = STATES[state];
}

function announce(text) {
  byId('announcement').textContent = text;
}

function showCount() {
  byId('count').textContent = cards.length === 1 ? '1 book' : `${cards.length} books`;
  showText(byId('placeholder'), cards.length === 0 ? 'The shelf is empty. Add the first book.' : '');
}

// Does `send()`, and rejects when the connection ends before the answer: resclient would leave it open for ever.
function requester(client) {
  return (send) => {
    let lost;
    const disconnected = new Promise((resolve, reject) => {
      lost = () => reject({ code: 'system.disconnect' });
      client.on('disconnect', lost);
    });
    return Promise.race([send(), disconnected]).finally(() => client.off('disconnect', lost));
  };
}

function askDelete(book, books, request) {
  const dialog = byId('confirm');
  dialog.querySelector('.what').textContent = book.title;
  dialog.returnValue = 'keep';
  dialog.onclose = async () => {
    if (dialog.returnValue !== 'delete') return;
    showText(byId('failure'), '');
    try {
      await request(() => books.call('delete', { id: book.id }));
    } catch (error) {
      showText(byId('failure'), describe(error));
    }
  };
  dialog.showModal();
}

function addCard(book, idx, page) {
  const card = new Card(book, page);
  list.insertBefore(card.element, cards[idx]?.element ?? null);
  cards.splice(idx, 0, card);
  return card;
}

function removeCard(idx) {
  const [card] = cards.splice(idx, 1);
  const hadFocus = card.element.contains(document.activeElement);
  card.remove();
  if (hadFocus) (cards[idx]?.editButton ?? byId('shelf-heading')).focus(); // else the keyboard would be lost
}

function showBooks(books, request) {
  const page = { request, announce, askDelete: (book) => askDelete(book, books, request) };
  books.toArray().forEach((book, idx) => addCard(book, idx, page));
  showCount();
  books.on('add', ({ item, idx }) => {
    addCard(item, idx, page).arrive();
    showCount();
    announce(`${item.title} by ${item.author} was added`);
  });
  books.on('remove', ({ item, idx }) => {
    removeCard(idx);
    showCount();
    announce(`${item.title} was deleted`);
  });
}

// The first load is repeated until it succeeds; from then on resclient reconnects and catches up by itself.
async function load(client, request) {
  for (;;) {
    try {
      return await request(() => client.get('library.books'));
    } catch (error) {
      if (client.connected) setState('waiting');
      const reason = client.connected ? describe(error) : `there is no gateway at ${client.getHostUrl()}`;
      showText(byId('placeholder'), `The books cannot be loaded yet: ${reason}`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

async function run() {
  const client = new globalThis.resclient.default(gatewayUrl(), { reconnectDelay: RECONNECT_MS });
  const request = requester(client);
  let books = null;
  client.on('connect', () => setState(books ? 'connected' : 'waiting'));
  client.on('disconnect connectError', () => setState('offline'));

  onSubmit(byId('add'), async (values) => {
    await request(() => client.call('library.books', 'new', values));
    byId('add').reset();
    byId('add').elements.title.focus();
  });

  books = await load(client, request);
  showBooks(books, request);
  setState('connected');
}

run().catch((error) => {
  setState('offline');
  showText(byId('failure'), describe(error));
});
