import * as l10n from '@vscode/l10n';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { commitsAddress, htmlReport } from '../../core/formats/reporters/html.js';
import { noPast, pastOf, type Past } from '../../core/formats/reporters/past.js';
import { markdownReport } from '../../core/formats/reporters/pull-request.js';
import type { CheckDocument } from '../../core/formats/reporters/document.js';
import { lastResult } from '../../core/results/state.js';
import { unknownMachine, type Baseline, type Report } from '../../core/results/measurement.js';
import { worstOf } from '../../core/formats/reporters/document.js';
import { Git } from '../../engine/git/repository.js';
import type { Project } from '../../engine/project/snapshot.js';
import type { ProjectCheck } from '../../requests/report/project-check.js';
import { problemsOf, shownPath } from '../../requests/report/project-check.js';
import { checkDocument } from '../../requests/report/document.js';
import { exitCodes, gravest } from '../../requests/report/exit-codes.js';
import type { GlobalOptions, PageOptions } from '../input/options.js';
import { withProjects } from '../input/projects.js';
import { printDocument, printError } from '../terminal/terminal.js';
import { writeWhole } from '../terminal/write-whole.js';

/** As many runs as the history keeps of a budget. */
const mostRuns = 10_000;

/** Writes what is known about every budget, with its history; runs nothing. Returns the exit code. */
export async function report(options: GlobalOptions, { html, markdown }: PageOptions): Promise<number> {
  const { directory } = options;
  return withProjects(options, false, async (projects) => {
    const document = checkDocument(directory, await Promise.all(projects.map(lastKnown)));
    const codes: number[] = [];
    const put = async (to: string | null, name: string, text: () => Promise<string> | string): Promise<void> => {
      if (to === null) return;
      if (to === '-') return printDocument(await text());
      const written = await writeWhole(path.resolve(directory, to), await text());
      if (written.ok) return printError(l10n.t`Wrote ${to}.`);
      printError(l10n.t`perf-budget: --${name} ${to} cannot be written: ${written.error}.`);
      codes.push(exitCodes.configuration);
    };
    await put(html, 'html', () => pageOf(directory, projects, document));
    await put(markdown, 'markdown', () => markdownReport(document, false));
    return gravest(codes);
  });
}

/** Returns the last results of a project's budgets as a report. */
async function lastKnown(project: Project): Promise<ProjectCheck> {
  const { root, snapshot } = project;
  const budgets = snapshot.budgets.flatMap(({ state }) => lastResult(state) ?? []);
  const known: Report = {
    version: 1,
    verdict: worstOf(budgets.map(({ verdict }) => verdict)),
    elapsedMs: 0,
    baseline: await lastBaseline(project),
    machine: unknownMachine,
    budgets,
    problems: problemsOf(project),
  };
  return { root, snapshot, report: known };
}

/** Returns the baseline of the latest run of all budgets. */
async function lastBaseline(project: Project): Promise<Baseline | null> {
  const rows = await Promise.all(
    project.snapshot.budgets.map(async ({ budget }) => project.history(budget.name, 1, true)),
  );
  const [latest] = rows.flat().sort((a, b) => b.at - a.at);
  return latest?.baseline ?? null;
}

/** Returns the page of a document, with the history of each of its budgets. */
export async function pageOf(
  directory: string,
  projects: readonly Project[],
  document: CheckDocument,
): Promise<string> {
  const now = Date.now();
  const pasts: Past[] = [];
  // One after the other, because all runs of all budgets at once would fill the memory.
  for (const { name, written } of document.budgets) {
    const isHere = ({ snapshot }: Project): boolean =>
      snapshot.budgets.some(
        ({ budget }) =>
          budget.name === name &&
          (written === undefined || shownPath(directory, budget.location.file) === written.file),
      );
    const rows = await projects.find(isHere)?.history(name, mostRuns);
    pasts.push(rows === undefined ? noPast : pastOf(rows, now));
  }
  return pageText(document, pasts, now, await commitsOf(directory));
}

/** Returns the address of the web pages about commits; null if nothing is known of one. */
async function commitsOf(directory: string): Promise<string | null> {
  const git = await Git.open(directory);
  if (!git.ok) return null;
  try {
    return commitsAddress(await git.value.webPage());
  } finally {
    git.value.dispose();
  }
}

export async function pageText(
  document: CheckDocument,
  pasts: readonly Past[],
  now = Date.now(),
  commits: string | null = null,
): Promise<string> {
  // They are beside the program, where the build puts them.
  const [script = '', style = ''] = await Promise.all(
    ['page.js', 'page.css'].map((name) => readFile(new URL(name, import.meta.url), 'utf8')),
  );
  return htmlReport(document, pasts, { now, script, style, commits });
}
