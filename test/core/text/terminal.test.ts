import { byGravity } from '../../../src/core/text/rank.js';
import { expect, test } from 'vitest';
import type { BudgetResult, CheckResult, Verdict } from '../../../src/core/results/measurement.js';
import {
  baselineName,
  changeText,
  closing,
  columns,
  elapsed,
  localTime,
  nextSteps,
  openReasons,
  timeLeft,
} from '../../../src/core/text/terminal.js';

function result(part: Partial<BudgetResult>): BudgetResult {
  return {
    name: 'parse',
    benchmark: 'parse',
    verdict: 'pass',
    severity: null,
    cached: false,
    elapsedMs: 900,
    samples: 96,
    comparison: null,
    checks: [],
    message: '',
    ...part,
  };
}

function check(text: string, part: Partial<CheckResult> = {}): CheckResult {
  return {
    check: text,
    level: 'limit',
    verdict: 'pass',
    measured: { value: 8.1, low: 7.9, high: 8.3, unit: 'us' },
    bound: { value: 10, unit: 'us' },
    used: 0.81,
    note: null,
    ...part,
  };
}

const slower = { ratio: 1.14, low: 1.11, high: 1.17 };

test.each([
  ['a bound on the baseline', 'time <= baseline + 10%', slower, ['8.1 µs', '+14% (+11 … +17)', 'allowed 10%']],
  ['a multiple of it', 'time <= baseline * 3', slower, ['8.1 µs', '+14% (+11 … +17)', 'allowed 3 times slower']],
  ['a percentile', 'p95 <= 10 us', null, ['p95 8.1 µs', '', 'allowed 10 µs']],
  ['a percentile of the baseline', 'p99 <= baseline + 20%', null, ['p99 8.1 µs', '', 'allowed 10.0 µs']],
  [
    'code that did not change',
    'time <= 10 us',
    { ratio: 1, low: 1, high: 1 },
    ['8.1 µs', 'same code', 'allowed 10 µs'],
  ],
] as const)('the columns of %s', (_, text, comparison, [measured, change, allowed]) => {
  expect(columns(result({ comparison, checks: [check(text)] }))).toEqual({ measured, change, allowed });
});

test('a throughput is asked for, not allowed', () => {
  const measured = { value: 650, low: 640, high: 660, unit: 'kops/s' };
  const bound = { value: 600, unit: 'kops/s' };
  const checks = [check('throughput >= 600 kops/s', { measured, bound })];
  expect(columns(result({ checks }))).toEqual({ measured: '650k ops/s', change: '', allowed: 'at least 600k ops/s' });
});

test('what leaves a budget undecided is what its columns are about, also without a bound', () => {
  const open = check('time <= baseline + 10%', { verdict: 'undecided', bound: null, used: null, note: 'HEAD is gone' });
  const budget = result({ verdict: 'undecided', checks: [check('p95 <= 1 s'), open] });
  expect(columns(budget)).toEqual({ measured: '8.1 µs', change: '', allowed: 'allowed 10%' });
  expect(columns(result({ verdict: 'undecided', checks: [{ ...open, measured: null }] }))).toBeNull();
  expect(columns(result({ verdict: 'error', message: 'the benchmark threw: boom' }))).toBeNull();
});

test('each reason for being undecided is said once', () => {
  const open = (name: string, note: string | null) =>
    result({ name, verdict: 'undecided', checks: [check('time <= baseline + 10%', { verdict: 'undecided', note })] });
  expect(
    openReasons([
      open('a', 'there is no commit yet'),
      open('b', null),
      open('c', 'there is no commit yet.'),
      result({ name: 'fine' }),
      { ...open('passed without comparison', 'the old code throws'), verdict: 'pass' },
      ...['d', 'e', 'f', 'g'].map((name) => open(name, 'p95 needs 200 samples; 12 were taken')),
    ]),
  ).toEqual([
    'a, c: there is no commit yet.',
    'b: the figures vary too much to decide; more time may help, such as --time 5s.',
    'passed without comparison: the old code throws.',
    '4 budgets: p95 needs 200 samples; 12 were taken.',
  ]);
});

