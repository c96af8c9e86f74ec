// Serves the page and the client library it uses.
//
//   node server.mjs [--host 127.0.0.1] [--port 8000]
import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = path.dirname(fileURLToPath(import.meta.url));
const resclient = path.dirname(createRequire(import.meta.url).resolve('resclient/package.json'));

const HTML = 'text/html; charset=utf-8';
const CSS = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

// All there is to serve. No file name is ever made of what a request says, so no request can reach another file.
const FILES = new Map([
  ['/', [path.join(here, 'index.html'), HTML]],
  ['/style.css', [path.join(here, 'style.css'), CSS]],
  ['/app.js', [path.join(here, 'app.js'), SCRIPT]],
  ['/card.js', [path.join(here, 'card.js'), SCRIPT]],
  ['/form.js', [path.join(here, 'form.js'), SCRIPT]],
  ['/resclient.js', [path.join(resclient, 'dist', 'resclient.min.js'), SCRIPT]],
]);

const HEADERS = {
  'Cache-Control': 'no-cache',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src ws: wss:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

function reply(response, status, type, body, headers = {}) {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...HEADERS, ...headers, 'Content-Type': type, 'Content-Length': bytes.length });
  response.end(bytes); // Node sends no body in answer to HEAD
}

async function serve(request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return reply(response, 405, 'text/plain', 'Only GET and HEAD\n', { Allow: 'GET, HEAD' });
  }
  const file = FILES.get(request.url.split('?', 1)[0]);
  if (!file) return reply(response, 404, 'text/plain', 'Not found\n');
  const [name, type] = file;
  try {
    reply(response, 200, type, await readFile(name));
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    reply(response, 500, 'text/plain', 'The file cannot be read\n');
  }
}

export function startPageServer(host, port) {
  const server = createServer(serve);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const { address, family, port: bound } = server.address();
      resolve({
        url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}/`,
        stop() {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}

export function portNumber(text) {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new Error(`"${text}" is not a port number`);
  return port;
}

async function main() {
  const { values } = parseArgs({
    options: { host: { type: 'string', default: '127.0.0.1' }, port: { type: 'string', default: '8000' } },
  });
  const server = await startPageServer(values.host, portNumber(values.port));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.stop());
  console.log(`The page is at ${server.url}`);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(`The page server cannot run: ${error.message}`);
    process.exit(1);
  });
}
