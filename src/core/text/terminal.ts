import * as l10n from '@vscode/l10n';
import { isGain } from './rank.js';
import type { Bound } from '../language/budget.js';
import { parseCheck } from '../language/check.js';
import {
  changeBounds,
  formatChange,
  formatPercent,
  formatQuantity,
  formatSpeed,
  formatTime,
} from '../language/figures.js';
import type { Baseline, BudgetResult, CheckResult, Verdict } from '../results/measurement.js';
import { metricDimension, metricKey } from '../language/metric.js';
import { concernTitle, hasOtherAnswer, leadingConcern } from './concern.js';
import type { Finding } from './finding.js';
import { figuresOf, isFaster, isSameCode, sameCodeWords } from './figures.js';
import { isNotCompared, leadingCheck } from './check.js';
import { counts } from './words.js';

/** Words for the terminal only, as plain text without colours. What it shares with the editor is in the files beside this one. */

/** The columns of one budget: `8.1 µs`, `+14% (+11 … +17)`, `allowed 10%`. Empty if there is nothing to say. */
export interface Columns {
  readonly measured: string;
  readonly change: string;
  readonly allowed: string;
}

/** Returns the columns of one budget; null if there are no figures, and `headline` says why. */
export function columns(result: BudgetResult): Columns | null {
  const check = (isNotCompared(result) ? null : openCheck(result)) ?? leadingCheck(result);
  const measured = check?.measured ?? null;
  if (check === null || measured === null || result.verdict === 'error') return null;
  // Without a baseline there is no bound, but the figure is still worth showing.
  const figures = figuresOf({ ...check, bound: check.bound ?? { value: 0, unit: measured.unit } });
  if (figures === null) return null;
  const parsed = parseCheck(check.check);
  const kind = parsed.ok ? parsed.value.metric.kind : 'time';
  const isPlain = !parsed.ok || kind === 'time' || kind === 'throughput' || kind === 'value';
  const prefix =
    (check.benchmark === undefined ? '' : `${check.benchmark}: `) +
    (isPlain ? '' : `${metricKey(parsed.value.metric)} `);
  const change = kind === 'value' ? (check.note ?? '') : changeText(result);
  return { measured: prefix + figures.measured, change, allowed: allowedText(check) };
}

/** Returns the check that leaves the budget undecided; null if it is decided. */
function openCheck({ verdict, checks }: BudgetResult): CheckResult | null {
  if (verdict !== 'undecided') return null;
  const open = checks.filter((check) => check.verdict === 'undecided');
  return open.find(({ level }) => level === 'limit') ?? open[0] ?? null;
}

/**
 * Returns the notes that figures need, why budgets or checks are undecided and what would help: each once, with its budgets. Notes
 * that differ only in their figures are folded if there are many.
 */
export function openReasons(results: readonly BudgetResult[]): readonly string[] {
  const reasons = new Map<string, string[]>();
  const add = (note: string, { name }: BudgetResult): void => {
    const words = note.replace(/\.$/, '');
    reasons.set(words, [...(reasons.get(words) ?? []), name]);
  };
  for (const result of results) {
    if (result.verdict === 'error') continue;
    if (result.note !== undefined) add(result.note, result);
    if (isSameCode(result) && result.why !== undefined) add(result.why, result);
    // What fails has sentences of its own, and a line without figures says what leads.
    const inLine = columns(result) === null ? leadingConcern(result) : null;
    for (const concern of result.concerns ?? [])
      if (concern !== inLine && (result.verdict !== 'fail' || concern.verdict === 'undecided'))
        add(concernTitle(concern), result);
    const open =
      openCheck(result) ?? result.checks.find(({ verdict, note }) => verdict === 'undecided' && note !== null);
    if (open === undefined && (result.verdict !== 'undecided' || result.concerns !== undefined)) continue;
    add(open?.note ?? closeWords(open ?? null, result.elapsedMs), result);
  }
  return folded(reasons);
}

