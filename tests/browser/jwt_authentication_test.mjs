// The JWT authentication example in a browser, and over HTTP.
import assert from 'node:assert/strict';
import { testExample } from './world.mjs';

const FIRST = 'Hello, secure World!';
const NO_TOKEN = 'There is no token in the cookies';

testExample('a token in the cookies of two browsers', 'jwt-authentication', async (world, step) => {
  let [here, there] = [];

  async function change(window, message) {
    await window.field('New message').fill(message);
    await window.page.keyboard.press('Enter');
  }

  // Sends an HTTP request with the browser's cookies, as another program could.
  async function getWeb(window, headers = {}) {
    const response = await window.context.request.get(await window.locator('#web').getAttribute('href'), { headers });
    return { status: response.status(), body: await response.json() };
  }

  await step('nobody without a token sees the message', async () => {
    await world.start();
    here = await world.open();
    there = await world.open();
    await world.areAllIn('connected');
    await world.allShow('#denied', NO_TOKEN);
    await world.all((window) => window.hides('#message'));
  });

  await step('whoever signs in sees it; the other still does not', async () => {
    await here.button('Sign in').click();
    await here.shows('#message', FIRST);
    await there.shows('#denied', NO_TOKEN);
    assert.equal(await here.page.evaluate(() => document.cookie), '');
  });

  await step('all who are signed in see what one of them changes', async () => {
    await there.button('Sign in').click();
    await there.shows('#message', FIRST);
    await change(here, 'Changed here.');
    await world.allShow('#message', 'Changed here.');
    await change(there, 'x'.repeat(1001));
    await there.shows('#edit .problem', 'The message must not exceed 1000 characters');
  });

  await step('as a web resource, too', async () => {
    assert.deepEqual(await getWeb(here), { status: 200, body: { message: 'Changed here.' } });
    const { status, body } = await getWeb(here, { Cookie: 'access-token=forged' });
    assert.deepEqual([status, body.code], [401, 'system.accessDenied']);
  });

  await step('a new connection has the token again when the gateway was killed', async () => {
    await world.restartGateway();
    await change(there, 'Still signed in.');
    await world.allShow('#message', 'Still signed in.');
  });

  await step('or when NATS was restarted', async () => {
    await world.restartNats();
    await change(here, 'And still.');
    await world.allShow('#message', 'And still.');
  });

  await step('services that were restarted are followed', async () => {
    await world.restartService('example_service.mjs', 'SIGKILL');
    await world.allShow('#message', FIRST);
    await world.restartService('auth_service.mjs');
    await here.page.reload();
    await here.shows('#message', FIRST);
  });

  await step('signed out, the message is gone', async () => {
    await here.button('Sign out').click();
    await here.shows('#denied', NO_TOKEN);
    await here.hides('#message');
    await there.shows('#message', FIRST);
    await here.page.reload();
    await here.shows('#denied', NO_TOKEN);
    assert.equal((await getWeb(here)).status, 401);
  });
});
