// What the lists of HTTP cases are made of.

// Returns the head of a request: its first line, its fields, and the empty line.
export const head = (line, ...fields) => [line, ...fields, '', ''].join('\r\n');

export const get = (target, ...fields) => head(`GET ${target} HTTP/1.1`, 'Host: a', ...fields);
export const post = (...fields) => head('POST /x HTTP/1.1', 'Host: a', ...fields);
export const NEXT = get('/next');

export const okay = (name, send, body) => ({ name, send, gets: [[200, body]], then: 'open' });

// Refused, and the connection ends. What follows the request is not served.
export const refused = (name, send, status = 400) => ({ name, send: send + NEXT, gets: [[status]], then: 'closed' });

export const waits = (name, send) => ({ name, send, gets: [], then: 'waits' });
