// Cases 9 of the Autobahn test suite: large messages, and many. The server takes messages of up to 16 MiB.
import {
  ANSWERED_AS_TEXT, binary, bytes, fragments, hex, NOT_TEXT, repeat, text, waitFor,
} from './websocket_parts.mjs';

const KIB = 1 << 10;
const MIB = 1 << 20;
const ROUNDS = 100; // the suite has 1,000

const BINARY = hex('00fe23faf0');
const REFUSED = { why: NOT_TEXT, replies: [], closes: 1007 };
const echo = (data) => [['text', data]];

const SIZES = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB];
const PIECES = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB];
const CHOPS = [64, 128, 256, 512, KIB, 2 * KIB];

// The getters make large data only while a case runs.
const letters = (id, size, cut) => ({
  id, cut, send: () => [text(repeat('BAsd7&jh23', size))],
  get replies() { return echo(repeat('BAsd7&jh23', size)); },
});

const numbers = (id, size, cut) => ({
  id, cut, send: () => [binary(repeat(BINARY, size))],
  get replies() { return [['binary', repeat(BINARY, size)]]; },
  departs: REFUSED,
});

const inFragments = (id, size) => ({
  id, send: () => fragments(repeat('*', 4 * MIB), size),
  get replies() { return echo(repeat('*', 4 * MIB)); },
});

// In the first of these cases of the suite the payload is not UTF-8; in the others it is.
const inBinaryFragments = (id, size, first) => ({
  id, send: () => fragments(first ? Buffer.alloc(4 * MIB, 0xfe) : repeat('*', 4 * MIB), size, { op: 2 }),
  get replies() { return [['binary', first ? Buffer.alloc(4 * MIB, 0xfe) : repeat('*', 4 * MIB)]]; },
  departs: first ? REFUSED : {
    why: ANSWERED_AS_TEXT,
    get replies() { return echo(repeat('*', 4 * MIB)); },
  },
});

// One message after the other, each when the echo of the one before has come.
const inTurn = (message) => () => Array.from({ length: ROUNDS }, (_, i) => [message, waitFor(i + 1)]).flat();
const times = (reply) => Array.from({ length: ROUNDS }, () => reply);

const manyTexts = (id, size) => ({
  id, send: inTurn(text('*'.repeat(size))), replies: times(['text', '*'.repeat(size)]),
});

function manyBinaries(id, size) {
  const data = Buffer.alloc(size, 0xfe);
  const departs = size > 0 ? REFUSED : { why: ANSWERED_AS_TEXT, replies: times(['text', '']) };
  return { id, send: size > 0 ? [binary(data)] : inTurn(binary(data)), replies: times(['binary', data]), departs };
}

const ROUND_SIZES = [0, 16, 64, 256, KIB, 4 * KIB];
const each = (group, list, make) => list.map((value, i) => make(`9.${group}.${i + 1}`, value, i === 0));

const tooLarge = (id, send) => ({ id, send, closes: 1009 });

export const sizes = [
  ...each(1, SIZES, (id, size) => letters(id, size)),
  ...each(2, SIZES, (id, size) => numbers(id, size)),
  ...each(3, PIECES, inFragments),
  ...each(4, PIECES, inBinaryFragments),
  ...each(5, CHOPS, (id, chop) => letters(id, MIB, chop)),
  ...each(6, CHOPS, (id, chop) => numbers(id, MIB, chop)),
  ...each(7, ROUND_SIZES, manyTexts),
  ...each(8, ROUND_SIZES, manyBinaries),
  tooLarge('9.9.1a', [bytes(hex('81 ff 0000000001000001 00000000'))]), // refused before its payload has come
  tooLarge('9.9.2a', () => [...fragments(repeat('*', 16 * MIB), MIB).slice(0, -1), { op: 0, data: repeat('*', MIB + 1) }]),
];