test('the worst stands first', () => {
  const results = [
    result({ name: 'fine' }),
    result({ name: 'tight', checks: [check('time <= 1 s', { used: 0.99 })] }),
    result({ name: 'warned', verdict: 'warn' }),
    result({ name: 'open', verdict: 'undecided' }),
    result({ name: 'bad', verdict: 'fail', severity: 'medium' }),
    result({ name: 'worst', verdict: 'fail', severity: 'critical' }),
    result({ name: 'broken', verdict: 'error' }),
  ];
  expect(results.toSorted(byGravity).map(({ name }) => name)).toEqual([
    'broken',
    'worst',
    'bad',
    'open',
    'warned',
    'tight',
    'fine',
  ]);
});

test('one line closes the report', () => {
  const head = { name: 'HEAD', commit: 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678' };
  const of = (...verdicts: readonly Verdict[]) => verdicts.map((verdict) => result({ verdict }));
  const nine = of(...Array<'pass'>(9).fill('pass'), 'fail', 'fail', 'undecided');
  expect(closing(nine, 0, 12_345, head)).toBe('2 failed, 1 undecided, 9 passed in 12.3 s vs HEAD (a1b2c3d)');
  expect(closing(of('error', 'warn'), 1, 840, null)).toBe('1 problem, 1 not measured, 1 warning in 840 ms');
  expect(closing([], 2, 3, head)).toBe('2 problems');
});

test('baselines, changes and times', () => {
  expect(baselineName({ name: 'v3.0.0', commit: null })).toBe('v3.0.0');
  expect(baselineName({ name: 'a1b2c3d', commit: 'a1b2c3d4e5' })).toBe('a1b2c3d');
  expect(
    baselineName({
      name: 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678',
      commit: 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678',
    }),
  ).toBe('a1b2c3d');
  expect(changeText(result({ comparison: null }))).toBe('');
  expect([elapsed(3), elapsed(840), elapsed(2310), elapsed(123_456)]).toEqual(['3 ms', '840 ms', '2.31 s', '2.05 min']);
  expect(localTime(new Date(2026, 0, 2, 3, 4))).toBe('2026-01-02 03:04');
});

test('the time left is told as far as an estimate goes', () => {
  expect([0, 29_000, 30_000, 61_000, 80 * 60_000, 100 * 60_000, 26 * 3_600_000].map(timeLeft)).toEqual([
    'less than a minute left',
    'less than a minute left',
    'about 1 min left',
    'about 1 min left',
    'about 80 min left',
    'about 2 h left',
    'about 26 h left',
  ]);
});

test('the next step depends on what was missed', () => {
  const missed = (text: string) => ({ level: 'limit' as const, check: text, message: '' });
  expect(nextSteps([missed('time <= baseline + 10%')])).toEqual([
    'Make it faster, or accept it: perf-budget capture --name <name> --reason <text>',
  ]);
  expect(nextSteps([missed('p95 <= 1 ms')])).toEqual(['Make it faster, or change the bound.']);
  expect(nextSteps([missed('value < 1 %/h'), missed('rss <= 1 MB')])).toEqual(['Fix it, or change the bound.']);
  expect(nextSteps([missed('rss <= 1 MB'), missed('throughput > 9 ops/s')])).toEqual([
    'Make it faster, or change the bound.',
  ]);
  expect(nextSteps([missed('retained <= baseline')])).toEqual([
    'Fix it, or accept it: perf-budget capture --name <name> --reason <text>',
  ]);
  expect(nextSteps([missed('p95 <= 1 ms'), missed('time <= baseline + 10%')])).toEqual([
    'Make it faster, or change the bound and accept it: perf-budget capture --name <name> --reason <text>',
  ]);
  expect(nextSteps([])).toEqual([]);
});
