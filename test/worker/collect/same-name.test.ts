import { expect, test } from 'vitest';
import { isSameName } from '../../../src/worker/collect/same-name.js';

test.each([
  ['a', 'a', true],
  ['a', 'b', false],
  ['run 0.982620439302989', 'run 0.12345678', true],
  ['run 0.982620439302989', 'walk 0.12345678', false],
  ['at 2026-11-29T10:11:12.345Z', 'at 2026-11-30T00:00:00.000Z', true],
  ['on 2026-11-29', 'on 2026-11-30', true],
  ['1764440000000 ms', '1764440000999 ms', true],
  // Sizes and versions are what tells benchmarks apart.
  ['size 1000000', 'size 2000000', false],
  ['0.25', '0.75', false],
  ['v1.2.3', 'v1.2.4', false],
])('%s and %s: %s', (one, other, isSame) => {
  expect(isSameName(one, other)).toBe(isSame);
});
