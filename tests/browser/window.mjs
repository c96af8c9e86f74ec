// One browser window, with what a person can see and do in it.
import { isDeepStrictEqual } from 'node:util';
import { until } from '../../tools/waiting.mjs';

export const PATIENCE_MS = 60_000; // time limit for what must happen; the tests do not judge how long it takes

export class Window {
  // Opens a window with a browser profile of its own, or in the `context` of another window.
  static async open(browser, url, context) {
    const own = context ?? (await browser.newContext({ viewport: { width: 1100, height: 800 } }));
    own.setDefaultTimeout(PATIENCE_MS);
    const window = new Window(await own.newPage());
    await window.page.goto(url);
    return window;
  }

  constructor(page) {
    this.page = page;
    this.context = page.context();
    this.complaints = [];
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy|\b404\b/.test(message.text())) this.complaints.push(message.text());
    });
  }

  async isIn(state) {
    await this.page.waitForSelector(`#connection[data-state="${state}"]`);
  }

  // Waits until the function `look`, which runs in the page with `argument`, returns the expected value.
  async sees(look, expected, argument) {
    let seen;
    await until(
      async () => isDeepStrictEqual((seen = await this.page.evaluate(look, argument)), expected),
      () => `${JSON.stringify(expected)}; there is ${JSON.stringify(seen)}`,
    );
  }

  // Waits until the element shows the text. A hidden element has the text null.
  async shows(selector, text) {
    const look = (place) => {
      const element = document.querySelector(place);
      return element?.checkVisibility() ? element.textContent : null;
    };
    await this.sees(look, text, selector);
  }

  async hides(selector) {
    await this.shows(selector, null);
  }

  locator(selector) {
    return this.page.locator(selector);
  }

  button(name, exact = true) {
    return this.page.getByRole('button', { name, exact });
  }

  field(label) {
    return this.page.getByLabel(label, { exact: true });
  }
}
