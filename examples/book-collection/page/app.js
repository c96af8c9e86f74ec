// The page of the book collection. It connects to the gateway, shows a card for each book of library.books, and adds
// and deletes books. resclient keeps the collection and its models up to date; the page only listens to their events.
import { Card } from './card.js';
import { onSubmit } from './shared/form.js';
import { byId, describe, Gateway, showText, start } from './shared/gateway.js';

const list = byId('books');
const cards = []; // in the order of the collection

function announce(text) {
  byId('announcement').textContent = text;
}

function showCount() {
  byId('count').textContent = cards.length === 1 ? '1 book' : `${cards.length} books`;
  showText(byId('placeholder'), cards.length === 0 ? 'The shelf is empty. Add the first book.' : '');
}

function askDelete(book, gateway) {
  const dialog = byId('confirm');
  dialog.querySelector('.what').textContent = book.title;
  dialog.returnValue = 'keep';
  dialog.onclose = async () => {
    if (dialog.returnValue !== 'delete') return;
    showText(byId('failure'), '');
    try {
      await gateway.call('library.books', 'delete', { id: book.id });
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
  if (hadFocus) (cards[idx]?.editButton ?? byId('shelf-heading')).focus(); // otherwise the keyboard focus would be lost
}

function showBooks(books, gateway) {
  const page = { gateway, announce, askDelete: (book) => askDelete(book, gateway) };
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

async function run() {
  const gateway = new Gateway();
  onSubmit(byId('add'), async (values) => {
    await gateway.call('library.books', 'new', values);
    byId('add').reset();
    byId('add').elements.title.focus();
  });
  const books = await gateway.load('library.books', (why) => {
    showText(byId('placeholder'), `The books cannot be loaded yet: ${why}`);
  });
  showBooks(books, gateway);
}

start(run, byId('failure'));
