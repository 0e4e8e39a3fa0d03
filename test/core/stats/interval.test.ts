import { expect, test } from 'vitest';
import { interval } from '../../../src/core/stats/interval.js';
import { random } from '../random.js';

interface Truth {
  readonly sigma: number;
  /** How many processes in a hundred have a copy that was compiled worse, by `outlierBy`. */
  readonly outliers?: number;
  readonly outlierBy?: number;
  readonly change?: number;
}

/** Log-ratios of one process each. */
function processes({ sigma, outliers = 0, outlierBy = 0.15, change = 0 }: Truth, seed: number): () => number {
  const { normal, uniform } = random(seed);
  return () => {
    const outlier = uniform() < outliers / 100 ? (uniform() < 0.5 ? outlierBy : -outlierBy) : 0;
    return change + outlier + sigma * normal();
  };
}

/** How often the interval of so many processes holds the truth. */
function coverage(count: number, truth: Truth): number {
  const next = processes(truth, count);
  const rounds = 1000;
  let held = 0;
  for (let round = 0; round < rounds; round++) {
    const { low, high } = interval(Array.from({ length: count }, next));
    if (low <= Math.exp(truth.change ?? 0) && Math.exp(truth.change ?? 0) <= high) held++;
  }
  return held / rounds;
}

test.each([2, 4, 8])('with %i processes that differ as the prior says, 99 of 100 intervals hold the truth', (count) => {
  expect(coverage(count, { sigma: 0.018, change: Math.log(1.1) })).toBeGreaterThan(0.985);
});

test.each([2, 4, 8])('also where one of %i processes in twelve has a badly compiled copy', (count) => {
  expect(coverage(count, { sigma: 0.018, outliers: 8 })).toBeGreaterThan(0.98);
});

test('of eight processes that differ twice as much as believed, 97 of 100 intervals still hold the truth', () => {
  expect(coverage(8, { sigma: 0.036 })).toBeGreaterThan(0.965);
});

test('the prior keeps two processes that happen to agree from being believed', () => {
  const { ratio, low, high } = interval([Math.log(1.08), Math.log(1.08)]);
  expect(ratio).toBeCloseTo(1.08, 10);
  expect(low).toBeLessThan(1.05);
  expect(high).toBeGreaterThan(1.11);
});

test('more processes make a narrower interval', () => {
  const width = (count: number): number => {
    const { low, high } = interval(Array.from({ length: count }, () => 0));
    return high - low;
  };
  expect(width(4)).toBeLessThan(width(2));
  expect(width(8)).toBeLessThan(width(4));
});

test('one outlier among six processes moves the estimate by less than a percent', () => {
  const { ratio, high } = interval([0.002, -0.004, 0.2, 0.001, 0.003, -0.002]);
  expect(Math.abs(ratio - 1)).toBeLessThan(0.01);
  expect(high).toBeLessThan(1.05);
});

test.each([
  { of: [700, 1], what: 'ratios beyond a number' },
  { of: [-30, 30, 0], what: 'a spread that no machine has' },
  { of: [0.1], what: 'a single process' },
])('has ends in order for $what', ({ of }) => {
  const { ratio, low, high } = interval(of);
  expect(low).toBeLessThanOrEqual(ratio);
  expect(ratio).toBeLessThanOrEqual(high);
});

/** What becomes of a budget of `baseline + 5%` when it is asked after every process, at most twelve of them. */
function verdicts(truth: Truth, runs: number): { fail: number; pass: number; median: number } {
  const next = processes(truth, 7);
  const lengths: number[] = [];
  const ended = { fail: 0, pass: 0 };
  for (let run = 0; run < runs; run++) {
    const seen: number[] = [];
    while (seen.length < 12) {
      seen.push(next());
      if (seen.length < 2) continue;
      const { low, high } = interval(seen);
      if (high <= 1.05) {
        ended.pass++;
        break;
      }
      if (low > 1.05 && seen.length >= 4) {
        ended.fail++;
        break;
      }
    }
    lengths.push(seen.length);
  }
  const median = lengths.sort((a, b) => a - b)[runs >> 1] ?? NaN;
  return { fail: ended.fail / runs, pass: ended.pass / runs, median };
}

test.each([{ outliers: 0 }, { outliers: 4 }, { outliers: 8 }])(
  'unchanged code with $outliers outliers in 100 is called slower than 5% in fewer than one run of a thousand',
  ({ outliers }) => {
    expect(verdicts({ sigma: 0.018, outliers }, 3000).fail).toBeLessThan(0.001);
  },
);

test.each([{ outliers: 0 }, { outliers: 4 }])(
  'a slowdown of 10% with $outliers outliers in 100 is found in 95 of 100 runs, and hardly ever passed',
  ({ outliers }) => {
    const { fail, pass, median } = verdicts({ sigma: 0.015, outliers, change: Math.log(1.1) }, 1000);
    expect(fail).toBeGreaterThan(0.95);
    expect(pass).toBeLessThan(0.005);
    expect(median).toBeLessThanOrEqual(5);
  },
);

test('a slowdown of 20% is found in 199 of 200 runs', () => {
  expect(verdicts({ sigma: 0.018, outliers: 4, change: Math.log(1.2) }, 1000).fail).toBeGreaterThan(0.995);
});
