import { describe, expect, test } from 'vitest';
import type { BudgetState } from '../../../src/core/results/state.js';
import { meter } from '../../../src/core/text/meter.js';
import { fineRegression, pass, fail, p95, withCheck, known, undecided, error } from './results.js';

describe('the meter', () => {
  const stale: BudgetState = { kind: 'stale', previous: { result: fail, at: 0 }, cause: 'code' };
  const wasBroken: BudgetState = { kind: 'measuring', previous: { result: fail, at: 0 } };
  const measuring: BudgetState = { kind: 'measuring', previous: null };
  const warned = withCheck({ ...fail, verdict: 'warn' }, { ...p95, level: 'acceptable', verdict: 'warn' });

  test.each([
    ['nothing known', [{ kind: 'unmeasured' }], null, '$(dashboard) –', 'not measured yet', 'calm'],
    [
      'fine',
      [known(pass), known(withCheck(pass, fineRegression))],
      null,
      '$(dashboard) 62%',
      'the tightest is 62% used',
      'calm',
    ],
    ['broken', [known(fail), stale, known(pass)], null, '$(dashboard) 1 over · 1 stale', '1 over · 1 stale', 'error'],
    ['stale alone', [stale], null, '$(dashboard) 1 stale', '1 stale', 'calm'],
    [
      'stale, undecided and fine',
      [stale, known(undecided), known(pass), stale],
      null,
      '$(dashboard) 62% · 1 undecided · 2 stale',
      'the tightest is 62% used · 1 undecided · 2 stale',
      'calm',
    ],
    ['about to be confirmed', [wasBroken], null, '$(dashboard) 1 over', '1 over', 'error'],
    ['an error', [known(error), known(fail)], null, '$(dashboard) 1 over · 1 error', '1 over · 1 error', 'error'],
    ['warnings', [known(warned), known(pass)], null, '$(dashboard) 1 warning', '1 warning', 'warning'],
    ['a run', [measuring], { done: 3, total: 12 }, '$(sync~spin) 3 of 12', 'measuring 3 of 12', 'calm'],
    ['undecided', [known(undecided)], null, '$(dashboard) 1 undecided', '1 undecided', 'calm'],
  ] as const)('%s', (_, states, progress, text, label, tone) => {
    expect(meter(states, progress)).toEqual({ text, label: `Performance budgets: ${label}`, tone });
  });
});
