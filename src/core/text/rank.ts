import type { CheckResult } from '../results/measurement.js';
import { lastResult, type BudgetState } from '../results/state.js';
import { usedOf } from './check.js';

/** From good to bad. */
const order = { pass: 0, undecided: 1, warn: 2, fail: 3, error: 4 } as const;

/** Ranks errors first, then broken budgets, warnings and undecided ones; equals by how much is used. Larger is worse. */
export function rank(state: BudgetState): number {
  const result = lastResult(state);
  if (result === null) return -1;
  const used = usedOf(result);
  return order[result.verdict] * 1000 + (Number.isFinite(used) ? Math.min(used, 999) : 0);
}

/** Returns the items with the worst first; equals stay in their order. */
export function worstFirst<T extends { readonly state: BudgetState }>(items: readonly T[]): readonly T[] {
  const ranks = new Map(items.map((item) => [item, rank(item.state)]));
  return items.toSorted((a, b) => (ranks.get(b) ?? 0) - (ranks.get(a) ?? 0));
}

/** Returns the checks with the missed ones first, then those that are undecided; equals stay in their order. */
export const worstChecksFirst = (checks: readonly CheckResult[]): readonly CheckResult[] =>
  checks.toSorted((a, b) => order[b.verdict] - order[a.verdict]);
