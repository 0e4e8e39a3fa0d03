import * as l10n from '@vscode/l10n';
import type { Check, Metric, Relation } from './budget.js';
import { neverExact, readBound, type Related } from './check-bound.js';
import { readMetric, readMetricAlone } from './check-metric.js';
import { Scanner } from './check-scanner.js';
import { isExact, metricKey } from './metric.js';
import type { Range } from '../problem.js';
import type { TextProblem } from './quantity.js';
import { err, ok, type Result } from '../result.js';

/** A parsed check, without its level and its location. */
export interface ParsedCheck extends Pick<Check, 'metric' | 'relation' | 'bound' | 'text'> {
  /** Where its parts stand in the parsed text; `name` is the name of a reference, with its quotes. */
  readonly ranges: {
    readonly metric: Range;
    readonly relation: Range;
    readonly bound: Range;
    readonly name: Range | null;
  };
}

/** `range` is in the check's text; `suggestion` would replace it. */
export type CheckProblem = TextProblem;

export { levelBefore } from './check-metric.js';

const relations: readonly Relation[] = ['<=', '<', '>=', '>', '='];

const misspeltRelations: Readonly<Record<string, Relation>> = {
  '==': '=',
  '===': '=',
  '=<': '<=',
  '=>': '>=',
  '≤': '<=',
  '≥': '>=',
  '⩽': '<=',
  '⩾': '>=',
};

const relationSigns = /[<>=≤≥⩽⩾!~]+/y;
const uneven = /^\s|\s$|[^\S ]| {2}/;
/** Nobody writes longer ones, and the patterns need not cope with more. */
const longest = 2_000;
const shortened = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/**
 * Reads one check, `metric relation bound`. The message of a problem begins with the check itself. `misfit` says whether the
 * check fits its budget.
 */
export function parseCheck(text: string): Result<ParsedCheck, CheckProblem> {
  if (text.length > longest) {
    const message = l10n.t`"${shortened(text, 80)}": a check must be one short line, such as p95 <= 10 ms.`;
    return err({ range: { start: 0, end: text.length }, message });
  }
  const folded = uneven.test(text)
    ? text.trim().replaceAll(/("[^"]*"|'[^']*')|\s+/g, (_, quoted?: string) => quoted ?? ' ')
    : text;
  const scanner = new Scanner(text);
  const read = readCheck(scanner, folded);
  if (read !== null) return ok(read);
  const { problem } = scanner;
  return err(folded === '' ? problem : { ...problem, message: `"${shortened(folded, 80)}": ${problem.message}` });
}

/** Reads a metric alone, as the steps of a regression name it. */
export function parseMetric(text: string): Result<Metric, CheckProblem> {
  const scanner = new Scanner(shortened(text, longest));
  const metric = readMetricAlone(scanner);
  return metric === null ? err(scanner.problem) : ok(metric);
}

/** `text` is the check as the user is shown it. */
function readCheck(scanner: Scanner, text: string): ParsedCheck | null {
  scanner.skipSpaces();
  const start = scanner.at;
  const metric = readMetric(scanner);
  if (metric === null) return null;
  const metricRange = { start, end: scanner.at };
  const relation = readRelation(scanner, metric);
  if (relation === null) return null;
  scanner.skipSpaces();
  const bound = readBound(scanner, metric, relation);
  if (bound === null) return null;
  const boundRange = { start: bound.start, end: scanner.at };
  scanner.skipSpaces();
  if (scanner.at < scanner.text.length) {
    const rest = scanner.rest();
    return scanner.fail(rest, l10n.t`unexpected ${scanner.slice(rest)} after the bound.`);
  }
  const ranges = { metric: metricRange, relation: relation.range, bound: boundRange, name: bound.name };
  return { text, metric, relation: relation.word, bound: bound.bound, ranges };
}

function readRelation(scanner: Scanner, metric: Metric): Related | null {
  scanner.skipSpaces();
  const range = scanner.take(relationSigns);
  const word = scanner.slice(range);
  const relation = relations.find((known) => known === word);
  if (relation === '=' && !isExact(metric)) return neverExact(scanner, metric, range);
  if (relation !== undefined) return { word: relation, range };
  const all = isExact(metric) ? l10n.t('<, <=, =, > or >=') : l10n.t('<, <=, > or >=');
  if (word === '') return scanner.fail(scanner.rest(), l10n.t`write a relation after ${metricKey(metric)}: ${all}.`);
  const meant = Object.hasOwn(misspeltRelations, word) ? misspeltRelations[word] : undefined;
  return scanner.fail(
    range,
    meant === undefined
      ? l10n.t`${word} is not a relation: write ${all}.`
      : l10n.t`${word} is not a relation; did you mean ${meant}?`,
    meant ?? null,
  );
}
