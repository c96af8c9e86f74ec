// Prints how many cases each group has, how often they are delivered, and where this server departs from the suites.
import { httpGroups, websocketGroups } from './groups.mjs';
import * as http from './http_runner.mjs';
import * as websocket from './websocket_runner.mjs';

// Large cases, whose bytes are made by a function, are delivered in one way only.
function countDeliveries({ deliveries }, rows, secure) {
  return rows.reduce((sum, row) => sum + (typeof row.send === 'function' ? 1 : deliveries(row, secure).length), 0);
}

function print(title, groups, runner) {
  const line = (name, ...figures) => console.log(name.padEnd(26) + figures.map((f) => `${f}`.padStart(12)).join(''));
  const total = [0, 0, 0, 0];
  line(title, 'cases', 'departures', 'plain', 'over TLS');
  for (const { name, rows } of groups) {
    const departures = rows.filter(({ departs }) => departs).length;
    const figures = [rows.length, departures, ...[false, true].map((secure) => countDeliveries(runner, rows, secure))];
    figures.forEach((figure, i) => (total[i] += figure));
    line(name, ...figures);
  }
  line('All', ...total);
}

// Returns the numbers of cases with those that follow each other joined: 1.2.2 to 1.2.8.
function ranges(ids) {
  const before = (id) => id.replace(/\d+$/, (last) => last - 1);
  const list = [];
  for (const id of ids) {
    if (list.length > 0 && before(id) === list.at(-1).at(-1)) list.at(-1).push(id);
    else list.push([id]);
  }
  return list.map((range) => (range.length < 3 ? range.join(', ') : `${range[0]} to ${range.at(-1)}`)).join(', ');
}

print('WebSocket', websocketGroups, websocket);
console.log();
print('HTTP', httpGroups, http);
const departing = [...websocketGroups, ...httpGroups].flatMap(({ rows }) => rows).filter(({ departs }) => departs);
for (const [why, rows] of grouped(departing)) {
  console.log(`\n${ranges(rows.map(({ id }) => id))}:\n${why}`);
}

function grouped(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.departs.why, [...(groups.get(row.departs.why) ?? []), row]);
  return groups;
}
