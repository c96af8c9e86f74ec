// The cases of h1spec (github.com/uNetworking/h1spec).
import { okay, waits } from './http_parts.mjs';

const refused = (name, send, status = 400) => ({ name, send, gets: [[status]], then: 'closed' });

const fragments = [
  ['method', 'G'],
  ['URL 1', 'GET '],
  ['URL 2', 'GET /hello'],
  ['URL 3', 'GET /hello '],
  ['HTTP version', 'GET /hello HTTP'],
  ['request line', 'GET /hello HTTP/1.1'],
  ['request line newline 1', 'GET /hello HTTP/1.1\r'],
  ['request line newline 2', 'GET /hello HTTP/1.1\r\n'],
  ['field name', 'GET /hello HTTP/1.1\r\nHos'],
  ['field value 1', 'GET /hello HTTP/1.1\r\nHost:'],
  ['field value 2', 'GET /hello HTTP/1.1\r\nHost: '],
  ['field value 3', 'GET /hello HTTP/1.1\r\nHost: localhost'],
  ['field value 4', 'GET /hello HTTP/1.1\r\nHost: localhost\r'],
  ['request', 'GET /hello HTTP/1.1\r\nHost: localhost\r\n'],
  ['request termination', 'GET /hello HTTP/1.1\r\nHost: localhost\r\n\r'],
];

const HOST = 'Host: example.com\r\n';

export const h1spec = [
  ...fragments.map(([name, send]) => waits(`fragmented ${name}`, send)),
  refused('request without HTTP version', 'GET / \r\n\r\n'),
  okay('request with Expect header', `GET / HTTP/1.1\r\n${HOST}Expect: 100-continue\r\n\r\n`, 'GET / '),
  okay('valid GET request', `GET / HTTP/1.1\r\n${HOST}\r\n`, 'GET / '),
  okay('valid GET request with edge cases', 'GET / HTTP/1.1\r\nhoSt:\texample.com\r\nempty:\r\n\r\n', 'GET / '),
  refused('invalid header characters', `GET / HTTP/1.1\r\n${HOST}X-Invalid[]: test\r\n\r\n`),
  refused('missing Host header', 'GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n'),
  refused('multiple Host headers', `GET / HTTP/1.1\r\n${HOST}Host: example.org\r\n\r\n`),
  refused('overflowing negative Content-Length', `GET / HTTP/1.1\r\n${HOST}Content-Length: -123456789123456789123456789\r\n\r\n`),
  refused('negative Content-Length', `GET / HTTP/1.1\r\n${HOST}Content-Length: -1234\r\n\r\n`),
  refused('non-numeric Content-Length', `GET / HTTP/1.1\r\n${HOST}Content-Length: abc\r\n\r\n`),
  okay('empty header value', `GET / HTTP/1.1\r\n${HOST}X-Empty-Header: \r\n\r\n`, 'GET / '),
  refused('header containing invalid control character', `GET / HTTP/1.1\r\n${HOST}X-Bad-Control-Char: test\x07\r\n\r\n`),
  refused('invalid HTTP version', `GET / HTTP/9.9\r\n${HOST}\r\n`, [400, 505]),
  refused('invalid prefix of request', `Extra lineGET / HTTP/1.1\r\n${HOST}\r\n`),
  refused('invalid line ending', `GET / HTTP/1.1\r\n${HOST}\rSome-Header: Test\r\n\r\n`),
  okay('valid POST request with body', `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello`, 'POST / hello'),
  okay('chunked Transfer-Encoding', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nc\r\nHellO world1\r\n0\r\n\r\n`,
    'POST / HellO world1'),
  refused('conflicting Transfer-Encoding and Content-Length in varying case',
    `POST / HTTP/1.1\r\n${HOST}content-LengtH: 5\r\nTransFer-Encoding: chunked\r\n\r\nc\r\nHellO world1\r\n0\r\n\r\n`),
];
