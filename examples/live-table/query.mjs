// Reads and writes the queries of the table, which say which rows a client wants to see. There are many ways to spell a
// query, but it is written in one way only. So all clients that see the same rows share one resource in the gateway's
// cache.
import { invalidQuery } from '../shared/service.mjs';
import { COLUMNS, ROWS } from './market.mjs';

const MAX_LIMIT = 100;
const MAX_SEARCH = 50;

function whole(name, text, min, max) {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) throw invalidQuery(`${name} must be from ${min} to ${max}`);
  return value;
}

function oneOf(name, text, list) {
  if (!list.includes(text)) throw invalidQuery(`${name} must be one of ${list.join(', ')}`);
  return text;
}

// "sort=price&dir=desc" -> { search, sort, dir, from, limit }; missing fields get their default.
export function readQuery(text) {
  const given = new URLSearchParams(text ?? '');
  const search = (given.get('search') ?? '').trim().toLowerCase();
  if (search.length > MAX_SEARCH) throw invalidQuery(`search must not exceed ${MAX_SEARCH} characters`);
  return {
    search,
    sort: oneOf('sort', given.get('sort') ?? 'symbol', COLUMNS),
    dir: oneOf('dir', given.get('dir') ?? 'asc', ['asc', 'desc']),
    from: whole('from', given.get('from') ?? '0', 0, ROWS),
    limit: whole('limit', given.get('limit') ?? '25', 1, MAX_LIMIT),
  };
}

export const writeQuery = (query) => new URLSearchParams(query).toString();
