import type { BudgetFigures, CapturedBaseline } from './baseline.js';
import { stepsOf, type Budget } from '../language/budget.js';
import { parseCheck } from '../language/check.js';
import { compareWith, readableUnit } from './check.js';
import type { BudgetResult, CheckResult, Measurement } from '../results/measurement.js';
import { isLower, metricDirection, metricKey } from '../language/metric.js';
import type { Unit } from '../language/quantity.js';
import type { Estimate } from '../stats/estimate.js';

/** Whether a budget is broken, even if waived: a waiver lets a pull request through but must not make slow code the baseline. */
export const isBroken = ({ verdict, waived }: BudgetResult): boolean => verdict === 'fail' || waived !== undefined;

/** Whether a budget certainly keeps all its limits, as far as `previous` gives something to compare with. */
export function isWithinLimits(result: BudgetResult, previous: CapturedBaseline | null): boolean {
  const { name, verdict, checks } = result;
  if (isBroken(result)) return false;
  if (verdict === 'pass' || verdict === 'warn') return true;
  if (verdict === 'error') return false;
  // The first capture of a benchmark has no old code to compare with, and more measuring would not help.
  const isNew = previous?.figures.every(({ budget }) => budget !== name) ?? true;
  return checks.every(
    (check) => check.level !== 'limit' || check.verdict === 'pass' || (isNew && lacksBaseline(check)),
  );
}

function lacksBaseline({ check, verdict, measured, bound }: CheckResult): boolean {
  const parsed = parseCheck(check);
  const isRelative = parsed.ok && parsed.value.bound.kind === 'baseline';
  return isRelative && verdict === 'undecided' && measured !== null && bound === null;
}

/** Why results may not become the baseline, with the names of the budgets at fault. */
export type CaptureRefusal =
  | { readonly kind: 'not-measured'; readonly names: readonly string[] }
  /** A capture by hand, with a reason, would be allowed. */
  | { readonly kind: 'over-limit'; readonly names: readonly string[]; readonly automatic: boolean }
  | { readonly kind: 'undecided'; readonly names: readonly string[] };

/** Returns why these results may not replace `previous`; null if they may. */
export function refusedCapture(
  results: readonly BudgetResult[],
  previous: CapturedBaseline | null,
  { reason, automatic }: { readonly reason: string; readonly automatic: boolean },
): CaptureRefusal | null {
  const named = (of: readonly BudgetResult[]): readonly string[] => of.map(({ name }) => name);
  const failed = results.filter(({ verdict }) => verdict === 'error');
  if (failed.length > 0) return { kind: 'not-measured', names: named(failed) };
  const broken = results.filter(isBroken);
  if (broken.length > 0 && (automatic || reason === '')) return { kind: 'over-limit', names: named(broken), automatic };
  const open = results.filter((result) => !isWithinLimits(result, previous));
  return automatic && open.length > 0 ? { kind: 'undecided', names: named(open) } : null;
}

/** Returns the undecided targets that the figure itself misses, though its whole interval does not. */
export function missedTargets({ checks }: BudgetResult): readonly MissedTarget[] {
  return checks.flatMap((result) => {
    const { check, level, verdict, measured, bound } = result;
    if (level !== 'target' || verdict !== 'undecided' || measured === null || bound === null) return [];
    const parsed = parseCheck(check);
    if (!parsed.ok) return [];
    const { value } = measured;
    if (compareWith(parsed.value, { low: value, high: value }, bound.value) !== 'fail') return [];
    return [{ check, metric: metricKey(parsed.value.metric), measured }];
  });
}

export interface MissedTarget {
  readonly check: string;
  readonly metric: string;
  readonly measured: NonNullable<CheckResult['measured']>;
}

/** A metric that is worse than in an earlier baseline, by more than the budget allows. */
export interface Drift {
  readonly budget: string;
  /** Null if the budget is about this benchmark alone. */
  readonly benchmark: string | null;
  readonly metric: string;
  readonly now: Estimate;
  readonly before: Estimate;
  /** The units in which the figures are shown. */
  readonly units: { readonly now: ShownUnit; readonly before: ShownUnit };
  /** The ratio of now to before that the budget allows. */
  readonly allowed: number;
  readonly higherIsBetter: boolean;
}

type ShownUnit = Pick<Unit, 'symbol' | 'scale'>;

/** Returns the metrics that are worse than in the previous baseline, by more than the budget allows. */
export function driftsSince(previous: CapturedBaseline, budget: Budget, now: BudgetFigures): readonly Drift[] {
  const before = previous.figures.find((one) => one.budget === now.budget && one.benchmark === now.benchmark);
  return Object.entries(now.metrics).flatMap(([key, figure]) => {
    const old = before?.metrics[key];
    const check = budget.checks.findLast(({ metric, bound }) => metricKey(metric) === key && bound.kind === 'baseline');
    const about = check ?? budget.checks.find(({ metric }) => metricKey(metric) === key);
    const metric = about?.metric ?? { kind: 'time' as const };
    const higherIsBetter =
      about === undefined ? false : (metricDirection(metric) ?? (isLower(about) ? 'higher' : '')) === 'higher';
    if (old === undefined || (about === undefined && key !== 'time')) return [];
    const allowed = check?.bound.kind === 'baseline' ? check.bound.factor : usual(budget, key, higherIsBetter);
    const isWorse = higherIsBetter ? figure.value < old.value * allowed : figure.value > old.value * allowed;
    if (!isWorse) return [];
    const unitOf = (one: Estimate): ShownUnit => readableUnit({ metric }, one, { work: { amount: 1, counts: 'ops' } });
    const benchmark = now.benchmark === subject(budget) ? null : now.benchmark;
    const units = { now: unitOf(figure), before: unitOf(old) };
    return [{ budget: budget.name, benchmark, metric: key, now: figure, before: old, units, allowed, higherIsBetter }];
  });
}

/** Returns the factor that the budget's ladder lets pass. */
function usual({ regression }: Budget, key: string, higher: boolean): number {
  const steps = stepsOf(regression, key);
  return higher ? 1 - steps[steps.fail] : 1 + steps[steps.fail];
}

const subject = ({ name, subject: about }: Budget): string => (about.kind === 'benchmark' ? about.name : name);

/** The figures of a captured baseline whose code is not here. */
export interface KeptSide {
  readonly figures: readonly BudgetFigures[];
  /** The note of a measurement that is compared with them. */
  readonly note: string;
  /** Why the figures cannot be used here; null if they can. */
  readonly unusable: string | null;
}

/**
 * Compares a measurement that has no old code with the figures kept at capture, if they are from this machine; its note says
 * that they are from another time. Returns it unchanged if it has old code or nothing was kept.
 */
export function heldAgainstKept(
  budget: string,
  benchmark: string,
  measurement: Measurement,
  kept: KeptSide | null,
): Measurement {
  if (measurement.baseline !== null || kept === null) return measurement;
  const figures = kept.figures.find((one) => one.budget === budget && one.benchmark === benchmark);
  if (figures === undefined) return measurement;
  const { notCompared, note, ...known } = measurement;
  const noted = (...notes: readonly (string | null | undefined)[]): string =>
    notes.filter((one) => one !== null && one !== undefined).join('; ');
  if (kept.unusable !== null) return { ...measurement, notCompared: noted(notCompared, kept.unusable) };
  // That the old code is not here is the reason why its figures count.
  const all = noted(notCompared, note, kept.note);
  return { ...known, baseline: { metrics: figures.metrics }, comparison: null, note: all };
}
