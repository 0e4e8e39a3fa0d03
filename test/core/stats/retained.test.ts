import { describe, expect, test } from 'vitest';
import { around, estimateRetained, slope, type RetainedPoint } from '../../../src/core/stats/retained.js';
import { random } from '../random.js';

const points = (bytes: (cycles: number) => number, count = 13, stretch = 100): RetainedPoint[] =>
  Array.from({ length: count }, (_, index) => ({ cycles: index * stretch, bytes: bytes(index * stretch) }));

describe('the slope', () => {
  test('of a line is exact', () => {
    expect(slope(points((cycles) => 5e6 + 1024 * cycles))?.value).toBe(1024);
  });

  test.each([100, 300, 600, 1100])('is not moved by one step after %i cycles', (at) => {
    expect(slope(points((cycles) => (cycles > at ? 8e6 : 0)))?.value).toBe(0);
  });

  test('is not moved by a few points far off', () => {
    expect(slope(points((cycles) => 10 * cycles + (cycles === 300 || cycles === 900 ? 1e6 : 0)))?.value).toBeCloseTo(
      10,
      0,
    );
  });

  test.each([
    ['two points', points(() => 0, 2)],
    ['none', []],
    ['cycles that did not run', points(() => 0, 5, 0)],
  ])('is not claimed of %s', (_, few) => {
    expect(slope(few)).toBe(null);
  });
});

test('what is kept is the slope times the cycles that are asked for, however many ran', () => {
  const estimate = estimateRetained([points((cycles) => 1000 * cycles), points((cycles) => 1000 * cycles)], 50);
  expect(estimate).toMatchObject({ value: 50_000, samples: 26 });
  expect(estimate?.low).toBeGreaterThan(49_000);
  expect(estimate?.high).toBeLessThan(51_000);
});

test('processes that did not get far enough say nothing, and without any other there is no estimate', () => {
  const good = points((cycles) => 1000 * cycles);
  expect(estimateRetained([points(() => 0, 2), good], 100)?.value).toBe(100_000);
  expect(estimateRetained([points(() => 0, 2)], 100)).toBe(null);
});

test('a single process has an interval, too', () => {
  const estimate = estimateRetained([points((cycles) => 1000 * cycles)], 100);
  expect(estimate?.low).toBeLessThan(100_000);
  expect(estimate?.high).toBeGreaterThan(100_000);
});

test('growth in two steps is growth', () => {
  const value = slope(points((cycles) => (cycles > 900 ? 2e6 : cycles > 300 ? 1e6 : 0)))?.value;
  expect(value).toBeGreaterThan(1000);
});

test('a step on top of a leak leaves the leak', () => {
  expect(slope(points((cycles) => 100 * cycles + (cycles > 600 ? 8e6 : 0)))?.value).toBeCloseTo(100, -1);
});

describe('by simulation', () => {
  const rounds = 2000;
  /** How often 99% intervals hold the truth, where every point is off by `noise` and every process leaks its own share more or less. */
  const covered = (seed: number, processes: number, noise: number, spread: number): number => {
    const { normal } = random(seed);
    let inside = 0;
    for (let round = 0; round < rounds; round++) {
      const all = Array.from({ length: processes }, () => {
        const leak = 1024 + spread * normal();
        return points((cycles) => leak * cycles + noise * normal());
      });
      const estimate = estimateRetained(all, 100);
      if (estimate !== null && estimate.low <= 102_400 && estimate.high >= 102_400) inside++;
    }
    return inside / rounds;
  };

  test.each([
    ['noisy points', 3, 50_000, 0],
    ['noisy points, two processes', 2, 50_000, 0],
    ['processes that differ as much as the points make them', 3, 50_000, 30],
    ['quiet points', 3, 100, 0],
  ])('the intervals cover the truth: %s', (_, processes, noise, spread) => {
    expect(covered(7, processes, noise, spread)).toBeGreaterThan(0.98);
  });

  test('the mean of one figure a process is covered by its interval, with the prior right and with it too small', () => {
    const { normal } = random(11);
    const share = (sigma: number): number => {
      let inside = 0;
      for (let round = 0; round < rounds; round++) {
        const { low, high } = around(
          Array.from({ length: 3 }, () => 5 + normal()),
          sigma,
        );
        if (low <= 5 && high >= 5) inside++;
      }
      return inside / rounds;
    };
    expect(share(1)).toBeGreaterThan(0.985);
    // Three processes cannot make up for a prior that is wrong by half, but come close.
    expect(share(0.5)).toBeGreaterThan(0.93);
  });
});
