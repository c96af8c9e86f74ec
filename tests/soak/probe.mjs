// Measures how long events take from the service to a client, in a thread of its own, so that the churn's own work does
// not count. Every 20 ms the service publishes the time, and the client compares it with its clock. Answers each message
// of the main thread with the measurements since the one before.
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

import { ResClient } from '../gateway/res_client.mjs';
import { ResService } from '../gateway/res_service.mjs';

const PERIOD_MS = 20;
const RID = 'probe.clock';

const service = await ResService.start(workerData.natsUrl, 'probe');
service.model(RID, { n: 0 });
const client = await ResClient.open(workerData.port);
let latencies = [];
const receive = client.receive.bind(client);
client.receive = (message) => {
  if (message.event) latencies.push(performance.now() - message.data.sent);
  else receive(message);
};
await client.result(`subscribe.${RID}`);

let isOver = false;
parentPort.on('message', (message) => {
  if (message === 'end') isOver = true;
  else parentPort.postMessage(latencies.splice(0));
});
parentPort.postMessage('ready');
while (!isOver) {
  service.event(RID, 'tick', { sent: performance.now() });
  await pause(PERIOD_MS);
}
client.end();
await service.close();
parentPort.close();
