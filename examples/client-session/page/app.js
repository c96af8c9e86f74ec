// The page of the session. The key to it is in localStorage, so a reload, a lost connection or another day (as long as
// the session lives) finds it there, and each new connection begins with session.relogin.
import { onSubmit } from './shared/form.js';
import { byId, describe, Gateway, showText, start } from './shared/gateway.js';
import { Ticker } from './shared/ticker.js';

const KEY = 'reloginKey';

class Session {
  #renewal = null;

  constructor(gateway) {
    this.gateway = gateway;
    gateway.client.setOnConnect(() => this.resume());
  }

  async login(values) {
    this.#keep(await this.gateway.authenticate('session', 'login', values));
  }

  async logout() {
    this.#forget();
    await this.gateway.authenticate('session', 'logout');
  }

  hasKey() {
    return localStorage.getItem(KEY) !== null;
  }

  // Goes on with the session that the key belongs to, and gets the next key. Never rejects.
  async resume() {
    const reloginKey = localStorage.getItem(KEY);
    if (reloginKey === null) return;
    try {
      this.#keep(await this.gateway.authenticate('session', 'relogin', { reloginKey }));
      showText(byId('note'), '');
    } catch (error) {
      if (error.code === 'session.invalidReloginKey') this.#forget();
      showText(byId('note'), describe(error));
    }
  }

  #keep({ reloginKey, renewAfter }) {
    localStorage.setItem(KEY, reloginKey);
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(() => this.resume(), renewAfter);
  }

  #forget() {
    clearTimeout(this.#renewal);
    localStorage.removeItem(KEY);
    byId('resume').hidden = true;
  }

  // The session has gone on elsewhere, or is over: its key is no longer this page's to renew.
  rest() {
    clearTimeout(this.#renewal);
  }
}

function showUser(user, session, ticker) {
  const isLoggedIn = user.id !== null;
  const hadFocus = byId('who').contains(document.activeElement);
  byId('login').hidden = isLoggedIn;
  byId('logout').hidden = !isLoggedIn;
  byId('users').hidden = isLoggedIn;
  byId('resume').hidden = isLoggedIn || !session.hasKey();
  if (isLoggedIn) {
    for (const field of ['id', 'name', 'role']) byId(`user-${field}`).textContent = user[field];
    ticker.show();
  } else {
    session.rest();
    ticker.hide('Only those who are logged in see the counter.');
  }
  if (hadFocus) byId(isLoggedIn ? 'logout' : 'login').querySelector('input, button').focus();
}

async function run() {
  const gateway = new Gateway();
  const session = new Session(gateway);
  const ticker = new Ticker(gateway);
  onSubmit(byId('login'), async (values) => {
    await session.login(values);
    byId('login').reset();
    showText(byId('note'), '');
  });
  onSubmit(byId('logout'), () => session.logout());
  byId('resume').addEventListener('click', () => session.resume());

  // The gateway puts the id of the connection in the place of {cid}: the page need not know it.
  const user = await gateway.load('session.user.{cid}', (why) => {
    showText(byId('failure'), `Nobody can log in yet: ${why}`);
  });
  showText(byId('failure'), '');
  user.on('change', () => showUser(user, session, ticker));
  showUser(user, session, ticker);
}

start(run, byId('failure'));
