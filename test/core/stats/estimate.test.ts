import { expect, test } from 'vitest';
import {
  compare,
  estimateSide,
  percentileOfBatches,
  type ProcessSamples,
  type Comparison,
} from '../../../src/core/stats/estimate.js';
import { random } from '../random.js';

const uniform = random(3).uniform;
const process = (time: number, iterations: number): ProcessSamples => ({
  time,
  iterations: 100,
  latencies: Float64Array.from({ length: iterations }, () => time * (0.5 + uniform())).sort(),
  batch: 1,
});

test('time and throughput are there without a distribution, and say the same', () => {
  const { metrics } = estimateSide([process(100, 0), process(110, 0)], []);
  expect(Object.keys(metrics)).toEqual(['time', 'throughput']);
  const { time, throughput } = metrics;
  expect(time?.value).toBeCloseTo(Math.sqrt(100 * 110), 6);
  expect(throughput?.value).toBeCloseTo(1e9 / (time?.value ?? 0), 6);
  expect(throughput?.low).toBeCloseTo(1e9 / (time?.high ?? 0), 6);
  expect(time?.samples).toBe(200);
});

test('percentiles pool the processes, and their interval covers what lies between the processes', () => {
  const { metrics } = estimateSide([process(100, 2000), process(120, 2000)], [95, 99.9]);
  expect(Object.keys(metrics)).toEqual(['time', 'throughput', 'mean', 'median', 'min', 'max', 'p95', 'p99.9']);
  const p95 = metrics['p95'];
  expect(p95?.samples).toBe(4000);
  // The 95th percentiles of the two processes are 145 and 174.
  expect(p95?.value).toBeGreaterThan(150);
  expect(p95?.value).toBeLessThan(174);
  expect(p95?.low).toBeLessThan(145);
  expect(p95?.high).toBeGreaterThan(174);
  expect(metrics['min']?.low).toBe(metrics['min']?.high);
});

test('a comparison counts its processes', () => {
  const { ratio, ...rest } = compare([0.1, 0.1], 'cpu');
  expect(ratio).toBeCloseTo(Math.exp(0.1), 10);
  expect(rest).toMatchObject({ processes: 2, clock: 'cpu' });
});

test('of many comparisons an alarm needs more, and a pass does not', () => {
  const ratios = [0.09, 0.1, 0.11, 0.1];
  const one = compare(ratios, 'cpu');
  const many = compare(ratios, 'cpu', { comparisons: 100 });
  expect(many.high).toBeCloseTo(one.high, 4);
  expect(many.low).toBeLessThan(one.low - 0.01);
  expect(many.low).toBeGreaterThan(1);
});

test('a machine that is known to be quiet needs fewer processes', () => {
  const width = ({ low, high }: Comparison): number => high - low;
  const known = compare([0, 0], 'cpu', { prior: { sigma: 0.008, weight: 12 } });
  expect(width(known)).toBeLessThan(width(compare([0, 0], 'cpu')) / 2);
});

/** Iterations of which one in ten takes ten times as long, and the means of batches of them. */
function batches(batch: number): { true95: number; true50: number; means: Float64Array } {
  const single = Array.from({ length: 60_000 }, () => (uniform() < 0.1 ? 100 : 10) * (0.9 + 0.2 * uniform()));
  const means = Float64Array.from({ length: single.length / batch }, (_, index) => {
    const own = single.slice(index * batch, (index + 1) * batch);
    return own.reduce((sum, value) => sum + value, 0) / batch;
  });
  const sorted = single.toSorted((a, b) => a - b);
  return { true95: sorted[57_000] ?? NaN, true50: sorted[30_000] ?? NaN, means: means.sort() };
}

test.each([2, 5, 20, 50])('batches of %i hold the percentiles of what is in them', (batch) => {
  const { true95, true50, means } = batches(batch);
  for (const [p, truth] of [
    [95, true95],
    [50, true50],
  ] as const) {
    const { low, high } = percentileOfBatches(means, batch, p);
    expect(low).toBeLessThanOrEqual(truth);
    expect(high).toBeGreaterThanOrEqual(truth);
  }
});

test('batches of one are the iterations themselves', () => {
  const { true95, means } = batches(1);
  const { low, high } = percentileOfBatches(means, 1, 95);
  expect(low).toBeCloseTo(true95, 0);
  expect(high).toBeCloseTo(true95, 0);
});

test('of iterations that the timer cannot see singly, a percentile claims what batches prove, and the mean is exact', () => {
  const means = Float64Array.from({ length: 1000 }, (_, index) => 20 + index / 1000);
  const fork = { time: 20.5, iterations: 25_000, latencies: means, batch: 25 };
  const { metrics } = estimateSide([fork, fork], [95]);
  expect(metrics['mean']?.value).toBeCloseTo(20.5, 1);
  // Of 25 that took 525 ns, two cannot have taken 263, and one is less than one in twenty.
  expect(metrics['p95']).toMatchObject({ low: 0, samples: 2000 });
  expect(metrics['p95']?.high).toBeGreaterThan(255);
  expect(metrics['p95']?.high).toBeLessThan(270);
  expect(metrics['min']?.low).toBe(0);
  expect(metrics['max']?.high).toBeCloseTo(25 * 20.999, 1);
});

test('a single pair of processes proves only a gross change', () => {
  const { low, high } = compare([0.04], 'cpu');
  expect(low).toBeLessThan(0.95);
  expect(high).toBeGreaterThan(1.1);
  expect(compare([Math.log(3)], 'cpu').low).toBeGreaterThan(1.5);
});

test.each([
  ['two of four', [0, 0.01, 1.2, 1.21]],
  ['half of many', [0, 0.01, 0, 0.02, 1.2, 1.21, 1.19, 1.2]],
  ['one of two', [0, 1.2]],
])('processes that disagree about two speeds, %s, decide nothing in between', (_, logRatios) => {
  const { low, high } = compare(logRatios, 'cpu');
  expect(low).toBeLessThanOrEqual(Math.exp(0.02));
  expect(high).toBeGreaterThanOrEqual(3.3);
});

test('one stray among several is no disagreement', () => {
  const { high } = compare([0, 0.01, 0, 0.02, 0.5], 'cpu');
  expect(high).toBeLessThan(1.06);
});
