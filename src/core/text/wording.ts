import type { Level } from '../language/budget.js';
import { parseCheck, type ParsedCheck } from '../language/check.js';
import {
  formatChange,
  formatInterval,
  formatPercent,
  formatPlusMinus,
  formatQuantity,
  formatSpeed,
  type Interval,
} from '../language/figures.js';
import type { BudgetResult, CheckResult, Verdict } from '../results/measurement.js';
import { isLower, metricKey } from '../language/metric.js';
import { freeUnit } from '../language/quantity.js';
import { unreachable } from '../result.js';
import { waivedUntil, waiverText } from './waiver.js';
import type { BudgetState } from '../results/state.js';

/**
 * The words of the editor, the terminal and CI: calm, exact, the figure first. `against` is what the baseline is called
 * (`HEAD`, `v3.0.0`). Everything here is plain text; `markdown.ts` lays it out.
 */

export const marks: Readonly<Record<Verdict, string>> = { pass: '✓', warn: '⚠', fail: '✗', undecided: '?', error: '!' };

/** A missed check is as bad as its level: a missed target breaks nothing. */
export function checkMark({ level, verdict }: CheckResult): string {
  if (verdict !== 'fail' && verdict !== 'warn') return marks[verdict];
  switch (level) {
    case 'limit':
      return marks.fail;
    case 'acceptable':
      return marks.warn;
    case 'target':
      return '○';
    default:
      return unreachable(level);
  }
}

/** A line of a bench file's error is enough above a function. */
const longestError = 120;

/** Above the function, the benchmark and the entry: `✓ 1.24 ms of 2 ms · −3% vs HEAD`. */
export function stateTitle(state: BudgetState, against: string): string {
  switch (state.kind) {
    case 'unmeasured':
      return 'not measured yet';
    case 'measuring':
      return joined('measuring…', state.previous && `was ${shortTitle(state.previous.result, against)}`);
    case 'stale':
      return joined('stale since the last save', `was ${shortTitle(state.previous.result, against)}`);
    case 'known':
      return resultTitle(state.known.result, against);
    default:
      return unreachable(state);
  }
}

export function resultTitle(result: BudgetResult, against: string): string {
  return `${marks[result.verdict]} ${headline(result, against)}`;
}

/** The verdict without its mark: `1.24 ms of 2 ms · −3% vs HEAD`, `14% slower than HEAD · 10% allowed`. */
export function headline(result: BudgetResult, against: string): string {
  const change = changeAgainst(result, against);
  switch (result.verdict) {
    case 'pass':
    case 'warn':
    case 'fail': {
      const lead = missed(result)[0];
      if (lead === undefined) {
        const figure = result.verdict === 'pass' ? joined(leadingFigure(result), change, staleness(result)) : '';
        return figure === '' ? plain(result.message) : figure;
      }
      const words = joined(missedTitle(lead, result, against), result.waived && waivedUntil(result.waived));
      return speedFactor(lead) === null ? joined(words, change, staleness(result)) : words;
    }
    case 'undecided':
      return undecidedTitle(result, against);
    case 'error':
      return plain(result.message);
    default:
      return unreachable(result.verdict);
  }
}

/** What a figure that was recorded by hand long ago says of its age; null of any other. */
function staleness({ checks }: BudgetResult): string | null {
  return checks.find((check) => read(check)?.metric.kind === 'value')?.note ?? null;
}

/** What it was, beside what is going on: the figure alone. */
function shortTitle(result: BudgetResult, against: string): string {
  const figure = result.verdict === 'pass' ? leadingFigure(result) : null;
  return `${marks[result.verdict]} ${figure ?? headline(result, against)}`;
}

/** A missed check, or a benchmark that could not run, as a sentence. */
export interface Finding {
  readonly level: Level;
  /** The check as the user wrote it; null where the benchmark could not run. */
  readonly check: string | null;
  readonly message: string;
}

/** The sentences about `subject` (the function's name), the most serious first; one for each thing that is said. */
export function findings(subject: string, result: BudgetResult, against: string): readonly Finding[] {
  if (result.verdict === 'error') {
    return [{ level: 'limit', check: null, message: `${subject} was not measured: ${sentence(result.message)}` }];
  }
  const said = new Set<string>();
  return missed(result).flatMap((check) => {
    const parsed = read(check);
    // A missed limit says all that the missed target on the same figure would.
    const key = parsed === null ? check.check : `${metricKey(parsed.metric)} ${parsed.relation} ${parsed.bound.kind}`;
    if (said.has(key)) return [];
    said.add(key);
    const message = missedSentence(subject, check, result, against);
    // A waived budget warns: it breaks nothing yet.
    if (result.waived === undefined || check.level !== 'limit')
      return [{ level: check.level, check: check.check, message }];
    return [
      {
        level: 'acceptable',
        check: check.check,
        message: `${message} ${sentence(capital(waiverText(result.waived)))}`,
      },
    ];
  });
}

