import { expect, it, test } from 'vitest';
import { completeComment, completeConfig } from '../../../src/core/assist/completion.js';
import {
  measuredIn,
  proposedBound,
  proposedLimits,
  type MeasuredFigures,
} from '../../../src/core/assist/measured-bound.js';
import type { Metric } from '../../../src/core/language/budget.js';
import { parseMetric } from '../../../src/core/language/check.js';
import type { CheckResult } from '../../../src/core/results/measurement.js';

const metricOf = (name: string): Metric => {
  const metric = parseMetric(name);
  if (!metric.ok) throw new Error(name);
  return metric.value;
};

it.each([
  ['time', '<=', [1.9e6, 1.88e6, 1.92e6, 'ms'], 'ops', '2.1 ms', '1.90 ms'],
  ['p95', '<', [812, 700, 990, 'us'], 'ops', '990 ns', '800 ns'],
  ['throughput', '>=', [612_345, 600_000, 620_000, 'ops/s'], 'ops', '550k ops/s', '610k ops/s'],
  ['throughput', '>=', [812.3, 810, 815, 'lines/s'], 'lines', '730 lines/s', '812 lines/s'],
  ['allocated', '<=', [123_456, 123_456, 123_456, 'B'], 'ops', '140 KB', '123 KB'],
  ['errors', '<=', [3, 3, 3, ''], 'ops', '3', '3'],
] as const)('%s %s is proposed with room', (name, relation, [value, low, high, unit], counts, bound, measured) => {
  expect(proposedBound(metricOf(name), relation, { value, low, high, unit }, counts)).toEqual({ bound, measured });
});

it.each([
  ['time', '>=', 'ms', 'ops'],
  ['errors', '=', '', 'ops'],
  ['throughput', '>=', 'lines/s', 'rows'],
])('%s %s has none', (name, relation, unit, counts) => {
  expect(proposedBound(metricOf(name), relation, { value: 5, low: 5, high: 5, unit }, counts)).toBeNull();
});

const check: CheckResult = {
  ...{ check: 'time <= baseline + 10%', level: 'limit', verdict: 'pass', used: 0.9, note: null },
  measured: { value: 2, low: 1.9, high: 2.1, unit: 'ms' },
  bound: { value: 2.2, unit: 'ms' },
};

test('what was measured is in base units, and the rate follows from the time', () => {
  expect(measuredIn({ checks: [check] }, metricOf('time'))).toEqual({
    value: 2e6,
    low: 1.9e6,
    high: 2.1e6,
    unit: 'ms',
  });
  expect(measuredIn({ checks: [check] }, metricOf('throughput'))).toMatchObject({ value: 500, unit: 'ops/s' });
  expect(measuredIn({ checks: [check] }, metricOf('p95'))).toBeNull();
});

test('the limit of a new budget is on a time that is known', () => {
  expect(proposedLimits({ value: 1.9e6, low: 1.88e6, high: 1.92e6 })).toEqual(['time <= 2.1 ms']);
  expect(proposedLimits(null)).toEqual([]);
});

const names = { benchmarks: ['s/other', 's/a'], budgets: ['mine'] };
const figures: MeasuredFigures = (budget, benchmark, metric) =>
  (budget === 'mine' || benchmark === 's/a') && metric.kind === 'time'
    ? { value: 1.9e6, low: 1.88e6, high: 1.92e6, unit: 'ms' }
    : null;

test('completion proposes what was measured first, then the usual change, in the file and in a comment', () => {
  const inFile = '{ "budgets": { "mine": { "benchmark": "s/b", "limit": ["time <= "] } } }';
  const at = inFile.indexOf('<= ') + 3;
  const [first, second, third] = completeConfig(inFile, at, names, figures);
  expect([first, second, third].map((one) => [one?.label, one?.detail])).toEqual([
    ['2.1 ms', 'measured 1.90 ms'],
    ['baseline + 10%', '10% more than in the old code'],
    ['baseline', 'its value in the old code'],
  ]);
  const comment = '// @perf-budget s/a: time <=';
  const [relation, bound] = completeComment(comment, comment.length, names, figures).filter(
    ({ kind }) => kind !== 'relation',
  );
  expect([relation?.insert, bound?.insert]).toEqual([' 2.1 ms', ' baseline + 10%']);
  // Nothing was measured of this one.
  expect(completeConfig(inFile.replace('time', 'p95'), at - 1, names, figures)[0]?.label).toBe('baseline');
});

test('the benchmarks that reach the code stand first', () => {
  const comment = '// @perf-budget ';
  const near = { ...names, near: ['s/a'] };
  expect(completeComment(comment, comment.length, near).map(({ label, detail }) => [label, detail])).toEqual([
    ['s/a', 'runs this code'],
    ['s/other', 'benchmark'],
  ]);
});
