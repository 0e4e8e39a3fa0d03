import type { Level } from '../language/budget.js';
import { type ParsedCheck, parseCheck } from '../language/check.js';
import { isLower } from '../language/metric.js';
import type { BudgetResult, CheckResult } from '../results/measurement.js';

/** Parses a check's text; null if it is in another version's language. */
export function readCheck({ check }: Pick<CheckResult, 'check'>): ParsedCheck | null {
  const parsed = parseCheck(check);
  return parsed.ok ? parsed.value : null;
}

/** `index/10,000: ` before the figure of one of several benchmarks. */
export const member = ({ benchmark }: CheckResult): string => (benchmark === undefined ? '' : `${benchmark}: `);

/** Returns the ratio of times that the check allows if that ratio decides it; null if something else does. */
export function speedFactor(check: Pick<ParsedCheck, 'metric' | 'bound'> | null): number | null {
  if (check?.bound.kind !== 'baseline') return null;
  const { metric, bound } = check;
  // Throughput is the inverse of time.
  return metric.kind === 'time' ? bound.factor : metric.kind === 'throughput' ? 1 / bound.factor : null;
}

/** Whether a budget is undecided because there was no old code to compare with, and for no other reason. */
export function isNotCompared({ verdict, why, checks }: BudgetResult): boolean {
  if (verdict !== 'undecided' || why === undefined) return false;
  const open = checks.filter((check) => check.verdict === 'undecided' && check.level !== 'target');
  return open.every(
    ({ check, bound, note }) => bound === null && note !== null && readCheck({ check })?.bound.kind === 'baseline',
  );
}

/** Returns the missed checks, most serious first. */
export function missed(result: Pick<BudgetResult, 'checks'>): readonly CheckResult[] {
  return bySeriousness(result.checks.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn'));
}

export function bySeriousness(checks: readonly CheckResult[]): readonly CheckResult[] {
  const rank: Readonly<Record<Level, number>> = { limit: 0, acceptable: 1, target: 2 };
  return checks.toSorted((a, b) => rank[a.level] - rank[b.level] || (b.used ?? 0) - (a.used ?? 0));
}

/** Returns the check whose figure stands for the budget; null if nothing was measured. */
export function leadingCheck(result: BudgetResult): CheckResult | null {
  const [worst] = missed(result);
  if (worst !== undefined) return worst;
  const measured = result.checks.filter((check) => check.measured !== null);
  const quantities = measured.filter((check) => readCheck(check)?.bound.kind === 'quantity');
  const lead = quantities.length > 0 ? quantities : measured;
  return lead.toSorted((a, b) => (b.used ?? 0) - (a.used ?? 0))[0] ?? null;
}

/**
 * Returns how much is used of a check's bound: of a whole quantity, or of what a bound on the baseline allows on top. Unchanged
 * code uses nothing of `baseline + 10%`. Null if nothing was measured.
 */
export function shareOf(check: CheckResult): number | null {
  const parsed = readCheck(check);
  if (check.used === null || parsed?.bound.kind !== 'baseline') return check.used;
  const factor = isLower(parsed) ? 1 / parsed.bound.factor : parsed.bound.factor;
  return factor > 1 ? Math.max(0, (check.used * factor - 1) / (factor - 1)) : check.used;
}

/** Returns the share of a budget that is used: of its limits if it has any, because a missed target breaks nothing. */
export function usedOf(result: BudgetResult): number {
  const of = (checks: readonly CheckResult[]): number =>
    Math.max(...checks.map((check) => shareOf(check) ?? -Infinity));
  const limits = of(result.checks.filter(({ level }) => level === 'limit'));
  return Number.isFinite(limits) ? limits : of(result.checks);
}
