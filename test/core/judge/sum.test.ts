import * as v from 'valibot';
import { expect, test } from 'vitest';
import { sumOf } from '../../../src/core/judge/sum.js';
import { measurementSchema } from '../../../src/core/results/kept.js';
import type { Measurement } from '../../../src/core/results/measurement.js';

/** A part of so many nanoseconds, of the same code on both sides. */
function unchanged(time: number): { name: string; measurement: Measurement } {
  const side = { metrics: { time: { value: time, low: time, high: time, samples: 10 } } };
  const comparison = { ratio: 1, low: 1, high: 1, processes: 0, clock: 'cpu' } as const;
  const measurement = {
    benchmark: 'a',
    current: side,
    baseline: side,
    comparison,
    samples: 10,
    elapsedMs: 1,
    note: null,
  };
  return { name: 'a', measurement };
}

test.each([
  [[1, 2]],
  // Their shares add up to 0.9999999999999999.
  [[0.1, 0.2, 0.3, 0.4, 0.5, 0.7]],
  [[1210.3, 7.7, 411.1, 93.9]],
])('a sum of unchanged parts is unchanged, %j', (times) => {
  const same = { ratio: 1, low: 1, high: 1, processes: 0, clock: 'cpu' };
  expect(sumOf('all', times.map(unchanged)).comparison).toEqual(same);
});

test('a sum of unchanged parts, of which one did not run, is unchanged and has no figure', () => {
  const { name, measurement } = unchanged(1);
  const none = { metrics: {} };
  const idle = { name: 'b', measurement: { ...measurement, current: none, baseline: none, unmeasured: true } };
  for (const parts of [
    [{ name, measurement }, idle],
    [idle, { name, measurement }],
  ]) {
    expect(sumOf('all', parts)).toMatchObject({
      ...{ current: none, baseline: none, unmeasured: true },
      comparison: { ratio: 1, low: 1, high: 1, processes: 0 },
    });
  }
});

test('the interval of a sum of very uncertain parts begins where that of a part does, and it can be kept', () => {
  const part = (ratio: number, low: number): { name: string; measurement: Measurement } => {
    const { name, measurement } = unchanged(100);
    const old = { metrics: { time: { value: 100, low: 1, high: 400, samples: 10 } } };
    const comparison = { ratio, low, high: 2 * ratio, processes: 4, clock: 'cpu' } as const;
    return { name, measurement: { ...measurement, baseline: old, comparison } };
  };
  const sum = sumOf('all', [part(0.1, 0.05), part(2, 0.1)]);
  expect(sum.comparison?.low).toBe(0.05);
  expect(v.parse(measurementSchema, sum)).toEqual(sum);
});
