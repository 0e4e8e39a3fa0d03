import { expect, test } from 'vitest';
import { captureRefusal } from '../../../src/core/text/capture.js';
import type { BudgetResult } from '../../../src/core/results/measurement.js';
import { withWaiver } from '../../../src/core/text/waiver.js';
import { openReasons } from '../../../src/core/text/terminal.js';
import { resultTitle } from '../../../src/core/text/title.js';
import { findings } from '../../../src/core/text/finding.js';

const failed: BudgetResult = {
  name: 'parse',
  benchmark: 'parser/large',
  verdict: 'fail',
  severity: 'medium',
  cached: false,
  elapsedMs: 840,
  samples: 96,
  comparison: { ratio: 1.14, low: 1.11, high: 1.17 },
  checks: [
    {
      check: 'time <= baseline + 10%',
      level: 'limit',
      verdict: 'fail',
      measured: { value: 1.14, low: 1.11, high: 1.17, unit: 'ms' },
      bound: { value: 1.1, unit: 'ms' },
      used: 1.036,
      note: null,
    },
  ],
  message: '14% slower than HEAD (+11 … +17%); the budget allows 10%',
};

const waiver = { until: '2027-01-31', reason: 'the new parser lands in March' };

test('up to its last day a waiver makes a broken budget a warning that says why', () => {
  for (const today of ['2026-11-21', '2027-01-31']) {
    const result = withWaiver(failed, waiver, today);
    expect(result).toEqual({
      ...failed,
      verdict: 'warn',
      waived: waiver,
      note: 'waived until 2027-01-31: the new parser lands in March',
      message: `${failed.message} · waived until 2027-01-31: the new parser lands in March`,
    });
    expect([
      resultTitle(result, 'HEAD'),
      ...findings('parse', result, 'HEAD').map(({ level, message }) => `${level}: ${message}`),
      ...openReasons([result]),
    ]).toEqual([
      '⚠ 14% slower than HEAD · 10% allowed · waived until 2027-01-31',
      'acceptable: parse is 14% slower than HEAD (+11 to +17%); its budget allows 10%. Waived until 2027-01-31: the new parser lands in March.',
      'parse: waived until 2027-01-31: the new parser lands in March.',
    ]);
  }
});

test('the day after it fails again, and says so', () => {
  const result = withWaiver({ ...failed, note: 'nothing is measured' }, waiver, '2027-02-01');
  expect(result).toEqual({
    ...failed,
    note: 'nothing is measured; its waiver ended on 2027-01-31 (the new parser lands in March)',
    message: `${failed.message} · its waiver ended on 2027-01-31 (the new parser lands in March)`,
  });
});

test('only what is broken is waived', () => {
  for (const verdict of ['pass', 'warn', 'undecided', 'error'] as const) {
    const result = { ...failed, verdict };
    expect(withWaiver(result, waiver, '2026-11-21')).toBe(result);
  }
  expect(withWaiver(failed, undefined, '2026-11-21')).toBe(failed);
});

test('a capture that nobody looks at does not accept what is waived', () => {
  const result = withWaiver(failed, waiver, '2026-11-21');
  expect(captureRefusal([result], null, { reason: '', automatic: true })).toBe(
    'Nothing was captured because parse is over its limit. To accept that, capture by hand and give a reason.',
  );
  expect(captureRefusal([result], null, { reason: 'so be it', automatic: false })).toBe(null);
});
