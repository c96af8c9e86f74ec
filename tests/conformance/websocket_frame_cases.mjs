// Cases 1 to 5 and 10 of the Autobahn test suite: messages, pings, reserved bits, opcodes, fragments.
import {
  ANSWERED_AS_TEXT, begin, binary, bytes, fragments, hex, last, more, NOT_TEXT, other, ping, pong, text, waitFor,
} from './websocket_parts.mjs';

const HELLO = 'Hello, world!';
const NO_TEXT = hex('00 ff fe fd fc fb 00 ff');

const echo = (data) => [['text', data]];

const stars = (id, size, cut) => {
  const data = '*'.repeat(size);
  return { id, cut, send: [text(data)], replies: echo(data) };
};

const notText = (id, size, cut) => {
  const data = Buffer.alloc(size, 0xfe);
  return { id, cut, send: [binary(data)], replies: [['binary', data]], departs: { why: NOT_TEXT, replies: [], closes: 1007 } };
};

export const messages = [
  stars('1.1.1', 0),
  stars('1.1.2', 125),
  stars('1.1.3', 126),
  stars('1.1.4', 127),
  stars('1.1.5', 128),
  stars('1.1.6', 65_535),
  stars('1.1.7', 65_536),
  stars('1.1.8', 65_536, 997),
  { id: '1.2.1', send: [binary('')], replies: [['binary', '']], departs: { why: ANSWERED_AS_TEXT, replies: echo('') } },
  notText('1.2.2', 125),
  notText('1.2.3', 126),
  notText('1.2.4', 127),
  notText('1.2.5', 128),
  notText('1.2.6', 65_535),
  notText('1.2.7', 65_536),
  notText('1.2.8', 65_536, 997),
  // Lengths that are not in their shortest form, or beyond all bounds, and masks (RFC 6455, sections 5.1 to 5.3).
  { id: '1.3.1a', send: [binary('µ')], replies: [['binary', 'µ']], departs: { why: ANSWERED_AS_TEXT, replies: echo('µ') } },
  { id: '1.3.2a', send: [bytes(hex('81 fe 0005 00000000 4141414141'))], closes: 1002 },
  { id: '1.3.3a', send: [bytes(hex('81 fe 007d 00000000'))], closes: 1002 },
  { id: '1.3.4a', send: [bytes(hex('81 ff 0000000000000005 00000000 4141414141'))], closes: 1002 },
  { id: '1.3.5a', send: [bytes(hex('81 ff 000000000000ffff 00000000'))], closes: 1002 },
  { id: '1.3.6a', send: [bytes(hex('81 ff 8000000000000000 00000000'))], closes: 1002 },
  { id: '1.3.7a', send: [bytes(hex('81 ff ffffffffffffffff 00000000'))], closes: 1002 },
  { id: '1.3.8a', send: [bytes(hex('81 ff 7fffffffffffffff 00000000'))], closes: 1009 },
  { id: '1.3.9a', send: [text(HELLO, { masked: false })], closes: 1002 },
  { id: '1.3.10a', send: [ping('', { masked: false })], closes: 1002 },
  { id: '1.3.11a', send: [text(HELLO), bytes(hex('8100')), text(HELLO)], replies: echo(HELLO), closes: 1002 },
  { id: '1.3.12a', send: [bytes(hex('81 85 00000000 48656c6c6f'))], replies: echo('Hello') },
  { id: '1.3.13a', send: [bytes(hex('81 85 ffffffff b79a939390'))], replies: echo('Hello') },
];

const tenPings = (id, cut) => {
  const payloads = Array.from({ length: 10 }, (_, i) => `payload-${i}`);
  return { id, cut, send: payloads.map((data) => ping(data)), replies: payloads.map((data) => ['pong', data]) };
};

const LONGEST = Buffer.alloc(125, 0xfe);
const UNASKED = 'unsolicited pong payload';

export const pings = [
  { id: '2.1', send: [ping()], replies: [['pong', '']] },
  { id: '2.2', send: [ping(HELLO)], replies: [['pong', HELLO]] },
  { id: '2.3', send: [ping(NO_TEXT)], replies: [['pong', NO_TEXT]] },
  { id: '2.4', send: [ping(LONGEST)], replies: [['pong', LONGEST]] },
  { id: '2.5', send: [ping(Buffer.alloc(126, 0xfe))], closes: 1002 },
  { id: '2.6', cut: 'octets', send: [ping(LONGEST)], replies: [['pong', LONGEST]] },
  { id: '2.7', send: [pong()] },
  { id: '2.8', send: [pong(UNASKED)] },
  { id: '2.9', send: [pong(UNASKED), ping('ping payload')], replies: [['pong', 'ping payload']] },
  tenPings('2.10'),
  tenPings('2.11', 'octets'),
  { id: '2.12a', send: [pong(Buffer.alloc(126))], closes: 1002 },
  { id: '2.13a', send: [ping(), text(HELLO), ping('2')], replies: [['pong', ''], ...echo(HELLO), ['pong', '2']] },
];

