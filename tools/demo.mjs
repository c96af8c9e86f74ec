// Runs an example together with NATS, a gateway, its services and its page, until Ctrl-C. tools/demo calls it after it
// has installed and built everything. The file examples/NAME/example.json describes the example:
//
//   about     what the example shows, in one line
//   try       what to do in the page
//   services  scripts of services to run
//   program   a CMake target to run as a further service
//   page      the example whose page is shown, if it is not this one
//   gateway   options of the gateway
//   cluster   instead of a gateway: a script that runs NATS servers and gateways itself
//   setup     a group of packages for tools/setup
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isListening, Stage } from './processes.mjs';

const EXAMPLES = fileURLToPath(new URL('../examples/', import.meta.url));
const PAGE_SERVER = path.join(EXAMPLES, 'shared', 'page_server.mjs');
const LOG_LINES = 20;
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

function readCommandLine() {
  const { values, positionals } = parseArgs({
    options: {
      build: { type: 'string' },
      binary: { type: 'string' },
      port: { type: 'string', default: '8080' },
      'page-port': { type: 'string', default: '8000' },
    },
    allowPositionals: true,
  });
  if (positionals.length > 1) throw new Error('name one example');
  const binary = values.binary ?? path.join(values.build, 'resflow');
  if (!existsSync(binary)) throw new Error(`there is no ${binary}`);
  return { ...values, binary, name: positionals[0] ?? 'book-collection' };
}

function readManifest({ name, build, binary }) {
  const folder = path.join(EXAMPLES, name);
  const manifest = JSON.parse(readFileSync(path.join(folder, 'example.json'), 'utf8'));
  const services = (manifest.services ?? []).map((script) => [process.execPath, [path.join(folder, script)]]);
  if (manifest.program) services.push([path.resolve(build ?? path.dirname(binary), manifest.program), []]);
  const cluster = manifest.cluster && path.join(folder, manifest.cluster);
  return { gateway: [], page: name, ...manifest, services, cluster };
}

async function checkPort(option, text) {
  if (!/^[1-9]\d{0,4}$/.test(text) || Number(text) > 65535) throw new Error(`${option} ${text}: not a port number`);
  if (await isListening(Number(text))) {
    throw new Error(`port ${text} is taken by another program; choose another one with ${option}`);
  }
}

// Starts everything on the stage. Returns the addresses to show.
async function start(stage, line, manifest) {
  const nats = manifest.cluster ? await startCluster(stage, line, manifest) : await startGateway(stage, line, manifest);
  for (const [command, args] of manifest.services) {
    const name = path.basename(args[0] ?? command, '.mjs');
    await stage.start(command, args, { name, env: { NATS_URL: nats } }).says(/is ready on/);
  }
  const args = [PAGE_SERVER, manifest.page, '--port', line['page-port']];
  const [, page] = await stage.start(process.execPath, args, { name: 'page server' }).says(/The page is at (\S+)/);
  const gateway = `ws://127.0.0.1:${line.port}`;
  // A page looks for the gateway on port 8080; any other port is given in its URL.
  return { page: line.port === '8080' ? page : `${page}?gateway=${gateway}`, gateway, nats };
}

async function startGateway(stage, line, manifest) {
  const nats = await stage.startNats();
  await stage.startGateway(line.binary, nats.url, { port: line.port, options: manifest.gateway });
  return nats.url;
}

async function startCluster(stage, line, manifest) {
  const args = [manifest.cluster, '--binary', line.binary, '--port', line.port];
  const cluster = stage.start(process.execPath, args, { name: 'cluster' });
  const [, nats] = await cluster.says(/its NATS servers at (\S+)/);
  return nats;
}

// Returns the last lines of a log, marked as a quotation.
function lastLines(text) {
  const lines = text.trimEnd().split('\n').slice(-LOG_LINES);
  return lines.map((each) => `  | ${each}\n`).join('');
}

// Resolves with the exit status when a signal ends the demo.
function signalled() {
  return new Promise((resolve) => {
    for (const [signal, status] of Object.entries(SIGNALS)) process.on(signal, () => resolve(status));
  });
}

// Rejects when one of the processes ends on its own.
async function oneEnds(stage) {
  const one = await Promise.race(stage.processes.map((each) => each.closed.then(() => each)));
  throw new Error(`${one.name} has ended (${one.how}). The end of its log:\n${lastLines(one.output)}`);
}

async function run(stage, line, manifest) {
  const { page, gateway, nats } = await start(stage, line, manifest);
  console.log(`\nThe demo ${line.name} is running. ${manifest.about}\n`);
  console.log(`  the page      ${page}\n  the gateway   ${gateway}/\n  NATS          ${nats}\n`);
  console.log(`${manifest.try} Ctrl-C stops it all.`);
  return oneEnds(stage);
}

async function main() {
  const line = readCommandLine();
  const manifest = readManifest(line);
  await checkPort('--port', line.port);
  await checkPort('--page-port', line['page-port']);
  if (line.port === line['page-port']) throw new Error('the gateway and the page need different ports');
  const stage = new Stage();
  try {
    process.exitCode = await Promise.race([signalled(), run(stage, line, manifest)]);
    await stage.close({ signal: 'SIGTERM' });
    console.log('\ntools/demo: all stopped');
  } catch (error) {
    await stage.close({ signal: 'SIGTERM', keep: true });
    console.error(`tools/demo: ${error.message}\ntools/demo: all stopped; the logs are in ${stage.folder}`);
    process.exitCode = 1;
  }
  process.exit(); // does not wait for processes that are still starting
}

main().catch((error) => {
  console.error(`tools/demo: ${error.message}`);
  process.exitCode = 1;
});
