// Connections: several requests, the versions, how they end, and how they become WebSockets (RFC 9112, section 9, and
// RFC 6455, section 4.2).
import { get, head, NEXT, post, refused } from './http_parts.mjs';

const HOST = 'Host: a';
const NEXT_TOO = [200, 'GET /next '];
const open = (name, send, ...gets) => ({ name, send, gets, then: 'open' });
const closed = (name, send, ...gets) => ({ name, send, gets, then: 'closed' });
const old = (...fields) => head('GET /x HTTP/1.0', ...fields);
const X = [200, 'GET /x '];

export const connections = [
  open('two requests at once', get('/x') + NEXT, X, NEXT_TOO),
  open('five requests at once', get('/x').repeat(5), X, X, X, X, X),
  open('a body, then a request', `${post('Content-Length: 5')}hello${NEXT}`, [200, 'POST /x hello'], NEXT_TOO),
  open('chunks, then a request', `${post('Transfer-Encoding: chunked')}0\r\n\r\n${NEXT}`, [200, 'POST /x '], NEXT_TOO),
  open('an empty line between two', `${get('/x')}\r\n${NEXT}`, X, NEXT_TOO),
  open('HEAD, then GET', head('HEAD /x HTTP/1.1', HOST) + NEXT, [200, '', 'head'], NEXT_TOO),
  closed('bytes that are no request behind one', `${get('/x')}\0\0${NEXT}`, X, [400]),
  closed('a body without a length is another request', `${post()}hello\r\n\r\n`, [200, 'POST /x '], [400]),
  closed('a request that is refused before another', head('GET /x HTTP/1.1') + NEXT, [400]),
  closed('Connection: close', get('/x', 'Connection: close') + NEXT, X),
  closed('Connection: close in capitals', get('/x', 'Connection: CLOSE') + NEXT, X),
  closed('Connection: close in a list', get('/x', 'Connection: a, close ,b') + NEXT, X),
  closed('Connection: close in a second field', get('/x', 'Connection: a', 'Connection: close') + NEXT, X),
  closed('Connection: close and keep-alive', get('/x', 'Connection: keep-alive, close') + NEXT, X),
  closed('Connection: close at the second', get('/x') + get('/x', 'Connection: close') + NEXT, X, X),
  open('Connection: keep-alive', get('/x', 'Connection: keep-alive') + NEXT, X, NEXT_TOO),
  open('Connection: closed is not close', get('/x', 'Connection: closed') + NEXT, X, NEXT_TOO),
  closed('HTTP/1.0', old() + NEXT, X),
  closed('HTTP/1.0 with a host', old(HOST) + NEXT, X),
  open('HTTP/1.0 with keep-alive', old('Connection: keep-alive') + NEXT, X, NEXT_TOO),
  open('HTTP/1.0 with Keep-Alive', old('Connection: Keep-Alive', 'Keep-Alive: 5') + NEXT, X, NEXT_TOO),
  refused('HTTP/1.0 with two hosts', old(HOST, HOST)),
  closed('HTTP/1.0 with a body', `${head('POST /x HTTP/1.0', 'Content-Length: 5')}hello${NEXT}`, [200, 'POST /x hello']),
  open('Expect without a body', get('/x', 'Expect: 100-continue'), X),
  { ...open('Expect with a body', post('Expect: 100-continue', 'Content-Length: 5'), [100]), then: 'waits' },
  { ...open('Expect with its body', `${post('Expect: 100-continue', 'Content-Length: 5')}hello`, [200, 'POST /x hello']), whole: true },
  closed('Expect with HTTP/1.0', `${head('POST /x HTTP/1.0', 'Expect: 100-continue', 'Content-Length: 5')}hello`,
    [200, 'POST /x hello']),
  refused('Expect with a body that is too large', post('Expect: 100-continue', `Content-Length: ${(16 << 20) + 1}`), 413),
  open('an upgrade to a protocol that nobody knows', get('/x', 'Connection: Upgrade', 'Upgrade: h2c'), X),
];

const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const UPGRADE = ['Upgrade: websocket', 'Connection: Upgrade'];
const VERSION = 'Sec-WebSocket-Version: 13';
const ECHOED = '\x81\x02hi\x88\x02\x03\xe8'; // the echo, and the answer to the close frame
const FRAMES = '\x81\x82\0\0\0\0hi\x88\x82\0\0\0\0\x03\xe8';

const upgraded = (name, target, ...fields) => ({ name, send: get(target, ...fields) + FRAMES, gets: [[101]], then: ECHOED });

export const handshakes = [
  upgraded('as it should be', '/ws', ...UPGRADE, VERSION, KEY),
  upgraded('in other letters', '/ws', 'upgrade: WebSocket', 'connection: keep-alive, upgrade', VERSION, KEY),
  upgraded('one of several protocols', '/ws', 'Upgrade: h2c, websocket', 'Connection: Upgrade', VERSION, KEY),
  upgraded('with a query', '/ws?a=b', ...UPGRADE, VERSION, KEY),
  upgraded('with an encoded path', '/%77s', ...UPGRADE, VERSION, KEY),
  upgraded('with an origin', '/ws', ...UPGRADE, VERSION, KEY, 'Origin: https://a'),
  upgraded('with a body of no bytes', '/ws', ...UPGRADE, VERSION, KEY, 'Content-Length: 0'),
  refused('of another method', head('POST /ws HTTP/1.1', HOST, ...UPGRADE, VERSION, KEY), 405),
  refused('without Upgrade', get('/ws', 'Connection: Upgrade', VERSION, KEY)),
  refused('of another protocol', get('/ws', 'Upgrade: h2c', 'Connection: Upgrade', VERSION, KEY)),
  refused('without Connection', get('/ws', 'Upgrade: websocket', VERSION, KEY)),
  refused('without a version', get('/ws', ...UPGRADE, KEY), [400, 426]),
  refused('of version 8', get('/ws', ...UPGRADE, 'Sec-WebSocket-Version: 8', KEY), 426),
  refused('of version 14', get('/ws', ...UPGRADE, 'Sec-WebSocket-Version: 14', KEY), 426),
  refused('of version 013', get('/ws', ...UPGRADE, 'Sec-WebSocket-Version: 013', KEY), [400, 426]),
  refused('without a key', get('/ws', ...UPGRADE, VERSION)),
  refused('with two keys', get('/ws', ...UPGRADE, VERSION, KEY, KEY)),
  refused('with an empty key', get('/ws', ...UPGRADE, VERSION, 'Sec-WebSocket-Key:')),
  refused('with a key of 15 bytes', get('/ws', ...UPGRADE, VERSION, 'Sec-WebSocket-Key: YWJjZGVmZ2hpamtsbW5v')),
  refused('with a key that is not base64', get('/ws', ...UPGRADE, VERSION, 'Sec-WebSocket-Key: !!!!IHNhbXBsZSBub25jZQ==')),
  refused('with a body', get('/ws', ...UPGRADE, VERSION, KEY, 'Content-Length: 5')),
  refused('with chunks', get('/ws', ...UPGRADE, VERSION, KEY, 'Transfer-Encoding: chunked')),
  refused('without a host', head('GET /ws HTTP/1.1', ...UPGRADE, VERSION, KEY)),
  refused('that is none, at its path', get('/ws')),
  open('at another path', get('/x', ...UPGRADE, VERSION, KEY), X),
  closed('behind a request', get('/x') + get('/ws', ...UPGRADE, VERSION), X, [400]),
];
