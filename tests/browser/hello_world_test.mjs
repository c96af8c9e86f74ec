// The hello world example in a browser.
import { until } from '../../tools/waiting.mjs';
import { testExample } from './world.mjs';

const MESSAGE = 'Hello, World!';

testExample('hello world in two windows', 'hello-world', async (world, step) => {
  // Publishes a change of the message in the service's name. The real service never does that, and its next reset
  // undoes the change. The event is repeated, because a page that has just connected may not have subscribed yet.
  const sayElse = (message) =>
    world.withNats((nats) =>
      until(async () => {
        nats.publish('event.example.model.change', JSON.stringify({ values: { message } }));
        await nats.flush();
        const seen = await world.all((window) => window.locator('#message').textContent());
        return seen.every((text) => text === message);
      }, `all to show ${message}`),
    );

  await step('both see the message', async () => {
    await world.start();
    await world.open();
    await world.open();
    await world.allShow('#message', MESSAGE);
    await world.areAllIn('connected');
  });

  await step('what changes is seen at once', async () => {
    await sayElse('Hello, everybody!');
  });

  await step('a restarted service is asked anew', async () => {
    await world.restartService('service.mjs', 'SIGKILL');
    await world.allShow('#message', MESSAGE);
  });

  await step('the pages come back when the gateway was killed', async () => {
    await sayElse('Hello, soon forgotten!');
    await world.restartGateway();
    await world.allShow('#message', MESSAGE);
  });

  await step('and when NATS was restarted', async () => {
    await world.restartNats();
    await world.allShow('#message', MESSAGE);
    await sayElse('Hello again!');
  });
});
