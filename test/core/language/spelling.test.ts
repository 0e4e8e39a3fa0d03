import { expect, it } from 'vitest';
import { closest } from '../../../src/core/language/spelling.js';

it('finds the nearest word, and none where none is near', () => {
  const words = ['benchmark', 'target', 'acceptable', 'limit', 'code'];
  expect(
    ['benchmrak', 'Limit', 'limits', 'targte', 'cod', 'x', 'constructor'].map((word) => closest(word, words)),
  ).toEqual(['benchmark', 'limit', 'limit', 'target', 'code', null, null]);
});

it('a swap of neighbours is one mistake, so that short words with one are known', () => {
  expect(['tmie', 'ehap', 'sm', 'tiem'].map((word) => closest(word, ['time', 'heap', 'ms']))).toEqual([
    'time',
    'heap',
    'ms',
    'time',
  ]);
});
