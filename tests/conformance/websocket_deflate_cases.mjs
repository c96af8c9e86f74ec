// Cases 12 and 13 of the Autobahn test suite: compressed messages (RFC 7692), of many sizes, and with all that a client
// may ask of the server.
import { ANSWERED_AS_TEXT, deflate, fragments, NOT_TEXT, waitFor } from './websocket_parts.mjs';
import { slices } from './websocket_texts.mjs';

const KIB = 1 << 10;
const COMPRESSED = 256; // characters; messages of this size are certainly compressed
const COUNT = 20; // messages of a case; the suite has 1,000

const ONE_WINDOW = 'A message is compressed once for all its clients, so the server does not take the offer of a client ' +
  'that wants a smaller window, and the messages go uncompressed.';

const OFFER = 'permessage-deflate; client_no_context_takeover; client_max_window_bits';
export const ANSWER = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';

// [size of each message in characters, size of fragments]
const MESSAGES = [
  ...[16, 64, 256, KIB, 4 * KIB, 8 * KIB, 16 * KIB, 32 * KIB, 64 * KIB, 128 * KIB].map((size) => [size, 0]),
  ...[8, 16, 32, 64, 128].map((kib) => [kib * KIB, 256]),
  [128 * KIB, KIB], [128 * KIB, 4 * KIB], [128 * KIB, 32 * KIB],
];

// Returns the case in which each message is sent when the echo of the one before has come.
function inTurn(id, { data, isBinary = false, offer, agrees, departs }, [size, fragment]) {
  const messages = () => slices(data, size, COUNT);
  const kind = isBinary ? 'binary' : 'text';
  const send = () => messages().flatMap((message, i) => [...sent(message, agrees, fragment, isBinary), waitFor(i + 1)]);
  return {
    id, offer, agrees, departs: departs?.(messages), compressed: agrees !== undefined && size >= COMPRESSED,
    send: () => (departs === refused ? sent(messages()[0], agrees, fragment, isBinary) : send()),
    get replies() { return messages().map((message) => [kind, message]); },
  };
}

function sent(message, agrees, fragment, isBinary) {
  const payload = agrees ? deflate(message, { level: 1 }) : message;
  return fragments(payload, fragment || Infinity, { op: isBinary ? 2 : 1, rsv: agrees ? 4 : 0 });
}

const refused = () => ({ why: NOT_TEXT, replies: [], closes: 1007 });
const asText = (messages) => ({
  why: ANSWERED_AS_TEXT,
  get replies() { return messages().map((message) => ['text', message]); },
});
const uncompressed = () => ({ why: ONE_WINDOW });

// What is sent: JSON, a picture, a play, a page, a document.
const KINDS = [
  { data: 'json' },
  { data: 'picture', isBinary: true, departs: refused },
  { data: 'play', isBinary: true, departs: asText },
  { data: 'page' },
  { data: 'document', isBinary: true, departs: refused },
];

const NONE = 'server_no_context_takeover';
const WINDOWS = [
  { offer: OFFER },
  { offer: `${OFFER}; ${NONE}` },
  { offer: `${OFFER}; server_max_window_bits=9`, agrees: undefined, departs: uncompressed },
  { offer: `${OFFER}; server_max_window_bits=15`, agrees: `${ANSWER}; server_max_window_bits=15` },
  { offer: `${OFFER}; ${NONE}; server_max_window_bits=9`, agrees: undefined, departs: uncompressed },
  { offer: `${OFFER}; ${NONE}; server_max_window_bits=15`, agrees: `${ANSWER}; server_max_window_bits=15` },
  { offer: `${OFFER}; ${NONE}; server_max_window_bits=9, ${OFFER}; ${NONE}, ${OFFER}` },
];

const all = (group, options) => (kind, i) =>
  MESSAGES.map((message, j) => inTurn(`${group}.${i + 1}.${j + 1}`, { ...options, ...kind }, message));

export const compressedMessages = KINDS.flatMap(all(12, { offer: OFFER, agrees: ANSWER }));
export const compressionOptions = WINDOWS.flatMap(all(13, { data: 'json', agrees: ANSWER }));
