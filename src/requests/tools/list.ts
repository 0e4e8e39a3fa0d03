import { readFile, stat } from 'node:fs/promises';
import pLimit from 'p-limit';
import { glob } from 'tinyglobby';
import { budgetsAbout } from '../../core/config/mentions.js';
import { subjectText } from '../../core/language/budget.js';
import { mostBytes } from '../../engine/discovery/find.js';
import { benchCalls } from '../../core/outline/index.js';
import { lastResult } from '../../core/results/state.js';
import { marks, headline } from '../../core/text/title.js';
import { counts } from '../../core/text/words.js';
import type { BudgetView, Project } from '../../engine/project/snapshot.js';
import { relativeTo, slashed } from '../../engine/util/paths.js';
import { table } from '../lines/table.js';
import { shownPath } from '../report/project-check.js';
import { answerOf, isWrong, problemLines, problemsIn, type Answer, type Call } from './tool.js';

/** Thousands of files at once are more than a system opens. */
const readAtOnce = 16;

interface Listed {
  readonly name: string;
  /** Relative to the working directory; for a command, that of the configuration, `#` and the command's name. */
  readonly file: string;
  /** The names of the budgets that are about it. */
  readonly budgets: readonly string[];
}

/** Lists budgets with their last verdicts, and benchmarks. Runs nothing. */
export async function list({ host: { directory, refusal } }: Call, projects: readonly Project[]): Promise<Answer> {
  const budgets = projects.flatMap(({ snapshot }) => snapshot.budgets.map((view) => budgetOf(directory, view)));
  const benchmarks = (
    await Promise.all(projects.map((project) => benchmarksOf(directory, project, refusal === null)))
  ).flat();
  const problems = problemsIn(directory, projects);
  const rows = budgets.map(({ name, benchmark, place, last }) => ({
    cells: [
      `${last === null ? '·' : marks[last.verdict]} ${name}`,
      benchmark,
      last?.message ?? 'not measured yet',
      place,
    ],
  }));
  const bare = benchmarks.filter((one) => one.budgets.length === 0);
  const lines = [
    `${counts(budgets.length, 'budget')}, ${counts(benchmarks.length, 'benchmark')}`,
    ...table(rows, ['left', 'left', 'left', 'left']),
    ...(bare.length === 0 ? [] : ['', 'Without a budget:', ...bare.map(({ name, file }) => `  ${name}   ${file}`)]),
    ...(problems.length === 0 ? [] : ['', ...problemLines(problems)]),
  ];
  return answerOf(lines, { version: 1, budgets, benchmarks, problems }, budgets.length === 0 && problems.some(isWrong));
}

function budgetOf(directory: string, { budget, state, code, bench }: BudgetView) {
  const { start, file } = code ?? bench ?? budget.location;
  const result = lastResult(state);
  return {
    name: budget.name,
    benchmark: subjectText(budget),
    tags: budget.tags ?? [],
    checks: budget.checks.map(({ text, level }) => ({ check: text, level })),
    place: `${shownPath(directory, file)}:${start.line}`,
    written: `${shownPath(directory, budget.location.file)}:${budget.location.start.line}`,
    last: result === null ? null : { verdict: result.verdict, message: headline(result, 'the baseline') },
  };
}

async function benchmarksOf(directory: string, project: Project, isTrusted: boolean): Promise<readonly Listed[]> {
  const { root, snapshot } = project;
  // Where nothing may run, none have been read.
  const read = snapshot.benchmarks ?? [];
  const found = read.length > 0 ? read : await writtenBenchmarks(project, isTrusted);
  const about = budgetsAbout(snapshot.budgets.map(({ budget }) => budget));
  return found.map(({ name, file }) => ({
    ...{ name, file: shownPath(directory, file) },
    budgets: about({ name, file: relativeTo(root, file) }),
  }));
}

/**
 * Returns the benchmarks whose names are written in the bench files: names that code makes are known only once it has run. What a
 * project that is not trusted names outside of itself is not looked into.
 */
async function writtenBenchmarks(
  { root, snapshot }: Project,
  isTrusted: boolean,
): Promise<readonly { name: string; file: string }[]> {
  const { config } = snapshot;
  if (config === null) return [];
  const limit = pLimit(readAtOnce);
  const found = config.benchmarks.map(async (source) => {
    if (source.kind === 'command') return [{ name: source.name, file: `${config.file}#${source.name}` }];
    if (!isTrusted && source.files.includes('..')) return [];
    const ignore = [...config.defaults.ignore];
    const files = await glob(source.files, { cwd: root, absolute: true, ignore, followSymbolicLinks: isTrusted });
    const texts = files.sort().map((file) => limit(async () => [file, await textOf(file)] as const));
    return (await Promise.all(texts)).flatMap(([file, text]) =>
      benchCalls(text, file).flatMap(({ name }) => (name === null ? [] : [{ name, file: slashed(file) }])),
    );
  });
  return (await Promise.all(found)).flat();
}

async function textOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => null);
  return found === null || found.size > mostBytes ? '' : readFile(file, 'utf8').catch(() => '');
}
