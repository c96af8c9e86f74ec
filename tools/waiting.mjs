// Waits for something to happen. The time limit is so long that it is only reached when something has failed.
import { setTimeout as pause } from 'node:timers/promises';

export const PATIENCE_MS = 60_000;
const POLL_MS = 5;

// Resolves as `promise` does. Rejects when the limit is over; `what` and `detail()` go into the message.
export async function within(promise, what, detail = () => '') {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what} ${detail()}`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

// Calls `condition`, which may return a promise, again and again until it gives a value that is true, and returns that
// value. `what` names it in the error message; it may be a function that is called only then.
export async function until(condition, what) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${typeof what === 'function' ? what() : what}`);
    await pause(POLL_MS);
  }
}
