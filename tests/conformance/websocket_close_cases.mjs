// Cases 7 of the Autobahn test suite: how a connection is closed.
import { begin, bytes, close, closeWith, hex, last, NO_CODE, ping, repeat, text } from './websocket_parts.mjs';

const HELLO = 'Hello World!';
const NOT_UTF8 = hex('cebae1bdb9cf83cebcceb5 eda080 656469746564');
const LONG = repeat('BAsd7&jh23', 256 << 10);
const first = [['text', LONG]];

const VALID = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const INVALID = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
const numbered = (group, codes, letter = '') => codes.map((code, i) => [`${group}.${i + 1}${letter}`, code]);

export const closes = [
  { id: '7.1.1', send: [text(HELLO)], replies: [['text', HELLO]] },
  { id: '7.1.2', send: [close(1000), closeWith('')], closes: 1000, goesOn: true },
  { id: '7.1.3', send: [close(1000), ping()], closes: 1000, goesOn: true },
  { id: '7.1.4', send: [close(1000), text(HELLO)], closes: 1000, goesOn: true },
  { id: '7.1.5', send: [begin('fragment1'), close(1000), last('fragment2')], closes: 1000, goesOn: true },
  // The second message may come too late, when the first one is still on its way.
  {
    id: '7.1.6', send: () => [text(LONG), text(HELLO), close(1000), ping()],
    replies: [...first, ['text', HELLO]], orReplies: first, closes: 1000, goesOn: true,
  },
  { id: '7.3.1', send: [closeWith('')], closes: NO_CODE },
  { id: '7.3.2', send: [closeWith('a')], closes: 1002 },
  { id: '7.3.3', send: [close(1000)], closes: 1000 },
  { id: '7.3.4', send: [close(1000, HELLO)], closes: 1000 },
  { id: '7.3.5', send: [close(1000, '*'.repeat(123))], closes: 1000 },
  { id: '7.3.6', send: [close(1000, '*'.repeat(124))], closes: 1002 },
  { id: '7.5.1', send: [closeWith(Buffer.concat([hex('03e8'), NOT_UTF8]))], closes: 1007 },
  ...numbered('7.7', VALID).map(([id, code]) => ({ id, send: [close(code)], closes: code })),
  ...numbered('7.8', [1012, 1013, 1014], 'a').map(([id, code]) => ({ id, send: [close(code)], closes: code })),
  ...numbered('7.9', INVALID).map(([id, code]) => ({ id, send: [close(code)], closes: 1002 })),
  ...numbered('7.10', [1015, 65_534], 'a').map(([id, code]) => ({ id, send: [close(code)], closes: 1002 })),
  { id: '7.13.1', send: [close(5000)], closes: 1002 },
  { id: '7.13.2', send: [close(65_535)], closes: 1002 },
  { id: '7.14.1a', send: [text(HELLO), close(1000)], replies: [['text', HELLO]], closes: 1000 },
  { id: '7.14.2a', send: [ping('a'), close(4000)], replies: [['pong', 'a']], closes: 4000 },
  { id: '7.14.3a', send: [close(1000, 'µ'), bytes(hex('ff'))], closes: 1000, goesOn: true },
];
