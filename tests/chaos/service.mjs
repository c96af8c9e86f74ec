// The service of the chaos test, a process that may be killed: resources that change at random all the time. Whenever
// it has started or has connected to NATS anew, it sends a system reset, as the RES protocol asks of services.
//
//   node service.mjs SEED NATS_URL...
import { Random } from '../gateway/random.mjs';
import { RandomWorld } from '../gateway/random_world.mjs';
import { ResService } from '../gateway/res_service.mjs';

const PERIOD_MS = 25; // from one change to the next

const [seed, ...servers] = process.argv.slice(2);
const lasting = { maxReconnectAttempts: -1, reconnectTimeWait: 100, reconnectJitter: 0 };
const service = await ResService.start(servers, 'test', lasting);
const random = new Random(+seed);
const world = new RandomWorld(service, random);
let isResting = false;

const announce = () => service.publish('system.reset', { resources: ['test.>'], access: ['test.>'] });

// Not world.act(): its system resets would make up for events that were lost.
function change() {
  if (random.oneIn(8)) world.changeItems();
  else world.change(random.oneIn(3) ? world.list() : world.model());
}

const commands = {
  go: () => (isResting = false),
  rest: () => (isResting = true),
  truth: () => ({ resources: Object.fromEntries(world.resources), items: world.items }),
  // Publishes events that come behind all earlier ones.
  mark: () => {
    for (const rid of world.resources.keys()) service.event(rid, 'mark', null);
  },
};
for (const [name, command] of Object.entries(commands)) service.listen(`chaos.${name}`, () => command() ?? null);

setInterval(() => {
  service.requests.length = 0;
  if (!isResting) change();
}, PERIOD_MS);

announce();
await service.connection.flush();
console.log('The service is ready');
for await (const { type } of service.connection.status()) if (type === 'reconnect') announce();
