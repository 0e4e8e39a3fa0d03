import { expect, test } from 'vitest';
import { proposedLimit } from '../../../src/core/assist/propose-limit.js';
import { parseCheck } from '../../../src/core/language/check.js';

test.each([
  [[{ low: 1.1e6, high: 1.24e6 }], 'time <= 1.6 ms'],
  [
    [
      { low: 20, high: 22 },
      { low: 30, high: 34 },
    ],
    'time <= 43 ns',
  ],
  [[{ low: 799e6, high: 799.9e6 }], 'time <= 1 s'],
  [[{ low: 50e9, high: 51e9 }], 'time <= 64 s'],
])('the limit that %o pass with a quarter to spare is %s', (times, limit) => {
  expect(proposedLimit(times)).toBe(limit);
  expect(parseCheck(limit).ok).toBe(true);
});

test('where nothing was measured, none is proposed', () => {
  expect(proposedLimit([])).toBeNull();
  expect(proposedLimit([{ low: 0, high: 0 }])).toBeNull();
});
