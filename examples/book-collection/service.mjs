// The book collection as a RES service: a model for each book, library.book.<id>, and the collection library.books
// that refers to them. All is kept in memory, so a restart brings the first three books back.
//
//   node service.mjs [--nats nats://127.0.0.1:4222]
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connect, Events } from 'nats';

const FIRST_BOOKS = [
  { title: 'Animal Farm', author: 'George Orwell' },
  { title: 'Brave New World', author: 'Aldous Huxley' },
  { title: 'Coraline', author: 'Neil Gaiman' },
];
const LABELS = { title: 'Title', author: 'Author' };
const MAX_LENGTH = 200;
const STOP_MS = 1000;

// What a service replies when it refuses a request.
class Refusal extends Error {
  constructor(code, message, data) {
    super(message);
    this.reply = { error: { code, message, data } };
  }
}

const invalidParams = (message, data) => new Refusal('system.invalidParams', message, data);

// `data` names the field, so that a page can point at it.
function checkText(field, value) {
  if (typeof value !== 'string') throw invalidParams(`${LABELS[field]} must be a string`, { field });
  const text = value.trim();
  if (text === '') throw invalidParams(`${LABELS[field]} must not be empty`, { field });
  if (text.length > MAX_LENGTH) throw invalidParams(`${LABELS[field]} must not exceed ${MAX_LENGTH} characters`, { field });
  return text;
}

function checkObject(params) {
  if (params !== null && typeof params === 'object' && !Array.isArray(params)) return params;
  throw invalidParams('Parameters must be an object');
}

function checkFields(params) {
  const unknown = Object.keys(params).find((key) => !Object.hasOwn(LABELS, key));
  if (unknown !== undefined) throw invalidParams(`There is no property "${unknown}" to set`);
  return Object.fromEntries(Object.entries(params).map(([field, value]) => [field, checkText(field, value)]));
}

// The books, and what can be done with them. `publish(subject, payload)` sends an event; each method sends its events
// before it returns, so they are always ahead of the reply, as the RES-Service protocol demands.
function createLibrary(publish) {
  const books = new Map(); // resource id -> model; a Map keeps the order of insertion, which is that of the collection
  let lastId = 0;

  function find(rid) {
    const book = books.get(rid);
    if (!book) throw new Refusal('system.notFound', 'Not found');
    return book;
  }

  function insert(id, book) {
    const rid = `library.book.${id}`;
    books.set(rid, { id, ...book });
    lastId = id;
    return rid;
  }

  FIRST_BOOKS.forEach((book, n) => insert(n + 1, book));

  return {
    getBook: (rid) => ({ result: { model: find(rid) } }),

    getBooks: () => ({ result: { collection: [...books.keys()].map((rid) => ({ rid })) } }),

    setBook(rid, params) {
      const book = find(rid);
      const values = checkFields(checkObject(params));
      for (const field of Object.keys(values)) {
        if (values[field] === book[field]) delete values[field]; // a change event names only what changed
      }
      if (Object.keys(values).length > 0) {
        Object.assign(book, values);
        publish(`event.${rid}.change`, { values });
      }
      return { result: null };
    },

    newBook(params) {
      const book = checkFields({ title: '', author: '', ...checkObject(params) }); // what is missing counts as empty
      const idx = books.size;
      // No book may get the id that another one had in an earlier run, for clients may still hold that one: the clock
      // is always ahead of it.
      const rid = insert(Math.max(Date.now(), lastId + 1), book);
      publish('event.library.books.add', { idx, value: { rid } });
      return { resource: { rid } };
    },

    deleteBook(params) {
      const { id } = checkObject(params);
      if (!Number.isInteger(id)) throw invalidParams('The id of the book must be a whole number');
      const rid = `library.book.${id}`;
      const idx = [...books.keys()].indexOf(rid);
      if (idx < 0) throw invalidParams(`There is no book with the id ${id}`);
      books.delete(rid);
      publish('event.library.books.remove', { idx });
      publish(`event.${rid}.delete`);
      return { result: null };
    },
  };
}

// Subject pattern -> what answers it. Everyone may read and change everything.
function createHandlers(library) {
  const bookOf = (subject) => subject.split('.').slice(1, 4).join('.'); // call.library.book.7.set -> library.book.7
  return {
    'access.library.books': () => ({ result: { get: true, call: 'new,delete' } }),
    'access.library.book.*': () => ({ result: { get: true, call: 'set' } }),
    'get.library.books': () => library.getBooks(),
    'get.library.book.*': (subject) => library.getBook(bookOf(subject)),
    'call.library.books.new': (subject, params) => library.newBook(params),
    'call.library.books.delete': (subject, params) => library.deleteBook(params),
    'call.library.book.*.set': (subject, params) => library.setBook(bookOf(subject), params),
  };
}

function answer(handler, message) {
  try {
    const request = message.data.length > 0 ? JSON.parse(new TextDecoder().decode(message.data)) : {};
    return handler(message.subject, request.params ?? {});
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    console.error(`Request on ${message.subject} failed:`, error);
    return { error: { code: 'system.internalError', message: 'Internal error' } };
  }
}

// Connects, waiting for NATS as long as it takes, and serves until stop() is called.
export async function startService(natsUrl) {
  const nats = await connect({
    servers: natsUrl,
    name: 'book-collection',
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
  });
  const encode = (payload) => new TextEncoder().encode(payload === undefined ? '' : JSON.stringify(payload));
  const library = createLibrary((subject, payload) => nats.publish(subject, encode(payload)));
  for (const [pattern, handler] of Object.entries(createHandlers(library))) {
    nats.subscribe(pattern, {
      callback: (error, message) => {
        if (!error) message.respond(encode(answer(handler, message)));
      },
    });
  }

  // Gateways may hold what an earlier run of this service told them, or may have missed events while NATS was away:
  // this asks them to fetch the resources anew.
  const reset = () => nats.publish('system.reset', encode({ resources: ['library.books', 'library.book.*'] }));
  reset();
  await nats.flush();
  (async () => {
    for await (const status of nats.status()) {
      if (status.type === Events.Reconnect) reset();
    }
  })();
  return {
    server: nats.getServer(),
    // Sends what is still to be sent; without a connection that would take for ever, hence the limit.
    stop: () => Promise.race([nats.drain(), new Promise((resolve) => setTimeout(resolve, STOP_MS))]),
  };
}

async function main() {
  const { values } = parseArgs({ options: { nats: { type: 'string' } } });
  let service;
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, async () => {
      await service?.stop();
      process.exit(0);
    });
  }
  service = await startService(values.nats ?? process.env.NATS_URL ?? 'nats://127.0.0.1:4222');
  console.log(`The book service is ready on ${service.server}`);
}

// Symbolic links are resolved in import.meta.url, so they are here too.
if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(`The book service cannot run: ${error.message}`);
    process.exit(1);
  });
}
