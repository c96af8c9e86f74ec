// The data of the live table: 10,000 invented companies whose prices move. Each run has the same companies.
export const ROWS = 10_000;
export const COLUMNS = ['symbol', 'name', 'sector', 'price', 'change'];
const SECTORS = ['Energy', 'Food', 'Health', 'Housing', 'Shipping', 'Software', 'Textiles', 'Water'];
const FIRST = ['Al', 'Bor', 'Cal', 'Dun', 'El', 'Fen', 'Gal', 'Hol', 'Il', 'Jor', 'Kel', 'Lum', 'Mar', 'Nor', 'Or', 'Pel'];
const MIDDLE = ['a', 'be', 'do', 'e', 'i', 'ka', 'lo', 'mi', 'no', 'ra', 'se', 'ti', 'u', 've'];
const LAST = ['bank', 'dale', 'ford', 'gate', 'ham', 'line', 'mark', 'nex', 'port', 'ria', 'ston', 'tec', 'via', 'works'];
const KINDS = ['& Co', 'Group', 'Ltd', 'Union'];

// Returns a random number generator from 0 to 1, which gives the same sequence in each run.
function makeRandom(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const random = makeRandom(20);
const pick = (list) => list[Math.floor(random() * list.length)];
const toCents = (value) => Math.round(value * 100) / 100;

function makeRow(id) {
  const name = `${pick(FIRST)}${pick(MIDDLE)}${pick(LAST)} ${pick(KINDS)}`;
  const symbol = `${name.slice(0, 2).toUpperCase()}${String(id).padStart(5, '0')}`;
  const price = toCents(5 + 495 * random() ** 2);
  return { id, symbol, name, sector: pick(SECTORS), price, change: 0 };
}

export const rows = Array.from({ length: ROWS }, (_, n) => makeRow(n + 1));
const opening = rows.map((row) => row.price);
const searched = rows.map((row) => `${row.symbol} ${row.name} ${row.sector}`.toLowerCase());

// Sets the price of a row and its change, in percent of the price at the start.
export function setPrice(row, price) {
  const before = opening[row.id - 1];
  row.price = toCents(Math.max(0.01, price));
  row.change = toCents((100 * (row.price - before)) / before);
}

// Changes `count` random prices by up to two percent; returns the rows.
export function move(count) {
  return Array.from({ length: count }, () => {
    const row = pick(rows);
    setPrice(row, row.price * (1 + (random() - 0.5) * 0.04));
    return row;
  });
}

const collator = new Intl.Collator('en');
const compare = (a, b) => (typeof a === 'number' ? a - b : collator.compare(a, b));

// Returns the rows that contain `search`, sorted. Rows with equal values are sorted by id, so that the order is always
// the same.
export function select({ search, sort, dir }) {
  const sign = dir === 'desc' ? -1 : 1;
  const found = search === '' ? [...rows] : rows.filter((row) => searched[row.id - 1].includes(search));
  return found.sort((a, b) => sign * compare(a[sort], b[sort]) || a.id - b.id);
}
