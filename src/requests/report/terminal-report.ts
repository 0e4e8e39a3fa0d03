import * as l10n from '@vscode/l10n';
import type { Verdict } from '../../core/results/measurement.js';
import {
  againstOf,
  furtherProblems,
  grouped,
  groupName,
  interruption,
  problemOf,
  placeText,
  strictWords,
  worstFirst,
  type BudgetEntry,
  type CheckDocument,
  type Group,
} from '../../core/formats/reporters/document.js';
import { closing, columns, nextSteps, openReasons, unchangedText } from '../../core/text/terminal.js';
import type { ProjectCheck } from './project-check.js';
import { checkDocument } from './document.js';
import { table, widthOf, wrapped, type Row } from '../lines/table.js';
import type { Paint } from '../lines/paint.js';
import { headline, marks } from '../../core/text/title.js';
import { findings } from '../../core/text/finding.js';
import { causeLine, causesText } from '../../core/text/cause.js';

export const colors: Readonly<Record<Verdict, Parameters<Paint>[0]>> = {
  pass: 'green',
  warn: 'yellow',
  fail: 'red',
  undecided: 'cyan',
  error: 'red',
};

interface Options {
  readonly paint: Paint;
  readonly strict: boolean;
  /** The last line if no budget was judged. */
  readonly nothing: string;
  /** The columns of the terminal; unlimited if it is none. */
  readonly width?: number;
}

/** Returns the report of several projects as lines; a capture compares a commit with itself on purpose. */
export const checkText = (
  directory: string,
  checked: readonly ProjectCheck[],
  options: Pick<Options, 'paint' | 'strict'>,
): readonly string[] =>
  terminalReport(omit(checkDocument(directory, checked)), { ...options, nothing: noBudgets(checked) });

const omit = (document: CheckDocument): CheckDocument => {
  const { unchanged, ...rest } = document;
  return unchanged === undefined ? document : rest;
};

/** Returns why no budget was judged. */
export function noBudgets(checked: readonly ProjectCheck[]): string {
  const any = checked.some(({ snapshot }) => snapshot.budgets.length > 0);
  return any ? l10n.t('No budget depends on the changed files.') : l10n.t('There are no budgets yet.');
}

/** Returns the report as lines: one per budget, the worst first; what failed, and the next steps; the problems; a summary. */
export function terminalReport(
  document: CheckDocument,
  { paint, strict, nothing, width = Infinity }: Options,
): readonly string[] {
  const entries = worstFirst(document);
  const { elapsedMs, baseline } = document;
  const problems = furtherProblems(document);
  const listed = budgetLines(document, entries, paint, width);
  const failed = failureLines(document, entries, paint);
  const shown = problems.map(
    (problem) => `${paint(problem.warning === true ? 'yellow' : 'cyan', placeText(problem))}  ${problem.message}`,
  );
  const inWidth = (lines: readonly string[]): readonly string[] => lines.flatMap((line) => wrapped(line, width, '  '));
  const wrong = problems.filter(({ warning }) => warning !== true).length;
  const verdicts = entries.map(({ verdict }) => verdict);
  const interrupted = interruption(document);
  const isEmpty = entries.length === 0 && wrong === 0;
  const bad = interrupted !== null || wrong > 0 || verdicts.some((one) => one === 'fail' || one === 'error');
  const sum = [
    ...(interrupted === null ? [] : [interrupted]),
    ...(isEmpty
      ? interrupted === null
        ? [nothing]
        : []
      : [closing(entries, wrong, elapsedMs, baseline) + (bad ? '' : strictWords(document, strict))]),
  ].join(' ');
  const missing = strictWords(document, strict) !== '';
  const same = document.unchanged === true && baseline !== null ? [unchangedText(baseline)] : [];
  return [
    ...blocks([listed, ...[failed, openReasons(entries), shown, same].map(inWidth)]),
    ...wrapped(sum, width).map((line) => paint(bad || missing ? ['bold', 'red'] : 'bold', line)),
  ];
}

/** Returns the lines of all blocks, with an empty line after each block that has any. */
function blocks(all: readonly (readonly string[])[]): readonly string[] {
  return all.flatMap((lines) => (lines.length === 0 ? [] : [...lines, '']));
}

/** How much of a place is shown: `src/registry.ts:42`, `registry.ts:42`, nothing. */
type PlaceForm = 'path' | 'name' | 'none';

/** What gives way first in a terminal that is too narrow; then the names are cut. */
const forms: readonly (readonly [PlaceForm, withInterval: boolean])[] = [
  ['path', true],
  ['name', true],
  ['none', true],
  ['none', false],
];

