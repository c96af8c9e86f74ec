// The edit text example in a browser: two people type at the same time.
import assert from 'node:assert/strict';
import { until } from '../../tools/waiting.mjs';
import { testExample } from './world.mjs';

const FIRST = 'Edit me!\n\nOpen this page in another window, too.';
const textOf = (window) => window.locator('#text').inputValue();

testExample('one text in two windows', 'edit-text', async (world, step) => {
  let [here, there] = [];

  const bothHave = (text) => world.all((window) => window.sees(() => document.querySelector('#text').value, text));

  // Waits until both windows have the same text with all the words, and the service has it, too.
  async function bothHaveAll(...words) {
    const look = async () => {
      const [one, other] = await world.all(textOf);
      return one === other && words.every((word) => one.includes(word)) && one;
    };
    const text = await until(look, () => `both to have ${words}`);
    await world.all((window) => window.isIn('connected'));
    await world.all((window) => window.locator('#state[data-saved="true"]').waitFor());
    return text;
  }

  async function typeAt(window, place, text) {
    await window.locator('#text').focus();
    await window.page.keyboard.press(place === 'start' ? 'Control+Home' : 'Control+End');
    await window.page.keyboard.type(text);
  }

  await step('both see the text', async () => {
    await world.start();
    here = await world.open();
    there = await world.open();
    await bothHave(FIRST);
    await world.areAllIn('connected');
  });

  await step('what one types, the other sees, with the cursor where it was', async () => {
    await there.locator('#text').focus();
    await there.page.keyboard.press('Control+End');
    await typeAt(here, 'start', 'Dear all! 😀 ');
    await bothHave(`Dear all! 😀 ${FIRST}`);
    await there.page.keyboard.type(' Yours');
    await bothHave(`Dear all! 😀 ${FIRST} Yours`);
  });

  await step('both type at once, and nothing is lost', async () => {
    const [one, other] = ['The first paragraph is mine. ', ' And the last one is ours.'];
    await Promise.all([typeAt(here, 'start', one), typeAt(there, 'end', other)]);
    const text = await bothHaveAll(one, other);
    assert.equal(text.length, `Dear all! 😀 ${FIRST} Yours`.length + one.length + other.length);
  });

  await step('a text too long is refused, and says why', async () => {
    await here.locator('#text').evaluate((field) => {
      field.value = 'x'.repeat(20_001);
      field.dispatchEvent(new Event('input'));
    });
    await here.shows('#problem', 'The text must not exceed 20000 characters');
    await here.locator('#text').fill('Short again.');
    await bothHave('Short again.');
    await here.hides('#problem');
  });

  await step('what is typed without a gateway is sent when there is one again', async () => {
    await world.restartGateway(async () => {
      await typeAt(here, 'start', 'Offline here. ');
      await typeAt(there, 'end', ' Offline there.');
    });
    assert.equal(await bothHaveAll('here', 'there'), 'Offline here. Short again. Offline there.');
  });

  await step('a restarted service has its first text, and both follow', async () => {
    await world.restartService('service.mjs');
    await bothHave(FIRST);
    await typeAt(there, 'end', ' Again.');
    await bothHave(`${FIRST} Again.`);
  });

  await step('NATS was restarted, and the text is still there', async () => {
    await world.restartNats();
    await bothHave(`${FIRST} Again.`);
    await typeAt(here, 'start', 'At last: ');
    await bothHave(`At last: ${FIRST} Again.`);
  });
});
