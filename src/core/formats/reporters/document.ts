import * as l10n from '@vscode/l10n';
import { failsStrict } from '../../results/strict.js';
import type { BudgetResult, CheckResult, Report, Verdict } from '../../results/measurement.js';
import { byGravity } from '../../text/rank.js';
import { interruptedWords } from '../../text/terminal.js';

/** A place in a file: the path relative to the working directory, with `/`; line and column from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface CheckEntry extends CheckResult {
  /** Where it is written; absent for a check that nobody wrote. */
  readonly place?: Place;
}

export interface BudgetEntry extends BudgetResult {
  readonly checks: readonly CheckEntry[];
  /** Where it is shown: the function, else the benchmark, else the budget itself. */
  readonly place?: Place;
  /** Where the budget is written. */
  readonly written?: Place;
  /** Absent if it has none. */
  readonly tags?: readonly string[];
  /** The name of its baseline, if the budgets of a document have different ones. */
  readonly against?: string;
}

export interface ProblemEntry extends Place {
  readonly message: string;
  /** Shown, but no reason to fail. */
  readonly warning?: true;
}

/** What `check --json` prints and all that a reporter gets; `merge` reads it back. */
export interface CheckDocument extends Report {
  readonly budgets: readonly BudgetEntry[];
  readonly problems: readonly ProblemEntry[];
  /** Which part of the budgets this is; absent if it is all of them. */
  readonly shard?: { readonly index: number; readonly count: number };
  /** The budgets without a result, because the check was interrupted; absent if it was not. */
  readonly unchecked?: readonly string[];
}

/** Returns the name of what a budget is compared with. */
export const againstOf = ({ against }: BudgetEntry, { baseline }: CheckDocument): string =>
  against ?? baseline?.name ?? 'the baseline';

/** Says that the check was interrupted, in a sentence; null if it was not. */
export const interruption = ({ unchecked = [], budgets }: CheckDocument): string | null =>
  unchecked.length === 0 ? null : interruptedWords(unchecked.length, budgets.length);

/** Returns why `--strict` fails what nothing else fails, for the summary; empty if it does not. */
export const strictWords = ({ budgets, unchanged }: CheckDocument, strict: boolean): string =>
  strict && (unchanged === true || budgets.some(failsStrict)) ? '; --strict fails this' : '';

/** Returns the problem that is the reason why a budget was not measured; null if there is none with that place. */
export function problemOf(
  { problems }: CheckDocument,
  { verdict, message, written }: BudgetEntry,
): ProblemEntry | null {
  if (verdict !== 'error') return null;
  const found = byMessage(problems).get(bare(message)) ?? [];
  return found.find(({ file, line }) => file === written?.file && line >= written.line) ?? found[0] ?? null;
}

/** Returns the problems that no budget already reports as its error. */
export function furtherProblems({ problems, budgets }: CheckDocument): readonly ProblemEntry[] {
  const broken = budgets.filter(({ verdict }) => verdict === 'error');
  const reported = new Set(broken.map(({ message }) => bare(message)));
  // Of a benchmark that is missing, a budget may know more: that the baseline has it.
  const missing = [...new Set(broken.map(({ benchmark }) => l10n.t`There is no benchmark "${benchmark}"`))];
  return problems.filter(
    ({ message }) => !reported.has(bare(message)) && !missing.some((words) => message.includes(words)),
  );
}

/** There may be thousands of problems, and each budget asks. */
const indexes = new WeakMap<readonly ProblemEntry[], ReadonlyMap<string, readonly ProblemEntry[]>>();

function byMessage(problems: readonly ProblemEntry[]): ReadonlyMap<string, readonly ProblemEntry[]> {
  const known = indexes.get(problems);
  if (known !== undefined) return known;
  const index = new Map<string, ProblemEntry[]>();
  for (const problem of problems) {
    const key = bare(problem.message);
    const same = index.get(key);
    if (same === undefined) index.set(key, [problem]);
    else same.push(problem);
  }
  indexes.set(problems, index);
  return index;
}

/** Budgets that share one error. */
export type Group = readonly [BudgetEntry, ...BudgetEntry[]];

/** Groups budgets by their error; every other budget is a group of its own. */
export function grouped(entries: readonly BudgetEntry[]): readonly Group[] {
  const groups = new Map<string, [BudgetEntry, ...BudgetEntry[]]>();
  for (const [index, entry] of entries.entries()) {
    const key = entry.verdict === 'error' ? entry.message : String(index);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return [...groups.values()];
}

/** How many names a line lists. */
const listed = 3;

/** `parse`, `parse, print, walk and 2 more`. */
export function groupName(group: Group): string {
  const names = group.slice(0, listed).map(({ name }) => name);
  return names.join(', ') + (group.length > listed ? ` and ${group.length - listed} more` : '');
}

/** A message as a part of a sentence: without a capital and a full stop. */
const bare = (message: string): string => message.charAt(0).toLowerCase() + message.slice(1).trim().replace(/\.$/, '');

export const worstFirst = ({ budgets }: CheckDocument): readonly BudgetEntry[] => budgets.toSorted(byGravity);

const mildestFirst: readonly Verdict[] = ['pass', 'warn', 'undecided', 'fail', 'error'];

/** Returns the worst of several verdicts; `pass` if there are none. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  const worst = Math.max(0, ...verdicts.map((verdict) => mildestFirst.indexOf(verdict)));
  return mildestFirst[worst] ?? 'pass';
}

/** `bench/a.bench.ts:12:3` */
export const placeText = ({ file, line, column }: Place): string => `${file}:${line}:${column}`;
