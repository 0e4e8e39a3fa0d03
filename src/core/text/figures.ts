import * as l10n from '@vscode/l10n';
import type { ParsedCheck } from '../language/check.js';
import {
  asFast,
  type Interval,
  formatChange,
  formatPercent,
  formatQuantity,
  formatSpeed,
} from '../language/figures.js';
import { freeUnit } from '../language/quantity.js';
import type { BudgetResult, CheckResult } from '../results/measurement.js';
import { readCheck } from './check.js';

/** Returns the measured figure and its bound as text, in units that read well; null if either is unknown. */
export function figuresOf(
  check: CheckResult,
  kind = readCheck(check)?.bound.kind,
): { measured: string; bound: string } | null {
  const { measured, bound } = check;
  if (measured === null || bound === null) return null;
  // A bound that the user wrote is exact; one relative to another figure is only as certain as a measurement.
  const relative = kind === 'baseline' || kind === 'reference';
  const asked = figure(bound.value, bound.unit, relative ? around(bound.value, measured) : undefined);
  const plain = (text: string): string => text.replace(/\.0+(?=\D|$)/, '');
  const text = (digits: number): string => figure(measured.value, measured.unit, measured, digits);
  const first = text(3);
  if (measured.value === bound.value || plain(first) !== plain(asked)) return { measured: first, bound: asked };
  // 10.04 µs is over 10 µs, so it is not written as 10.0 µs if its interval supports the digits.
  const apart = [4, 5].map(text).find((finer) => plain(finer) !== plain(asked));
  return { measured: apart ?? first, bound: asked };
}

/** Returns an interval around `value` that is as wide, in proportion, as the measured one. */
function around(value: number, measured: { value: number; low: number; high: number }): Interval {
  return { low: (value * measured.low) / measured.value, high: (value * measured.high) / measured.value };
}

/** Formats a figure in the unit of a result, `symbol`, rounded as its interval allows. */
export function figure(value: number, symbol: string, interval?: Interval, digits?: number): string {
  const unit = freeUnit(symbol);
  // Three errors are 3, not 3.00.
  const isCounted = unit.dimension === 'count' || unit.dimension === 'share';
  const isExact = isCounted && interval !== undefined && interval.low === interval.high;
  const scaled = isExact ? undefined : interval && { low: interval.low * unit.scale, high: interval.high * unit.scale };
  return formatQuantity(value * unit.scale, unit, scaled, digits);
}

/** `1.24 ms of 2 ms` if an upper bound holds, otherwise `1.19 ms · 240 µs allowed` or `18k ops/s · at least 500 ops/s`. */
export function besideBound(
  { used }: Pick<CheckResult, 'used'>,
  parsed: Pick<ParsedCheck, 'relation'>,
  { measured, bound }: { readonly measured: string; readonly bound: string },
): string {
  if (parsed.relation.startsWith('>')) return l10n.t`${measured} · at least ${bound}`;
  return (used ?? 0) > 1 ? l10n.t`${measured} · ${bound} allowed` : l10n.t`${measured} of ${bound}`;
}

/** Returns the same for the result of a check; null if it has no figures. */
export function measuredBesideBound(check: CheckResult): string | null {
  const parsed = readCheck(check);
  const figures = figuresOf(check);
  return parsed === null || figures === null ? null : besideBound(check, parsed, figures);
}

/** `87%`; a bound that is exceeded many times over needs no exact figure. */
export function formatShare(share: number): string {
  return share >= 10 ? `> ${formatPercent(10)}` : formatPercent(share);
}

/** `−3% vs HEAD`, or a claim (`12% faster than HEAD`) if the whole interval is beyond chance and the change worth mentioning. */
export function changeAgainst(
  result: Pick<BudgetResult, 'comparison' | 'compared' | 'why'>,
  against: string,
): string | null {
  const { comparison } = result;
  if (comparison === null) return null;
  if (isSameCode(result)) return sameCodeWords(result, l10n.t`same code as ${against}`);
  if (isFaster(comparison)) return speedAgainst(comparison, against);
  return l10n.t`${formatChange(comparison.ratio, comparison)} vs ${against}`;
}

/** Whether nothing ran twice because both sides are equal. */
export const isSameCode = ({ comparison }: Pick<BudgetResult, 'comparison'>): boolean =>
  comparison?.ratio === 1 && comparison.low === 1 && comparison.high === 1;

/** `same code as HEAD`; `nothing seen has changed` if part of what runs cannot be seen. */
export const sameCodeWords = ({ why }: Pick<BudgetResult, 'why'>, words: string): string =>
  why === undefined ? words : l10n.t('nothing seen has changed');

/** Whether code is faster beyond chance, and by enough to mention. */
export const isFaster = ({ ratio, high }: { readonly ratio: number; readonly high: number }): boolean =>
  high < 1 && ratio <= 0.95;

/** `14% slower than HEAD`, `2.5 times slower than HEAD`, `as fast as HEAD`. */
export function speedAgainst(comparison: { ratio: number; low: number; high: number }, against: string): string {
  const speed = formatSpeed(comparison.ratio, comparison);
  return speed === asFast() ? l10n.t`as fast as ${against}` : l10n.t`${speed} than ${against}`;
}
