import { describe, expect, test } from 'vitest';
import type { Check, Metric, RunSettings } from '../../../src/core/language/budget.js';
import { emptyNote, nothingNote } from '../../../src/core/text/measurement-notes.js';
import {
  observationOf,
  retainedMetrics,
  runningMetrics,
  attemptMetrics,
  type RunningFigures,
} from '../../../src/core/results/observations.js';

const quantity: Check['bound'] = { kind: 'quantity', value: 1, unit: { symbol: 'B', dimension: 'size', scale: 1 } };
const baseline: Check['bound'] = { kind: 'baseline', factor: 1 };
const check = (metric: Metric, bound: Check['bound'] = quantity) => ({ metric, bound });
const run = { cycles: null, concurrency: 1 } satisfies Pick<RunSettings, 'cycles' | 'concurrency'>;

describe('what checks ask to be observed', () => {
  const nothing = { running: false, cycles: null, attempts: null, baseline: false };

  test.each<[string, Parameters<typeof observationOf>, ReturnType<typeof observationOf>]>([
    ['nothing', [[], run], null],
    [
      'times',
      [[check({ kind: 'time' }), check({ kind: 'percentile', percentile: 95 }), check({ kind: 'throughput' })], run],
      null,
    ],
    ['times of the old code', [[check({ kind: 'time' }, baseline)], run], null],
    ['allocation', [[check({ kind: 'allocated' })], run], { ...nothing, running: true }],
    ['a metric of its own', [[check({ kind: 'reported', name: 'lost messages' })], run], { ...nothing, running: true }],
    [
      'a peak against the old code',
      [[check({ kind: 'rss' }, baseline)], run],
      { ...nothing, running: true, baseline: true },
    ],
    [
      'a peak, and a time against the old code',
      [[check({ kind: 'heap' }), check({ kind: 'time' }, baseline)], run],
      { ...nothing, running: true },
    ],
    ['what is retained', [[check({ kind: 'retained' })], run], { ...nothing, cycles: 100 }],
    ['what so many cycles retain', [[check({ kind: 'retained' })], { ...run, cycles: 7 }], { ...nothing, cycles: 7 }],
    ['errors', [[check({ kind: 'errors' })], run], { ...nothing, attempts: { concurrency: 1, iterations: 100 } }],
    [
      'crashes of many at once',
      [[check({ kind: 'crashes' })], { ...run, concurrency: 100 }],
      { ...nothing, attempts: { concurrency: 100, iterations: 1000 } },
    ],
    [
      'errors of so many cycles',
      [[check({ kind: 'errors' })], { cycles: 5000, concurrency: 2 }],
      { ...nothing, attempts: { concurrency: 2, iterations: 5000 } },
    ],
    [
      'all of it',
      [[check({ kind: 'cpu' }), check({ kind: 'retained' }, baseline), check({ kind: 'errors' })], run],
      { running: true, cycles: 100, attempts: { concurrency: 1, iterations: 100 }, baseline: true },
    ],
  ])('%s', (_, [checks, settings], expected) => {
    expect(observationOf(checks, settings)).toEqual(expected);
  });
});

const figures = (changed: Partial<RunningFigures>): RunningFigures => ({
  ...{ iterations: 1000, cpu: 500, allocated: 32, heap: 7e6, rss: 80e6, reported: [] },
  ...changed,
});

describe('the metrics of a run', () => {
  test('are means over processes inside of their intervals, with all iterations behind them', () => {
    const metrics = runningMetrics([figures({ cpu: 400, allocated: 32 }), figures({ cpu: 500, allocated: 40 })]);
    expect(Object.keys(metrics)).toEqual(['cpu', 'allocated', 'heap', 'rss']);
    expect(metrics['cpu']?.value).toBeCloseTo(Math.sqrt(400 * 500), 6);
    expect(metrics['allocated']?.value).toBe(36);
    expect(metrics['heap']?.value).toBeCloseTo(7e6, 3);
    expect(Object.values(metrics).map(({ samples }) => samples)).toEqual([2000, 2000, 2, 2]);
    for (const { value, low, high } of Object.values(metrics)) {
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
    }
  });

  test('allocation of nearly a whole number of bytes is that', () => {
    const allocated = (...bytes: number[]) =>
      runningMetrics(bytes.map((one) => figures({ allocated: one })))['allocated'];
    const exactly = (value: number) => ({ value, low: value, high: value, samples: 2000 });
    expect(allocated(0, 0.004)).toEqual(exactly(0));
    expect(allocated(31.99, 32.06)).toEqual(exactly(32));
    for (const bytes of [
      [31.99, 32.3],
      [31.5, 32.5],
      [0.2, 0.2],
      [1e6 + 0.4, 1e6 + 0.4],
    ]) {
      const { value, low, high } = allocated(...bytes) ?? expect.fail('nothing is known');
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
      expect(low).toBeGreaterThanOrEqual(0);
    }
  });

  test('reported figures are in base units and never stand in for measured ones', () => {
    const reported = (name: string, mean: number, unit: string | null) => ({
      name,
      unit,
      mean,
      count: 4,
      standardError: 0,
    });
    const metrics = runningMetrics([
      figures({ reported: [reported('wait', 3, 'ms'), reported('lost', 1, null), reported('cpu', 1, null)] }),
      figures({ reported: [reported('wait', 3, 'ms'), reported('lost', 1, null)] }),
    ]);
    expect(metrics['wait']).toEqual({ value: 3e6, low: 3e6, high: 3e6, samples: 8, unit: 'ms' });
    expect(metrics['lost']).toEqual({ value: 1, low: 1, high: 1, samples: 8 });
    expect(metrics['cpu']?.value).toBeCloseTo(500, 6);
  });

  test('a reported figure is as uncertain as its iterations, or its processes, say', () => {
    const of = (mean: number, standardError: number) =>
      figures({ reported: [{ name: 'hits', unit: '%', mean, count: 100, standardError }] });
    const quiet = runningMetrics([of(50, 0.1), of(50, 0.1)])['hits'];
    const noisy = runningMetrics([of(50, 1), of(50, 1)])['hits'];
    const apart = runningMetrics([of(45, 0.1), of(55, 0.1)])['hits'];
    expect(quiet?.value).toBe(0.5);
    expect(noisy?.high).toBeGreaterThan(quiet?.high ?? NaN);
    expect(apart?.high).toBeGreaterThan(noisy?.high ?? NaN);
  });
});

test('counts are facts', () => {
  expect(attemptMetrics({ iterations: 200, errors: 3, crashes: 1 })).toEqual({
    errors: { value: 3, low: 3, high: 3, samples: 200 },
    crashes: { value: 1, low: 1, high: 1, samples: 200 },
  });
});

test('what is retained is missing where no process got far enough', () => {
  expect(retainedMetrics([[{ cycles: 0, bytes: 1 }]], 100)).toEqual({});
});

test('a measurement of nothing says so', () => {
  expect(nothingNote(0.3041)).toBe(
    '0.3 ns per iteration is as fast as an empty function: the compiler may have removed the work; return or use its result',
  );
});

test('a measurement of next to nothing says what its time is', () => {
  expect(emptyNote(68.04)).toBe(
    '68 ns per iteration is as fast as an empty async function, so most of it is the cost of a promise',
  );
});
