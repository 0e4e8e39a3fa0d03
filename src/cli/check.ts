import path from 'node:path';
import { Git } from '../engine/git.js';
import { slashed } from '../engine/paths.js';
import type { Project, RunRequest } from '../engine/snapshot.js';
import { configFileName } from './configs.js';
import { exitCodes, gravest } from './exit-codes.js';
import { checkJson, writeJson } from './json.js';
import { UsageError, type CheckOptions, type GlobalOptions } from './options.js';
import { Progress } from './progress.js';
import { budgetNames, requireBaseline, requireBudgets, withProjects } from './projects.js';
import { checkText } from './report.js';
import type { Checked } from './checked.js';
import { paint, print, say } from './terminal.js';

/** Measures, compares and judges; prints the report and returns the exit code. */
export async function check(
  options: GlobalOptions,
  names: readonly string[],
  { against, changed, staged, json, timeMs, strict }: CheckOptions,
): Promise<number> {
  const { directory, signal } = options;
  const files = changed === null && !staged ? null : await chosenFiles(directory, changed ?? [], staged);
  const checked = await withProjects(options, true, async (projects) => {
    requireBudgets(projects, names);
    const chosen = projects.filter((project) => names.length === 0 || budgetNames(project).some(isIn(names)));
    if (against !== null) for (const project of chosen) await requireBaseline(project, against);
    return measureAll(chosen, options, (project) => ({
      ...(names.length > 0 && { budgets: budgetNames(project).filter(isIn(names)) }),
      ...(files !== null && { files }),
      ...(against !== null && { against }),
      ...(timeMs !== null && { timeMs }),
    }));
  });
  if (signal.aborted) {
    say('Interrupted: nothing is reported, and what was measured is kept.');
    return exitCodes.interrupted;
  }
  if (json !== '-') await print(checkText(directory, checked, { paint, strict }));
  if (json !== null) await writeJson(directory, json, checkJson(directory, checked));
  return exitCode(checked, strict);
}

const isIn = (names: readonly string[]) => (name: string) => names.includes(name);

/** One project after the other: they would disturb each other's figures. */
export async function measureAll(
  projects: readonly Project[],
  { directory, signal }: GlobalOptions,
  request: (project: Project) => RunRequest,
): Promise<readonly Checked[]> {
  const progress = new Progress();
  const checked: Checked[] = [];
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

async function chosenFiles(directory: string, changed: readonly string[], staged: boolean): Promise<readonly string[]> {
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

/** What the reports say together. A problem elsewhere than in a configuration is a bench file that could not be loaded. */
export function exitCode(checked: readonly Checked[], strict: boolean): number {
  return gravest(
    checked.flatMap(({ report, snapshot }) => [
      ...snapshot.problems.map(({ location, warning }) => {
        if (warning === true) return exitCodes.ok;
        return path.basename(location.file) === configFileName ? exitCodes.configuration : exitCodes.broken;
      }),
      ...report.budgets.map(({ verdict }) => {
        if (verdict === 'error') return exitCodes.broken;
        return verdict === 'fail' || (strict && verdict === 'undecided') ? exitCodes.failed : exitCodes.ok;
      }),
    ]),
  );
}
