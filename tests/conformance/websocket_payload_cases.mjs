// Compressed messages of all forms that RFC 7692 knows, and malformed ones. These cases are ours.
import { constants, deflateRawSync } from 'node:zlib';

import {
  begin, bytes, closeWith, deflate, deflated, fragments, hex, last, more, other, ping, repeat, text, waitFor,
} from './websocket_parts.mjs';
import { ANSWER } from './websocket_deflate_cases.mjs';

const MIB = 1 << 20;
const LONG = 'The same again and again. '.repeat(20);
const OTHER = 'Something else, and then the same again and again. '.repeat(20);

const echo = (...list) => list.map((data) => ['text', data]);
const frameOf = (data, options) => ({ op: 1, rsv: 4, data, ...options });
const agreed = (rows) => rows.map((row) => ({ offer: 'permessage-deflate; client_max_window_bits', agrees: ANSWER, ...row }));

const wellFormed = agreed([
  // Examples of RFC 7692, section 7.2.3.
  { id: 'p.1', send: [frameOf(hex('f248cdc9c90700'))], replies: echo('Hello') },
  { id: 'p.2', send: [frameOf(hex('f248cd'), { fin: false }), last(hex('c9c90700'))], replies: echo('Hello') },
  { id: 'p.3', send: [frameOf(hex('000500faff48656c6c6f00'))], replies: echo('Hello') },
  { id: 'p.4', send: [frameOf(hex('f348cdc9c9070000'))], replies: echo('Hello') },
  { id: 'p.5', send: [frameOf(hex('f24805000000ffffcac9c90700'))], replies: echo('Hello') },
  { id: 'p.6', send: [frameOf(hex('00'))], replies: echo('') },
  { id: 'p.8', send: [deflated('a'), text('b'), deflated('c')], replies: echo('a', 'b', 'c') },
  { id: 'p.9', send: [frameOf('', { fin: false }), more(''), last(deflate('late'))], replies: echo('late') },
  { id: 'p.10', send: [...cutWithPing(deflate(LONG))], replies: [['pong', 'between'], ['text', LONG]] },
  ...[9, 10, 11, 12, 13, 14, 15].map((windowBits) => ({
    id: `p.window.${windowBits}`, send: [deflated(LONG, { windowBits })], replies: echo(LONG), compressed: true,
  })),
  ...[0, 1, 6, 9].map((level) => ({
    id: `p.level.${level}`, send: [deflated(LONG, { level })], replies: echo(LONG), compressed: true,
  })),
  ...['Z_FIXED', 'Z_HUFFMAN_ONLY', 'Z_RLE', 'Z_FILTERED'].map((name) => ({
    id: `p.${name}`, send: [deflated(LONG, { strategy: constants[name] })], replies: echo(LONG), compressed: true,
  })),
  {
    id: 'p.11', send: [frameOf(Buffer.concat([deflateRawSync(LONG), hex('00')]))], replies: echo(LONG), compressed: true,
  },
  { id: 'p.12', send: [deflated(LONG), waitFor(1), deflated(LONG)], replies: echo(LONG, LONG), compressed: true },
  { id: 'p.13', send: fragments(deflate(LONG), 1, { rsv: 4 }), replies: echo(LONG), compressed: true },
  { id: 'p.14', send: [deflated('x'.repeat(127)), deflated('x'.repeat(128))], replies: echo('x'.repeat(127), 'x'.repeat(128)) },
  {
    id: 'p.15', send: () => [frameOf(deflate(repeat('x', 16 * MIB)))],
    get replies() { return echo(repeat('x', 16 * MIB)); },
  },
]);

function* cutWithPing(payload) {
  yield frameOf(payload.subarray(0, 9), { fin: false });
  yield ping('between');
  yield last(payload.subarray(9));
}

// What a client that keeps its window would send as its second message.
function secondWithTakeover() {
  const both = deflate(Buffer.from(OTHER + OTHER), { windowBits: 15 });
  return both.subarray(deflate(OTHER).length);
}

const malformed = agreed([
  { id: 'p.20', send: [frameOf(hex('ff'))], closes: 1007 },
  // Without the last byte, 00, the four bytes that the server adds (section 7.2.2) make no whole block.
  { id: 'p.7', send: [frameOf('')], closes: 1007 },
  { id: 'p.36', send: [frameOf(deflateRawSync(LONG))], closes: 1007 },
  { id: 'p.21', send: [frameOf(hex('f248cdc9c907'))], closes: 1007 }, // cut off within a block
  { id: 'p.22', send: [frameOf(hex('000500fbff48656c6c6f00'))], closes: 1007 }, // two lengths that do not fit
  { id: 'p.23', send: [frameOf(Buffer.from('not compressed at all'))], closes: 1007 },
  { id: 'p.24', send: [deflated(hex('80'))], closes: 1007 },
  { id: 'p.25', send: [{ op: 2, rsv: 4, data: deflate(hex('fe')) }], closes: 1007 },
  { id: 'p.26', send: [begin('a'), other(0, deflate('b'), { rsv: 4 })], closes: 1002 },
  { id: 'p.27', send: [other(9, '', { rsv: 4 })], closes: 1002 },
  { id: 'p.28', send: [other(8, '', { rsv: 4 })], closes: 1002 },
  { id: 'p.29', send: [text('a', { rsv: 2 })], closes: 1002 },
  { id: 'p.30', send: [text('a', { rsv: 1 })], closes: 1002 },
  { id: 'p.31', send: [frameOf(deflate('a'), { rsv: 6 })], closes: 1002 },
  { id: 'p.32', send: () => [frameOf(deflate(repeat('x', 16 * MIB + 1)))], closes: 1009 },
  { id: 'p.33', send: [frameOf(secondWithTakeover())], closes: 1007 },
  { id: 'p.34', send: [frameOf(deflate('a'), { fin: false }), frameOf(deflate('b'))], closes: 1002 },
  { id: 'p.35', send: [frameOf(deflate('a'), { fin: false }), closeWith('')], closes: 1005 },
]);

// [offer, what the server agrees to]: the others of RFC 7692, section 7.1. Then a compressed message is a mistake.
const PLAIN = 'permessage-deflate';
const offers = [
  [PLAIN, ANSWER],
  [`${PLAIN}; client_max_window_bits=8`, ANSWER],
  [`${PLAIN}; client_max_window_bits="10"`, ANSWER],
  [`${PLAIN};server_max_window_bits="15"`, `${ANSWER}; server_max_window_bits=15`],
  [`x-webkit-deflate-frame, ${PLAIN}`, ANSWER],
  [`${PLAIN}; server_max_window_bits=8, ${PLAIN}`, ANSWER],
  [`${PLAIN}; server_max_window_bits`],
  [`${PLAIN}; server_max_window_bits=16`],
  [`${PLAIN}; client_max_window_bits=7`],
  [`${PLAIN}; client_max_window_bits=08`],
  [`${PLAIN}; client_max_window_bits=`],
  [`${PLAIN}; client_no_context_takeover=1`],
  [`${PLAIN}; client_no_context_takeover; client_no_context_takeover`],
  [`${PLAIN}; unknown`],
  ['permessage-bzip2'],
  ['x-webkit-deflate-frame'],
];

const negotiated = offers.map(([offer, agrees], i) => ({
  id: `p.offer.${i + 1}`, offer, agrees, send: [deflated('Hello')], ...(agrees ? { replies: echo('Hello') } : { closes: 1002 }),
}));

export const compressedPayloads = [...wellFormed, ...malformed, ...negotiated];
