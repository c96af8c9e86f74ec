// The page of the protected message. Each time it connects, it asks the service to read the cookies of the handshake,
// because the page itself cannot read them. Signing in or out changes the cookie, so the page then opens a new
// connection, whose handshake has the new cookie.
import { onSubmit } from './shared/form.js';
import { byId, describe, Gateway, highlight, setState, showText, start } from './shared/gateway.js';

const RID = 'example.model';

class Message {
  #model = null;
  // An event may still come after off(), so the handlers check that there is a model.
  #show = () => {
    if (!this.#model) return;
    if (document.activeElement !== byId('edit').elements.message) byId('edit').elements.message.value = this.#model.message;
    showText(byId('message'), this.#model.message);
    highlight(byId('message'));
  };
  #lost = () => {
    if (this.#model) this.hide('The gateway has ended the subscription: this connection has no token any more.');
  };

  constructor(gateway) {
    this.gateway = gateway;
    onSubmit(byId('edit'), ({ message }) => this.gateway.request(() => this.#model.set({ message })));
  }

  async load() {
    if (this.#model) return;
    let model;
    try {
      const complain = (error) => showText(byId('denied'), describe(error));
      model = await this.gateway.insist(() => this.gateway.client.get(RID), complain);
    } catch (error) {
      return this.hide(describe(error));
    }
    if (this.#model) return; // another call has loaded it meanwhile
    this.#model = model;
    this.#model.on('change', this.#show);
    this.#model.on('unsubscribe', this.#lost);
    byId('protected').hidden = false;
    showText(byId('denied'), '');
    this.#show();
  }

  // Hides the message. It also removes the listeners, because otherwise resclient would subscribe again.
  hide(why) {
    byId('protected').hidden = true;
    showText(byId('denied'), why);
    this.#model?.off('change', this.#show);
    this.#model?.off('unsubscribe', this.#lost);
    this.#model = null;
  }
}

// Asks the page server to sign in or out; `place` is /login or /logout.
async function post(place) {
  const response = await fetch(place, { method: 'POST', headers: { 'X-Requested-With': 'page' } });
  if (!response.ok) throw new Error(`The page server says ${response.status}`);
}

function showSignedIn(isSignedIn) {
  const [shown, hidden] = isSignedIn ? ['logout', 'login'] : ['login', 'logout'];
  const hadFocus = byId(hidden).contains(document.activeElement);
  byId(hidden).hidden = true;
  byId(shown).hidden = false;
  if (hadFocus) byId(shown).querySelector('button').focus(); // otherwise the keyboard focus would be lost
}

async function run() {
  const gateway = new Gateway();
  const message = new Message(gateway);
  let isSignedIn = false;
  gateway.client.setOnConnect(async () => {
    try {
      await gateway.insist(() => gateway.client.authenticate('auth', 'jwtHeader'), () => setState('waiting'));
      isSignedIn = true;
    } catch (error) {
      isSignedIn = false;
      message.hide(describe(error));
    }
  });
  gateway.client.on('connect', () => {
    showSignedIn(isSignedIn);
    if (isSignedIn) message.load();
  });
  for (const id of ['login', 'logout']) {
    onSubmit(byId(id), async () => {
      await post(`/${id}`);
      gateway.renew();
    });
  }
  byId('web').href = `${gateway.url.replace(/^ws/, 'http').replace(/\/$/, '')}/api/example/model`;
  gateway.open();
}

start(run, byId('failure'));
