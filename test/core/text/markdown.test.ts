import { describe, expect, test } from 'vitest';
import { budgetsTable, checksTable, escapeMarkdown, openNotes, runsTable } from '../../../src/core/text/markdown.js';
import type { BudgetResult, CheckResult } from '../../../src/core/results/measurement.js';
import type { BudgetState } from '../../../src/core/results/state.js';

const p95: CheckResult = {
  check: 'p95 <= 10 us',
  level: 'limit',
  verdict: 'pass',
  measured: { value: 8.12, low: 8.05, high: 8.31, unit: 'us' },
  bound: { value: 10, unit: 'us' },
  used: 0.812,
  note: null,
};

const regression: CheckResult = {
  check: 'time <= baseline + 10%',
  level: 'limit',
  verdict: 'fail',
  measured: { value: 7.91, low: 7.82, high: 8.03, unit: 'us' },
  bound: { value: 7.63, unit: 'us' },
  used: 1.14 / 1.1,
  note: null,
};

const target: CheckResult = {
  ...p95,
  check: 'p50 <= 5 us',
  level: 'target',
  verdict: 'fail',
  bound: { value: 5, unit: 'us' },
  used: 1.624,
};

const p99: CheckResult = {
  check: 'p99.9 <= 20 us',
  level: 'acceptable',
  verdict: 'undecided',
  measured: null,
  bound: null,
  used: null,
  note: 'needs 10,000 samples, has 96',
};

const result: BudgetResult = {
  name: 'registry lookup',
  benchmark: 'registry/lookup',
  verdict: 'fail',
  severity: 'medium',
  cached: false,
  elapsedMs: 840,
  samples: 96,
  comparison: { ratio: 1.14, low: 1.11, high: 1.17 },
  checks: [p95, regression, p99, target],
  message: '14% slower than HEAD (+11 … +17%); the budget allows 10%',
};

const known = (of: BudgetResult): BudgetState => ({ kind: 'known', known: { result: of, at: 0 } });

test('a check that is undecided although it has figures says why below the table, once', () => {
  const why = 'this machine can resolve 24% in 2.1 s';
  const open: CheckResult = { ...regression, verdict: 'undecided', note: why };
  expect(openNotes([open, { ...open, check: 'time <= baseline + 5%' }])).toEqual([why]);
  // Without figures, it stands in the table.
  expect(openNotes([p99, { ...open, verdict: 'pass' }, { ...open, note: null }])).toEqual([]);
});

test('the checks of a budget', () => {
  expect(checksTable([{ name: 'registry lookup', checks: result.checks, isCurrent: true }]).text).toBe(
    [
      '|  &nbsp;| Check &nbsp;| Measured &nbsp;| Bound &nbsp;| Used &nbsp;|',
      '| :-- | :-- | --: | --: | --: |',
      '| ✓ &nbsp;| p95 \\<= 10 us &nbsp;| 8\\.1 µs &nbsp;| 10 µs &nbsp;| 81% &nbsp;|',
      '| ✗ &nbsp;| time \\<= baseline \\+ 10% &nbsp;| 7\\.9 µs &nbsp;| 7\\.6 µs &nbsp;| 140% &nbsp;|',
      '| ? &nbsp;| p99\\.9 \\<= 20 us &nbsp;| needs 10,000 samples, has 96 &nbsp;| – &nbsp;| – &nbsp;|',
      '| ○ &nbsp;| p50 \\<= 5 us &nbsp;| 8\\.1 µs &nbsp;| 5 µs &nbsp;| 162% &nbsp;|',
    ].join('\n'),
  );
});

test('the last runs', () => {
  const now = Date.UTC(2026, 10, 21, 12);
  const runs = [
    { at: now - 1000, commit: '1a2b3c4d5e6f', dirty: true, result, time: { value: 7912, low: 7820, high: 8030 } },
    {
      at: now - 7_200_000,
      commit: '9f8e7d6c5b4a',
      dirty: false,
      result: {
        ...result,
        verdict: 'error' as const,
        comparison: null,
        checks: [],
        message: 'the benchmark threw: boom',
      },
      time: null,
    },
  ];
  expect(runsTable(runs, now).text).toBe(
    [
      '|  &nbsp;| When &nbsp;| Commit &nbsp;| Time &nbsp;| Change &nbsp;|',
      '| :-- | :-- | :-- | --: | --: |',
      '| ✗ &nbsp;| just now &nbsp;| 1a2b3c4 \\+ changes &nbsp;| 7\\.9 µs &nbsp;| \\+14% &nbsp;|',
      '| \\! &nbsp;| 2 h ago &nbsp;| 9f8e7d6 &nbsp;| – &nbsp;| – &nbsp;|',
    ].join('\n'),
  );
});

describe('all budgets', () => {
  const rows = [
    { name: 'later', state: { kind: 'unmeasured' as const }, against: 'HEAD' },
    { name: 'fine', state: known({ ...result, verdict: 'pass', comparison: null, checks: [p95] }), against: 'HEAD' },
    { name: 'running', state: { kind: 'measuring' as const, previous: null }, against: 'HEAD' },
    { name: 'a|b', state: known(result), against: 'HEAD' },
  ];

  test('the worst first', () => {
    expect(budgetsTable(rows, 20).text).toBe(
      [
        '|  &nbsp;| Budget &nbsp;| Measured &nbsp;| Change &nbsp;|',
        '| :-- | :-- | :-- | --: |',
        '| ✗ &nbsp;| a\\|b &nbsp;| 7\\.9 µs · 7\\.6 µs allowed &nbsp;| \\+14% &nbsp;|',
        '| ✓ &nbsp;| fine &nbsp;| 8\\.1 µs of 10 µs &nbsp;| – &nbsp;|',
        '|  &nbsp;| later &nbsp;| not measured yet &nbsp;| – &nbsp;|',
        '| … &nbsp;| running &nbsp;| measuring… &nbsp;| – &nbsp;|',
      ].join('\n'),
    );
  });

  test('no more than fit', () => {
    expect(budgetsTable(rows, 1).text).toBe(
      [
        '|  &nbsp;| Budget &nbsp;| Measured &nbsp;| Change &nbsp;|',
        '| :-- | :-- | :-- | --: |',
        '| ✗ &nbsp;| a\\|b &nbsp;| 7\\.9 µs · 7\\.6 µs allowed &nbsp;| \\+14% &nbsp;|',
        '',
        'and 3 more',
      ].join('\n'),
    );
  });
});

test('the checks of several budgets are one table, each budget named once', () => {
  const [check] = result.checks;
  if (check === undefined) throw new Error('There is a check.');
  const missed = { ...check, verdict: 'fail' as const };
  const rows = [
    { name: 'a|b', checks: [missed, check], isCurrent: true },
    { name: 'later', checks: [check], isCurrent: false },
  ];
  const lines = checksTable(rows)
    .text.split('\n')
    .map((line) => line.split(' &nbsp;|').slice(0, 3).join(','));
  expect(lines).toEqual([
    '| , Budget, Check',
    '| :-- | :-- | :-- | --: | --: | --: |',
    '| ✗, a\\|b, p95 \\<= 10 us',
    '| ✓, , p95 \\<= 10 us',
    '| …, later, p95 \\<= 10 us',
  ]);
  expect(checksTable([{ name: 'none', checks: [], isCurrent: true }]).text).toBe('');
});

test('a user’s text reads as it was written', () => {
  expect(escapeMarkdown('[x](command:y) <img> `a|b` $(bug)\nnext')).toBe(
    '\\[x\\]\\(command:y\\) \\<img\\> \\`a\\|b\\` \\$\\(bug\\) next',
  );
});
