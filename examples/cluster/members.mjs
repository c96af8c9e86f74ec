// The processes of the cluster: how each one is started, and how it shows that it is ready.
import { fileURLToPath } from 'node:url';
import { freePort, Process } from '../../tools/processes.mjs';

const HAPROXY_CONFIG = fileURLToPath(new URL('haproxy.cfg', import.meta.url));
const SERVICE = fileURLToPath(new URL('service.mjs', import.meta.url));

const freePorts = (count) => Promise.all(Array.from({ length: count }, freePort));
const local = (port) => `nats://127.0.0.1:${port}`;

// A member of the cluster: its current process, and the model that clients see.
class Member {
  process = null;

  constructor(name, kind, command, args, { isReady = (one) => one.says(/is ready/), env } = {}) {
    this.model = { name, kind, state: 'down', pid: null, starts: 0 };
    this.start = () => (this.process = new Process(command, args, { name, env }));
    this.isReady = isReady;
  }
}

function makeNats(ports, routePorts) {
  const routes = routePorts.map(local).join();
  return ports.map((port, n) => {
    const places = ['--addr', '127.0.0.1', '--port', `${port}`, '--cluster', local(routePorts[n])];
    const name = `nats-${n + 1}`;
    const args = ['--server_name', name, '--cluster_name', 'example', ...places, '--routes', routes];
    return new Member(name, 'NATS server', 'nats-server', args);
  });
}

function makeGateways(binary, ports, natsUrl) {
  return ports.map((port, n) => {
    const args = ['--nats', natsUrl, '--addr', '127.0.0.1', '--port', `${port}`];
    return new Member(`gateway-${n + 1}`, 'gateway', binary, args, { isReady: (one) => one.says(/Server ready/) });
  });
}

// Makes all members; clients connect to `port`. The page shows them in this order.
export async function makeMembers(binary, port) {
  const [natsPorts, routePorts, gatewayPorts] = await Promise.all([freePorts(3), freePorts(3), freePorts(2)]);
  const natsUrl = natsPorts.map(local).join();
  const proxyEnv = { PORT: `${port}`, GATEWAY_1: `${gatewayPorts[0]}`, GATEWAY_2: `${gatewayPorts[1]}` };
  const isListening = (one) => one.listensOn(port);
  return {
    natsUrl,
    members: [
      new Member('haproxy', 'proxy', 'haproxy', ['-db', '-f', HAPROXY_CONFIG], { isReady: isListening, env: proxyEnv }),
      ...makeGateways(binary, gatewayPorts, natsUrl),
      ...makeNats(natsPorts, routePorts),
      new Member('pulse', 'service', process.execPath, [SERVICE], { env: { NATS_URL: natsUrl } }),
    ],
  };
}
