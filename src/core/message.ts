import type { Check, Level } from './budget.js';
import { formatInterval, formatPlusMinus } from './figures.js';
import type { CheckResult, Comparison, Measurement, Verdict } from './measurement.js';
import { metricDirection, metricKey } from './metric.js';
import { unreachable } from './result.js';
import { allowance, changeAgainst, figuresOf, speedAgainst } from './wording.js';

/** A check and what was found of it. */
export interface Judged {
  readonly check: Check;
  readonly result: CheckResult;
}

/**
 * The sentence of a whole result, as `--json` and the history have it: `16 % slower than HEAD (+14.8 … +17.7 %); the budget
 * allows 10 %`, `p95 is 12.1 µs; the limit is 10 µs`, `8.1 µs of 10 µs · −3 % against HEAD`.
 */
export function resultMessage(
  verdict: Verdict,
  judged: readonly Judged[],
  measurement: Measurement,
  against: string,
): string {
  switch (verdict) {
    case 'fail':
      return missed(first(judged, 'limit', 'fail'), measurement.comparison, against);
    case 'warn':
      return missed(first(judged, 'acceptable', 'fail'), measurement.comparison, against);
    case 'undecided':
      return undecided(judged, measurement, against);
    case 'pass':
    case 'error':
      return held(judged, measurement, against);
    default:
      return unreachable(verdict);
  }
}

/** The check of a level that is furthest over its bound. */
function first(judged: readonly Judged[], level: Level, verdict: Verdict): Judged | undefined {
  return mostUsed(judged.filter(({ result }) => result.level === level && result.verdict === verdict));
}

function mostUsed(judged: readonly Judged[]): Judged | undefined {
  return judged.toSorted((a, b) => (b.result.used ?? 0) - (a.result.used ?? 0))[0];
}

/** What the ratio of times may be, where it is what decides the check. */
function speedFactor({ metric, bound }: Check): number | null {
  if (bound.kind !== 'baseline') return null;
  return metric.kind === 'time' ? bound.factor : metric.kind === 'throughput' ? 1 / bound.factor : null;
}

function missed(judged: Judged | undefined, comparison: Comparison | null, against: string): string {
  if (judged === undefined) return '';
  const { check, result } = judged;
  const factor = speedFactor(check);
  if (factor !== null && comparison !== null) {
    const { kind, words } = allowance(factor);
    const limit = `the budget ${kind === 'allowed' ? 'allows' : 'asks for'} ${words}`;
    const asked = demand(check.level, words, limit);
    return `${speedAgainst(comparison, against)} (${formatInterval(comparison)}); ${asked}`;
  }
  const figures = figuresOf(result);
  if (figures === null) return check.text;
  const bound = `${least(check)}${figures.bound}`;
  const asked = demand(check.level, bound, `the limit is ${bound}`);
  const relative = check.bound.kind === 'baseline' ? ` (${check.text})` : '';
  return `${metricKey(check.metric)} is ${figures.measured}; ${asked}${relative}`;
}

function demand(level: Level, words: string, limit: string): string {
  switch (level) {
    case 'limit':
      return limit;
    case 'acceptable':
      return `${words} is acceptable`;
    case 'target':
      return `the target is ${words}`;
    default:
      return unreachable(level);
  }
}

function undecided(judged: readonly Judged[], measurement: Measurement, against: string): string {
  const lead = first(judged, 'limit', 'undecided') ?? first(judged, 'acceptable', 'undecided') ?? judged[0];
  if (lead === undefined) return measurement.note ?? 'nothing was asked';
  const { check, result } = lead;
  if (result.note !== null) return result.note;
  const { comparison } = measurement;
  const figure =
    speedFactor(check) !== null && comparison !== null
      ? `${formatPlusMinus(comparison.ratio, comparison)} against ${against}`
      : `${metricKey(check.metric)} is ${figuresOf(result)?.measured ?? 'unknown'}`;
  return `${figure}: not enough to tell whether ${check.text} holds`;
}

function held(judged: readonly Judged[], measurement: Measurement, against: string): string {
  const change = changeAgainst(measurement, against);
  const target = first(judged, 'target', 'fail');
  const lead = target === undefined ? figure(judged) : missed(target, measurement.comparison, against);
  const said = target !== undefined && speedFactor(target.check) !== null ? null : change;
  return [lead, said, measurement.note].filter((part) => part !== null).join(' · ');
}

/** `8.1 µs of 10 µs`: of the bounds that are quantities the one that is used most, else a figure alone. */
function figure(judged: readonly Judged[]): string | null {
  const measured = judged.filter(({ result }) => result.measured !== null && result.bound !== null);
  const absolute = mostUsed(measured.filter(({ check }) => check.bound.kind === 'quantity'));
  const lead = absolute ?? mostUsed(measured);
  const figures = lead && figuresOf(lead.result);
  if (lead === undefined || !figures) return null;
  const { metric } = lead.check;
  const name = metric.kind === 'time' || metric.kind === 'throughput' ? '' : `${metricKey(metric)} `;
  const bound = lead === absolute ? ` of ${least(lead.check)}${figures.bound}` : '';
  return name + figures.measured + bound;
}

const least = ({ metric }: Check): string => (metricDirection(metric) === 'higher' ? 'at least ' : '');
