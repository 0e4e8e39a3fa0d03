import { expect, test } from 'vitest';
import { measuresNothing, resemblesEmpty } from '../../../src/core/stats/empty.js';

test.each([
  [0.3, true],
  [0.99, true],
  [1, false],
  [70, false],
])('%f ns is too short for any work: %s', (time, expected) => {
  expect(measuresNothing(time)).toBe(expected);
});

test.each([
  [0.3, 0.3, true],
  [0.2, 0.3, true],
  [0.4, 0.3, false],
  [70, 68, true],
  [84, 68, true],
  [86, 68, false],
  // Not measured, because it was clearly slower.
  [0.3, null, false],
])('%f ns is as fast as an empty function that takes %s ns: %s', (time, empty, expected) => {
  expect(resemblesEmpty(time, empty)).toBe(expected);
});
