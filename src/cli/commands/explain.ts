import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { BudgetResult } from '../../core/results/measurement.js';
import type { Explained, ExplainRequest } from '../../engine/explain/request.js';
import type { Project } from '../../engine/project/snapshot.js';
import { UsageError, type ExplainOptions, type GlobalOptions } from '../input/options.js';
import { requireBaseline, requireRevision, withProjects } from '../input/projects.js';
import { budgetNames, selectBudgets } from '../input/selection.js';
import { exitCodeOf } from '../report/exit-code.js';
import { explainDocument, explainText, type ExplainDocument, type ProjectExplained } from '../report/explain-report.js';
import { writeJson } from '../report/json.js';
import { profileFiles } from '../report/profile-files.js';
import { exitCodes, gravest } from '../terminal/exit-codes.js';
import { paint } from '../terminal/paint.js';
import { Progress } from '../terminal/progress.js';
import { columnsOfOutput, print, printError, whyNot } from '../terminal/terminal.js';
import { writeWhole } from '../terminal/write-whole.js';
import { measureAll } from './measure.js';

/** Finds out which functions and lines made budgets slower or faster; shows it and returns the exit code. */
export async function explain(
  options: GlobalOptions,
  patterns: readonly string[],
  asked: ExplainOptions,
): Promise<number> {
  const { directory, signal } = options;
  const { from, to, profile, json } = asked;
  if (profile !== null) await makeFolder(path.resolve(directory, profile), profile);
  return withProjects(
    options,
    true,
    async (projects) => {
      // A name that does not exist is told before anything is measured.
      const named = patterns.length === 0 ? null : await selectBudgets(projects, { patterns, tags: [], shard: null });
      for (const project of projects) {
        if (named?.get(project)?.length === 0) continue;
        if (from !== null) await requireBaseline(project, from, '--from');
        if (to !== null) await requireRevision(project, to, '--to');
      }
      const chosen = named ?? (await worthExplaining(projects, options, asked));
      const found = await explainAll(projects, chosen, asked, signal);
      const codes = [await show(found, options, json)];
      if (profile !== null) codes.push(await writeProfiles(found, directory, profile));
      return gravest(codes);
    },
    { isBrief: true },
  );
}

async function makeFolder(folder: string, given: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new UsageError(`--profile ${given} cannot be created: ${whyNot(error)}.`);
  }
}

/** Returns the budgets that are broken; if none is, those that differ; all if another commit is asked for. */
export async function worthExplaining<P extends Project>(
  projects: readonly P[],
  options: GlobalOptions,
  { from, to, timeMs }: Pick<ExplainOptions, 'from' | 'to' | 'timeMs'>,
): Promise<ReadonlyMap<P, readonly string[]>> {
  if (to !== null) return new Map(projects.map((project) => [project, budgetNames(project)]));
  const checked = await measureAll(projects, options, () => ({
    causes: false,
    ...(from !== null && { against: from }),
    ...(timeMs !== null && { timeMs }),
  }));
  const results = new Map(
    projects.map((project) => [
      project,
      checked.find(({ root }) => root === project.root)?.report.budgets ?? ([] as readonly BudgetResult[]),
    ]),
  );
  const isAny = [...results.values()].some((all) => all.some(isBroken));
  return new Map(
    Array.from(results, ([project, all]) => [
      project,
      all.filter(isAny ? isBroken : isDifferent).map(({ name }) => name),
    ]),
  );
}

const isBroken = ({ verdict, waived }: BudgetResult): boolean =>
  verdict === 'fail' || verdict === 'error' || waived !== undefined;

const isDifferent = ({ comparison }: BudgetResult): boolean =>
  comparison !== null && (comparison.low > 1 || comparison.high < 1);

/** Explains one budget after the other, because they would disturb each other's figures. */
export async function explainAll<P extends Project>(
  projects: readonly P[],
  chosen: ReadonlyMap<P, readonly string[]>,
  { from, to, timeMs, retainers }: Pick<ExplainOptions, 'from' | 'to' | 'timeMs' | 'retainers'>,
  signal: AbortSignal,
): Promise<readonly ProjectExplained[]> {
  const progress = new Progress();
  const total = [...chosen.values()].reduce((sum, names) => sum + names.length, 0);
  const request: Omit<ExplainRequest, 'budget'> = {
    ...(from !== null && { from }),
    ...(to !== null && { to }),
    ...(timeMs !== null && { timeMs }),
    ...(retainers && { retainers }),
  };
  const all: ProjectExplained[] = [];
  let done = 0;
  try {
    for (const project of projects) {
      const explained: Explained[] = [];
      const failures: { budget: string; message: string }[] = [];
      for (const budget of chosen.get(project) ?? []) {
        if (signal.aborted) break;
        progress.show(done, total, budget, 'explaining');
        const answer = await project.explain(
          { budget, ...request },
          (step) => progress.show(done, total, budget, step),
          signal,
        );
        done += 1;
        if (answer.ok) explained.push(answer.value);
        else failures.push({ budget, message: answer.error });
      }
      all.push({ root: project.root, snapshot: project.snapshot, explained, failures });
    }
  } finally {
    progress.hide();
  }
  return all;
}

async function show(found: readonly ProjectExplained[], options: GlobalOptions, json: string | null): Promise<number> {
  const document = explainDocument(options.directory, found);
  if (json !== '-') await print(linesOf(document, options));
  if (json !== null) await writeJson(options.directory, json, document);
  return explainExitCode(document, found);
}

function linesOf(document: ExplainDocument, { signal }: GlobalOptions): readonly string[] {
  const lines = explainText(document, { paint, width: columnsOfOutput() });
  if (lines.length > 0) return lines;
  return [signal.aborted ? 'Interrupted.' : 'Nothing is broken and nothing differs: there is nothing to explain.'];
}

/** Returns the exit code: a verdict is not a reason to fail, but what could not run is. */
export function explainExitCode({ budgets, problems }: ExplainDocument, found: readonly ProjectExplained[]): number {
  const failures = found.flatMap((project) => project.failures);
  const document = {
    ...{ budgets: budgets.filter(({ verdict }) => verdict === 'error') },
    problems: problems.slice(0, problems.length - failures.length),
  };
  return gravest([exitCodeOf(document, false), failures.length > 0 ? exitCodes.broken : exitCodes.ok]);
}

/** Writes two files a budget, and says which; returns the exit code. */
async function writeProfiles(found: readonly ProjectExplained[], directory: string, folder: string): Promise<number> {
  const codes: number[] = [];
  for (const { name, text } of profileFiles(found.flatMap(({ explained }) => explained))) {
    const file = path.join(folder, name);
    const written = await writeWhole(path.resolve(directory, file), text);
    if (!written.ok) codes.push(exitCodes.configuration);
    printError(written.ok ? `Wrote ${file}.` : `perf-budget: ${file} cannot be written: ${written.error}.`);
  }
  return gravest(codes);
}
