// Helpers for the counter in the login examples.
import { until } from '../../tools/waiting.mjs';

export const counterOf = async (window) => Number(await window.locator('#counter').textContent());

// Checks that the counter is shown and goes on, which means that it is subscribed to.
export async function counts(window) {
  await window.locator('#counter').waitFor();
  const before = await counterOf(window);
  await until(async () => (await counterOf(window)) !== before, 'the counter to go on');
}
