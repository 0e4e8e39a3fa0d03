import * as l10n from '@vscode/l10n';
import type { ParsedCheck } from '../language/check.js';
import { formatPlusMinus } from '../language/figures.js';
import { isLower, metricKey } from '../language/metric.js';
import { unreachable } from '../result.js';
import type { BudgetResult, CheckResult, Verdict } from '../results/measurement.js';
import type { BudgetState, StaleCause, WaitsFor } from '../results/state.js';
import { bySeriousness, isNotCompared, leadingCheck, member, missed, readCheck, speedFactor } from './check.js';
import { allowance, allowed, shortDemand } from './demand.js';
import { besideBound, changeAgainst, figuresOf, speedAgainst } from './figures.js';
import { concernTitle, differs, leadingConcern } from './concern.js';
import { notComparedWords } from './reason.js';
import { waivedUntil } from './waiver.js';
import { joined } from './words.js';

/**
 * The words for a budget in a lens, a row and a line of the terminal: calm, exact, the figure first. `against` is the baseline's
 * name (`HEAD`, `v3.0.0`). Plain text; `markdown.ts` lays it out.
 */

export const marks: Readonly<Record<Verdict, string>> = { pass: '✓', warn: '⚠', fail: '✗', undecided: '?', error: '!' };

/** Returns the mark of a check. A missed one is as bad as its level: a missed target breaks nothing. */
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

/** About one line of a bench file's error, in characters, is enough above a function. */
const longestError = 120;

/** The title above the function, the benchmark and the entry: `✓ 1.24 ms of 2 ms · −3% vs HEAD`. */
export function stateTitle(state: BudgetState, against: string): string {
  switch (state.kind) {
    case 'unmeasured':
      return l10n.t('not measured yet');
    case 'measuring':
      return joined(
        measuringTitle(state.waitsFor),
        state.previous && l10n.t`was ${shortTitle(state.previous.result, against)}`,
      );
    case 'stale':
      return joined(staleWords[state.cause](), l10n.t`was ${shortTitle(state.previous.result, against)}`);
    case 'known':
      return resultTitle(state.known.result, against);
    default:
      return unreachable(state);
  }
}

const staleWords: Readonly<Record<StaleCause, () => string>> = {
  code: () => l10n.t('stale: the code changed'),
  head: () => l10n.t('stale: HEAD moved'),
  baseline: () => l10n.t('stale: the baseline changed'),
  undecided: () => l10n.t('stale: undecided a while ago'),
  cancelled: () => l10n.t('stale: the run was cancelled'),
};

/** `measuring…`, and what for if it takes longer than usual. */
function measuringTitle(waitsFor: WaitsFor | undefined): string {
  switch (waitsFor) {
    case undefined:
      return l10n.t('measuring…');
    case 'proof':
      return l10n.t('measuring… looks slower, making sure');
    case 'compiler':
      return l10n.t('measuring… looks slower, waiting for V8 to optimize');
    default:
      return unreachable(waitsFor);
  }
}

export function resultTitle(result: BudgetResult, against: string): string {
  return `${marks[result.verdict]} ${headline(result, against)}`;
}

/** The verdict without its mark: `1.24 ms of 2 ms · −3% vs HEAD`, `14% slower than HEAD · 10% allowed`. */
export function headline(result: BudgetResult, against: string): string {
  const change = changeAgainst(result, against);
  const concern = leadingConcern(result);
  if (concern !== null) {
    // A title has room for what is wrong; the hover says what to do about it.
    const [words = ''] = concernTitle(concern).split('; ', 1);
    return joined(
      plain(words),
      differs(concern) ? certainChange(result, against) : null,
      result.waived && waivedUntil(result.waived),
    );
  }
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
      return speedFactor(readCheck(lead)) === null ? joined(words, change, staleness(result)) : words;
    }
    case 'undecided':
      return undecidedTitle(result, against);
    case 'error':
      return plain(result.message);
    default:
      return unreachable(result.verdict);
  }
}

/** `50% slower than HEAD`, if the change is beyond chance; null if it is not. */
function certainChange({ comparison }: BudgetResult, against: string): string | null {
  if (comparison === null || (comparison.low <= 1 && comparison.high >= 1)) return null;
  return speedAgainst(comparison, against);
}

/** Returns the note on the age of a figure recorded by hand long ago; null for any other. */
function staleness({ checks }: BudgetResult): string | null {
  return checks.find((check) => readCheck(check)?.metric.kind === 'value')?.note ?? null;
}

/** Returns the previous result in short, to show beside the current state: the figure alone. */
function shortTitle(result: BudgetResult, against: string): string {
  const figure = result.verdict === 'pass' ? leadingFigure(result) : null;
  return `${marks[result.verdict]} ${figure ?? headline(result, against)}`;
}

function missedTitle(check: CheckResult, result: BudgetResult, against: string): string {
  const parsed = readCheck(check);
  const factor = speedFactor(parsed);
  if (factor !== null && result.comparison !== null) {
    return joined(
      member(check) + speedAgainst(result.comparison, against),
      shortDemand(check.level, allowance(factor)),
    );
  }
  const figures = figuresOf(check);
  if (parsed === null || figures === null) return plain(check.note ?? result.message);
  const higher = isLower(parsed);
  const asked = higher ? l10n.t`at least ${figures.bound}` : shortDemand(check.level, allowed(figures.bound));
  return joined(member(check) + prefix(parsed) + figures.measured, asked);
}

function undecidedTitle(result: BudgetResult, against: string): string {
  const open = bySeriousness(result.checks.filter(({ verdict }) => verdict === 'undecided'));
  const { comparison } = result;
  const speed = open.find((check) => speedFactor(readCheck(check)) !== null && check.measured !== null);
  if (comparison !== null && speed !== undefined) {
    const change = member(speed) + formatPlusMinus(comparison.ratio, comparison);
    return speed.unsettled === true
      ? l10n.t`${change} vs ${against}, undecided: not fully optimized`
      : l10n.t`${change} vs ${against}, undecided`;
  }
  const lead = open[0];
  if (lead === undefined) return plain(result.message);
  if (isNotCompared(result)) {
    const why = plain(notComparedWords(result.why ?? ''));
    return joined(leadingFigure(result), why);
  }
  if (lead.note !== null) return plain(member(lead) + lead.note);
  const parsed = readCheck(lead);
  const figures = figuresOf(lead);
  return parsed === null || figures === null
    ? plain(result.message)
    : l10n.t`${member(lead)}${prefix(parsed)}${besideBound(lead, parsed, figures)}, undecided`;
}

/** `1.24 ms of 2 ms`: the most used of the bounds that are quantities, otherwise the figure alone. */
function leadingFigure(result: BudgetResult): string | null {
  const check = leadingCheck(result);
  if (check === null) return null;
  const parsed = readCheck(check);
  const figures = figuresOf(check);
  if (parsed === null || figures === null) return null;
  const name = member(check) + prefix(parsed);
  return name + (parsed.bound.kind === 'baseline' ? figures.measured : besideBound(check, parsed, figures));
}

/** `p95 ` before a percentile's figure; a time and a throughput are recognised by their units. */
function prefix({ metric }: ParsedCheck): string {
  return ['time', 'throughput', 'value'].includes(metric.kind) ? '' : `${metricKey(metric)} `;
}

/** Shortens a message to one line without its full stop, for a title. */
function plain(message: string): string {
  const line = message.trim().split('\n', 1)[0]?.trimEnd() ?? '';
  const short = line.length > longestError ? `${line.slice(0, longestError - 1).trimEnd()}…` : line;
  return short.replace(/\.$/, '');
}