export const reservedBits = [
  { id: '3.1', send: [text(HELLO, { rsv: 1 })], closes: 1002 },
  { id: '3.2', send: [text(HELLO), text(HELLO, { rsv: 2 }), ping()], replies: echo(HELLO), closes: 1002 },
  { id: '3.3', cut: 'frames', send: [text(HELLO), text(HELLO, { rsv: 3 }), ping()], replies: echo(HELLO), closes: 1002 },
  { id: '3.4', cut: 'octets', send: [text(HELLO), text(HELLO, { rsv: 4 }), ping()], replies: echo(HELLO), closes: 1002 },
  { id: '3.5', send: [binary(NO_TEXT, { rsv: 5 })], closes: 1002 },
  { id: '3.6', send: [ping(HELLO, { rsv: 6 })], closes: 1002 },
  { id: '3.7', send: [other(8, '', { rsv: 7 })], closes: 1002 },
  { id: '3.8a', send: [begin('a'), other(0, 'b', { rsv: 4 })], closes: 1002 },
];

const reserved = (first, op) => {
  const payload = 'reserved opcode payload';
  const rest = { replies: echo(HELLO), closes: 1002 };
  return [
    { id: `${first}.1`, send: [other(op)], closes: 1002 },
    { id: `${first}.2`, send: [other(op + 1, payload)], closes: 1002 },
    { id: `${first}.3`, send: [text(HELLO), other(op + 2), ping()], ...rest },
    { id: `${first}.4`, send: [text(HELLO), other(op + 3, HELLO), ping()], ...rest },
    { id: `${first}.5`, cut: 'octets', send: [text(HELLO), other(op + 4, HELLO), ping()], ...rest },
  ];
};

export const opcodes = [...reserved('4.1', 3), ...reserved('4.2', 11)];

const two = [begin('fragment1'), last('fragment2')];
const whole = echo('fragment1fragment2');
const pinged = [begin('fragment1'), ping('ping payload'), last('fragment2')];
const answers = [['pong', 'ping payload'], ...whole];
const lost = [last('non-continuation payload'), text(HELLO)];
const lostMore = [more('non-continuation payload'), text(HELLO)];
const twice = (frames) => [...frames, ...frames];

const withPings = [
  begin('fragment1'), more('fragment2'), ping('pongme 1!'), waitFor(1),
  more('fragment3'), more('fragment4'), ping('pongme 2!'), last('fragment5'),
];
const inPings = [
  ['pong', 'pongme 1!'], ['pong', 'pongme 2!'], ['text', 'fragment1fragment2fragment3fragment4fragment5'],
];

export const fragmented = [
  { id: '5.1', send: [ping('fragment1', { fin: false }), last('fragment2')], closes: 1002 },
  { id: '5.2', send: [pong('fragment1', { fin: false }), last('fragment2')], closes: 1002 },
  { id: '5.3', send: two, replies: whole },
  { id: '5.4', cut: 'frames', send: two, replies: whole },
  { id: '5.5', cut: 'octets', send: two, replies: whole },
  { id: '5.6', send: pinged, replies: answers },
  { id: '5.7', cut: 'frames', send: pinged, replies: answers },
  { id: '5.8', cut: 'octets', send: pinged, replies: answers },
  { id: '5.9', send: lost, closes: 1002 },
  { id: '5.10', cut: 'frames', send: lost, closes: 1002 },
  { id: '5.11', cut: 'octets', send: lost, closes: 1002 },
  { id: '5.12', send: lostMore, closes: 1002 },
  { id: '5.13', cut: 'frames', send: lostMore, closes: 1002 },
  { id: '5.14', cut: 'octets', send: lostMore, closes: 1002 },
  { id: '5.15', send: [...two, more('fragment3'), text('fragment4')], replies: whole, closes: 1002 },
  { id: '5.16', send: twice([more('fragment1'), begin('fragment2'), last('fragment3')]), closes: 1002 },
  { id: '5.17', send: twice([last('fragment1'), begin('fragment2'), last('fragment3')]), closes: 1002 },
  { id: '5.18', send: [begin('fragment1'), text('fragment2')], closes: 1002 },
  { id: '5.19', send: withPings, replies: inPings },
  { id: '5.20', cut: 'frames', send: withPings, replies: inPings },
  { id: '5.21a', send: [...two, ...two], replies: [...whole, ...whole] },
  { id: '5.22a', send: [begin('a'), binary('b')], closes: 1002 },
];

export const automatic = [
  { id: '10.1.1', send: fragments('*'.repeat(65_536), 1300), replies: echo('*'.repeat(65_536)) },
];
