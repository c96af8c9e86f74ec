// The view of the table that the user has chosen: search, order, first row and number of rows. It is kept in the URL,
// so that a reload or a link shows the same view.
const DEFAULTS = { search: '', sort: 'symbol', dir: 'asc', from: 0, limit: 25 };

export class View {
  constructor() {
    const given = new URLSearchParams(location.hash.slice(1));
    for (const [name, value] of Object.entries(DEFAULTS)) {
      const text = given.get(name);
      this[name] = text === null ? value : typeof value === 'number' ? Number(text) || 0 : text;
    }
    this.limit ||= DEFAULTS.limit;
  }

  set(values) {
    Object.assign(this, values);
    const changed = Object.keys(DEFAULTS).filter((name) => this[name] !== DEFAULTS[name]);
    const hash = new URLSearchParams(changed.map((name) => [name, this[name]])).toString();
    history.replaceState(null, '', hash ? `#${hash}` : location.pathname + location.search);
  }

  // Sorts by this column, or reverses the order if it is sorted by it already. Goes back to the first row.
  sortBy(column) {
    const isNew = column !== this.sort;
    const dir = isNew ? (['price', 'change'].includes(column) ? 'desc' : 'asc') : this.dir === 'asc' ? 'desc' : 'asc';
    this.set({ sort: column, dir, from: 0 });
  }

  get rows() {
    const { search, sort, dir, from, limit } = this;
    return `table.rows?${new URLSearchParams({ search, sort, dir, from, limit })}`;
  }

  get summary() {
    return `table.summary?${new URLSearchParams({ search: this.search })}`;
  }

  // Returns the first row of the last page.
  lastPage(found) {
    return Math.max(0, Math.floor((found - 1) / this.limit) * this.limit);
  }
}
