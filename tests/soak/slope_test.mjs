// The verdict of the soak test: a leak must be seen through noise, and noise alone must not look like a leak.
import assert from 'node:assert/strict';
import test from 'node:test';

import { Random } from '../gateway/random.mjs';
import { slopeOf } from './slope.mjs';

const hours = Array.from({ length: 270 }, (_, i) => i / 360); // 45 minutes, a measurement in 10 seconds
const noise = (random) => (random.below(2001) - 1000) / 1000;

test('a line without noise has its slope, and no doubt', () => {
  const { slope, upper } = slopeOf(hours, hours.map((h) => 100 + 7 * h));
  assert.ok(Math.abs(slope - 7) < 1e-9);
  assert.ok(Math.abs(upper - 7) < 1e-6);
});

test('the bound is above the true slope in nearly all of a thousand noisy measurements', () => {
  const random = new Random(1);
  let below = 0;
  for (let i = 0; i < 1000; ++i) if (slopeOf(hours, hours.map((h) => 100 + 3 * h + noise(random))).upper < 3) ++below;
  assert.ok(below < 50, `${below}`);
});

test('measurements that follow their neighbours count less, and widen the bound', () => {
  const random = new Random(2);
  let level = 0;
  const wandering = hours.map(() => (level = 0.9 * level + noise(random)));
  const { independent, slope, upper } = slopeOf(hours, wandering);
  assert.ok(independent < 60, `${independent}`);
  assert.ok(upper > slope + 1);
});

test('a leak of 10 MB an hour is above the bound of 5', () => {
  const random = new Random(3);
  assert.ok(slopeOf(hours, hours.map((h) => 60 + 10 * h + noise(random))).slope > 5);
});
