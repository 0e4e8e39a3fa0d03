import type { BudgetResult, CheckResult, Verdict } from '../results/measurement.js';
import { lastResult, type BudgetState } from '../results/state.js';
import { usedOf } from './check.js';
import { isFaster } from './figures.js';

/** One order for every list: the worst first. */

const gravity: readonly Verdict[] = ['error', 'fail', 'undecided', 'warn', 'pass'];
const severities: readonly (string | null)[] = ['critical', 'high', 'medium', 'low', null];

/** Kept, because an editor sorts thousands of results again and again. */
const ranks = new WeakMap<BudgetResult, readonly number[]>();

/** Numbers of which the first that differs decides; the smaller one is worse. */
function rankOf(result: BudgetResult): readonly number[] {
  const known = ranks.get(result);
  if (known !== undefined) return known;
  const { verdict, severity } = result;
  const rank = [
    gravity.indexOf(verdict),
    severities.indexOf(severity),
    -Number(isGain(result)),
    -finite(usedOf(result)),
  ];
  ranks.set(result, rank);
  return rank;
}

/** Orders the worst first, then what is faster, and equals by how much of the budget is used. */
export function byGravity(a: BudgetResult, b: BudgetResult): number {
  const [own, other] = [rankOf(a), rankOf(b)];
  for (const [at, rank] of own.entries()) {
    const difference = rank - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether a budget holds and its code is faster than the old. */
export const isGain = ({ verdict, comparison }: BudgetResult): boolean =>
  verdict === 'pass' && comparison !== null && isFaster(comparison);

const finite = (used: number): number => (Number.isFinite(used) ? used : -1);

/** Returns the items with the worst first, last those that were never measured. A verdict counts while it is measured anew. */
export function worstFirst<T>(items: readonly T[], stateOf: (item: T) => BudgetState): readonly T[] {
  return items
    .map((item) => ({ item, result: lastResult(stateOf(item)) }))
    .sort((a, b) => {
      if (a.result === null || b.result === null) return Number(a.result === null) - Number(b.result === null);
      return byGravity(a.result, b.result);
    })
    .map(({ item }) => item);
}

/** Returns the checks with the missed ones first, then those that are undecided; equals stay in their order. */
export const worstChecksFirst = (checks: readonly CheckResult[]): readonly CheckResult[] =>
  checks.toSorted((a, b) => gravity.indexOf(a.verdict) - gravity.indexOf(b.verdict));