/** Folds this many or more notes that differ only in their figures. */
const manyAlike = 3;

function folded(reasons: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const alike = new Map<string, { words: string; names: readonly string[]; count: number }[]>();
  for (const [words, names] of reasons) {
    const kind = words.replaceAll(/\d[\d,.]*(?: (?:ns|µs|ms|s|min|h|[KMG]?B)\b|%)?/g, '#');
    alike.set(kind, [...(alike.get(kind) ?? []), { words, names, count: names.length }]);
  }
  return [...alike.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined || all.length < manyAlike)
      return all.map(({ words, names, count }) => {
        const about = count > 3 ? counts(count, 'budget') : names.join(', ');
        return `${about}: ${words}${words.endsWith('?') ? '' : '.'}`;
      });
    const count = all.reduce((sum, one) => sum + one.count, 0);
    return [l10n.t`${counts(count, 'budget')}, such as ${first.names[0] ?? ''}: ${first.words}.`];
  });
}

/** More seconds than anybody waits for one budget. */
const longestSeconds = 60;

/**
 * Says why a check without a note is undecided: its figure is too close to its bound. An interval is narrower by the square root of
 * the time that it takes (central limit theorem), so some figures would take too long.
 */
function closeWords(check: CheckResult | null, elapsedMs: number): string {
  const { measured = null, bound = null } = check ?? {};
  if (measured === null || bound === null || elapsedMs === 0) return l10n.t('the figures vary too much to decide');
  const distance = Math.abs(measured.value - bound.value);
  const half = Math.max(measured.high - measured.value, measured.value - measured.low);
  const seconds = (elapsedMs / 1000) * Math.max(2, (half / distance) ** 2 * 1.5);
  if (!(seconds <= longestSeconds))
    return l10n.t('the figure is too close to its bound to decide, and more time would not help');
  const rounded = seconds <= 10 ? Math.max(5, Math.ceil(seconds)) : Math.ceil(seconds / 10) * 10;
  return l10n.t`the figures vary too much to decide; more time may help, such as --time ${rounded}s`;
}

/** `+14% (+11 … +17)`, `78% faster (−79 … −77)`, `same code`, `different answer, +14% (+11 … +17)`. */
export function changeText(result: BudgetResult): string {
  const change = speedText(result);
  return hasOtherAnswer(result) ? [l10n.t('different answer'), change].filter(Boolean).join(', ') : change;
}

function speedText(result: BudgetResult): string {
  const { comparison } = result;
  if (isNotCompared(result)) return l10n.t('not compared');
  if (comparison === null) return '';
  if (isSameCode(result)) return sameCodeWords(result, l10n.t('same code'));
  const change = isFaster(comparison)
    ? formatSpeed(comparison.ratio, comparison)
    : formatChange(comparison.ratio, comparison);
  return `${change} (${changeBounds(comparison).join(' … ')})`;
}

function allowedText(check: CheckResult): string {
  const parsed = parseCheck(check.check);
  if (!parsed.ok) return '';
  const { bound, metric, relation } = parsed.value;
  if (bound.kind === 'baseline' && metric.kind === 'time') {
    if (bound.factor >= 2) return l10n.t`allowed ${formatQuantity(bound.factor, 'count')} times slower`;
    return l10n.t`allowed ${formatPercent(bound.factor - 1, 1)}`;
  }
  const figures = figuresOf(check);
  if (figures === null) return '';
  return relation.startsWith('>') ? l10n.t`at least ${figures.bound}` : l10n.t`allowed ${figures.bound}`;
}

/** `HEAD (a1b2c3d)`, `v3.0.0`. */
export function baselineName({ name, commit }: Baseline): string {
  if (commit === null) return name;
  const short = commit.slice(0, 7);
  return commit.startsWith(name) ? short : `${name} (${short})`;
}

