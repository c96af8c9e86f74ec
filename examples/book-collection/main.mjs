// The service and the page server in one process.
//
//   node main.mjs [--nats URL] [--page-host 127.0.0.1] [--page-port 8000] [--gateway ws://127.0.0.1:8080]
import { parseArgs } from 'node:util';
import { portNumber, startPageServer } from './server.mjs';
import { startService } from './service.mjs';

const { values } = parseArgs({
  options: {
    nats: { type: 'string', default: process.env.NATS_URL ?? 'nats://127.0.0.1:4222' },
    'page-host': { type: 'string', default: '127.0.0.1' },
    'page-port': { type: 'string', default: '8000' },
    gateway: { type: 'string' },
  },
});

const parts = [];
async function stop(code) {
  await Promise.all(parts.map((part) => part.stop()));
  process.exit(code);
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop(0));

try {
  const page = await startPageServer(values['page-host'], portNumber(values['page-port']));
  parts.push(page);
  const service = await startService(values.nats);
  parts.push(service);
  console.log(`The book service is ready on ${service.server}`);
  console.log(`The page is at ${page.url}${values.gateway ? `?gateway=${encodeURIComponent(values.gateway)}` : ''}`);
} catch (error) {
  console.error(`The example cannot run: ${error.message}`);
  await stop(1);
}
