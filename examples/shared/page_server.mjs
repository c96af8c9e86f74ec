// Serves the page of an example over HTTP, with the files that all pages share and the client library resclient.
//
//   node shared/page_server.mjs hello-world [--host 127.0.0.1] [--port 8000]
//
// An example may add routes of its own: page_routes.mjs exports `routes`, which maps for example 'POST /login' to a
// function (request, reply).
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const SHARED = path.dirname(fileURLToPath(import.meta.url));
const RESCLIENT = path.dirname(createRequire(import.meta.url).resolve('resclient/package.json'));

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const TEXT = 'text/plain; charset=utf-8';

const HEADERS = {
  'Cache-Control': 'no-cache',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

// Returns all files that are served: path -> file. No file name is made from text in a request, so no request can reach
// another file.
function listFiles(page) {
  const files = new Map([['/resclient.js', path.join(RESCLIENT, 'dist', 'resclient.min.js')]]);
  for (const [prefix, folder] of [['/', page], ['/shared/', path.join(SHARED, 'page')]]) {
    for (const name of readdirSync(folder)) {
      if (path.extname(name) in TYPES) files.set(prefix + name, path.join(folder, name));
    }
  }
  files.set('/', path.join(page, 'index.html'));
  return files;
}

class PageServer {
  constructor(page, routes) {
    this.files = listFiles(page);
    this.routes = routes;
    this.server = createServer((request, response) => this.#serve(request, response));
  }

  async #serve(request, response) {
    const reply = (status, body = '', headers = {}) => {
      const bytes = Buffer.from(body);
      response.writeHead(status, { ...HEADERS, 'Content-Type': TEXT, 'Content-Length': bytes.length, ...headers });
      response.end(bytes); // Node leaves out the body in the response to HEAD
    };
    const [place] = request.url.split('?', 1);
    try {
      const route = this.routes[`${request.method} ${place}`];
      if (route) return await route(request, reply);
      await this.#serveFile(request.method, place, reply);
    } catch (error) {
      console.error(`${request.method} ${place}: ${error.message}`);
      reply(500, 'This cannot be served\n');
    }
  }

  async #serveFile(method, place, reply) {
    if (method !== 'GET' && method !== 'HEAD') return reply(405, 'Only GET and HEAD\n', { Allow: 'GET, HEAD' });
    const file = this.files.get(place);
    if (!file) return reply(404, 'Not found\n');
    reply(200, await readFile(file), { 'Content-Type': TYPES[path.extname(file)] });
  }

  listen(host, port) {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        const { address, family, port: bound } = this.server.address();
        resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${bound}/`);
      });
    });
  }

  stop() {
    this.server.close();
    this.server.closeAllConnections();
  }
}

function portNumber(text) {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new Error(`"${text}" is not a port number`);
  return port;
}

async function loadRoutes(example) {
  const file = path.join(example, 'page_routes.mjs');
  return existsSync(file) ? (await import(pathToFileURL(file))).routes : {};
}

async function main() {
  const { values, positionals } = parseArgs({
    options: { host: { type: 'string', default: '127.0.0.1' }, port: { type: 'string', default: '8000' } },
    allowPositionals: true,
  });
  const example = path.join(SHARED, '..', positionals[0] ?? '');
  const page = path.join(example, 'page');
  if (positionals.length !== 1 || !existsSync(page)) throw new Error('name an example that has a page');
  const server = new PageServer(page, await loadRoutes(example));
  const url = await server.listen(values.host, portNumber(values.port));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.stop());
  console.log(`The page is at ${url}`);
}

main().catch((error) => {
  console.error(`The page server cannot run: ${error.message}`);
  process.exit(1);
});
