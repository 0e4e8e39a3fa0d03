import type { Baseline, BudgetResult, Verdict } from '../core/measurement.js';
import { findings, marks } from '../core/wording.js';
import { byGravity, closing, columns, nextSteps, openReasons, reason } from '../core/wording-terminal.js';
import type { BudgetView } from '../engine/snapshot.js';
import { allProblems, commonBaseline, elapsedMs, shownPath, warningsOf, type Checked } from './checked.js';
import { table, type Row } from './table.js';
import type { Paint } from './terminal.js';

interface Entry {
  readonly result: BudgetResult;
  readonly view: BudgetView | null;
  readonly baseline: Baseline | null;
}

const colors: Readonly<Record<Verdict, Parameters<Paint>[0]>> = {
  pass: 'green',
  warn: 'yellow',
  fail: 'red',
  undecided: 'cyan',
  error: 'red',
};

/** The report as lines: a line a budget, the worst first; what failed and the next step; the problems; the sum of it. */
export function checkText(
  directory: string,
  checked: readonly Checked[],
  { paint, strict }: { readonly paint: Paint; readonly strict: boolean },
): readonly string[] {
  const entries = checked
    .flatMap(({ report, snapshot }) =>
      report.budgets.map((result): Entry => {
        const view = snapshot.budgets.find(({ budget }) => budget.name === result.name) ?? null;
        return { result, view, baseline: report.baseline };
      }),
    )
    .sort((a, b) => byGravity(a.result, b.result));
  const problems = allProblems(directory, checked);
  const listed = budgetLines(directory, entries, paint);
  const failed = entries.flatMap((entry) => failureLines(directory, entry, paint));
  const open = openReasons(entries.map(({ result }) => result));
  const warnings = new Set(checked.flatMap(({ snapshot }) => warningsOf(snapshot)));
  const shown = problems.map(({ file, line, column, message }) => {
    const color = warnings.has(message) ? 'yellow' : 'cyan';
    return `${paint(color, `${file}:${line}:${column}`)}  ${message}`;
  });
  const wrong = problems.filter(({ message }) => !warnings.has(message)).length;
  const verdicts = entries.map(({ result }) => result.verdict);
  const sum =
    entries.length === 0 && wrong === 0
      ? nothing(checked)
      : closing(verdicts, wrong, elapsedMs(), commonBaseline(checked));
  const bad = wrong > 0 || verdicts.some((one) => one === 'fail' || one === 'error');
  const missing = strict && verdicts.includes('undecided');
  return [...blocks([listed, failed, open, shown]), paint(bad || missing ? ['bold', 'red'] : 'bold', sum)];
}

function nothing(checked: readonly Checked[]): string {
  const any = checked.some(({ snapshot }) => snapshot.budgets.length > 0);
  return any ? 'No budget is about what changed.' : 'There are no budgets yet.';
}

/** Blocks with an empty line after each; empty ones leave none. */
function blocks(all: readonly (readonly string[])[]): readonly string[] {
  return all.flatMap((lines) => (lines.length === 0 ? [] : [...lines, '']));
}

/** `✗ registry lookup   8.1 µs   +14 % (+11 … +17)   allowed 10 %   src/registry.ts:42` */
function budgetLines(directory: string, entries: readonly Entry[], paint: Paint): readonly string[] {
  const rows = entries.map(({ result, view, baseline }): Row => {
    const mark = paint(colors[result.verdict], marks[result.verdict]);
    const broken = result.verdict === 'fail' || result.verdict === 'error';
    const name = `${mark} ${broken ? paint('bold', result.name) : result.name}`;
    const place = paint('dim', placeOf(directory, view));
    const told = columns(result);
    if (told === null) return { cells: [name], rest: [reason(result, baseline), place].join('   ') };
    return { cells: [name, told.measured, told.change, told.allowed, place] };
  });
  return table(rows, ['left', 'right', 'left', 'left', 'left']);
}

/** `src/registry.ts:42`: the function, else the benchmark. */
function placeOf(directory: string, view: BudgetView | null): string {
  const location = view?.code ?? view?.bench ?? view?.budget.location;
  return location === undefined ? '' : `${shownPath(directory, location.file)}:${location.start.line}`;
}

/** What failed in a sentence each, which check says so, and what can be done. */
function failureLines(directory: string, { result, view, baseline }: Entry, paint: Paint): readonly string[] {
  if (result.verdict === 'error') {
    // Its line has said it, unless it was too long for that.
    const short = reason(result, baseline).length >= result.message.trim().replace(/\.$/, '').length;
    return short ? [] : [`${result.name}: ${result.message.trim()}`];
  }
  if (result.verdict !== 'fail') return [];
  const found = findings(result.name, result, baseline?.name ?? 'the baseline');
  const lines = found.flatMap(({ check, message }) => {
    const written = view?.budget.checks.find(({ text }) => text === check)?.location;
    const where = written ?? view?.budget.location;
    const place =
      where === undefined ? [] : [`${shownPath(directory, where.file)}:${where.start.line}:${where.start.column}`];
    return [message, paint('dim', `  ${[...place, check].join('  ')}`)];
  });
  return [...lines, ...nextSteps(found).map((step) => `  ${step}`)];
}
