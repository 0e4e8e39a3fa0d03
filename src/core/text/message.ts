import * as l10n from '@vscode/l10n';
import type { Check, Level } from '../language/budget.js';
import { formatInterval, formatPlusMinus } from '../language/figures.js';
import type { JudgedCheck, Member } from '../judge/judgement.js';
import type { CheckResult, Verdict } from '../results/measurement.js';
import { isLower, metricKey } from '../language/metric.js';
import { unreachable } from '../result.js';
import { speedFactor } from './check.js';
import { allowance } from './demand.js';
import { besideBound, changeAgainst, figuresOf, speedAgainst } from './figures.js';

/** A judged check, with its printed result. */
export interface WordedCheck extends JudgedCheck {
  readonly result: CheckResult;
}

/** What is shown along with the checks. */
export interface Shown {
  /** The benchmark whose change against the old code is shown as context. */
  readonly shown: Member;
  /** Whether there are several benchmarks, so that each figure needs its benchmark's name. */
  readonly several: boolean;
  /** The baseline's name. */
  readonly against: string;
}

/**
 * Returns the sentence for a whole result, as in `--json` and the history: `16% slower than HEAD (+14.8 … +17.7%); the budget
 * allows 10%`, `p95 is 12.1 µs; the limit is 10 µs`, `8.1 µs of 10 µs · −3% vs HEAD`.
 */
export function resultMessage(verdict: Verdict, judged: readonly WordedCheck[], context: Shown): string {
  switch (verdict) {
    case 'fail':
      return stated(first(judged, 'limit', 'fail'), judged, context);
    case 'warn':
      return stated(first(judged, 'acceptable', 'fail'), judged, context);
    case 'undecided':
      return undecided(judged, context);
    case 'pass':
    case 'error':
      return held(judged, context);
    default:
      return unreachable(verdict);
  }
}

/** Returns the sentence about a missed check or, if a concern alone made the verdict, about the figures. */
function stated(found: WordedCheck | undefined, judged: readonly WordedCheck[], context: Shown): string {
  return found === undefined ? held(judged, context) : noted(missed(found, context), context);
}

/** Appends the note without which the figures cannot be understood. */
const noted = (words: string, { shown }: Shown): string => [words, shown.measurement.note].filter(Boolean).join(' · ');

/** Returns the check of a level and verdict that is furthest over its bound. */
function first(judged: readonly WordedCheck[], level: Level, verdict: Verdict): WordedCheck | undefined {
  return mostUsed(judged.filter(({ result }) => result.level === level && result.verdict === verdict));
}

function mostUsed(judged: readonly WordedCheck[]): WordedCheck | undefined {
  return judged.toSorted((a, b) => (b.result.used ?? 0) - (a.result.used ?? 0))[0];
}

/** `index/10,000: ` before the figures of one of several benchmarks. */
function of(member: Member | null, { several }: Shown): string {
  return several && member !== null ? `${member.name}: ` : '';
}

function missed(judged: WordedCheck | undefined, context: Shown): string {
  if (judged === undefined) return '';
  const { check, result, member } = judged;
  const { against } = context;
  const name = of(member, context);
  const factor = speedFactor(check);
  const comparison = member?.measurement.comparison ?? null;
  if (factor !== null && comparison !== null) {
    const { kind, words } = allowance(factor);
    const limit = kind === 'allowed' ? l10n.t`the budget allows ${words}` : l10n.t`the budget requires ${words}`;
    const asked = demand(check.level, words, limit);
    return `${name}${speedAgainst(comparison, against)} (${formatInterval(comparison)}); ${asked}`;
  }
  const figures = figuresOf(result, check.bound.kind);
  if (figures === null) return name + (result.note ?? check.text);
  const bound = isLower(check) ? l10n.t`at least ${figures.bound}` : figures.bound;
  const asked = demand(check.level, bound, l10n.t`the limit is ${bound}`);
  const relative = check.bound.kind === 'quantity' ? '' : ` (${check.text})`;
  const are = check.metric.kind === 'errors' || check.metric.kind === 'crashes';
  const words = are
    ? l10n.t`${name}${metricKey(check.metric)} are ${figures.measured}`
    : l10n.t`${name}${metricKey(check.metric)} is ${figures.measured}`;
  return `${words}; ${asked}${relative}`;
}

function demand(level: Level, words: string, limit: string): string {
  switch (level) {
    case 'limit':
      return limit;
    case 'acceptable':
      return l10n.t`${words} is acceptable`;
    case 'target':
      return l10n.t`the target is ${words}`;
    default:
      return unreachable(level);
  }
}

function undecided(judged: readonly WordedCheck[], context: Shown): string {
  const lead = first(judged, 'limit', 'undecided') ?? first(judged, 'acceptable', 'undecided');
  if (lead === undefined) {
    // A concern is what leaves it undecided: its checks are not.
    return judged.length > 0
      ? held(judged, context)
      : (context.shown.measurement.note ?? l10n.t('the budget has no checks'));
  }
  const { check, result, member } = lead;
  const name = of(member, context);
  const comparison = member?.measurement.comparison ?? null;
  if (!lead.answerable) {
    const measured = figure(judged, context);
    return [measured, (measured === null ? name : '') + (result.note ?? '')].filter(Boolean).join(' · ');
  }
  const why = l10n.t`too uncertain to tell whether ${check.text} holds`;
  if (speedFactor(check) !== null && comparison !== null && result.measured !== null) {
    const figure = l10n.t`${name}${formatPlusMinus(comparison.ratio, comparison)} vs ${context.against}`;
    return result.note === null ? `${figure}: ${why}` : `${figure} · ${result.note}`;
  }
  if (result.note !== null) return name + result.note;
  return l10n.t`${name}${metricKey(check.metric)} is ${figuresOf(result, check.bound.kind)?.measured ?? l10n.t('unknown')}: ${why}`;
}

function held(judged: readonly WordedCheck[], context: Shown): string {
  const { shown, against } = context;
  const target = first(judged, 'target', 'fail');
  const lead = target === undefined ? figure(judged, context) : missed(target, context);
  const isShown = target !== undefined && speedFactor(target.check) !== null;
  const { comparison, unseen } = shown.measurement;
  const compared = { comparison, ...(unseen !== undefined && { why: unseen }) };
  const change = isShown ? null : changeAgainst(compared, against);
  // The figure and the change may be from two benchmarks.
  const name = of(shown, context);
  const changed = change === null || lead?.startsWith(name) === true ? change : name + change;
  return [lead, changed, shown.measurement.note].filter((part) => part !== null).join(' · ');
}

/** `8.1 µs of 10 µs`: the most used bound that is not on the baseline, otherwise a figure alone. */
function figure(judged: readonly WordedCheck[], context: Shown): string | null {
  const measured = judged.filter(({ result }) => result.measured !== null && result.bound !== null);
  const absolute = mostUsed(measured.filter(({ check }) => check.bound.kind !== 'baseline'));
  const lead = absolute ?? mostUsed(measured);
  if (lead === undefined) return judged.find(({ check }) => check.bound.kind === 'growth')?.result.note ?? null;
  const figures = figuresOf(lead.result, lead.check.bound.kind);
  if (figures === null) return null;
  const { metric } = lead.check;
  const name = isPlain(metric) ? '' : `${metricKey(metric)} `;
  const words = lead === absolute ? besideBound(lead.result, lead.check, figures) : figures.measured;
  return of(lead.member, context) + name + words;
}

/** Whether a metric needs no name beside its unit. */
const isPlain = ({ kind }: Check['metric']): boolean => kind === 'time' || kind === 'throughput' || kind === 'value';
