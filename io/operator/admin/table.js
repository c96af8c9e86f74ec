// A table whose rows the gateway searches, sorts and cuts: the page gets only the rows that it shows.

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
const LIMITS = [25, 50, 100, 200];
const TYPING_MS = 250;

export const formats = {
  text: (value) => value,
  number: (value) => value.toLocaleString('en'),
  rate: (value) => value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 }),
  bytes(value) {
    let unit = 0;
    for (; value >= 1_024 && unit + 1 < UNITS.length; ++unit) value /= 1_024;
    return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
  },
  time(milliseconds) {
    const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
    const parts = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
    const found = parts.findIndex((part) => part > 0);
    const first = found < 0 ? 3 : found;
    return parts.slice(first, first + 2).map((part, n) => `${part} ${'dhms'[first + n]}`).join(' ');
  },
};

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

export class Table {
  constructor(root, url, getJson, { sort, order, columns }) {
    Object.assign(this, { url, getJson, sort, order, columns, offset: 0, serial: 0 });
    const name = root.querySelector('h2').textContent.toLowerCase();
    this.search = make('input', { type: 'search', placeholder: 'Search', ariaLabel: `Search ${name}`, maxLength: 1_000 });
    this.limit = make('select', { ariaLabel: 'Rows' }, ...LIMITS.map((rows) => new Option(`${rows} rows`, rows)));
    this.back = make('button', { type: 'button', textContent: '‹ Back' });
    this.on = make('button', { type: 'button', textContent: 'On ›' });
    this.where = make('span', { className: 'where' });
    this.head = make('tr');
    this.body = make('tbody');
    this.note = make('p', { className: 'empty', hidden: true });
    root.querySelector('.bar').append(this.search, make('div', { className: 'pager' }, this.where, this.limit, this.back, this.on));
    root.append(make('div', { className: 'scroll' }, make('table', {}, make('thead', {}, this.head), this.body)), this.note);
    this.#makeHead();
    this.#listen();
  }

  #makeHead() {
    for (const [column, [title, format]] of Object.entries(this.columns)) {
      const button = make('button', { type: 'button', textContent: title });
      const cell = make('th', { scope: 'col', className: format === 'text' ? 'text' : 'number' }, button);
      cell.dataset.column = column;
      button.addEventListener('click', () => {
        const again = this.sort === column;
        this.order = again ? (this.order === 'asc' ? 'desc' : 'asc') : format === 'text' ? 'asc' : 'desc';
        this.sort = column;
        this.#restart();
      });
      this.head.append(cell);
    }
  }

  #listen() {
    this.search.addEventListener('input', () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.#restart(), TYPING_MS);
    });
    this.limit.addEventListener('change', () => this.#restart());
    this.back.addEventListener('click', () => this.#turn(-1));
    this.on.addEventListener('click', () => this.#turn(1));
  }

  #restart() {
    this.offset = 0;
    this.#loadNow();
  }

  #turn(pages) {
    this.offset = Math.max(0, this.offset + pages * Number(this.limit.value));
    this.#loadNow();
  }

  async #loadNow() {
    try {
      await this.load();
    } catch (error) {
      this.#say(error.message, true);
    }
  }

  // Loads and shows the rows. Drops the answer if the page has sent another request while it waited for this answer.
  async load() {
    const serial = ++this.serial;
    const query = new URLSearchParams({
      search: this.search.value,
      sort: this.sort,
      order: this.order,
      offset: this.offset,
      limit: this.limit.value,
    });
    const answer = await this.getJson(`${this.url}?${query}`);
    if (serial === this.serial) this.#show(answer);
  }

  #show({ columns, total, offset, complete, rows }) {
    for (const cell of this.head.children) {
      if (cell.dataset.column === this.sort) cell.ariaSort = this.order === 'asc' ? 'ascending' : 'descending';
      else cell.removeAttribute('aria-sort');
    }
    this.body.replaceChildren(...rows.map((row) => this.#row(columns, row)));
    const end = offset + rows.length;
    const all = `${formats.number(total)}${complete ? '' : ' or more'}`;
    this.where.textContent = rows.length === 0 ? `0 of ${all}` : `${formats.number(offset + 1)}–${formats.number(end)} of ${all}`;
    this.back.disabled = offset === 0;
    this.on.disabled = end >= total || end > 10_000;
    this.#say(rows.length > 0 ? '' : this.search.value ? 'None is found.' : 'There is none.');
  }

  #row(columns, row) {
    const cells = Object.entries(this.columns).map(([column, [, format]]) => {
      const text = formats[format](row[columns.indexOf(column)]);
      const isText = format === 'text';
      return make('td', { textContent: text, className: isText ? 'text' : 'number', title: isText ? text : '' });
    });
    return make('tr', {}, ...cells);
  }

  #say(text, isError = false) {
    this.note.hidden = text === '';
    this.note.textContent = text;
    this.note.classList.toggle('error', isError);
  }
}
