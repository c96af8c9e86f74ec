// The client session example in a browser: the session belongs to the browser, not to the connection.
import { until } from '../../tools/waiting.mjs';
import { counts } from './counter.mjs';
import { testExample } from './world.mjs';

const SERVICE = 'session_service.mjs';
const LOCKED = 'Only those who are logged in see the counter.';

testExample('a session in two windows of one browser', 'client-session', async (world, step) => {
  let [here, there] = [];

  async function logIn(window, name, password = name) {
    await window.field('Username').fill(name);
    await window.field('Password').fill(password);
    await window.button('Log in').click();
  }

  async function isUser(window, name) {
    await window.shows('#user-name', name);
    await window.hides('#login');
    await counts(window);
  }

  async function isNobody(window) {
    await window.field('Username').waitFor();
    await window.shows('#locked', LOCKED);
    await window.hides('#counter');
  }

  const keyOf = (window) => window.page.evaluate(() => localStorage.getItem('reloginKey'));

  await step('nobody is logged in', async () => {
    await world.start();
    here = await world.open();
    await isNobody(here);
    await here.isIn('connected');
    await here.hides('#resume');
  });

  await step('a wrong password is refused, a right one not', async () => {
    await logIn(here, 'jane', 'john');
    await here.shows('#login .problem', 'Wrong username or password');
    await logIn(here, 'jane');
    await isUser(here, 'Jane Doe');
  });

  await step('the session survives a reload', async () => {
    await here.page.reload();
    await isUser(here, 'Jane Doe');
    await here.page.reload();
    await isUser(here, 'Jane Doe');
  });

  await step('the session survives the gateway', async () => {
    await world.restartGateway();
    await isUser(here, 'Jane Doe');
  });

  await step('the session survives NATS', async () => {
    await world.restartNats();
    await isUser(here, 'Jane Doe');
  });

  await step('another window takes it over, and the first may take it back', async () => {
    there = await world.open(here.context);
    await isUser(there, 'Jane Doe');
    await isNobody(here);
    await here.button('Go on with the session here').click();
    await isUser(here, 'Jane Doe');
    await isNobody(there);
  });

  await step('a key that comes again later ends the session', async () => {
    const key = await keyOf(here);
    await here.page.reload();
    await isUser(here, 'Jane Doe');
    await here.page.reload();
    await isUser(here, 'Jane Doe');
    const reply = await world.call('auth.session.relogin', { reloginKey: key });
    if (reply.error?.code !== 'session.invalidReloginKey') throw new Error(`the key was taken: ${JSON.stringify(reply)}`);
    await isNobody(here);
  });

  await step('without its service the session is over, and the pages say so', async () => {
    await logIn(there, 'john');
    await isUser(there, 'John Doe');
    await world.restartService(SERVICE, 'SIGKILL');
    await isNobody(there);
    await there.button('Go on with the session here').click();
    await there.shows('#note', 'The session is over');
    await there.hides('#resume');
  });

  await step('a session lives as long as its page renews the key', async () => {
    await world.services[SERVICE].end('SIGTERM');
    await world.startService(SERVICE, ['--lifetime', '2']);
    await logIn(there, 'guest');
    await isUser(there, 'Guest');
    for (let renewal = 0; renewal < 3; ++renewal) {
      const key = await keyOf(there);
      await until(async () => (await keyOf(there)) !== key, 'a new key');
    }
    await isUser(there, 'Guest');
  });

  await step('and ends when nobody does', async () => {
    await world.withNats(async (nats) => {
      let isOver = false;
      nats.subscribe('conn.*.token', {
        callback: (error, message) => {
          isOver ||= message.json().token === null;
        },
      });
      await nats.flush();
      await there.page.goto('about:blank');
      await until(() => isOver, 'the token to be taken away');
    });
    await there.page.goto(world.pageUrl);
    await isNobody(there);
    await there.shows('#note', 'The session is over');
  });

  await step('logged out is logged out, also after a reload', async () => {
    await logIn(there, 'admin');
    await isUser(there, 'Administrator');
    await there.button('Log out').click();
    await isNobody(there);
    await there.page.reload();
    await isNobody(there);
    await there.hides('#resume');
  });
});
