// Shows ticker.model in the element #counter. Only clients that are logged in may read the model.
import { byId, describe, showText } from './gateway.js';

export class Ticker {
  #model = null;
  // An event may still come after off(), so the handlers check that there is a model.
  #show = () => {
    if (this.#model) showText(byId('counter'), String(this.#model.seconds));
  };
  #lost = () => {
    if (this.#model) this.hide('The gateway has ended the subscription: this connection may not see ticker.model any more.');
  };

  constructor(gateway) {
    this.gateway = gateway;
  }

  async show() {
    if (this.#model) return;
    let model;
    try {
      const complain = (error) => showText(byId('locked'), describe(error));
      model = await this.gateway.insist(() => this.gateway.client.get('ticker.model'), complain);
    } catch (error) {
      return this.hide(describe(error));
    }
    if (this.#model) return; // another call has shown it meanwhile
    this.#model = model;
    this.#model.on('change', this.#show);
    this.#model.on('unsubscribe', this.#lost);
    showText(byId('locked'), '');
    this.#show();
  }

  // Hides the counter. It also removes the listeners, because otherwise resclient would subscribe again.
  hide(why) {
    showText(byId('counter'), '');
    showText(byId('locked'), why);
    this.#model?.off('change', this.#show);
    this.#model?.off('unsubscribe', this.#lost);
    this.#model = null;
  }
}
