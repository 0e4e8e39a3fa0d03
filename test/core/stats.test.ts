import { describe, expect, test } from 'vitest';
import { fastestHalf, percentile, percentileInterval, studentT } from '../../src/core/stats.js';
import { random } from './random.js';

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

describe('fastestHalf', () => {
  test('is the mean of the smaller half, in whatever order', () => {
    expect(fastestHalf([4, 1, 1000, 2])).toBe(1.5);
  });

  test('has the middle one of an odd number in it', () => {
    expect(fastestHalf([9, 3, 1])).toBe(2);
    expect(fastestHalf([7])).toBe(7);
  });
});

describe('percentile', () => {
  test('is linear between ranks', () => {
    expect(percentile([10, 20, 30, 40], 50)).toBe(25);
    expect(percentile([10, 20, 30, 40], 0)).toBe(10);
    expect(percentile([10, 20, 30, 40], 100)).toBe(40);
    expect(percentile([7], 99)).toBe(7);
  });

  test('its 99 % interval holds the truth in about 99 of 100 samples', () => {
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