function missedSentence(subject: string, check: CheckResult, result: BudgetResult, against: string): string {
  const who = check.benchmark === undefined ? subject : `${subject} (${check.benchmark})`;
  const factor = speedFactor(check);
  const { comparison } = result;
  if (factor !== null && comparison !== null) {
    const words = `${who} is ${speedAgainst(comparison, against)} (${formatInterval(comparison, 'to')})`;
    return `${words}; ${demand(check.level, allowance(factor))}.`;
  }
  const parsed = read(check);
  const figures = figuresOf(check);
  if (parsed === null || figures === null) return sentence(`${who}: ${check.note ?? result.message}`);
  const range = rangeOf(check);
  const known = range === null ? figures.measured : `${figures.measured} (${range})`;
  const higher = isLower(parsed);
  const relative = parsed.bound.kind === 'quantity' ? '' : ` (${boundText(check)})`;
  const asked = higher ? { kind: 'asked' as const, words: `at least ${figures.bound}` } : allowed(figures.bound);
  return `${who}${predicate(parsed)} ${known}; ${demand(check.level, asked)}${relative}.`;
}

function predicate({ metric }: ParsedCheck): string {
  switch (metric.kind) {
    case 'time':
      return ' takes';
    case 'throughput':
      return ' does';
    case 'mean':
    case 'median':
    case 'min':
    case 'max':
    case 'percentile':
    case 'cpu':
    case 'allocated':
    case 'retained':
    case 'heap':
    case 'rss':
    case 'value':
    case 'reported':
      return `’s ${metricKey(metric)} is`;
    case 'errors':
    case 'crashes':
      return `’s ${metricKey(metric)} are`;
    default:
      return unreachable(metric);
  }
}

/** What a level wants of the figure: something that it allows, or something that it asks for. */
export interface Demand {
  readonly kind: 'allowed' | 'asked';
  readonly words: string;
}

const allowed = (words: string): Demand => ({ kind: 'allowed', words });

/** `its budget allows 10%`. */
function demand(level: Level, { kind, words }: Demand): string {
  switch (level) {
    case 'limit':
      return kind === 'allowed' ? `its budget allows ${words}` : `its budget requires ${words}`;
    case 'acceptable':
      return `${words} is acceptable`;
    case 'target':
      return `its target is ${words}`;
    default:
      return unreachable(level);
  }
}

/** `10% allowed`. */
function shortDemand(level: Level, { kind, words }: Demand): string {
  switch (level) {
    case 'limit':
      return kind === 'allowed' ? `${words} allowed` : `${words} required`;
    case 'acceptable':
      return `${words} acceptable`;
    case 'target':
      return `target ${words}`;
    default:
      return unreachable(level);
  }
}

/** How much slower than the baseline `factor` lets the code be. */
export function allowance(factor: number): Demand {
  if (factor >= 2) return allowed(`${formatQuantity(factor, 'count')} times the time`);
  if (factor > 1) return allowed(formatPercent(factor - 1, 1));
  if (factor === 1) return allowed('no slowdown');
  return { kind: 'asked', words: `${formatPercent(1 - factor, 1)} faster` };
}

function missedTitle(check: CheckResult, result: BudgetResult, against: string): string {
  const factor = speedFactor(check);
  if (factor !== null && result.comparison !== null) {
    return joined(
      member(check) + speedAgainst(result.comparison, against),
      shortDemand(check.level, allowance(factor)),
    );
  }
  const parsed = read(check);
  const figures = figuresOf(check);
  if (parsed === null || figures === null) return plain(check.note ?? result.message);
  const higher = isLower(parsed);
  const asked = higher ? `at least ${figures.bound}` : shortDemand(check.level, allowed(figures.bound));
  return joined(member(check) + prefix(parsed) + figures.measured, asked);
}

function undecidedTitle(result: BudgetResult, against: string): string {
  const open = bySeriousness(result.checks.filter(({ verdict }) => verdict === 'undecided'));
  const { comparison } = result;
  const speed = open.find((check) => speedFactor(check) !== null && check.measured !== null);
  if (comparison !== null && speed !== undefined) {
    return `${member(speed)}${formatPlusMinus(comparison.ratio, comparison)} vs ${against}, undecided`;
  }
  const lead = open[0];
  if (lead === undefined) return plain(result.message);
  if (lead.note !== null) return plain(member(lead) + lead.note);
  const parsed = read(lead);
  const figures = figuresOf(lead);
  return parsed === null || figures === null
    ? plain(result.message)
    : `${member(lead)}${prefix(parsed)}${besideBound(lead, parsed, figures)}, undecided`;
}

