// One row of the table: shows its model and follows the model's changes.
import { highlight } from './shared/gateway.js';

const template = document.getElementById('row');
const money = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const percent = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: 'exceptZero' });

export class Row {
  #follow = (changed) => {
    this.#show();
    for (const column of ['price', 'change']) if (column in changed) highlight(this.#cell(column), 1200);
  };

  constructor(model) {
    this.model = model;
    this.element = template.content.firstElementChild.cloneNode(true);
    if (model.props === undefined) return; // the reference could not be loaded
    for (const column of ['symbol', 'name', 'sector']) this.#cell(column).textContent = model[column];
    this.#show();
    model.on('change', this.#follow);
  }

  remove() {
    if (this.model.props !== undefined) this.model.off('change', this.#follow);
    this.element.remove();
  }

  #cell(column) {
    return this.element.querySelector(`.${column}`);
  }

  #show() {
    const { price, change } = this.model;
    this.#cell('price').textContent = money.format(price);
    this.#cell('change').textContent = `${percent.format(change)} %`;
    this.#cell('change').dataset.way = change > 0 ? 'up' : change < 0 ? 'down' : 'none';
  }
}
