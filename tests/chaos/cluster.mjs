// The cluster that faults happen to: three NATS servers, two gateways behind HAProxy, a service, and clients. The second
// gateway has its NATS connection through proxies that can misbehave, and so have half of the clients theirs.
import { fileURLToPath } from 'node:url';

import { freePort, RESFLOW, Stage } from '../gateway/processes.mjs';
import { RandomWorld } from '../gateway/random_world.mjs';
import { ResService } from '../gateway/res_service.mjs';
import { until } from '../gateway/waiting.mjs';
import { FaultyProxy } from './faulty_proxy.mjs';
import { Member } from './member.mjs';
import { Resident } from './resident.mjs';
import { WebVisitor } from './web_visitor.mjs';

const HAPROXY_CONFIG = fileURLToPath(new URL('../../examples/cluster/haproxy.cfg', import.meta.url));
const SERVICE = fileURLToPath(new URL('service.mjs', import.meta.url));
const RESIDENTS = 4; // on each of the two ways

const freePorts = (count) => Promise.all(Array.from({ length: count }, freePort));
const local = (port) => `nats://127.0.0.1:${port}`;

export class Cluster {
  stage = new Stage();
  nats = [];
  natsProxies = [];
  gateways = [];
  faults = []; // what strict clients objected to
  residents = [];
  visitors = []; // clients of the HTTP API
  left = []; // clients that were dismissed

  constructor(random) {
    this.random = random;
    this.names = new RandomWorld({ on() {} }, random); // only chooses names
  }

  async open() {
    await this.#openNats();
    await this.#openGateways();
    this.service = new Member('service', (n) => this.#startService(n), /is ready/);
    await this.service.begin();
    const lasting = { maxReconnectAttempts: -1, reconnectTimeWait: 100 };
    this.control = await ResService.start(this.natsUrls, 'control', lasting);
    this.clientProxy = await FaultyProxy.start(this.port);
    this.ports = [this.port, this.clientProxy.port]; // of the residents
    for (const one of this.ports) this.invite(one, RESIDENTS);
    this.visitors = this.ports.map((one) => new WebVisitor(one, this.names, this.random, this.faults));
  }

  async #openNats() {
    const [ports, routes, monitors] = await Promise.all([freePorts(3), freePorts(3), freePorts(3)]);
    const cluster = ['--cluster_name', 'chaos', '--routes', routes.map(local).join()];
    this.natsUrls = ports.map(local);
    this.nats = ports.map((port, n) => {
      const places = ['-a', '127.0.0.1', '-p', `${port}`, '-m', `${monitors[n]}`, '--cluster', local(routes[n])];
      const name = `nats-${n}`;
      const args = ['--server_name', name, ...places, ...cluster];
      const member = new Member(name, () => this.stage.start('nats-server', args, { name }), /Server is ready/);
      return Object.assign(member, { monitor: monitors[n] });
    });
    await Promise.all(this.nats.map((one) => one.begin()));
    this.natsProxies = await Promise.all(ports.map((port) => FaultyProxy.start(port)));
  }