/** `1.24 ms of 2 ms`: of the bounds that are quantities the one that is used most, else the time alone. */
function leadingFigure(result: BudgetResult): string | null {
  const check = leadingCheck(result);
  if (check === null) return null;
  const parsed = read(check);
  const figures = figuresOf(check);
  if (parsed === null || figures === null) return null;
  const name = member(check) + prefix(parsed);
  return name + (parsed.bound.kind === 'baseline' ? figures.measured : besideBound(check, parsed, figures));
}

/** `1.24 ms of 2 ms` where an upper bound holds, else `1.19 ms · 240 µs allowed` and `18k ops/s · at least 500 ops/s`. */
export function besideBound(
  { used }: Pick<CheckResult, 'used'>,
  parsed: Pick<ParsedCheck, 'relation'>,
  { measured, bound }: { readonly measured: string; readonly bound: string },
): string {
  if (parsed.relation.startsWith('>')) return `${measured} · at least ${bound}`;
  return (used ?? 0) > 1 ? `${measured} · ${bound} allowed` : `${measured} of ${bound}`;
}

/** The same for a check as it is written. */
export function measuredBesideBound(check: CheckResult): string | null {
  const parsed = read(check);
  const figures = figuresOf(check);
  return parsed === null || figures === null ? null : besideBound(check, parsed, figures);
}

/** The check whose figure stands for the budget; null where nothing was measured. */
export function leadingCheck(result: BudgetResult): CheckResult | null {
  const [worst] = missed(result);
  if (worst !== undefined) return worst;
  const measured = result.checks.filter((check) => check.measured !== null);
  const quantities = measured.filter((check) => read(check)?.bound.kind === 'quantity');
  const lead = quantities.length > 0 ? quantities : measured;
  return lead.toSorted((a, b) => (b.used ?? 0) - (a.used ?? 0))[0] ?? null;
}

