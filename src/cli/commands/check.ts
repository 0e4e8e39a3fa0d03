import path from 'node:path';
import type { BudgetResult, Report } from '../../core/results/measurement.js';
import { failsStrict } from '../../core/results/strict.js';
import { worstOf, type CheckDocument } from '../../core/formats/reporters/document.js';
import { Git } from '../../engine/git/repository.js';
import { slashed } from '../../engine/util/paths.js';
import type { Project } from '../../engine/project/snapshot.js';
import { selectBudgets } from '../input/selection.js';
import { findConfigs } from '../input/configs.js';
import { checkDocument } from '../report/document.js';
import { exitCodes, gravest } from '../terminal/exit-codes.js';
import { UsageError, type CheckOptions, type GlobalOptions, type Shard } from '../input/options.js';
import { pageOf } from './report.js';
import { Progress } from '../terminal/progress.js';
import { requireBaseline, withProjects } from '../input/projects.js';
import { noBudgets } from '../report/terminal-report.js';
import { writeReports } from '../report/write-reports.js';
import type { ProjectCheck } from '../report/project-check.js';
import { printError } from '../terminal/terminal.js';
import type { RunRequest } from '../../engine/measure/request.js';
import { configFileName } from '../../core/config/file-names.js';

/** Measures, compares and judges; shows the results and returns the exit code. */
export async function check(
  options: GlobalOptions,
  patterns: readonly string[],
  { against, tags, changed, staged, timeMs, shard, repeatFailures, reporters, strict }: CheckOptions,
): Promise<number> {
  const { directory, signal } = options;
  const files = changed === null && !staged ? null : await selectedFiles(directory, changed ?? [], staged);
  // If no files have changed, there is no need to open the projects.
  if (files?.length === 0 && patterns.length === 0 && tags.length === 0 && (await findConfigs(directory)).length > 0) {
    const document = checkDocument(directory, [], shard);
    const html = (): Promise<string> => pageOf(directory, [], document);
    return writeReports({
      directory,
      document,
      reporters,
      strict,
      nothing: 'No budget depends on the changed files.',
      html,
    });
  }
  const isPart = patterns.length > 0 || tags.length > 0 || shard !== null;
  return withProjects(options, true, async (projects) => {
    const selected = selectBudgets(projects, { patterns, tags, shard });
    const budgets = (project: Project): readonly string[] => selected.get(project) ?? [];
    const asked = isPart ? projects.filter((project) => budgets(project).length > 0) : projects;
    if (against !== null) for (const project of asked) await requireBaseline(project, against);
    const request = (project: Project): RunRequest => ({
      ...(isPart && { budgets: budgets(project) }),
      ...(files !== null && { files }),
      ...(against !== null && { against }),
      ...(timeMs !== null && { timeMs }),
    });
    const first = await measureAll(asked, options, request);
    const checked = await repeatFailed(asked, options, first, request, repeatFailures);
    if (signal.aborted) {
      printError('Interrupted: nothing is reported, but finished measurements are kept.');
      return exitCodes.interrupted;
    }
    const document = checkDocument(directory, checked, shard);
    const nothing = isPart && asked.length === 0 ? noneAsked(shard) : noBudgets(checked);
    const html = (): Promise<string> => pageOf(directory, projects, document);
    const outputCode = await writeReports({ directory, document, reporters, strict, nothing, html });
    return gravest([outputCode, exitCodeOf(document, strict)]);
  });
}

/** Measures one project after the other, because they would disturb each other's figures. */
export async function measureAll(
  projects: readonly Project[],
  { directory, signal }: GlobalOptions,
  request: (project: Project) => RunRequest,
): Promise<readonly ProjectCheck[]> {
  const progress = new Progress();
  const checked: ProjectCheck[] = [];
  try {
    for (const project of projects) {
      if (signal.aborted) break;
      const unfollow = progress.follow(project, projects.length > 1 ? path.relative(directory, project.root) : '');
      const report = await project.run(request(project), signal);
      unfollow();
      checked.push({ root: project.root, report, snapshot: project.snapshot });
    }
  } finally {
    progress.hide();
  }
  return checked;
}

/** Measures failed budgets again, up to `times` times: only a budget that fails in every run has failed. */
async function repeatFailed(
  projects: readonly Project[],
  options: GlobalOptions,
  first: readonly ProjectCheck[],
  request: (project: Project) => RunRequest,
  times: number,
): Promise<readonly ProjectCheck[]> {
  let checked = first;
  for (let run = 2; run <= times + 1; run++) {
    const failed = new Map(
      checked.map(({ root, report }) => [root, report.budgets.filter(isFailed).map(({ name }) => name)] as const),
    );
    const open = projects.filter(({ root }) => (failed.get(root) ?? []).length > 0);
    if (open.length === 0 || options.signal.aborted) return checked;
    const repeated = await measureAll(open, options, (project) => ({
      ...request(project),
      budgets: failed.get(project.root) ?? [],
      fresh: true,
    }));
    checked = checked.map((before) => {
      const after = repeated.find(({ root }) => root === before.root);
      return after === undefined ? before : { ...after, report: merged(before.report, after.report, run) };
    });
  }
  return checked;
}

const isFailed = ({ verdict }: BudgetResult): boolean => verdict === 'fail';

function merged(before: Report, after: Report, run: number): Report {
  const budgets = before.budgets.map((old) => {
    const found = after.budgets.find(({ name }) => name === old.name);
    if (found === undefined || !isFailed(old)) return old;
    const words = isFailed(found) ? `failed in all ${run} runs` : `failed at first, but not in run ${run}`;
    return { ...found, note: found.note === undefined ? words : `${found.note}; ${words}` };
  });
  return { ...after, budgets, verdict: worstOf(budgets.map(({ verdict }) => verdict)) };
}

/** Returns the message if every requested name and tag exists, but no budget has both. */
const noneAsked = (shard: Shard | null): string =>
  shard === null ? 'No budget with that name has that tag.' : `Shard ${shard.index} of ${shard.count} has no budgets.`;

async function selectedFiles(
  directory: string,
  changed: readonly string[],
  staged: boolean,
): Promise<readonly string[]> {
  const files = changed.map((file) => slashed(path.resolve(directory, file)));
  if (!staged) return files;
  const git = await Git.open(directory);
  if (!git.ok) throw new UsageError(`--staged: ${git.error.message}`);
  try {
    return [...files, ...(await git.value.stagedFiles())];
  } finally {
    git.value.dispose();
  }
}

/** Returns the exit code of several projects together. */
export const exitCodeOfChecks = (checked: readonly ProjectCheck[], strict: boolean): number =>
  exitCodeOf(checkDocument('.', checked), strict);

/** Returns the exit code of a document. A problem outside a configuration is a bench file that could not be loaded. */
export function exitCodeOf({ budgets, problems, unchanged }: CheckDocument, strict: boolean): number {
  return gravest([
    strict && unchanged === true ? exitCodes.failed : exitCodes.ok,
    ...problems.map(({ file, warning }) => {
      if (warning === true) return exitCodes.ok;
      return path.basename(file) === configFileName ? exitCodes.configuration : exitCodes.broken;
    }),
    ...budgets.map((budget) => {
      if (budget.verdict === 'error') return exitCodes.broken;
      return budget.verdict === 'fail' || (strict && failsStrict(budget)) ? exitCodes.failed : exitCodes.ok;
    }),
  ]);
}
