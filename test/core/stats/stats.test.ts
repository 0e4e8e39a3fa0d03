import { describe, expect, test } from 'vitest';
import { fastest, percentile, percentileInterval, studentT } from '../../../src/core/stats/stats.js';
import { random } from '../random.js';

describe('studentT', () => {
  // Two-sided tables of Student's t: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
  test.each([
    [0.025, 3, 3.182],
    [0.005, 4, 4.604],
    [0.005, 5, 4.032],
    [0.025, 10, 2.228],
    [0.005, 11, 3.106],
    [0.001, 20, 3.552],
    [0.025, 100, 1.984],
  ])('the upper %f point with %i degrees of freedom is %f', (tail, df, t) => {
    expect(studentT(tail, df)).toBeCloseTo(t, 2);
  });
});

describe('fastest', () => {
  test('is the mean of the smallest values, in whatever order', () => {
    expect(fastest([4, 1, 1000, 2], 0.5)).toBe(1.5);
    expect(fastest([4, 1, 1000, 2, 5], 0.8)).toBe(3);
  });

  test('has at least one in it', () => {
    expect(fastest([7], 0.5)).toBe(7);
    expect(fastest([9, 3], 0.1)).toBe(3);
  });
});

describe('percentile', () => {
  test('is linear between ranks', () => {
    expect(percentile([10, 20, 30, 40], 50)).toBe(25);
    expect(percentile([10, 20, 30, 40], 0)).toBe(10);
    expect(percentile([10, 20, 30, 40], 100)).toBe(40);
    expect(percentile([7], 99)).toBe(7);
  });

  test('its 99% interval holds the truth in about 99 of 100 samples', () => {
    const { uniform } = random(1);
    for (const p of [50, 95]) {
      let held = 0;
      for (let round = 0; round < 2000; round++) {
        const sorted = Float64Array.from({ length: 400 }, uniform).sort();
        const { low, high } = percentileInterval(sorted, p, 2.576);
        if (low <= p / 100 && p / 100 <= high) held++;
      }
      expect(held).toBeGreaterThan(1960);
      expect(held).toBeLessThan(2000);
    }
  });
});
