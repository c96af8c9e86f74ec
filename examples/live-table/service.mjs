// A live table of 10,000 rows, of which each client subscribes to a part. The collection table.rows takes a query with
// search, sort, dir, from and limit, and refers to the models table.row.<id>. The model table.summary takes a query
// with the search alone, and has the number of rows found. The model table.market says whether prices move, and its
// method set starts or stops them.
//
//   node service.mjs [--nats nats://127.0.0.1:4222] [--tick 1000] [--moves 1500]
import { checkObject, invalidParams, notFound, options, Service } from '../shared/service.mjs';
import { move, rows, ROWS, select, setPrice } from './market.mjs';
import { readQuery, writeQuery } from './query.mjs';

const given = options({ tick: '1000', moves: '1500' }); // every `tick` ms, `moves` prices change
const MAX_KEPT = 100;

const byRid = new Map(rows.map((row) => [`table.row.${row.id}`, row]));
const market = { isOpen: true, rows: ROWS };
const selected = new Map(); // search, sort and dir -> the rows found, until the next change

function rowsOf({ search, sort, dir }) {
  const key = writeQuery({ search, sort, dir });
  if (!selected.has(key)) {
    if (selected.size >= MAX_KEPT) selected.clear();
    selected.set(key, select({ search, sort, dir }));
  }
  return selected.get(key);
}

function getPage(query) {
  const page = rowsOf(query).slice(query.from, query.from + query.limit);
  return page.map(({ id }) => ({ rid: `table.row.${id}` }));
}

const getSummary = ({ search }) => ({ found: rowsOf({ search, sort: 'symbol', dir: 'asc' }).length });

// Sends a change event for each changed row. This service does not work out how that changes the pages of the table.
// The query event makes the gateways ask for every query that a client is subscribed to, and they tell clients which
// rows came, went and moved.
function publish(changed) {
  selected.clear();
  for (const { id, price, change } of new Set(changed)) service.change(`table.row.${id}`, { price, change });
  service.queryEvent('table.rows');
}

function find(rid) {
  const row = byRid.get(rid);
  if (!row) throw notFound();
  return row;
}

function setRow({ rid, params }) {
  const row = find(rid);
  const { price } = checkObject(params);
  if (!Number.isFinite(price) || price <= 0) throw invalidParams('The price must be a number above 0');
  setPrice(row, price);
  publish([row]);
}

function setMarket({ params }) {
  const { isOpen } = checkObject(params);
  if (typeof isOpen !== 'boolean') throw invalidParams('isOpen must be true or false');
  if (isOpen === market.isOpen) return; // nothing has changed, so there is no event to send
  market.isOpen = isOpen;
  service.change('table.market', { isOpen });
}

const service = await Service.connect('table', ['table.>'], given.nats);
service.serve({
  'access.table.rows': () => ({ get: true }),
  'access.table.summary': () => ({ get: true }),
  'access.table.row.*': () => ({ get: true, call: 'set' }),
  'access.table.market': () => ({ get: true, call: 'set' }),
  'get.table.rows': ({ query }) => {
    const read = readQuery(query);
    return { collection: getPage(read), query: writeQuery(read) };
  },
  'get.table.summary': ({ query }) => {
    const { search } = readQuery(query);
    return { model: getSummary({ search }), query: writeQuery({ search }) };
  },
  'get.table.row.*': ({ rid }) => ({ model: find(rid) }),
  'get.table.market': () => ({ model: market }),
  'call.table.row.*.set': setRow,
  'call.table.market.set': setMarket,
});
service.serveQueries('table.rows', ({ query }) => ({ collection: getPage(readQuery(query)) }));
await service.ready();

setInterval(() => {
  if (market.isOpen) publish(move(Number(given.moves)));
}, Number(given.tick));
