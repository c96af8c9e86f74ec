// The password authentication example in a browser.
import assert from 'node:assert/strict';
import { until } from '../../tools/waiting.mjs';
import { counterOf, counts } from './counter.mjs';
import { testExample } from './world.mjs';

const LOCKED = 'Only those who are logged in see the counter.';

testExample('a password in two windows', 'password-authentication', async (world, step) => {
  let [here, there] = [];

  async function logIn(window, password = 'secret') {
    await window.field('Password').fill(password);
    await window.page.keyboard.press('Enter');
  }

  await step('neither sees the counter', async () => {
    await world.start();
    here = await world.open();
    there = await world.open();
    await world.areAllIn('connected');
    await world.allShow('#locked', LOCKED);
    await world.all((window) => window.hides('#counter'));
  });

  await step('a wrong password is refused', async () => {
    await logIn(here, 'sesame');
    await here.shows('#login .problem', 'Wrong password');
    await here.hides('#counter');
  });

  await step('with the password, one sees the counter go on; the other still does not', async () => {
    await logIn(here);
    await counts(here);
    await there.shows('#locked', LOCKED);
    assert.equal(await here.button('Log out').isVisible(), true);
  });

  await step('logged out, the gateway ends the subscription', async () => {
    await here.button('Log out').click();
    await here.shows('#locked', 'The gateway has ended the subscription: this connection may not see ticker.model any more.');
    await here.hides('#counter');
    await logIn(here);
    await counts(here);
  });

  await step('with the gateway goes the token', async () => {
    await logIn(there);
    await counts(there);
    await world.restartGateway();
    await world.allShow('#note', 'The connection was lost, and the token with it. Please log in again.');
    await world.all((window) => logIn(window));
    await world.all(counts);
  });

  await step('a restarted ticker starts anew, and those who are logged in follow', async () => {
    await until(async () => (await counterOf(here)) > 1, 'the counter to be beyond its start');
    const before = await counterOf(here);
    await world.restartService('../shared/ticker_service.mjs');
    await until(async () => (await counterOf(here)) < before, 'the counter to start anew');
    await world.all(counts);
  });

  await step('a restarted password service lets them in and out as before', async () => {
    await world.restartService('passwd_service.mjs', 'SIGKILL');
    await here.button('Log out').click();
    await here.hides('#counter');
    await logIn(here);
    await counts(here);
  });

  await step('after NATS was restarted, the password opens again', async () => {
    await world.restartNats();
    await world.all((window) => window.field('Password').waitFor());
    await logIn(there);
    await counts(there);
    await here.hides('#counter');
  });
});
