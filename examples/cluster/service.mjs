// The service that runs in the cluster. Its model pulse.model counts beats, which come from a timer, and presses, which
// come from users of the page.
//
//   node service.mjs [--nats nats://127.0.0.1:4222,nats://127.0.0.1:4223]
import { Service } from '../shared/service.mjs';

const BEAT_MS = 500;
const pulse = { beats: 0, presses: 0 };

function add(counter) {
  pulse[counter] += 1;
  service.change('pulse.model', { [counter]: pulse[counter] });
}

const service = await Service.connect('pulse', ['pulse.model']);
service.serve({
  'access.pulse.model': () => ({ get: true, call: 'press' }),
  'get.pulse.model': () => ({ model: pulse }),
  'call.pulse.model.press': () => add('presses'),
});
await service.ready();
setInterval(() => add('beats'), BEAT_MS);
