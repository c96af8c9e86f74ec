// The page of the shared text. What the user types is sent as a splice, one at a time, with the version that it belongs
// to. Changes from elsewhere are merged into what the user has typed, and the cursor stays at its place in the text.
import { byId, describe, Gateway, showText, start } from './shared/gateway.js';
import { apply, movePlace, rebase, spliceBetween } from './merge.js';

const RID = 'example.shared';
// After these errors the edit is not lost: it is sent again when the new text arrives, or the new connection.
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

  // Notes the service's text, as far as this page has merged it.
  #know(base) {
    this.base = base;
    this.version = this.model.version;
  }

  // Sends what the user has typed since the last edit. Does nothing while an edit is under way or there is no
  // connection: this is called again when the edit ends or the page has connected.
  async #send() {
    this.#showState();
    const edit = spliceBetween(this.base, field.value);
    if (this.#isSending || !edit || !this.gateway.client.connected) return;
    this.#isSending = true;
    const { version } = this;
    const sent = field.value;
    const error = await this.gateway.call(RID, 'edit', { version, ...edit }).then(() => null, (why) => why);
    this.#isSending = false;
    if (!error) this.#know(sent); // the service may have a newer text; #merge() takes it
    this.#merge();
    if (!error || (error.code === 'example.stale' && this.version !== version)) return this.#send();
    if (!WILL_BE_SENT.includes(error.code)) showText(byId('problem'), describe(error));
    this.#showState();
  }

  // Called when the service's text has changed. While an edit is under way, it waits for the reply, which tells whether
  // the new text contains the edit.
  #follow() {
    if (this.#isSending) return;
    this.#merge();
    this.#send();
  }

  // Merges the service's text with what it does not have yet, and keeps the cursor at its place in the text.
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
