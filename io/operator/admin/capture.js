// Shows the capture that runs or, if none runs, the one that ran before. Shows the button that starts and stops
// captures.
import { formats } from '/graph/table.js';

const HEADERS = { 'X-Resflow-Admin': '1' }; // a page of another origin cannot send this header

function clock(seconds) {
  return new Date(seconds * 1_000).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

const TEXTS = {
  none: () => 'None has been made since the gateway started.',
  running: ({ file, since, bytes }) => `Recording since ${clock(since)}: ${formats.bytes(bytes)} in ${file}`,
  ending: ({ file }) => `Ending: the last of it is being written to ${file}`,
  ended: ({ file, since, bytes }) => `The last one, of ${clock(since)}, is in ${file} (${formats.bytes(bytes)})`,
  failed: ({ file, failure }) => (file ? `It ended by itself: ${failure}. What was written is in ${file}` : `None could be made: ${failure}`),
};

export class Capture {
  constructor(root, getJson) {
    this.getJson = getJson;
    this.button = root.querySelector('button');
    this.text = root.querySelector('#capture-text');
    this.note = root.querySelector('#capture-error');
    this.root = root;
    this.button.addEventListener('click', () => this.#act());
  }

  // Loads and shows the status. Drops the status if the button was pressed while the page waited for the status.
  async load() {
    const serial = this.serial;
    const status = await this.getJson('/graph/capture.json');
    if (serial === this.serial && !this.acting) this.#show(status);
  }

  #show(status) {
    this.state = status.state;
    this.root.dataset.state = status.state;
    this.text.textContent = TEXTS[status.state](status);
    this.button.textContent = status.state === 'running' ? 'Stop the capture' : 'Start a capture';
    this.button.disabled = false;
    if (this.note.textContent === status.failure) this.note.textContent = ''; // the status above shows the same text
  }

  async #act() {
    const action = this.state === 'running' ? 'stop' : 'start';
    this.acting = true;
    this.serial = (this.serial ?? 0) + 1;
    this.button.disabled = true;
    this.note.textContent = '';
    try {
      this.#show(await this.getJson(`/graph/capture/${action}`, { method: 'POST', headers: HEADERS }));
    } catch (error) {
      this.note.textContent = error.message;
      this.button.disabled = false;
    }
    this.acting = false;
  }
}