const countWords: readonly (readonly [Verdict | 'not compared', (count: number) => string])[] = [
  ['error', (count) => l10n.t`${count} not measured`],
  ['fail', (count) => l10n.t`${count} failed`],
  ['not compared', (count) => l10n.t`${count} not compared`],
  ['undecided', (count) => l10n.t`${count} undecided`],
  ['warn', (count) => counts(count, 'warning')],
  ['pass', (count) => l10n.t`${count} passed`],
];

/** `2 failed, 1 undecided, 9 passed (1 faster) in 12.3 s vs HEAD (a1b2c3d)`. */
export function closing(
  results: readonly BudgetResult[],
  problems: number,
  elapsedMs: number,
  baseline: Baseline | null,
): string {
  const kinds = results.map((result) => (isNotCompared(result) ? 'not compared' : result.verdict));
  const faster = results.filter(isGain).length;
  const parts = countWords.flatMap(([kind, words]) => {
    const count = kinds.filter((one) => one === kind).length;
    if (count === 0) return [];
    return [kind === 'pass' && faster > 0 ? l10n.t`${words(count)} (${faster} faster)` : words(count)];
  });
  if (problems > 0) parts.unshift(counts(problems, 'problem'));
  if (results.length === 0) return parts.join(', ');
  // Results known from before took no time.
  const all = elapsedMs > 0 ? l10n.t`${parts.join(', ')} in ${elapsed(elapsedMs)}` : parts.join(', ');
  return baseline === null ? all : l10n.t`${all} vs ${baselineName(baseline)}`;
}

/** Says that a check compared a commit with itself, and what to do. */
export const unchangedText = (baseline: Baseline): string =>
  l10n.t`Nothing differs from ${baselineName(baseline)}, so nothing was compared. Compare with the commit before it: --against HEAD~1`;

/** `Interrupted: 12 of 15 budgets were not checked.` */
export function interruptedWords(unchecked: number, checked: number): string {
  const all = unchecked + checked;
  const which = checked === 0 ? counts(all, 'budget') : l10n.t`${unchecked} of ${counts(all, 'budget')}`;
  return unchecked === 1
    ? l10n.t`Interrupted: ${which} was not checked.`
    : l10n.t`Interrupted: ${which} were not checked.`;
}

/** `840 ms`, `12.3 s`. */
export const elapsed = (ms: number): string => formatTime(Number((ms * 1e6).toPrecision(3)));

/** `less than a minute left`, `about 5 min left`, `about 2 h left`. */
export function timeLeft(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return l10n.t('less than a minute left');
  return minutes < 90 ? l10n.t`about ${minutes} min left` : l10n.t`about ${Math.round(minutes / 60)} h left`;
}

/** Returns what can be done about missed checks. */
export function nextSteps(found: readonly Finding[]): readonly string[] {
  const checks = found.flatMap(({ check }) => {
    const parsed = check === null ? null : parseCheck(check);
    return parsed?.ok === true ? [parsed.value] : [];
  });
  if (checks.length === 0) return [];
  const has = (kind: Bound['kind']): boolean => checks.some(({ bound }) => bound.kind === kind);
  const isSlow = checks.some(({ metric }) => ['time', 'rate'].includes(metricDimension(metric) ?? ''));
  const mend = isSlow ? l10n.t('Make it faster') : l10n.t('Fix it');
  if (!has('baseline')) return [l10n.t`${mend}, or change the bound.`];
  const capture = 'perf-budget capture --name <name> --reason <text>';
  return has('quantity')
    ? [l10n.t`${mend}, or change the bound and accept it: ${capture}`]
    : [l10n.t`${mend}, or accept it: ${capture}`];
}

/** `2026-11-21 04:28`, in the reader's time zone. */
export const localTime = (date: Date): string => `${localDay(date)} ${two(date.getHours())}:${two(date.getMinutes())}`;

/** `2026-11-21`, in the reader's time zone. */
export const localDay = (date: Date): string =>
  `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

const two = (part: number): string => String(part).padStart(2, '0');
