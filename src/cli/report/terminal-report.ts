import type { Verdict } from '../../core/results/measurement.js';
import { failsStrict } from '../../core/results/strict.js';
import {
  againstOf,
  placeText,
  worstFirst,
  type BudgetEntry,
  type CheckDocument,
} from '../../core/formats/reporters/document.js';
import { closing, columns, nextSteps, openReasons, unchangedText } from '../../core/text/terminal.js';
import type { ProjectCheck } from './project-check.js';
import { checkDocument } from './document.js';
import { table, type Row } from '../terminal/table.js';
import type { Paint } from '../terminal/terminal.js';
import { headline, marks } from '../../core/text/title.js';
import { findings } from '../../core/text/finding.js';

const colors: Readonly<Record<Verdict, Parameters<Paint>[0]>> = {
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
  return any ? 'No budget depends on the changed files.' : 'There are no budgets yet.';
}

/** Returns the report as lines: one per budget, the worst first; what failed, and the next steps; the problems; a summary. */
export function terminalReport(document: CheckDocument, { paint, strict, nothing }: Options): readonly string[] {
  const entries = worstFirst(document);
  const { problems, elapsedMs, baseline } = document;
  const listed = budgetLines(document, entries, paint);
  const failed = entries.flatMap((entry) => failureLines(document, entry, paint));
  const shown = problems.map(
    (problem) => `${paint(problem.warning === true ? 'yellow' : 'cyan', placeText(problem))}  ${problem.message}`,
  );
  const wrong = problems.filter(({ warning }) => warning !== true).length;
  const verdicts = entries.map(({ verdict }) => verdict);
  const sum = entries.length === 0 && wrong === 0 ? nothing : closing(entries, wrong, elapsedMs, baseline);
  const bad = wrong > 0 || verdicts.some((one) => one === 'fail' || one === 'error');
  const missing = strict && (entries.some(failsStrict) || document.unchanged === true);
  const same = document.unchanged === true && baseline !== null ? [unchangedText(baseline)] : [];
  return [
    ...blocks([listed, failed, openReasons(entries), shown, same]),
    paint(bad || missing ? ['bold', 'red'] : 'bold', sum),
  ];
}

/** Returns the lines of all blocks, with an empty line after each block that has any. */
function blocks(all: readonly (readonly string[])[]): readonly string[] {
  return all.flatMap((lines) => (lines.length === 0 ? [] : [...lines, '']));
}

/** Returns a line per budget: `✗ registry lookup   8.1 µs   +14% (+11 … +17)   allowed 10%   src/registry.ts:42`. */
function budgetLines(document: CheckDocument, entries: readonly BudgetEntry[], paint: Paint): readonly string[] {
  const rows = entries.map((entry): Row => {
    const { verdict, name } = entry;
    const mark = paint(colors[verdict], marks[verdict]);
    const broken = verdict === 'fail' || verdict === 'error';
    const title = `${mark} ${broken ? paint('bold', name) : name}`;
    const place = paint('dim', whereText(entry));
    const cells = columns(entry);
    if (cells === null)
      return { cells: [title], rest: [headline(entry, againstOf(entry, document)), place].join('   ') };
    return { cells: [title, cells.measured, cells.change, cells.allowed, place] };
  });
  return table(rows, ['left', 'right', 'left', 'left', 'left']);
}

/** Where a benchmark failed, to the column; of any other, where it is shown. */
function whereText({ failure, place }: BudgetEntry): string {
  if (failure !== undefined) return placeText(failure);
  return place === undefined ? '' : `${place.file}:${place.line}`;
}

/** Returns a sentence for each failure with the check that failed, and then what can be done. */
function failureLines(document: CheckDocument, entry: BudgetEntry, paint: Paint): readonly string[] {
  const against = againstOf(entry, document);
  if (entry.verdict === 'error') {
    // The budget's line already has the sentence, unless it was too long.
    const short = headline(entry, against).length >= entry.message.trim().replace(/\.$/, '').length;
    return short ? [] : [`${entry.name}: ${entry.message.trim()}`];
  }
  if (entry.verdict !== 'fail') return [];
  const found = findings(entry.name, entry, against);
  const lines = found.flatMap(({ check, message }) => {
    const where = entry.checks.find((one) => one.check === check)?.place ?? entry.written;
    const place = where === undefined ? [] : [placeText(where)];
    return [message, paint('dim', `  ${[...place, ...(check === null ? [] : [check])].join('  ')}`)];
  });
  return [...lines, ...nextSteps(found).map((step) => `  ${step}`)];
}
