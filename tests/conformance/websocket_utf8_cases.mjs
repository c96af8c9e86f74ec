// Cases 6 of the Autobahn test suite: text that is UTF-8, and text that is not. The sequences are those of Markus
// Kuhn's UTF-8-test.txt.
import { begin, bytes, fragments, hex, last, more, ping, text, waitFor } from './websocket_parts.mjs';

const MIXED = 'Hello-µ@ßöäüàá-UTF-8!!';
const GREEK = hex('cebae1bdb9cf83cebcceb5');
const EDITED = Buffer.from('edited');
const SURROGATE = Buffer.concat([GREEK, hex('eda080'), EDITED]);
const TOO_HIGH = Buffer.concat([GREEK, hex('f4908080'), EDITED]);
const AT_THE_END = 'Text is checked when its message is complete; the suite takes this as correct, but not as strict.';

const echo = (data) => [['text', data]];

// A message in three fragments, the second of which makes it invalid, with a ping behind it.
function threeFragments(id, cuts) {
  const [one, two, three] = [TOO_HIGH.subarray(0, cuts[0]), TOO_HIGH.subarray(...cuts), TOO_HIGH.subarray(cuts[1])];
  const send = [begin(one), more(two), ping('still here'), waitFor(1), last(three)];
  return { id, send, closes: 1007, departs: { why: AT_THE_END, replies: [['pong', 'still here']] } };
}

// The same as three pieces of one frame. Here a strict server cannot be told from this one, as it cannot be asked.
function threePieces(id, cuts) {
  const header = Buffer.concat([hex('81'), Buffer.from([0x80 | TOO_HIGH.length]), hex('00000000')]);
  const pieces = [TOO_HIGH.subarray(0, cuts[0]), TOO_HIGH.subarray(...cuts), TOO_HIGH.subarray(cuts[1])];
  return { id, cut: 'frames', send: [header, ...pieces].map(bytes), closes: 1007 };
}

const texts = [
  { id: '6.1.1', send: [text('')], replies: echo('') },
  { id: '6.1.2', send: [begin(''), more(''), last('')], replies: echo('') },
  { id: '6.1.3', send: [begin(''), more('middle frame payload'), last('')], replies: echo('middle frame payload') },
  { id: '6.2.1', send: [text(MIXED)], replies: echo(MIXED) },
  { id: '6.2.2', send: [begin('Hello-µ@ßöä'), last('üàá-UTF-8!!')], replies: echo(MIXED) },
  { id: '6.2.3', send: fragments(MIXED, 1), replies: echo(MIXED) },
  { id: '6.2.4', send: fragments(GREEK, 1), replies: echo(GREEK) },
  { id: '6.3.1', send: [text(SURROGATE)], closes: 1007 },
  { id: '6.3.2', send: fragments(SURROGATE, 1), closes: 1007 },
  threeFragments('6.4.1', [11, 15]),
  threeFragments('6.4.2', [12, 13]),
  threePieces('6.4.3', [11, 15]),
  threePieces('6.4.4', [12, 13]),
];

// Returns the bytes from `from` to `to`, with the last one left out, and something behind each of them.
function range(from, to, behind = '') {
  let digits = '';
  for (let byte = from; byte < to; ++byte) digits += byte.toString(16) + behind;
  return digits;
}

const noEnd = ['c0', 'e080', 'f08080', 'f8808080', 'fc80808080', 'df', 'efbf', 'f7bfbf', 'fbbfbfbf', 'fdbfbfbfbf'];

// Unicode's noncharacters U+1FFFE to U+10FFFF, two in each plane, as the suite numbers them.
const lastOfPlanes = ['9f', 'af', 'bf'].flatMap((second) => [`f0${second}bfbe`, `f0${second}bfbf`]);
const lastOfMore = ['f1', 'f2', 'f3'].flatMap((start) =>
  ['8f', '9f', 'af', 'bf'].flatMap((second) => [`${start}${second}bfbe`, `${start}${second}bfbf`]));

// [number of the group, is it UTF-8, the messages]
const sequences = [
  [5, true, ['68656c6c6f24776f726c64', '68656c6c6fc2a2776f726c64', '68656c6c6fe282ac776f726c64',
    '68656c6c6ff0a4ada2776f726c64', 'cebae1bdb9cf83cebcceb5']],
  [7, true, ['00', 'c280', 'e0a080', 'f0908080']],
  [8, false, ['f888808080', 'fc8480808080']],
  [9, true, ['7f', 'dfbf', 'efbfbf', 'f48fbfbf']],
  [10, false, ['f7bfbfbf', 'fbbfbfbfbf', 'fdbfbfbfbfbf']],
  [12, false, ['80', 'bf', '80bf', '80bf80', '80bf80bf', '80bf80bf80', '80bf80bf80bf', range(0x80, 0xbf)]],
  [13, false, [range(0xc0, 0xdf, '20'), range(0xe0, 0xef, '20'), range(0xf0, 0xf7, '20'), range(0xf8, 0xfb, '20'),
    range(0xfc, 0xfd, '20')]],
  [14, false, noEnd],
  [15, false, [noEnd.join('')]],
  [16, false, ['fe', 'ff', 'fefeffff']],
  [17, false, ['c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af']],
  [18, false, ['c1bf', 'e09fbf', 'f08fbfbf', 'f887bfbfbf', 'fc83bfbfbfbf']],
  [19, false, ['c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080']],
  [20, false, ['eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf']],
  [21, false, ['eda080edb080', 'eda080edbfbf', 'edadbfedb080', 'edadbfedbfbf', 'edae80edb080', 'edae80edbfbf',
    'edafbfedb080', 'edafbfedbfbf']],
  [22, true, ['efbfbe', 'efbfbf', ...lastOfPlanes, ...lastOfMore, 'f48fbfbe', 'f48fbfbf']],
  [23, true, ['efbfb9', 'efbfba', 'efbfbb', 'efbfbc', 'efbfbd', 'efbfbe', 'efbfbf']],
];

const judged = (id, valid, data) => ({ id, send: [text(data)], ...(valid ? { replies: echo(data) } : { closes: 1007 }) });

// The prefixes of a text: those that end within a character are not UTF-8.
const WHOLE = [2, 5, 7, 9, 11];
const prefixes = Array.from(GREEK, (_, i) => judged(`6.6.${i + 1}`, WHOLE.includes(i + 1), GREEK.subarray(0, i + 1)));

// Other boundaries: around the surrogates, the replacement character, the highest, one more.
const boundaries = ['ed9fbf', 'ee8080', 'efbfbd', 'f48fbfbf', 'f4908080'].map((digits, i) =>
  judged(`6.11.${i + 1}`, i < 4, hex(digits)));

export const utf8 = [
  ...texts,
  ...prefixes,
  ...boundaries,
  ...sequences.flatMap(([group, valid, list]) => list.map((digits, i) => judged(`6.${group}.${i + 1}`, valid, hex(digits)))),
];
