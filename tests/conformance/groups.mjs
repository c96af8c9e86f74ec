// All lists of cases, as the tables of README.md name them.
import { chunkedBodies, contentLengths, transferEncodings } from './http_body_cases.mjs';
import { connections, handshakes } from './http_connection_cases.mjs';
import { h1spec } from './http_h1spec_cases.mjs';
import { headerFields, hosts, requestLines } from './http_head_cases.mjs';
import { closes } from './websocket_close_cases.mjs';
import { compressedMessages, compressionOptions } from './websocket_deflate_cases.mjs';
import { automatic, fragmented, messages, opcodes, pings, reservedBits } from './websocket_frame_cases.mjs';
import { compressedPayloads } from './websocket_payload_cases.mjs';
import { sizes } from './websocket_size_cases.mjs';
import { utf8 } from './websocket_utf8_cases.mjs';

export const websocketGroups = [
  { name: '1: messages', rows: messages },
  { name: '2: pings and pongs', rows: pings },
  { name: '3: reserved bits', rows: reservedBits },
  { name: '4: opcodes', rows: opcodes },
  { name: '5: fragments', rows: fragmented },
  { name: '6: UTF-8', rows: utf8 },
  { name: '7: closing', rows: closes },
  { name: '9: sizes', rows: sizes },
  { name: '10: automatic fragments', rows: automatic },
  { name: '12: compressed messages', rows: compressedMessages },
  { name: '13: compression options', rows: compressionOptions },
  { name: 'p: compressed payloads', rows: compressedPayloads },
];

export const httpGroups = [
  { name: 'h1spec', rows: h1spec },
  { name: 'Request lines', rows: requestLines },
  { name: 'Host', rows: hosts },
  { name: 'Header fields', rows: headerFields },
  { name: 'Content-Length', rows: contentLengths },
  { name: 'Transfer-Encoding', rows: transferEncodings },
  { name: 'Chunks', rows: chunkedBodies },
  { name: 'Connections', rows: connections },
  { name: 'Handshakes', rows: handshakes },
];
