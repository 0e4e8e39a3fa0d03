import { expect, test } from 'vitest';
import { interval } from '../../src/core/interval.js';
import { random } from './random.js';

/** How often the interval holds the true ratio, when processes differ by `sigma` and `count` of them were seen. */
function coverage(count: number, sigma: number, truth: number): number {
  const { normal } = random(count);
  const rounds = 5000;
  let held = 0;
  for (let round = 0; round < rounds; round++) {
    const { low, high } = interval(Array.from({ length: count }, () => Math.log(truth) + sigma * normal()));
    if (low <= truth && truth <= high) held++;
  }
  return held / rounds;
}

test.each([2, 4, 8])('with %i processes that differ as the prior says, 99 of 100 intervals hold the truth', (count) => {
  expect(coverage(count, 0.025, 1.1)).toBeGreaterThan(0.985);
});

test('of eight processes that differ twice as much as believed, 97 of 100 intervals still hold the truth', () => {
  expect(coverage(8, 0.05, 1)).toBeGreaterThan(0.965);
});

test('the prior keeps two processes that happen to agree from being believed', () => {
  const { ratio, low, high } = interval([Math.log(1.08), Math.log(1.08)]);
  expect(ratio).toBeCloseTo(1.08, 10);
  expect(low).toBeLessThan(1.03);
  expect(high).toBeGreaterThan(1.13);
});

test('more processes make a narrower interval', () => {
  const width = (count: number): number => {
    const { low, high } = interval(Array.from({ length: count }, () => 0));
    return high - low;
  };
  expect(width(4)).toBeLessThan(width(2));
  expect(width(8)).toBeLessThan(width(4));
});

/** How often looking after every process ends in a false "slower than allowed". */
test('unchanged code is called slower than a budget of 5 % in fewer than one run of a thousand', () => {
  const { normal } = random(7);
  const runs = 20_000;
  let alarms = 0;
  for (let run = 0; run < runs; run++) {
    const seen: number[] = [];
    while (seen.length < 8) {
      seen.push(0.02 * normal());
      if (seen.length < 2) continue;
      const { low, high } = interval(seen);
      if (low > 1.05 && seen.length >= 4) {
        alarms++;
        break;
      }
      if (high <= 1.05) break;
    }
  }
  expect(alarms / runs).toBeLessThan(0.001);
});
