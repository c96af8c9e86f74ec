// The cluster example in a browser: members of the cluster are killed one after another, and the page keeps working.
import { until } from '../../tools/waiting.mjs';
import { testExample } from './world.mjs';

const MEMBERS = ['haproxy', 'gateway-1', 'gateway-2', 'nats-1', 'nats-2', 'nats-3', 'pulse'];

testExample('a page and a cluster', 'cluster', async (world, step) => {
  let window;

  const member = (name) => window.locator(`.member[data-name="${name}"]`);
  const numberIn = async (selector) => Number(await window.locator(selector).textContent());
  const here = () => window.locator('#where').textContent();

  async function startsOf(name) {
    return Number(/start (\d+)$/.exec(await member(name).locator('.process').textContent())[1]);
  }

  // Checks that events of the service arrive and that it can be called. A press that reaches no service is repeated, as
  // a person would do.
  async function goesOn() {
    await window.isIn('connected');
    const beats = await numberIn('#beats');
    await until(async () => (await numberIn('#beats')) !== beats, 'the beats to go on');
    const presses = await numberIn('#presses');
    await until(async () => {
      await window.button('Press').click();
      return (await numberIn('#presses')) > presses;
    }, 'a press to count');
  }

  async function kill(name) {
    const starts = await startsOf(name);
    await window.button(`Kill ${name}`).click();
    return async () => {
      await until(async () => (await startsOf(name)) > starts, `${name} to be started again`);
      await window.page.waitForSelector(`.member[data-name="${name}"][data-state="up"]`);
    };
  }

  await step('all are there, and the service is heard', async () => {
    await world.start();
    window = await world.open();
    await window.isIn('connected');
    const look = () => [...document.querySelectorAll('.member')].map(({ dataset }) => [dataset.name, dataset.state]);
    await window.sees(look, MEMBERS.map((name) => [name, 'up']));
    await goesOn();
  });

  await step('its gateway is killed, and it goes on with the other one', async () => {
    await until(async () => /^gateway-[12]$/.test(await here()), 'the name of a gateway');
    const killed = await here();
    const comesBack = await kill(killed);
    const other = killed === 'gateway-1' ? 'gateway-2' : 'gateway-1';
    await window.shows('#where', other);
    await goesOn();
    await comesBack();
  });

  for (const name of ['nats-1', 'nats-2', 'nats-3']) {
    await step(`${name} is killed, and with it the gateways that were on it`, async () => {
      const comesBack = await kill(name);
      await goesOn();
      await comesBack();
      await goesOn();
    });
  }

  await step('the proxy is killed, and the page is back with the next one', async () => {
    const comesBack = await kill('haproxy');
    await window.isIn('offline');
    await comesBack();
    await goesOn();
  });

  await step('the service is killed, and the next one starts from zero', async () => {
    const before = await numberIn('#beats');
    const comesBack = await kill('pulse');
    await comesBack();
    await until(async () => (await numberIn('#beats')) < before, 'the beats to start anew');
    await goesOn();
  });
});
