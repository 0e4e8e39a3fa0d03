import type { BudgetFigures, CapturedBaseline } from './baseline.js';
import { stepsOf, type Budget } from '../language/budget.js';
import { parseCheck } from '../language/check.js';
import { formatPercent, formatQuantity } from '../language/figures.js';
import { compareWith, readableUnit } from './check.js';
import type { BudgetResult, CheckResult, Measurement } from '../results/measurement.js';
import { isLower, metricDirection, metricKey } from '../language/metric.js';
import { freeUnit } from '../language/quantity.js';
import { findings } from '../text/wording.js';
import type { Estimate } from '../stats/estimate.js';

/** A waiver lets a pull request through, and makes no slow code the measure of what follows. */
export const isBroken = ({ verdict, waived }: BudgetResult): boolean => verdict === 'fail' || waived !== undefined;

/** Whether a budget breaks none of its limits for certain, as far as `previous` gives something to hold them against. */
export function isWithinLimits(result: BudgetResult, previous: CapturedBaseline | null): boolean {
  const { name, verdict, checks } = result;
  if (isBroken(result)) return false;
  if (verdict === 'pass' || verdict === 'warn') return true;
  if (verdict === 'error') return false;
  // The first capture of a benchmark has no old code to be compared with, and no measuring would help.
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

/** Why these results may not take the place of `previous`, in one sentence with the way out; null where they may. */
export function captureRefusal(
  results: readonly BudgetResult[],
  previous: CapturedBaseline | null,
  { reason, automatic }: { readonly reason: string; readonly automatic: boolean },
): string | null {
  const named = (of: readonly BudgetResult[]): string => of.map(({ name }) => name).join(', ');
  const verb = (of: readonly BudgetResult[]): string => (of.length === 1 ? 'is' : 'are');
  const failed = results.filter(({ verdict }) => verdict === 'error');
  if (failed.length > 0) return `Nothing is captured, because ${named(failed)} could not be measured.`;
  const broken = results.filter(isBroken);
  if (broken.length > 0 && (automatic || reason === '')) {
    const over = `${named(broken)} ${verb(broken)} over ${broken.length === 1 ? 'its limit' : 'their limits'}`;
    return automatic
      ? `Nothing is captured, because ${over}: only a capture by hand, with a reason, accepts that.`
      : `Nothing is captured, because ${over}: a reason must say why that is accepted (--reason "…").`;
  }
  const open = results.filter((result) => !isWithinLimits(result, previous));
  if (!automatic || open.length === 0) return null;
  return `Nothing is captured, because ${named(open)} ${verb(open)} undecided: nobody knows whether the limits hold.`;
}

/**
 * What a baseline of these results would be looser than, a sentence each: the bounds of every level, and the baseline that
 * was current before where it was measured on the same machine and is not what the results are compared with already.
 */
export function acceptances(
  budgets: readonly Budget[],
  results: readonly BudgetResult[],
  figures: readonly BudgetFigures[],
  compared: string,
  previous: CapturedBaseline | null,
): readonly string[] {
  return results.flatMap((result) => {
    const budget = budgets.find(({ name }) => name === result.name);
    if (budget === undefined || result.verdict === 'error') return [];
    const missed = findings(result.name, result, compared).map(({ message }) => message);
    const open = result.checks.flatMap((check) => missedTarget(result.name, check) ?? []);
    const own = figures.filter((one) => one.budget === result.name);
    const drifted = previous === null ? [] : own.flatMap((one) => driftOf(budget, one, previous));
    return [...missed, ...open, ...drifted];
  });
}

/** A target that the figure itself is beyond, though its interval is not. */
function missedTarget(name: string, { check, level, verdict, measured, bound }: CheckResult): string | null {
  if (level !== 'target' || verdict !== 'undecided' || measured === null || bound === null) return null;
  const parsed = parseCheck(check);
  if (!parsed.ok) return null;
  const { value } = measured;
  if (compareWith(parsed.value, { low: value, high: value }, bound.value) !== 'fail') return null;
  const inUnit = (of: { value: number; unit: string }, interval?: { low: number; high: number }): string => {
    const unit = freeUnit(of.unit);
    const scaled = interval && { low: interval.low * unit.scale, high: interval.high * unit.scale };
    return formatQuantity(of.value * unit.scale, unit, scaled);
  };
  const key = metricKey(parsed.value.metric);
  return `${name}’s ${key} is ${inUnit(measured, measured)}, about its target (${check}), and not known to be within it.`;
}

/** The metrics that are worse than in the baseline before, by more than the budget allows. */
function driftOf(budget: Budget, now: BudgetFigures, previous: CapturedBaseline): readonly string[] {
  const before = previous.figures.find((one) => one.budget === now.budget && one.benchmark === now.benchmark);
  return Object.entries(now.metrics).flatMap(([key, figure]) => {
    const old = before?.metrics[key];
    const check = budget.checks.findLast(({ metric, bound }) => metricKey(metric) === key && bound.kind === 'baseline');
    const about = check ?? budget.checks.find(({ metric }) => metricKey(metric) === key);
    const metric = about?.metric ?? { kind: 'time' as const };
    const higher =
      about === undefined ? false : (metricDirection(metric) ?? (isLower(about) ? 'higher' : '')) === 'higher';
    if (old === undefined || (about === undefined && key !== 'time')) return [];
    const allowed = check?.bound.kind === 'baseline' ? check.bound.factor : usual(budget, key, higher);
    const isWorse = higher ? figure.value < old.value * allowed : figure.value > old.value * allowed;
    if (!isWorse) return [];
    const told = (one: Estimate): string => {
      const { symbol, scale } = readableUnit({ metric }, one, { work: { amount: 1, counts: 'ops' } });
      return formatQuantity(one.value, { ...freeUnit(symbol), scale }, one);
    };
    const share = formatPercent(Math.abs(allowed - 1), 1);
    const allows = allowed === 1 ? 'allows nothing worse' : `allows ${share} ${higher ? 'less' : 'more'}`;
    const who = now.benchmark === subject(budget) ? budget.name : `${budget.name} (${now.benchmark})`;
    return [`${who}’s ${key} is ${told(figure)}; in ${previous.name} it was ${told(old)}, and the budget ${allows}.`];
  });
}

/** What the ladder of the budget lets pass, as a factor. */
function usual({ regression }: Budget, key: string, higher: boolean): number {
  const steps = stepsOf(regression, key);
  return higher ? 1 - steps[steps.fail] : 1 + steps[steps.fail];
}

const subject = ({ name, subject: about }: Budget): string => (about.kind === 'benchmark' ? about.name : name);

/** How a budget stands against a captured baseline whose code is not here. */
export interface KeptSide {
  readonly name: string;
  readonly figures: readonly BudgetFigures[];
  /** Why the figures are of no use here; null where they are. */
  readonly unusable: string | null;
}

/**
 * A measurement without old code beside it, held against the figures that were kept at capture where they are this machine's:
 * another hour's, so its note says so. As it is where there is old code, or nothing was kept.
 */
export function heldAgainstKept(
  budget: string,
  benchmark: string,
  measurement: Measurement,
  kept: KeptSide | null,
): Measurement {
  if (measurement.baseline !== null || kept === null) return measurement;
  const figures = kept.figures.find((one) => one.budget === budget && one.benchmark === benchmark);
  const noted = (note: string): string => [measurement.note, note].filter((one) => one !== null).join('; ');
  if (figures === undefined) return measurement;
  if (kept.unusable !== null) return { ...measurement, note: noted(kept.unusable) };
  const note = noted(`held against the figures of ${kept.name}, which are of another hour`);
  return { ...measurement, baseline: { metrics: figures.metrics }, comparison: null, note };
}
