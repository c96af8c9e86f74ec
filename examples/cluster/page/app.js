// The page of the cluster. It shows the pulse of the service, the members, and a log of what happens to the connection
// and the members. resclient reconnects on its own; the page measures how long that took, and asks which gateway it is
// connected to.
import { byId, describe, Gateway, highlight, showText, start } from './shared/gateway.js';

const MAX_LOG = 100;
const STATES = { up: 'is up', down: 'is down', starting: 'starts' };

function log(text) {
  const entry = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = new Date().toLocaleTimeString();
  entry.append(time, text);
  byId('log').prepend(entry);
  while (byId('log').children.length > MAX_LOG) byId('log').lastElementChild.remove();
}

function followConnection(gateway) {
  let lostAt = null;
  gateway.client.on('disconnect', () => {
    lostAt = performance.now();
    log('The connection is lost');
  });
  gateway.client.on('connect', async () => {
    const { gateway: name } = await gateway.authenticate('cluster', 'whereAmI').catch(() => ({ gateway: null }));
    const time = lostAt === null ? '' : ` after ${((performance.now() - lostAt) / 1000).toFixed(1)} s`;
    lostAt = null;
    log(`Connected through ${name ?? 'an unknown gateway'}${time}`);
    byId('where').textContent = name ?? '?';
    markMine();
  });
}

// Marks the gateway that this page is connected to.
function markMine() {
  for (const element of byId('members').children) {
    element.toggleAttribute('data-here', element.dataset.name === byId('where').textContent);
  }
}

async function kill(member, gateway) {
  log(`Killing ${member.name}`);
  try {
    await gateway.request(() => member.call('kill'));
  } catch (error) {
    if (error.code !== 'system.disconnect') log(`Killing ${member.name} failed: ${describe(error)}`);
  }
}

function addMember(member, gateway) {
  const element = byId('member').content.firstElementChild.cloneNode(true);
  const part = (name) => element.querySelector(`.${name}`);
  const button = element.querySelector('button');
  const show = () => {
    element.dataset.state = member.state;
    part('state').textContent = member.state;
    part('process').textContent = `${member.pid === null ? 'no process' : `process ${member.pid}`}, start ${member.starts}`;
    button.disabled = member.state !== 'up';
  };
  element.dataset.name = member.name;
  part('name').textContent = member.name;
  part('kind').textContent = member.kind;
  button.setAttribute('aria-label', `Kill ${member.name}`);
  button.addEventListener('click', () => kill(member, gateway));
  member.on('change', (changed) => {
    show();
    if ('state' in changed) log(`${member.name} ${STATES[member.state]}`);
  });
  show();
  byId('members').append(element);
}

function showPulse(pulse, gateway) {
  const show = (changed) => {
    for (const counter of ['beats', 'presses']) {
      byId(counter).textContent = pulse[counter];
      if (counter in changed) highlight(byId(counter), 400);
    }
  };
  byId('press').addEventListener('click', async () => {
    try {
      await gateway.call('pulse.model', 'press');
      showText(byId('problem'), '');
    } catch (error) {
      showText(byId('problem'), describe(error));
    }
  });
  pulse.on('change', show);
  show({});
  byId('pulse').hidden = false;
}

async function run() {
  const gateway = new Gateway();
  followConnection(gateway);
  const complain = (why) => showText(byId('placeholder'), `The cluster cannot be seen yet: ${why}`);
  const members = await gateway.load('cluster.members', complain);
  for (const member of members.toArray()) addMember(member, gateway);
  markMine();
  showPulse(await gateway.load('pulse.model', complain), gateway);
  showText(byId('placeholder'), '');
}

start(run, byId('failure'));
