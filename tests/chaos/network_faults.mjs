// Connections that stall, break, or pass on a few bytes at a time.
import { setTimeout as pause } from 'node:timers/promises';

import { byLossOfNats } from './signal_faults.mjs';

const FAULT_MS = 4_000;
const CUT_AFTER_MS = 300;

async function misbehave(proxies, mode) {
  for (const proxy of proxies) proxy.mode = mode;
  await pause(FAULT_MS);
  for (const proxy of proxies) proxy.mode = 'pass';
}

// Cuts the connections while they pass on a few bytes at a time, so that most end in the middle of a message.
async function cut(proxies) {
  for (const proxy of proxies) proxy.mode = 'trickle';
  await pause(CUT_AFTER_MS);
  for (const proxy of proxies) proxy.cut();
  for (const proxy of proxies) proxy.mode = 'pass';
}

export const NETWORK_FAULTS = {
  'nats-stalls': { run: ({ natsProxies }) => misbehave(natsProxies, 'stall') },
  'nats-trickles': { run: ({ natsProxies }) => misbehave(natsProxies, 'trickle') },
  'nats-cut': {
    mayEnd: byLossOfNats,
    mayClose: () => true,
    async run({ natsProxies, gateways }) {
      const { process } = gateways[1];
      await cut(natsProxies);
      await process.ended();
    },
  },
  'client-stalls': { run: ({ clientProxy }) => misbehave([clientProxy], 'stall') },
  'client-trickles': { run: ({ clientProxy }) => misbehave([clientProxy], 'trickle') },
  'client-cut': {
    mayClose: ({ port }, { clientProxy }) => port === clientProxy.port,
    run: ({ clientProxy }) => cut([clientProxy]),
  },
};
