import { expect, test } from 'vitest';
import { parseConfig } from '../../../src/core/config/config.js';
import { judge } from '../../../src/core/judge/judge.js';
import type { Reason } from '../../../src/core/judge/judgement.js';
import type { Measurement } from '../../../src/core/results/measurement.js';
import { budgetResult } from '../../../src/core/text/result.js';

const ms = 1e6;
const time = { value: ms, low: 0.99 * ms, high: 1.01 * ms, samples: 100 };

const measurement: Measurement = {
  benchmark: 'parse',
  current: { metrics: { time, p99: time, size: { ...time, unit: 'MB' } } },
  baseline: { metrics: { time } },
  comparison: { ratio: 1, low: 0.9, high: 1.1, processes: 4, clock: 'cpu' },
  samples: 100,
  elapsedMs: 2000,
  note: null,
};

function judged(check: string) {
  const text = JSON.stringify({ benchmark: 'parse', limit: [check] });
  const { config } = parseConfig(
    '/w/perf-budget.jsonc',
    `{ "benchmarks": [{ "files": "*.bench.ts" }], "budgets": { "parse": ${text} } }`,
  );
  const [budget] = config?.budgets ?? [];
  if (budget === undefined) throw new Error(`no budget for ${check}`);
  const member = { name: 'parse', size: null, measurement, work: { amount: 1, counts: 'ops' } };
  return judge(budget, { members: [member], references: new Map() }, { cached: false, baselineName: 'HEAD' });
}

test.each<[string, Partial<Reason>, RegExp]>([
  [
    'p99 <= 2 ms',
    { kind: 'too-few-samples', metric: 'p99', needed: 1000, taken: 100, seconds: 25 },
    /needs 1,000 samples/,
  ],
  ['heap <= 1 MB', { kind: 'not-measured', metric: 'heap', note: null }, /^heap was not measured$/],
  ['rows <= 3', { kind: 'not-reported', metric: 'rows', reported: ['size'] }, /does not report rows; it reports size$/],
  [
    'size <= 2 ms',
    { kind: 'unit-mismatch', metric: 'size', unit: 'MB' },
    /^size is reported in MB, but 2 ms is a time$/,
  ],
  ['p99 <= baseline + 5%', { kind: 'not-in-baseline', metric: 'p99', baseline: 'HEAD' }, /^HEAD has no p99/],
  ['time <= baseline + 5%', { kind: 'too-noisy', iterationNs: null }, /^this machine/],
])('the reason of %s is data, and its sentence is made of it', (check, reason, words) => {
  const judgement = judged(check);
  const [first] = judgement.checks;
  expect(first?.verdict).toBe('undecided');
  expect(first?.reason).toMatchObject(reason);
  expect(budgetResult(judgement).checks[0]?.note).toMatch(words);
});
