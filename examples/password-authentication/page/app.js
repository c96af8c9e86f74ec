// The page that asks for a password. The token belongs to the connection. A new connection has no token, so after a
// reload or a lost connection the page asks for the password again.
import { onSubmit } from './shared/form.js';
import { byId, Gateway, showText, start } from './shared/gateway.js';
import { Ticker } from './shared/ticker.js';

const LOCKED = 'Only those who are logged in see the counter.';

function showLoggedIn(isLoggedIn) {
  const [shown, hidden] = isLoggedIn ? ['logout', 'login'] : ['login', 'logout'];
  const hadFocus = byId(hidden).contains(document.activeElement);
  byId(hidden).hidden = true;
  byId(shown).hidden = false;
  if (hadFocus) byId(shown).querySelector('input, button').focus(); // otherwise the keyboard focus would be lost
}

async function run() {
  const gateway = new Gateway();
  const ticker = new Ticker(gateway);
  let isLoggedIn = false;

  onSubmit(byId('login'), async ({ password }) => {
    await gateway.authenticate('passwd', 'login', { password });
    isLoggedIn = true;
    byId('login').reset();
    showText(byId('note'), '');
    showLoggedIn(true);
    await ticker.show();
  });
  onSubmit(byId('logout'), async () => {
    await gateway.authenticate('passwd', 'logout');
    isLoggedIn = false;
    showLoggedIn(false); // the counter disappears when the gateway ends the subscription
  });
  gateway.client.on('disconnect', () => {
    if (!isLoggedIn) return;
    isLoggedIn = false;
    ticker.hide(LOCKED);
    showLoggedIn(false);
    showText(byId('note'), 'The connection was lost, and the token with it. Please log in again.');
  });
  gateway.open();
}

start(run, byId('failure'));
