import * as l10n from '@vscode/l10n';
import { driftsSince, missedTargets, refusedCapture, type Drift, type MissedTarget } from '../judge/baseline-policy.js';
import type { BudgetFigures, CapturedBaseline } from '../judge/baseline.js';
import type { Budget } from '../language/budget.js';
import { formatPercent, formatQuantity, type Interval } from '../language/figures.js';
import { freeUnit, type Unit } from '../language/quantity.js';
import { unreachable } from '../result.js';
import type { BudgetResult } from '../results/measurement.js';
import { findings } from './finding.js';

/** Returns why these results may not replace `previous`, in one sentence with the fix; null if they may. */
export function captureRefusal(...of: Parameters<typeof refusedCapture>): string | null {
  const refusal = refusedCapture(...of);
  if (refusal === null) return null;
  const names = refusal.names.join(', ');
  const isOne = refusal.names.length === 1;
  switch (refusal.kind) {
    case 'not-measured':
      return l10n.t`Nothing was captured because ${names} could not be measured.`;
    case 'over-limit':
      return `${
        isOne
          ? l10n.t`Nothing was captured because ${names} is over its limit.`
          : l10n.t`Nothing was captured because ${names} are over their limits.`
      } ${
        refusal.automatic
          ? l10n.t('To accept that, capture by hand and give a reason.')
          : l10n.t('To accept that, give a reason (--reason "…").')
      }`;
    case 'undecided':
      return isOne
        ? l10n.t`Nothing was captured because ${names} is undecided: it is not certain that the limits hold.`
        : l10n.t`Nothing was captured because ${names} are undecided: it is not certain that the limits hold.`;
    default:
      return unreachable(refusal);
  }
}

/**
 * Returns what a baseline of these results would be looser than, one sentence each: the bounds of every level, and `previous`,
 * the baseline that was current before, if it is from the same machine and the results are not compared with it already.
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
    const open = missedTargets(result).map((one) => targetWords(result.name, one));
    const own = figures.filter((one) => one.budget === result.name);
    const drifts = previous === null ? [] : own.flatMap((one) => driftsSince(previous, budget, one));
    return [...missed, ...open, ...drifts.map((one) => driftWords(one, previous?.name ?? ''))];
  });
}

function targetWords(name: string, { check, metric, measured }: MissedTarget): string {
  const { scale } = freeUnit(measured.unit);
  const { value, low, high } = measured;
  const figure = figureOf({ value: value * scale, low: low * scale, high: high * scale }, freeUnit(measured.unit));
  return l10n.t`${name}’s ${metric} is ${figure}, close to its target (${check}) but not certain to meet it.`;
}

function driftWords(
  { budget, benchmark, metric, now, before, units, allowed, higherIsBetter }: Drift,
  previous: string,
): string {
  const share = formatPercent(Math.abs(allowed - 1), 1);
  const less = higherIsBetter ? l10n.t`allows ${share} less` : l10n.t`allows ${share} more`;
  const allows = allowed === 1 ? l10n.t('allows nothing worse') : less;
  const who = benchmark === null ? budget : `${budget} (${benchmark})`;
  const [is, was] = [figureOf(now, units.now), figureOf(before, units.before)];
  return l10n.t`${who}’s ${metric} is ${is}; in ${previous} it was ${was}, and the budget ${allows}.`;
}

/** Formats a figure, given in its base unit, in the unit of `symbol` and `scale`. */
function figureOf(
  of: Interval & { readonly value: number },
  { symbol, scale }: Pick<Unit, 'symbol' | 'scale'>,
): string {
  return formatQuantity(of.value, { ...freeUnit(symbol), scale }, of);
}
