// The steps of a person who uses the book collection example. Both variants of the example run them: one has a service
// in JavaScript, the other a service in C++.
import assert from 'node:assert/strict';
import { testExample } from './world.mjs';

const FIRST_BOOKS = ['Animal Farm / George Orwell', 'Brave New World / Aldous Huxley', 'Coraline / Neil Gaiman'];

const listBooks = () =>
  [...document.querySelectorAll('#books > li')].map(
    (card) => `${card.querySelector('.title').textContent} / ${card.querySelector('.author').textContent}`,
  );

const cardOf = (window, title) =>
  window.locator('#books > li').filter({ has: window.page.locator('h3', { hasText: title }) });

async function edit(window, title, fields) {
  const card = cardOf(window, title);
  await card.getByRole('button', { name: `Edit ${title}` }).click();
  for (const [label, text] of Object.entries(fields)) await card.getByLabel(label).fill(text);
  await card.getByRole('button', { name: 'Save' }).click();
  return card;
}

async function add(window, title, author) {
  const form = window.locator('#add');
  await form.getByLabel('Title').fill(title);
  await form.getByLabel('Author').fill(author);
  await form.getByRole('button', { name: 'Add book' }).click();
}

async function remove(window, title) {
  await window.button(`Delete ${title}`).click();
  await window.locator('#confirm').getByRole('button', { name: 'Delete' }).click();
}

// `service` is the script or the program of the service; the test restarts it.
export function testBooks(name, example, service) {
  testExample(name, example, async (world, step) => {
    let [here, there] = [];
    const both = (expected) => world.all((window) => window.sees(listBooks, expected));

    await step('both see the books', async () => {
      await world.start();
      here = await world.open();
      there = await world.open();
      await both(FIRST_BOOKS);
      await world.areAllIn('connected');
    });

    await step('an edit in one appears in the other', async () => {
      await edit(here, 'Coraline', { Title: 'The Graveyard Book' });
      await both([FIRST_BOOKS[0], FIRST_BOOKS[1], 'The Graveyard Book / Neil Gaiman']);
      await edit(there, 'Brave New World', { Title: 'Island', Author: 'A. Huxley' });
      await both([FIRST_BOOKS[0], 'Island / A. Huxley', 'The Graveyard Book / Neil Gaiman']);
    });

    await step('a change elsewhere does not disturb an edit under way', async () => {
      const card = cardOf(here, 'Island');
      await card.getByRole('button', { name: 'Edit Island' }).click();
      await card.getByLabel('Title').fill('Ape and Essence');
      await edit(there, 'Island', { Author: 'Aldous Huxley' });
      await here.sees(listBooks, [FIRST_BOOKS[0], 'Island / Aldous Huxley', 'The Graveyard Book / Neil Gaiman']);
      assert.equal(await card.getByLabel('Title').inputValue(), 'Ape and Essence');
      assert.equal(await card.getByLabel('Author').inputValue(), 'Aldous Huxley');
      await card.getByRole('button', { name: 'Save' }).click();
      await both([FIRST_BOOKS[0], 'Ape and Essence / Aldous Huxley', 'The Graveyard Book / Neil Gaiman']);
    });

    await step('an added book appears in both, a deleted one leaves both', async () => {
      const others = [FIRST_BOOKS[0], 'Ape and Essence / Aldous Huxley'];
      await add(there, 'Dracula', 'Bram Stoker');
      await both([...others, 'The Graveyard Book / Neil Gaiman', 'Dracula / Bram Stoker']);
      await remove(here, 'The Graveyard Book');
      await both([...others, 'Dracula / Bram Stoker']);
      await edit(here, 'Dracula', { Author: 'Abraham Stoker' });
      await both([...others, 'Dracula / Abraham Stoker']);
    });

    await step('what the service refuses is shown, and changes nothing', async () => {
      const before = await here.page.evaluate(listBooks);
      const card = await edit(here, 'Dracula', { Title: '   ' });
      await card.getByText('Title must not be empty').waitFor();
      assert.equal(await card.getByLabel('Title').getAttribute('aria-invalid'), 'true');
      await card.getByRole('button', { name: 'Cancel' }).click();
      await add(here, 'Emma', '');
      await here.locator('#add').getByText('Author must not be empty').waitFor();
      await both(before);
    });

    await step('the service refuses what no page sends', async () => {
      const refused = async (subject, params) => (await world.call(subject, params)).error?.code;
      assert.equal(await refused('call.library.book.1.set', { title: 7 }), 'system.invalidParams');
      assert.equal(await refused('call.library.book.1.set', { colour: 'red' }), 'system.invalidParams');
      assert.equal(await refused('call.library.book.1.set', { title: 'x'.repeat(201) }), 'system.invalidParams');
      assert.equal(await refused('call.library.book.1.set', [1]), 'system.invalidParams');
      assert.equal(await refused('call.library.book.77.set', { title: 'None' }), 'system.notFound');
      assert.equal(await refused('get.library.book.77'), 'system.notFound');
      assert.equal(await refused('call.library.books.delete', { id: 77 }), 'system.invalidParams');
      assert.equal(await refused('call.library.books.delete', { id: '1' }), 'system.invalidParams');
      await both(await here.page.evaluate(listBooks));
    });

    await step('the page recovers when the gateway was killed', async () => {
      await world.restartGateway(async () => {
        // An event that no gateway receives.
        const reply = await world.call('call.library.book.1.set', { title: 'Burmese Days' });
        assert.deepEqual(reply, { result: null });
      });
      await both(['Burmese Days / George Orwell', 'Ape and Essence / Aldous Huxley', 'Dracula / Abraham Stoker']);
      await edit(there, 'Dracula', { Author: 'Bram Stoker' });
      await both(['Burmese Days / George Orwell', 'Ape and Essence / Aldous Huxley', 'Dracula / Bram Stoker']);
    });

    await step('the page recovers when NATS was restarted', async () => {
      await world.restartNats();
      await both(['Burmese Days / George Orwell', 'Ape and Essence / Aldous Huxley', 'Dracula / Bram Stoker']);
      await edit(here, 'Burmese Days', { Title: 'Homage to Catalonia' });
      await both(['Homage to Catalonia / George Orwell', 'Ape and Essence / Aldous Huxley', 'Dracula / Bram Stoker']);
    });

    await step('the pages follow a service that was restarted', async () => {
      await world.restartService(service);
      // the service has lost the changes; its system.reset made the gateway ask for the books again
      await both(FIRST_BOOKS);
      await add(here, 'Emma', 'Jane Austen');
      await edit(there, 'Emma', { Title: 'Persuasion' });
      await remove(there, 'Animal Farm');
      await both([FIRST_BOOKS[1], FIRST_BOOKS[2], 'Persuasion / Jane Austen']);
    });

    await step('a service killed without a word is followed too', async () => {
      await world.restartService(service, 'SIGKILL');
      await both(FIRST_BOOKS);
      await edit(here, 'Coraline', { Title: 'Stardust' });
      await both([FIRST_BOOKS[0], FIRST_BOOKS[1], 'Stardust / Neil Gaiman']);
    });

    await step('the gateway goes when asked to, with clients connected', async () => {
      await world.gateway.end('SIGTERM');
      assert.equal(world.gateway.how, 'exit code 0');
      await world.areAllIn('offline');
    });
  });
}
