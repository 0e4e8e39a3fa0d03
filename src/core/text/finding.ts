import * as l10n from '@vscode/l10n';
import type { Level } from '../language/budget.js';
import type { ParsedCheck } from '../language/check.js';
import { formatInterval } from '../language/figures.js';
import { isLower, metricKey } from '../language/metric.js';
import { unreachable } from '../result.js';
import type { BudgetResult, CheckResult, Concern } from '../results/measurement.js';
import { concernSentence } from './concern.js';
import { missed, readCheck, speedFactor } from './check.js';
import { allowance, allowed, demand } from './demand.js';
import { figure, figuresOf, speedAgainst } from './figures.js';
import { waiverText } from './waiver.js';
import { ended } from './words.js';

/** A missed check, or a benchmark that could not run, as a sentence for a diagnostic or a CI notice. */
export interface Finding {
  readonly level: Level;
  /** The check as the user wrote it; null if the benchmark could not run, or if no check says this. */
  readonly check: string | null;
  readonly message: string;
  /** Set if it is a concern, and not a check. */
  readonly concern?: Concern['kind'];
}

/** Returns the sentences about `subject` (the function's name), most serious first; no two about the same figure. */
export function findings(subject: string, result: BudgetResult, against: string): readonly Finding[] {
  if (result.verdict === 'error') {
    return [{ level: 'limit', check: null, message: l10n.t`${subject} was not measured: ${ended(result.message)}` }];
  }
  const seen = new Set<string>();
  const ofChecks = missed(result).flatMap((check): readonly Finding[] => {
    const parsed = readCheck(check);
    // A missed limit says all that a missed target on the same figure would.
    const key = parsed === null ? check.check : `${metricKey(parsed.metric)} ${parsed.relation} ${parsed.bound.kind}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const message = missedSentence(subject, check, result, against);
    return [{ check: check.check, ...waived(check.level, message, result) }];
  });
  const ofConcerns = (verdict: Concern['verdict'], level: Level): readonly Finding[] =>
    (result.concerns ?? [])
      .filter((concern) => concern.verdict === verdict)
      .map((concern): Finding => {
        return { check: null, concern: concern.kind, ...waived(level, concernSentence(subject, concern), result) };
      });
  // Code that returns something else is not the same code, faster or slower: that comes first, also while it is waived.
  return [...ofConcerns('fail', 'limit'), ...ofChecks, ...ofConcerns('warn', 'acceptable')];
}

/** A waived budget warns: it breaks nothing yet. */
function waived(level: Level, message: string, { waived }: BudgetResult): Pick<Finding, 'level' | 'message'> {
  if (waived === undefined || level !== 'limit') return { level, message };
  return { level: 'acceptable', message: `${message} ${ended(capital(waiverText(waived)))}` };
}

function missedSentence(subject: string, check: CheckResult, result: BudgetResult, against: string): string {
  const who = check.benchmark === undefined ? subject : `${subject} (${check.benchmark})`;
  const parsed = readCheck(check);
  const factor = speedFactor(parsed);
  const { comparison } = result;
  if (factor !== null && comparison !== null) {
    const words = l10n.t`${who} is ${speedAgainst(comparison, against)} (${formatInterval(comparison, 'to')})`;
    return `${words}; ${demand(check.level, allowance(factor))}.`;
  }
  const figures = figuresOf(check);
  if (parsed === null || figures === null) return ended(`${who}: ${check.note ?? result.message}`);
  const range = rangeOf(check);
  const known = range === null ? figures.measured : `${figures.measured} (${range})`;
  const higher = isLower(parsed);
  const relative = parsed.bound.kind === 'quantity' ? '' : ` (${boundText(check)})`;
  const asked = higher ? { kind: 'asked' as const, words: l10n.t`at least ${figures.bound}` } : allowed(figures.bound);
  return `${measuredWords(parsed, who, known)}; ${demand(check.level, asked)}${relative}.`;
}

function measuredWords({ metric }: ParsedCheck, who: string, known: string): string {
  switch (metric.kind) {
    case 'time':
      return l10n.t`${who} takes ${known}`;
    case 'throughput':
      return l10n.t`${who} does ${known}`;
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
      return l10n.t`${who}’s ${metricKey(metric)} is ${known}`;
    case 'errors':
    case 'crashes':
      return l10n.t`${who}’s ${metricKey(metric)} are ${known}`;
    default:
      return unreachable(metric);
  }
}

/** Returns the measured interval: `2.28 to 2.35 ms`. */
function rangeOf({ measured }: CheckResult): string | null {
  if (measured === null || !(measured.high > measured.low)) return null;
  const low = figure(measured.low, measured.unit, measured);
  const high = figure(measured.high, measured.unit, measured);
  if (low === high) return null;
  const unit = /(?: |%).*$/.exec(high)?.[0] ?? '';
  return l10n.t`${low.endsWith(unit) ? low.slice(0, low.length - unit.length) : low} to ${high}`;
}

const boundText = ({ check }: CheckResult): string => check.replace(/^.*?[<>=]+ */, '');

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
