import type { Level, Relation } from '../language/budget.js';
import { parseCheck, type ParsedCheck } from '../language/check.js';
import { compareWith } from '../judge/check.js';
import type { BudgetResult, CheckResult } from '../results/measurement.js';
import { missed, readCheck } from '../text/check.js';
import { boundNear, percentNear, plainNumber } from './round.js';

/** A missed check, and one that what was measured satisfies. */
export interface Loosened {
  readonly level: Level;
  readonly from: string;
  readonly to: string;
}

/** Returns the missed checks of a result with looser bounds; those that no number can loosen are left out. */
export function loosenedChecks(result: Pick<BudgetResult, 'checks' | 'comparison'>): readonly Loosened[] {
  return missed(result).flatMap((check) => {
    const to = loosenedCheck(check, result.comparison);
    return to === null ? [] : [{ level: check.level, from: check.check, to }];
  });
}

/** What was measured, as the bound counts it: in the unit of the bound, or as a multiple of another figure. */
interface Measured {
  readonly low: number;
  readonly high: number;
}

/**
 * Returns a check with the bound rounded to what was measured, with its interval, in the user's unit: `time <= 2 ms` becomes
 * `time <= 2.4 ms`, and `time <= baseline + 10%` `time <= baseline + 25%`. Null if its bound is no number, as in `O(n)`, or if nothing
 * was measured.
 */
export function loosenedCheck(check: CheckResult, comparison: BudgetResult['comparison']): string | null {
  const parsed = readCheck(check);
  const measured = parsed && measuredOf(parsed, check, comparison);
  if (parsed === null || measured === null) return null;
  const { ranges, bound } = parsed;
  const relation = looserRelation(parsed, measured);
  const side = relation.startsWith('<') ? 'upper' : 'lower';
  const edge = side === 'upper' ? measured.high : measured.low;
  const text = parsed.text;
  const written = text.slice(ranges.bound.start, ranges.bound.end);
  const start = ranges.name === null ? 'baseline'.length : ranges.name.end - ranges.bound.start;
  const changed =
    bound.kind === 'quantity'
      ? looserQuantity(written, edge, side, relation, measured)
      : written.slice(0, start) + looserFactor(written.slice(start), edge, side);
  const to =
    text.slice(0, ranges.relation.start) + relation + text.slice(ranges.relation.end, ranges.bound.start) + changed;
  return holds(to, measured) ? to : null;
}

/** Whether a check holds for what was measured, with the whole interval. */
function holds(text: string, measured: Measured): boolean {
  const parsed = parseCheck(text);
  if (!parsed.ok) return false;
  const { bound } = parsed.value;
  const value =
    bound.kind === 'quantity' ? bound.value / bound.unit.scale : bound.kind === 'growth' ? NaN : bound.factor;
  return compareWith(parsed.value, measured, value) === 'pass';
}

function measuredOf(
  { bound, metric }: ParsedCheck,
  { measured, bound: allowed }: CheckResult,
  comparison: BudgetResult['comparison'],
): Measured | null {
  if (measured === null || allowed === null || bound.kind === 'growth') return null;
  if (bound.kind === 'quantity') return measured;
  // Both are in one unit, and the allowed figure is the other one times the factor.
  const scale = bound.factor / allowed.value;
  const ratio = measured.value * scale;
  if (!Number.isFinite(ratio) || !(ratio > 0)) return null;
  const paired = bound.kind === 'baseline' ? pairedInterval(metric.kind, ratio, comparison) : null;
  if (paired !== null) return paired;
  // Only the interval of the current figure is known: the other one is taken to be as uncertain.
  const wider = (part: number): number => Math.exp(Math.SQRT2 * Math.log(part));
  const isPositive = measured.low > 0;
  return {
    low: isPositive ? ratio / wider(measured.value / measured.low) : ratio,
    high: ratio * wider(measured.high / measured.value),
  };
}

/** Returns the interval of the comparison if that ratio decided the check. */
function pairedInterval(kind: string, ratio: number, comparison: BudgetResult['comparison']): Measured | null {
  if (comparison === null) return null;
  const isAbout = (other: number): boolean => Math.abs(ratio / other - 1) < 1e-6;
  if (kind === 'time' && isAbout(comparison.ratio)) return comparison;
  if (kind === 'throughput' && isAbout(1 / comparison.ratio))
    return { low: 1 / comparison.high, high: 1 / comparison.low };
  return null;
}

/** What equals a number today may only be bounded by another. */
function looserRelation({ relation, bound }: ParsedCheck, { high }: Measured): Relation {
  if (relation !== '=') return relation;
  const exact = bound.kind === 'quantity' ? bound.value / bound.unit.scale : bound.kind === 'growth' ? 0 : bound.factor;
  return high > exact ? '<=' : '>=';
}

const magnitudes: Readonly<Record<string, number>> = { k: 1e3, K: 1e3, M: 1e6, G: 1e9 };

/** Rewrites the number of a quantity; its magnitude, its unit and the space between stay. `edge` is in that unit. */
function looserQuantity(
  written: string,
  edge: number,
  side: 'upper' | 'lower',
  relation: Relation,
  { low, high }: Measured,
): string {
  const [, sign = '', digits = '', magnitude = '', rest = ''] =
    /^([-\u2212]?\s*)([\d.,_]+(?:[eE][+-]?\d+)?)([kKMG](?![\p{L}\p{N}_%/]))?(.*)$/su.exec(written) ?? [];
  // A count is exact; any other figure may differ the next time.
  const exact = low === high && Number.isInteger(low);
  const bound = boundNear(edge / (magnitudes[magnitude] ?? 1), side, exact);
  const isStrict = relation === '<' || relation === '>';
  const apart = isStrict && exact ? bound + (side === 'upper' ? 1 : -1) : bound;
  const text = plainNumber(Math.abs(apart));
  const grouped = digits.includes(',')
    ? text.replace(/\d{4,}/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ','))
    : text;
  return `${apart < 0 ? sign.trim() || '-' : ''}${grouped}${magnitude}${rest}`;
}

/** From this many percent on, a multiple reads better. */
const mostPercent = 300;

/** Rewrites what follows `baseline` or a name: ` + 10%`, ` / 5`, or nothing. `edge` is a multiple. */
function looserFactor(written: string, edge: number, side: 'upper' | 'lower'): string {
  const operator = /^\s*([-+*/\u2212×÷])/.exec(written)?.[1] ?? '';
  const other = side === 'upper' ? 'lower' : 'upper';
  const space = /^\S/.test(written) ? '' : ' ';
  const scaled = (sign: string, value: number): string => `${space}${sign}${space}${plainNumber(value)}`;
  if (operator === '/' || operator === '÷') return scaled(operator, boundNear(1 / edge, other));
  if (operator === '*' || operator === '×') return scaled(operator, boundNear(edge, side));
  const percent = percentNear((edge - 1) * 100, side);
  if (percent > mostPercent) return scaled('*', boundNear(edge, side));
  if (percent <= -100) return scaled('/', boundNear(1 / edge, other));
  if (percent === 0) return '';
  return `${scaled(percent > 0 ? '+' : '-', Math.abs(percent))}%`;
}
