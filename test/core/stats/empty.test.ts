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
  [0.7, true],
  [1.2, true],
  [1.3, false],
])('%f times the time of an empty function is none of its own: %s', (ratio, expected) => {
  expect(resemblesEmpty(ratio)).toBe(expected);
});
