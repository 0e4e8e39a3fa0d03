import * as l10n from '@vscode/l10n';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../../requests/selection/usage-error.js';
import type { ExplainOptions, GlobalOptions } from '../input/options.js';
import { withProjects } from '../input/projects.js';
import { requireBaseline, requireRevision } from '../../requests/selection/revisions.js';
import { selectBudgets } from '../../requests/selection/selection.js';
import { exitCodeOf } from '../../requests/report/exit-code.js';
import {
  explainDocument,
  explainText,
  type ExplainDocument,
  type ProjectExplained,
} from '../../requests/report/explain-report.js';
import { writeJson } from '../report/json.js';
import { profileFiles } from '../report/profile-files.js';
import { exitCodes, gravest } from '../../requests/report/exit-codes.js';
import { paint } from '../../requests/lines/paint.js';
import { Progress } from '../terminal/progress.js';
import { columnsOfOutput, print, printError, whyNot } from '../terminal/terminal.js';
import { writeWhole } from '../terminal/write-whole.js';
import { explainAll, worthExplaining } from '../../requests/measure/explain-all.js';

/** Finds out which functions and lines made budgets slower or faster; shows it and returns the exit code. */
export async function explain(
  options: GlobalOptions,
  patterns: readonly string[],
  asked: ExplainOptions,
): Promise<number> {
  const { directory } = options;
  const terms = { ...options, progress: new Progress() };
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
      const chosen = named ?? (await worthExplaining(projects, terms, asked));
      const found = await explainAll(projects, chosen, asked, terms);
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
    throw new UsageError(l10n.t`--profile ${given} cannot be created: ${whyNot(error)}.`);
  }
}

async function show(found: readonly ProjectExplained[], options: GlobalOptions, json: string | null): Promise<number> {
  const document = explainDocument(options.directory, found);
  if (json !== '-') await print(linesOf(document, options));
  if (json !== null) await writeJson(options.directory, json, document);
  return explainExitCode(document, found);
}

function linesOf(document: ExplainDocument, { signal }: GlobalOptions): readonly string[] {
  const lines = explainText(document, { paint, width: columnsOfOutput() });
  if (document.budgets.length > 0 || document.problems.some(({ warning }) => warning !== true)) return lines;
  const nothing = signal.aborted
    ? l10n.t('Interrupted.')
    : l10n.t('Nothing is broken and nothing differs: there is nothing to explain.');
  return [nothing, ...(lines.length > 0 ? ['', ...lines] : [])];
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
    printError(written.ok ? l10n.t`Wrote ${file}.` : l10n.t`perf-budget: ${file} cannot be written: ${written.error}.`);
  }
  return gravest(codes);
}
