// The book collection as a RES service: a model library.book.<id> for each book, and the collection library.books that
// refers to them. All data is in memory, so a restart brings the first three books back.
//
//   node service.mjs [--nats nats://127.0.0.1:4222]
import { checkObject, invalidParams, notFound, Resource, Service } from '../shared/service.mjs';

const FIRST_BOOKS = [
  { title: 'Animal Farm', author: 'George Orwell' },
  { title: 'Brave New World', author: 'Aldous Huxley' },
  { title: 'Coraline', author: 'Neil Gaiman' },
];
const LABELS = { title: 'Title', author: 'Author' };
const MAX_LENGTH = 200;

// Returns the trimmed text of a field, or throws a refusal. Its data names the field, so that a page can point at it.
function checkText(field, value) {
  if (typeof value !== 'string') throw invalidParams(`${LABELS[field]} must be a string`, { field });
  const text = value.trim();
  if (text === '') throw invalidParams(`${LABELS[field]} must not be empty`, { field });
  if (text.length > MAX_LENGTH) throw invalidParams(`${LABELS[field]} must not exceed ${MAX_LENGTH} characters`, { field });
  return text;
}

function checkFields(params) {
  const unknown = Object.keys(params).find((key) => !Object.hasOwn(LABELS, key));
  if (unknown !== undefined) throw invalidParams(`There is no property "${unknown}" to set`);
  return Object.fromEntries(Object.entries(params).map(([field, value]) => [field, checkText(field, value)]));
}

// By resource id. A Map keeps the order of insertion, which is the order of the collection.
const books = new Map();
let lastId = 0;

function find(rid) {
  const book = books.get(rid);
  if (!book) throw notFound();
  return book;
}

function insert(id, book) {
  const rid = `library.book.${id}`;
  books.set(rid, { id, ...book });
  lastId = id;
  return rid;
}

function setBook({ rid, params }) {
  const book = find(rid);
  const values = checkFields(checkObject(params));
  for (const field of Object.keys(values)) {
    if (values[field] === book[field]) delete values[field]; // a change event must contain only what has changed
  }
  if (Object.keys(values).length === 0) return;
  Object.assign(book, values);
  service.change(rid, values);
}

function newBook({ params }) {
  const book = checkFields({ title: '', author: '', ...checkObject(params) }); // a missing field counts as empty
  const idx = books.size;
  // A new book must not get an id that another book had in an earlier run, because clients may still hold that book.
  // Ids come from the clock, which is always ahead of earlier ids.
  const rid = insert(Math.max(Date.now(), lastId + 1), book);
  service.event('library.books', 'add', { idx, value: { rid } });
  return new Resource(rid);
}

function deleteBook({ params }) {
  const { id } = checkObject(params);
  if (!Number.isInteger(id)) throw invalidParams('The id of the book must be a whole number');
  const rid = `library.book.${id}`;
  const idx = [...books.keys()].indexOf(rid);
  if (idx < 0) throw invalidParams(`There is no book with the id ${id}`);
  books.delete(rid);
  service.event('library.books', 'remove', { idx });
  service.event(rid, 'delete');
}

FIRST_BOOKS.forEach((book, n) => insert(n + 1, book));

const service = await Service.connect('book', ['library.books', 'library.book.*']);
service.serve({
  // Everyone may read and change everything.
  'access.library.books': () => ({ get: true, call: 'new,delete' }),
  'access.library.book.*': () => ({ get: true, call: 'set' }),
  'get.library.books': () => ({ collection: [...books.keys()].map((rid) => ({ rid })) }),
  'get.library.book.*': ({ rid }) => ({ model: find(rid) }),
  'call.library.books.new': newBook,
  'call.library.books.delete': deleteBook,
  'call.library.book.*.set': setBook,
});
await service.ready();
