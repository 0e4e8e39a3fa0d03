import { expect, test } from 'vitest';
import { random } from '../core/random.js';
import { clopperPearson, mannWhitney } from './detect-statistics.js';

test.each([
  // From the sums of the binomial terms, by another program.
  [0, 100, 0, 0.0362167],
  [1, 1000, 0.0000253, 0.0055589],
  [5, 10, 0.187086, 0.812914],
  [95, 100, 0.8871651, 0.9835681],
  [100, 100, 0.9637833, 1],
  [1234, 2000, 0.5952864, 0.63837],
])('%i of %i is between %f and %f', (hits, n, low, high) => {
  const interval = clopperPearson(hits, n);
  expect(interval.low).toBeCloseTo(low, 6);
  expect(interval.high).toBeCloseTo(high, 6);
});

test('the interval of a rate covers the true one at least as often as it says', () => {
  const { uniform } = random(1);
  let covered = 0;
  for (let round = 0; round < 4000; round++) {
    let hits = 0;
    for (let one = 0; one < 200; one++) if (uniform() < 0.03) hits++;
    const { low, high } = clopperPearson(hits, 200);
    if (low <= 0.03 && 0.03 <= high) covered++;
  }
  expect(covered / 4000).toBeGreaterThan(0.95);
});

test('ranks that are all higher, and ties', () => {
  expect(mannWhitney([1, 2, 3], [4, 5, 6])).toBeCloseTo(1.964, 3);
  expect(mannWhitney([4, 5, 6], [1, 2, 3])).toBeCloseTo(-1.964, 3);
  expect(mannWhitney([1, 1, 1], [1, 1, 1])).toBe(0);
  // By hand: ranks 1, 2.5 | 2.5, 4, U = 3.5, variance 4/12 × (5 − 6/12) = 1.5.
  expect(mannWhitney([1, 2], [2, 3])).toBeCloseTo(1.5 / Math.sqrt(1.5), 10);
});

test('samples of one distribution differ beyond 2.576 in about one case of a hundred', () => {
  const { normal } = random(2);
  let significant = 0;
  for (let round = 0; round < 4000; round++) {
    const draw = (): number[] => Array.from({ length: 24 }, normal);
    if (Math.abs(mannWhitney(draw(), draw())) > 2.576) significant++;
  }
  expect(significant / 4000).toBeGreaterThan(0.005);
  expect(significant / 4000).toBeLessThan(0.014);
});
