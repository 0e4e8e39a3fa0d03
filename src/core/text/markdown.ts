import { formatChange, formatTime } from '../language/figures.js';
import type { BudgetResult, CheckResult } from '../results/measurement.js';
import { lastResult, type BudgetState } from '../results/state.js';
import { checkMark, marks, stateTitle } from './title.js';
import { figuresOf, formatShare, measuredBesideBound } from './figures.js';
import { leadingCheck, shareOf, usedOf } from './check.js';
import { ago, commitName } from './words.js';

/** Lays out results as Markdown for a hover or a report; the words are from `title.ts` and `figures.ts`. */

/** Escapes any text so that Markdown shows it as written, also in a table cell. */
export function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()#+\-.!|<>&~$]/g, '\\$&').replaceAll(/\s*[\r\n]+\s*/g, ' ');
}

/**
 * Returns a table; `figures` are the numeric columns, from 0. Cells end in `padding`, because a hover does not space its columns; a
 * web page does.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  figures: readonly number[] = [],
  padding: ' ' | ' &nbsp;' = ' &nbsp;',
): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell + padding).join('| ')}|`;
  const rule = head.map((_, column) => (figures.includes(column) ? '--:' : ':--'));
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** Returns a table of the checks: what was measured, the bound, and how much of it is used. */
export function checksTable(checks: readonly CheckResult[]): string {
  const rows = checks.map((check) => {
    const figures = figuresOf(check);
    const share = shareOf(check);
    return [
      escapeMarkdown(checkMark(check)),
      escapeMarkdown(check.check),
      escapeMarkdown(figures?.measured ?? check.note ?? '–'),
      figures?.bound ?? '–',
      share === null ? '–' : escapeMarkdown(formatShare(share)),
    ];
  });
  return table(['', 'Check', 'Measured', 'Bound', 'Used'], rows, [2, 3, 4]);
}

/** Returns why checks are undecided whose row in the table has figures and so no place for that. */
export function openNotes(checks: readonly CheckResult[]): readonly string[] {
  const open = checks.filter((check) => check.verdict === 'undecided' && figuresOf(check) !== null);
  return [...new Set(open.flatMap(({ note }) => note ?? []))];
}

/** One run from the history. */
export interface Run {
  readonly at: number;
  readonly commit: string | null;
  readonly dirty: boolean;
  readonly result: BudgetResult;
  /** Nanoseconds per iteration. */
  readonly time: { readonly value: number; readonly low: number; readonly high: number } | null;
}

/** Returns the cells of one run: verdict, when, commit, value, change against its baseline. */
function runCells({ at, commit, dirty, result, time }: Run, now: number): readonly string[] {
  const { comparison } = result;
  return [
    marks[result.verdict],
    ago(at, now),
    commitName(commit, dirty),
    time === null ? '–' : formatTime(time.value, time),
    comparison === null ? '–' : formatChange(comparison.ratio, comparison),
  ];
}

const runHeads = ['', 'When', 'Commit', 'Time', 'Change'];

export function runsTable(runs: readonly Run[], now: number): string {
  return table(
    runHeads,
    runs.map((run) => runCells(run, now).map(escapeMarkdown)),
    [3, 4],
  );
}

/** One budget in the status bar's tooltip. */
export interface Row {
  readonly name: string;
  readonly state: BudgetState;
  readonly against: string;
}

/** Returns a table of the budgets, worst first: at most `most` rows, then the number of the others. */
export function budgetsTable(rows: readonly Row[], most: number): string {
  const sorted = rows.toSorted((a, b) => weight(b.state) - weight(a.state));
  const lines = sorted.slice(0, most).map(({ name, state, against }) => {
    const result = lastResult(state);
    const check = result && leadingCheck(result);
    const figures = check && measuredBesideBound(check);
    const change = result?.comparison ? formatChange(result.comparison.ratio, result.comparison) : '–';
    const said = figures ?? escapeMarkdown(stateTitle(state, against));
    const mark = state.kind === 'known' ? marks[state.known.result.verdict] : state.kind === 'unmeasured' ? '' : '…';
    return [escapeMarkdown(mark), escapeMarkdown(name), said, escapeMarkdown(change)];
  });
  const rest = rows.length - lines.length;
  return table(['', 'Budget', 'Measured', 'Change'], lines, [3]) + (rest > 0 ? `\n\nand ${rest} more` : '');
}

/** Ranks errors first, then broken budgets, warnings and undecided ones; equals by how much is used. */
function weight(state: BudgetState): number {
  const result = lastResult(state);
  if (result === null) return -1;
  const used = usedOf(result);
  const order = { pass: 0, undecided: 1, warn: 2, fail: 3, error: 4 } as const;
  return order[result.verdict] * 1000 + (Number.isFinite(used) ? Math.min(used, 999) : 0);
}
