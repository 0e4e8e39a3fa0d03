import { expect, test } from 'vitest';
import type { BudgetState } from '../../../src/core/results/state.js';
import { worstChecksFirst, worstFirst } from '../../../src/core/text/rank.js';
import { error, fail, fineTime, known, p95, pass, undecided } from './results.js';

test('budgets with the worst first, and equals in their order', () => {
  const warned = known({ ...fail, verdict: 'warn' });
  const states: Readonly<Record<string, BudgetState>> = {
    unmeasured: { kind: 'unmeasured' },
    pass: known(pass),
    undecided: known(undecided),
    again: known(pass),
    stale: { kind: 'stale', previous: { result: fail, at: 0 }, cause: 'code' },
    error: known(error),
    warned,
  };
  const items = Object.entries(states).map(([name, state]) => ({ name, state }));
  expect(worstFirst(items, ({ state }) => state).map(({ name }) => name)).toEqual([
    ...['error', 'stale', 'undecided', 'warned', 'pass', 'again', 'unmeasured'],
  ]);
});

test('checks with the missed ones first', () => {
  const open = { ...fineTime, verdict: 'undecided' as const };
  expect(worstChecksFirst([fineTime, open, p95])).toEqual([p95, open, fineTime]);
});
