// A client that stops reading while much is sent to it. After some time it goes, or reads on; the gateway may have cut
// it off before.
import { setTimeout as pause } from 'node:timers/promises';

import { rawWebSocket, text } from '../gateway/raw_client.mjs';
import { until } from '../gateway/waiting.mjs';

const RID = 'test.flood';
const EVENT = 'x'.repeat(20_000);
const EVENTS_AT_ONCE = 20;
const PAUSE_MS = 100;

export async function readSlowly(port, service, random) {
  const bursts = random.below(40); // up to 16 MB
  const rest = random.below(8_000);
  const readsOn = random.oneIn(3);
  const socket = await rawWebSocket(port);
  socket.write(text(`{"id":1,"method":"subscribe.${RID}"}`));
  await until(() => socket.closed || socket.received.includes('"id":1'), 'the subscription of a slow reader');
  socket.removeAllListeners('data').pause();
  for (let i = 0; i < bursts; ++i) {
    for (let k = 0; k < EVENTS_AT_ONCE; ++k) service.event(RID, 'data', EVENT);
    await pause(PAUSE_MS);
  }
  await pause(rest);
  if (readsOn) socket.resume();
  if (readsOn) await pause(PAUSE_MS);
  socket.destroy();
}
