// The counter of the examples of logging in.
import { until } from '../../tools/waiting.mjs';

export const counterOf = async (window) => Number(await window.locator('#counter').textContent());

// It is shown and goes on: it is subscribed to.
export async function counts(window) {
  await window.locator('#counter').waitFor();
  const before = await counterOf(window);
  await until(async () => (await counterOf(window)) !== before, 'the counter to go on');
}
