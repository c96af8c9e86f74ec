// The page of the shared text. What is typed is sent as a splice with the version it belongs to, one at a time; what
// comes from elsewhere is merged into what is typed, and the cursor moves with its text.
import { byId, describe, Gateway, showText, start } from './shared/gateway.js';
import { apply, movePlace, rebase, spliceBetween } from './merge.js';

const RID = 'example.shared';
// The text has changed, or the connection has: another try comes with the news of it.
const WILL_BE_SENT = ['example.stale', 'system.disconnect'];
const field = byId('text');

class Editor {
  #isSending = false;

  constructor(gateway, model) {
    this.gateway = gateway;
    this.model = model;
    this.#know(model.message);
    field.value = this.base;
    field.addEventListener('input', () => {
      showText(byId('problem'), '');
      this.#send();
    });
    model.on('change', () => this.#follow());
    gateway.client.on('connect', () => this.#send());
    this.#showState();
  }

  // What the service has, as far as this page has taken notice.
  #know(base) {
    this.base = base;
    this.version = this.model.version;
  }

  // Sends what was typed since, unless something is under way: its end, or a new connection, calls here again.
  async #send() {
    this.#showState();
    const edit = spliceBetween(this.base, field.value);
    if (this.#isSending || !edit || !this.gateway.client.connected) return;
    this.#isSending = true;
    const { version } = this;
    const sent = field.value;
    const error = await this.gateway.call(RID, 'edit', { version, ...edit }).then(() => null, (why) => why);
    this.#isSending = false;
    if (!error) this.#know(sent); // or more: #merge will see
    this.#merge();
    if (!error || (error.code === 'example.stale' && this.version !== version)) return this.#send();
    if (!WILL_BE_SENT.includes(error.code)) showText(byId('problem'), describe(error));
    this.#showState();
  }

  // The service has another text. While an edit is under way, its reply is waited for: it tells whether that text has
  // the edit in it.
  #follow() {
    if (this.#isSending) return;
    this.#merge();
    this.#send();
  }

  // Makes of the service's text and of what it does not know yet one text, with the cursor where it was.
  #merge() {
    const { base } = this;
    this.#know(this.model.message);
    const theirs = spliceBetween(base, this.base);
    const merged = apply(this.base, rebase(spliceBetween(base, field.value), theirs));
    const cursor = [field.selectionStart, field.selectionEnd].map((place) => movePlace(place, theirs));
    if (field.value === merged) return;
    field.value = merged;
    field.setSelectionRange(...cursor);
  }

  #showState() {
    const isSaved = !this.#isSending && field.value === this.base;
    byId('state').textContent = isSaved ? `Saved, version ${this.version}` : 'Not saved yet…';
    byId('state').dataset.saved = isSaved;
    byId('size').textContent = `${field.value.length} characters`;
  }
}

async function run() {
  const gateway = new Gateway();
  const model = await gateway.load(RID, (why) => {
    showText(byId('placeholder'), `The text cannot be loaded yet: ${why}`);
  });
  showText(byId('placeholder'), '');
  byId('editor').hidden = false;
  new Editor(gateway, model);
}

start(run, byId('failure'));
