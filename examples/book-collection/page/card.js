// The card of one book in the list: shows the book, follows its changes, and edits it in place.
import { clearProblem, onSubmit } from './shared/form.js';
import { highlight, showText } from './shared/gateway.js';

const FIELDS = ['title', 'author'];
const template = document.getElementById('card');

export class Card {
  // `page` has the gateway and the functions announce(text) and askDelete(book).
  constructor(book, page) {
    this.book = book;
    this.page = page;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.view = this.element.querySelector('.view');
    this.editor = this.element.querySelector('.editor');
    this.inputs = this.editor.elements;
    this.editButton = this.element.querySelector('.edit');
    this.onChange = (changed) => this.#follow(changed);
    if (book.props === undefined) return this.#showUnavailable(); // the reference could not be loaded
    this.element.dataset.id = book.id;
    this.element.style.setProperty('--hue', String((book.id * 137) % 360)); // neighbors get very different colors
    this.#listen();
    this.#show();
    book.on('change', this.onChange);
  }

  // Called when the book is no longer in the list.
  remove() {
    if (this.book.props !== undefined) this.book.off('change', this.onChange);
    this.element.remove();
  }

  arrive() {
    highlight(this.view);
  }

  #showUnavailable() {
    this.element.querySelector('.title').textContent = 'This book cannot be shown';
    this.element.querySelector('.author').textContent = this.book.message ?? '';
    this.element.querySelector('.view .actions').remove();
  }

  #listen() {
    this.editButton.addEventListener('click', () => this.#open());
    this.element.querySelector('.delete').addEventListener('click', () => this.page.askDelete(this.book));
    this.element.querySelector('.cancel').addEventListener('click', () => this.#close());
    this.editor.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#close();
    });
    onSubmit(this.editor, (values) => this.#save(values));
  }

  #show() {
    const { title, author } = this.book.props;
    this.element.querySelector('.title').textContent = title;
    this.element.querySelector('.author').textContent = author;
    this.editButton.setAttribute('aria-label', `Edit ${title}`);
    this.element.querySelector('.delete').setAttribute('aria-label', `Delete ${title}`);
    this.editor.setAttribute('aria-label', `Edit ${title}`);
  }

  // Follows a change of the book, made here or elsewhere. In the editor, a field that the user has edited keeps its
  // text; any other field follows the book.
  #follow(changed) {
    const fields = FIELDS.filter((field) => field in changed);
    this.#show();
    for (const field of fields) highlight(this.element.querySelector(`.${field}`));
    this.page.announce(`${this.book.title} by ${this.book.author} has changed`);
    if (this.editor.hidden || this.editor.hasAttribute('aria-busy')) return;
    const clashes = fields.filter((field) => this.inputs[field].value !== this.before[field]);
    for (const field of fields) {
      if (!clashes.includes(field)) this.inputs[field].value = this.book.props[field];
      this.before[field] = this.book.props[field];
    }
    showText(this.editor.querySelector('.note'), clashes.map((field) => this.#clashText(field)).join(' '));
  }

  #clashText(field) {
    return `Someone has just set the ${field} to “${this.book.props[field]}”.`;
  }

  #open() {
    this.before = { ...this.book.props };
    for (const field of FIELDS) this.inputs[field].value = this.before[field];
    clearProblem(this.editor);
    showText(this.editor.querySelector('.note'), '');
    this.view.hidden = true;
    this.editor.hidden = false;
    this.inputs.title.select();
  }

  #close() {
    this.editor.hidden = true;
    this.view.hidden = false;
    this.editButton.focus();
  }

  // Sends only the fields that were edited, so that another user's change of the other field is not undone.
  async #save(values) {
    const edited = Object.entries(values).filter(([field, value]) => value !== this.before[field]);
    if (edited.length > 0) await this.page.gateway.request(() => this.book.set(Object.fromEntries(edited)));
    this.#close();
  }
}
