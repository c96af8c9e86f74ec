// The page of the session example. The session's key is in localStorage, so it is still there after a reload, a lost
// connection or a day, and each new connection begins with session.relogin as long as the session lives.
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

  // Continues the session that the key belongs to, and gets the next key. Never rejects.
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

  // Stops renewing the key: the session has moved to another connection, or is over.
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

  // The gateway replaces {cid} with the id of the connection, so the page need not know it.
  const user = await gateway.load('session.user.{cid}', (why) => {
    showText(byId('failure'), `Nobody can log in yet: ${why}`);
  });
  showText(byId('failure'), '');
  user.on('change', () => showUser(user, session, ticker));
  showUser(user, session, ticker);
}

start(run, byId('failure'));