/** The checks that do not hold, the most serious first. */
function missed(result: BudgetResult): readonly CheckResult[] {
  return bySeriousness(result.checks.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn'));
}

function bySeriousness(checks: readonly CheckResult[]): readonly CheckResult[] {
  const rank: Readonly<Record<Level, number>> = { limit: 0, acceptable: 1, target: 2 };
  return checks.toSorted((a, b) => rank[a.level] - rank[b.level] || (b.used ?? 0) - (a.used ?? 0));
}

/** What is measured and what it is held against, as text in units that read well; null where either is unknown. */
export function figuresOf(
  check: CheckResult,
  kind = read(check)?.bound.kind,
): { measured: string; bound: string } | null {
  const { measured, bound } = check;
  if (measured === null || bound === null) return null;
  // What the user wrote is exact; what is relative to another figure is known no better than a measurement.
  const relative = kind === 'baseline' || kind === 'reference';
  const asked = figure(bound.value, bound.unit, relative ? around(bound.value, measured) : undefined);
  const plain = (text: string): string => text.replace(/\.0+(?=\D|$)/, '');
  const text = (digits: number): string => figure(measured.value, measured.unit, measured, digits);
  const first = text(3);
  if (measured.value === bound.value || plain(first) !== plain(asked)) return { measured: first, bound: asked };
  // 10.04 µs is over 10 µs, and is not told as 10.0 µs where its interval has the digits.
  const apart = [4, 5].map(text).find((finer) => plain(finer) !== plain(asked));
  return { measured: apart ?? first, bound: asked };
}

/** An interval as wide, in proportion, as that of what was measured. */
function around(value: number, measured: { value: number; low: number; high: number }): Interval {
  return { low: (value * measured.low) / measured.value, high: (value * measured.high) / measured.value };
}

/** The interval of what was measured: `2.28 to 2.35 ms`. */
function rangeOf({ measured }: CheckResult): string | null {
  if (measured === null || !(measured.high > measured.low)) return null;
  const low = figure(measured.low, measured.unit, measured);
  const high = figure(measured.high, measured.unit, measured);
  if (low === high) return null;
  const unit = /(?: |%).*$/.exec(high)?.[0] ?? '';
  return `${low.endsWith(unit) ? low.slice(0, low.length - unit.length) : low} to ${high}`;
}

/** `87%`; a bound that is exceeded many times over needs no exact figure. */
export function formatShare(share: number): string {
  return share >= 10 ? `> ${formatPercent(10)}` : formatPercent(share);
}

function figure(value: number, symbol: string, interval?: Interval, digits?: number): string {
  const unit = freeUnit(symbol);
  // Three errors are three, and no 3.00.
  const isCounted = unit.dimension === 'count' || unit.dimension === 'share';
  const isExact = isCounted && interval !== undefined && interval.low === interval.high;
  const scaled = isExact ? undefined : interval && { low: interval.low * unit.scale, high: interval.high * unit.scale };
  return formatQuantity(value * unit.scale, unit, scaled, digits);
}

/** `−3% vs HEAD`; a claim (`12% faster than HEAD`) where the whole interval is beyond chance and worth a word. */
export function changeAgainst({ comparison }: Pick<BudgetResult, 'comparison'>, against: string): string | null {
  if (comparison === null) return null;
  const { ratio, low, high } = comparison;
  if (ratio === 1 && low === 1 && high === 1) return `same code as ${against}`;
  if (high < 1 && ratio <= 0.95) return speedAgainst(comparison, against);
  return `${formatChange(ratio, comparison)} vs ${against}`;
}

export function speedAgainst(comparison: { ratio: number; low: number; high: number }, against: string): string {
  const speed = formatSpeed(comparison.ratio, comparison);
  return speed === 'as fast' ? `as fast as ${against}` : `${speed} than ${against}`;
}

/** What the ratio of times may be where it is what decides the check; null where something else does. */
function speedFactor(check: CheckResult): number | null {
  const parsed = read(check);
  if (parsed?.bound.kind !== 'baseline') return null;
  const { metric, bound } = parsed;
  // A throughput is the same figure upside down.
  return metric.kind === 'time' ? bound.factor : metric.kind === 'throughput' ? 1 / bound.factor : null;
}

/**
 * How much of a check's bound is used: of a quantity all of it, of a bound on the baseline what it allows on top. Code that
 * has not changed uses nothing of `baseline + 10%`. Null where nothing was measured.
 */
export function shareOf(check: CheckResult): number | null {
  const parsed = read(check);
  if (check.used === null || parsed?.bound.kind !== 'baseline') return check.used;
  const factor = isLower(parsed) ? 1 / parsed.bound.factor : parsed.bound.factor;
  return factor > 1 ? Math.max(0, (check.used * factor - 1) / (factor - 1)) : check.used;
}

function read({ check }: CheckResult): ParsedCheck | null {
  const parsed = parseCheck(check);
  return parsed.ok ? parsed.value : null;
}

/** `index/10,000: ` before the figure of one of several benchmarks. */
const member = ({ benchmark }: CheckResult): string => (benchmark === undefined ? '' : `${benchmark}: `);

/** `p95 ` before a percentile's figure; a time and a throughput are told by their units. */
function prefix({ metric }: ParsedCheck): string {
  return ['time', 'throughput', 'value'].includes(metric.kind) ? '' : `${metricKey(metric)} `;
}

const boundText = ({ check }: CheckResult): string => check.replace(/^.*?[<>=]+ */, '');

export const joined = (...parts: readonly (string | null | undefined)[]): string => parts.filter(Boolean).join(' · ');

/** One line without its full stop, for a title. */
function plain(message: string): string {
  const line = message.trim().split('\n', 1)[0]?.trimEnd() ?? '';
  const short = line.length > longestError ? `${line.slice(0, longestError - 1).trimEnd()}…` : line;
  return short.replace(/\.$/, '');
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function sentence(message: string): string {
  const text = message.trim();
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** The share of a budget that is used: of its limits where it has some, for a missed target breaks nothing. */
export function usedOf(result: BudgetResult): number {
  const of = (checks: readonly CheckResult[]): number =>
    Math.max(...checks.map((check) => shareOf(check) ?? -Infinity));
  const limits = of(result.checks.filter(({ level }) => level === 'limit'));
  return Number.isFinite(limits) ? limits : of(result.checks);
}

/** `1 error`, `2 errors`. */
export function counts(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `just now`, `5 min ago`, `3 h ago`, `2 d ago`; after a month the day. Milliseconds since the epoch. */
export function ago(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  if (minutes < 31 * 24 * 60) return `${Math.floor(minutes / (24 * 60))} d ago`;
  return new Date(at).toISOString().slice(0, 10);
}

/** Whose figures a run has: `here`, the beginning of another machine's id, `import:go`. */
export const machineName = (machine: string | null, here: boolean): string =>
  here ? 'here' : (machine?.replace(/^[0-9a-f]{16}$/, (id) => id.slice(0, 7)) ?? '–');

/** `1a2b3c4`, `1a2b3c4 + changes`; `–` where there is no git. */
export function commitName(commit: string | null, dirty: boolean): string {
  return commit === null ? '–' : commit.slice(0, 7) + (dirty ? ' + changes' : '');
}
