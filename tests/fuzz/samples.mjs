// Samples that seeds.mjs makes first inputs of, where the recorded captures have none.

// Requests and what may be ahead of one, for http.cpp and headers.cpp.
export const REQUESTS = [
  'GET /api/library/books HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST /api/library/books/new HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n{"a":1}GET / HTTP/1.0\r\n\r\n',
  'PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: v\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://a.example\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
    'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=10; server_no_context_takeover, x; y="z"\r\n' +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: a=b; c="d"\r\nCookie: e\r\n\r\n',
  'GET http://b/x?y HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.2.3.4, 10.0.0.9\r\nForwarded: for="[2001:db8::1]:7"\r\n\r\n',
  'PROXY TCP4 1.2.3.4 5.6.7.8 1000 80\r\n',
  '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x01\x02\x03\x04\x05\x06\x07\x08\x03\xe8\0\x50',
];

// Replies to access and call requests, for headers.cpp.
export const META_REPLIES = [
  '{"result":{"get":true},"meta":{"status":302,"header":{"Location":["/x"],"Set-Cookie":["a=b","c=d; Path=/"]}}}',
  '{"error":{"code":"a.b","message":"c"},"meta":{"status":599,"header":{"content-type":["x"],"X-A":["\\u00e9"]}}}',
  '{"result":{"get":true},"meta":{"header":{"x-b":[],"Connection":["close"],"A b":["c\\r\\nd: e"]}}}',
];

// Configuration files and command lines, for config.cpp.
export const CONFIGS = [
  { natsUrl: 'nats://u:p@a:1,tls://b', addr: '::1', port: 80, wsPath: '/w', apiPath: '/a', requestTimeout: 1, tls: false },
  { headerAuth: 'a.b', wsHeaderAuth: null, allowOrigin: 'https://a;null', putMethod: 'set', apiEncoding: 'jsonFlat' },
  { lanes: 2, maxMessageBytes: 1, maxOutboxBytes: 100000, maxPendingRequests: 1, maxSubscriptions: 1, requestRate: 5 },
  { trustedProxies: ['10.0.0.0/8', '::1'], proxyProtocol: true, maxConnectionsPerIp: 1, connectionRate: 2, requestBurst: 9 },
  { metricsPort: 1, admin: true, adminAllow: ['*'], natsRootCAs: ['a'], certFile: 'c', keyFile: 'k', tls: true, logFormat: 'json' },
  { bufferSize: 1, resetThrottle: 3, referenceThrottle: 4, wsCompression: true, natsInboxPrefix: '_X', capture: 'f' },
];
export const ARGUMENTS = [
  ['-n', 'nats://a:4222', '-i', '127.0.0.1', '-p', '8081', '-w', '/', '-a', '/api', '-r', '100'],
  ['--headauth=a.b', '--wsheadauth=c.d', '--alloworigin=https://a', '--alloworigin', 'https://b:8', '--debug', '--trace=0'],
  ['--lanes', '2', '--maxmessagebytes=0x10', '--requestrate', '1_000', '--requestburst=0b11', '--limitsdryrun=T'],
  ['--tls', '--tlscert=a', '--tlskey=b', '--natsrootca', 'c', '--creds=d', '--trustedproxies=10.0.0.0/8;::1', '--proxyprotocol'],
  ['--capture=a', '--metricsport', '9', '--admin', '--adminallow=1.2.3.4', '--logformat=json', '', 'rest'],
  ['--help'],
  ['--graph', '--checkconfig', '--version', '--nonsense'],
];

// HAR files, for har.cpp.
const entry = (url, ...messages) => ({ request: { method: 'GET', url }, _webSocketMessages: messages });
const message = (type, time, data, opcode = 1) => ({ type, time, opcode, data });
export const HARS = [
  {
    log: {
      entries: [
        { request: { url: 'http://a/' } },
        entry('ws://a:8080/x?y', message('send', 1.5, '{"id":1}'), message('receive', 2, '{"id":1,"result":null}')),
        entry('wss://b/', message('send', 1e9, 'AAE=', 2), message('send', 3, '')),
      ],
    },
  },
];

// Messages that follow each other on one connection, for frames.cpp.
export const FEW_MESSAGES = [
  ['{"id":1,"method":"version","params":{"protocol":"1.2.3"}}', '{"id":2,"method":"subscribe.t.a"}'],
  ['{"id":3,"method":"call.t.a.set","params":[1,{"a":null}]}', '{"id":4,"method":"unsubscribe.t.a","params":{"count":2}}'],
];

// Scripts for pipeline.cpp (README.md).
const lines = (...commands) => commands.join('\n');
export const SCRIPTS = [
  lines('+6', 's0a', '.0', 'e0t.a.change {"values":{"n":2,"r":{"rid":"t.c"}}}', '.4', 'u0a', '~9', '~9'),
  lines('+0', '+7', 's0b', 's1b', '.1', 'e0t.b.add {"idx":0,"value":{"rid":"t.list"}}', '.3', 'e0t.b.remove {"idx":1}', 'c0a', '.0'),
  lines('+6', 's0e', '.5', 'e0t.q.query {"subject":"qs.1"}', '<0{"result":{"events":[{"event":"add","data":{"idx":0,"value":1}}]}}'),
  lines('+6', 's0a', '.0', 'e0t.a.reaccess ', '<0{"result":{"get":false}}', 's0a', '<0{"error":{"code":"system.accessDenied","message":""}}'),
  lines('+6', 's0a', '.0', 'y0reset {"resources":["t.>"],"access":["t.*"]}', '<0{"result":{"model":{"n":7}}}', '.0'),
  lines('+6', 's0a', '.0', 'k0{"token":{"a":1},"tid":"x"}', '.0', 'y0tokenReset {"tids":["x"],"subject":"auth.t.renew"}', '<0{"result":null}'),
  lines('+6', 's0a', 'x0', '.0', 'e0t.a.change {"values":{"n":2}}', 'e0t.a.delete ', 'x0', 's0a', '.3'),
  lines('*0', '>0{"id":1,"method":"auth.t.a.login","params":{}}', '<0{"resource":{"rid":"t.b"}}', '.1', '.0', '00', 'l0', 'l0'),
  lines('w0GET /api/t/a ', '.0', 'w0POST /api/t/a/set {"a":1}', '<0{"result":{"get":true,"call":"set"}}', '<0{"resource":{"rid":"t.c"}}'),
  lines('w1PUT /api/t/b 7', '<0{"error":{"code":"a","message":"b"},"meta":{"status":302,"header":{"Location":["/"]}}}', '.0'),
  lines('+6', '&s0a', '&s0b', '&g0c', '.0', '<0timeout:"100"', '~0', '~9', '-0', '+7', 's0f', '.5', '~9'),
];