  async #openGateways() {
    const [port, ...ports] = await freePorts(3);
    const urls = [this.natsUrls, this.natsProxies.map((proxy) => local(proxy.port))];
    this.port = port;
    this.gateways = ports.map((own, n) => {
      const name = `gateway-${n}`;
      const args = ['--nats', urls[n].join(), '--addr', '127.0.0.1', '--port', `${own}`, '--lanes', `${n + 1}`,
        '--natsinboxprefix', `_INBOX.${name}`];
      return new Member(name, () => this.stage.start(RESFLOW, args, { name }), /Server ready/);
    });
    await Promise.all(this.gateways.map((one) => one.begin()));
    const env = { PORT: `${port}`, GATEWAY_1: `${ports[0]}`, GATEWAY_2: `${ports[1]}` };
    await this.stage.start('haproxy', ['-db', '-f', HAPROXY_CONFIG], { env }).listensOn(port);
  }

  #startService(n) {
    const seed = this.random.next() + n;
    return this.stage.start(process.execPath, [SERVICE, `${seed}`, ...this.natsUrls], { name: 'service' });
  }

  // Makes further clients, on the port of a gateway that belongs to one fault.
  invite(port, count) {
    const guests = Array.from({ length: count }, () => new Resident(port, this.names, this.random, this.faults));
    this.residents.push(...guests);
    return guests;
  }

  // Ends clients. What has happened to them is remembered until everybody goes on.
  dismiss(guests) {
    this.residents = this.residents.filter((one) => !guests.includes(one));
    this.left.push(...guests);
    for (const guest of guests) guest.end();
  }

  // Returns the NATS server that most gateways are connected to, and the processes of these gateways.
  async busiestNats() {
    const all = await Promise.all(this.nats.map(async (nats) => ({ nats, users: await this.#usersOf(nats) })));
    return all.reduce((best, one) => (one.users.length > best.users.length ? one : best));
  }

  // A gateway is known by the subjects on which it gets replies.
  async #usersOf({ monitor }) {
    const told = await fetch(`http://127.0.0.1:${monitor}/connz?subs=1`).then((response) => response.text(), () => '');
    return this.gateways.filter(({ name }) => told.includes(`"_INBOX.${name}.`)).map((one) => one.process);
  }

  // Asks the service something, until it answers.
  async ask(what) {
    const { connection } = this.control;
    const request = () => connection.request(`chaos.${what}`, 'null', { timeout: 3_000 }).catch(() => null);
    return (await until(request, `the service to answer ${what}`)).json();
  }

  async truth() {
    const { resources, items } = await this.ask('truth');
    return (rid) => {
      if (!rid.startsWith('test.q?')) return resources[rid];
      const { from, n } = Object.fromEntries(new URLSearchParams(rid.slice(7)));
      return items.slice(+from, +from + +n);
    };
  }

  get members() {
    return [...this.nats, ...this.gateways, ...(this.service ? [this.service] : [])];
  }

  // Resolves when every process runs, also those that were started again.
  up() {
    return Promise.all(this.members.map((member) => member.up()));
  }

  // Everybody comes to rest. Then all clients must hold exactly what the service has, and go on holding it when all
  // earlier events have come.
  async converge() {
    await this.up();
    await this.ask('rest');
    await Promise.all([...this.residents, ...this.visitors].map((one) => one.rest()));
    await this.#untilEqual();
    await this.#untilMarked();
    const left = await this.#differences();
    if (left.length > 0) throw new Error(`after the last event:\n${left.join('\n')}`);
    if (this.faults.length > 0) throw new Error(`clients object:\n${this.faults.slice(0, 10).join('\n')}`);
  }

  async #differences() {
    const truth = await this.truth();
    return this.residents.flatMap((one) => one.differences(truth));
  }

  #untilEqual() {
    let left = [];
    return until(async () => {
      left = await this.#differences();
      const truth = await this.truth();
      if (left.length > 0) await Promise.all(this.residents.map((one) => one.renew(truth)));
      return left.length === 0;
    }, () => `clients to hold the truth:\n${left.slice(0, 10).join('\n')}`);
  }

  #untilMarked() {
    return until(async () => {
      await this.ask('mark');
      return this.residents.every((one) => one.strict && one.isMarked);
    }, 'the marks');
  }

  // Everybody goes on, and what has been noted is forgotten. Half of the residents connect anew, so that both gateways
  // have clients again, of whom some have been there for long.
  async resume() {
    await Promise.all(this.residents.filter((_, n) => n % 2 === 0).map((one) => one.comeBack()));
    await this.ask('go');
    for (const one of this.residents) one.strict?.customEvents.clear();
    const fresh = () => ({ isResting: false, closes: {}, answers: {} });
    for (const one of [...this.residents, ...this.visitors]) Object.assign(one, fresh());
    for (const one of this.gateways) one.ends = [];
    this.left = [];
  }

  async close(options) {
    for (const one of this.members) one.end();
    await Promise.all([...this.residents, ...this.visitors].map((one) => one.end()));
    await this.control?.close();
    await this.stage.close(options);
    for (const proxy of [this.clientProxy, ...this.natsProxies]) proxy?.close();
  }
}
