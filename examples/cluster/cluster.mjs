// Runs the cluster: three NATS servers, two gateways behind HAProxy, and the service in service.mjs. A process that
// ends is started again after a pause, as systemd would do. Clients can see and kill the processes through the cluster
// itself: the collection cluster.members refers to a model cluster.member.<name> for each process.
//
//   node cluster.mjs --binary path/to/resflow [--port 8080] [--rest 2000]
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { notFound, Service } from '../shared/service.mjs';
import { makeMembers } from './members.mjs';

const { values: given } = parseArgs({
  options: {
    binary: { type: 'string' },
    port: { type: 'string', default: '8080' },
    rest: { type: 'string', default: '2000' }, // milliseconds before a restart
  },
});

const { members, natsUrl } = await makeMembers(given.binary, Number(given.port));
const ridOf = (member) => `cluster.member.${member.model.name}`;
let service = null; // set once there is a NATS server to connect to
let isEnding = false;

// Changes the model of a member, and sends the change event if the service is connected.
function tell(member, values) {
  Object.assign(member.model, values);
  service?.change(ridOf(member), values);
}

// Starts the member, and starts it again each time that it ends. Resolves when it is ready for the first time.
function keep(member) {
  return new Promise((resolve, reject) => {
    const run = async () => {
      const process = member.start();
      tell(member, { state: 'starting', pid: process.child.pid, starts: member.model.starts + 1 });
      member.isReady(process).then(() => {
        tell(member, { state: 'up' });
        resolve();
      }, reject); // has no effect after the first time: the member will be started again
      await process.closed;
      tell(member, { state: 'down', pid: null });
      await pause(Number(given.rest));
      if (!isEnding) run();
    };
    run();
  });
}

function find(rid) {
  const member = members.find((each) => ridOf(each) === rid);
  if (!member) throw notFound();
  return member;
}

const isKind = (kind) => (member) => member.model.kind === kind;
const isNats = isKind('NATS server');
await Promise.all(members.filter(isNats).map(keep));
await Promise.all(members.filter((member) => !isNats(member)).map(keep));

service = await Service.connect('cluster', ['cluster.>'], natsUrl);
service.serve({
  'access.cluster.members': () => ({ get: true }),
  'access.cluster.member.*': () => ({ get: true, call: 'kill' }),
  'get.cluster.members': () => ({ collection: members.map((member) => ({ rid: ridOf(member) })) }),
  'get.cluster.member.*': ({ rid }) => ({ model: find(rid).model }),
  'call.cluster.member.*.kill': ({ rid }) => find(rid).process.signal('SIGKILL'),
  // HAProxy has added the gateway's name to the handshake of the connection that asks.
  'auth.cluster.whereAmI': ({ header }) => ({ gateway: header?.['X-Gateway']?.[0] ?? null }),
});
service.atEnd = () => {
  isEnding = true;
  return Promise.all(members.map((member) => member.process.end('SIGTERM')));
};
await service.ready();
console.log(`The cluster is at ws://127.0.0.1:${given.port}, its NATS servers at ${natsUrl}`);
