// Processes that are ended, and processes that stop for some seconds.
const STOP_MS = 3_000;

// A gateway that has lost NATS ends, and is started again as long as it finds no server.
export const byLossOfNats = ({ how, output }) =>
  how === 'exit code 1' && /lost NATS connection|cannot connect to NATS/.test(output);

export const SIGNAL_FAULTS = {
  'nats-killed': {
    mayEnd: byLossOfNats,
    mayClose: () => true,
    async run(cluster) {
      const { nats, users } = await cluster.busiestNats();
      await nats.killed();
      for (const gateway of users) await gateway.ended();
    },
  },
  'gateway-killed': {
    mayEnd: ({ how }) => how === 'SIGKILL',
    mayClose: () => true,
    run: ({ gateways }, random) => random.of(gateways).killed(),
  },
  'gateway-drained': {
    mayEnd: ({ how }) => how === 'exit code 0',
    mayClose: () => true,
    run: ({ gateways }, random) => random.of(gateways).killed('SIGTERM'),
  },
  'service-killed': { run: ({ service }) => service.killed() },
  'nats-stopped': { run: async (cluster) => (await cluster.busiestNats()).nats.stoppedFor(STOP_MS) },
  'gateway-stopped': { run: ({ gateways }, random) => random.of(gateways).stoppedFor(STOP_MS) },
  'service-stopped': { run: ({ service }) => service.stoppedFor(STOP_MS) },
};