/** Returns a line per budget: `✗ registry lookup   8.1 µs   +14% (+11 … +17)   allowed 10%   src/registry.ts:42`. */
function budgetLines(
  document: CheckDocument,
  entries: readonly BudgetEntry[],
  paint: Paint,
  width: number,
): readonly string[] {
  const alignments = ['left', 'right', 'left', 'left', 'left'] as const;
  let rows: readonly Row[] = [];
  for (const [form, withInterval] of forms) {
    rows = grouped(entries).map((group) => budgetRow(document, group, { paint, form, withInterval }));
    const figures = table(
      rows.filter(({ rest }) => rest === undefined),
      alignments,
    );
    if (figures.every((line) => widthOf(line) <= width)) break;
  }
  return table(rows, alignments, width);
}

function budgetRow(
  document: CheckDocument,
  group: Group,
  { paint, form, withInterval }: { readonly paint: Paint; readonly form: PlaceForm; readonly withInterval: boolean },
): Row {
  const [entry] = group;
  const { verdict } = entry;
  const mark = paint(colors[verdict], marks[verdict]);
  const broken = verdict === 'fail' || verdict === 'error';
  const name = groupName(group);
  const title = `${mark} ${broken ? paint('bold', name) : name}`;
  const { place } = entry;
  const cells = columns(entry);
  if (cells === null) {
    const problem = problemOf(document, entry);
    const where = problem === null ? whereText(entry) : placeText(problem);
    const rest = [headline(entry, againstOf(entry, document)), paint('dim', where)];
    return { cells: [title], rest: rest.filter(Boolean).join('   ') };
  }
  const file = form === 'name' ? place?.file.replace(/^.*\//, '') : place?.file;
  const where = place === undefined || form === 'none' ? '' : `${file ?? ''}:${place.line}`;
  const change = withInterval ? cells.change : cells.change.replace(/ \(.*\)$/, '');
  return { cells: [title, cells.measured, change, cells.allowed, paint('dim', where)] };
}

/** Where a benchmark failed, to the column; of any other, where it is shown. */
function whereText({ failure, place }: BudgetEntry): string {
  if (failure !== undefined) return placeText(failure);
  return place === undefined ? '' : `${place.file}:${place.line}`;
}

/** Returns a sentence for each failure with the check that failed, and what can be done: once for failures in a row. */
function failureLines(document: CheckDocument, entries: readonly BudgetEntry[], paint: Paint): readonly string[] {
  const broken = grouped(entries).map((group) => failureOf(document, group, paint));
  const failures = broken.filter(({ lines }) => lines.length > 0);
  return failures.flatMap(({ lines, steps }, index) => {
    const next = failures[index + 1]?.steps.join('\n');
    return [...lines, ...(steps.join('\n') === next ? [] : steps.map((step) => `  ${step}`))];
  });
}

interface Failure {
  readonly lines: readonly string[];
  readonly steps: readonly string[];
}

function failureOf(document: CheckDocument, group: Group, paint: Paint): Failure {
  const [entry] = group;
  const against = againstOf(entry, document);
  if (entry.verdict === 'error') {
    // The budget's line already has the sentence, unless it was too long.
    const short = headline(entry, against).length >= entry.message.trim().replace(/\.$/, '').length;
    return { lines: short ? [] : [`${groupName(group)}: ${entry.message.trim()}`], steps: [] };
  }
  if (entry.verdict !== 'fail') return { lines: [], steps: [] };
  const found = findings(entry.name, entry, against);
  const lines = found.flatMap(({ check, message }) => {
    const where = entry.checks.find((one) => one.check === check)?.place ?? entry.written;
    const place = where === undefined ? [] : [placeText(where)];
    return [message, paint('dim', `  ${[...place, ...(check === null ? [] : [check])].join('  ')}`)];
  });
  return { lines: [...lines, ...causesOf(entry, paint)], steps: nextSteps(found) };
}

/** Returns a line for each cause of a broken budget, with what V8 reported below it. */
function causesOf(entry: BudgetEntry, paint: Paint): readonly string[] {
  const text = causesText(entry);
  if (text === null) return [];
  const causes = text.causes.flatMap(({ words }) => [
    `  ${causeLine(words)}`,
    ...words.reasons.map((reason) => paint('dim', `    ${reason}`)),
  ]);
  const last = [text.more, text.note].flatMap((line) => (line === null ? [] : [paint('dim', `  ${line}`)]));
  return [...causes, ...last];
}
