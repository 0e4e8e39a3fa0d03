import * as l10n from '@vscode/l10n';
import path from 'node:path';
import { version } from '../../../package.json';
import { unreachable } from '../../core/result.js';
import { writeBencher } from '../../core/formats/writers/bencher.js';
import { writeCsv } from '../../core/formats/writers/csv.js';
import { writeStore, type StoreOptions } from '../../core/formats/writers/github-action-benchmark.js';
import type { WriterName } from '../../core/formats/writers/names.js';
import { writeOtlp } from '../../core/formats/writers/otlp.js';
import { writtenRun, type WrittenRun } from '../../core/formats/writers/run.js';
import { Git } from '../../engine/git/repository.js';
import type { Project } from '../../engine/project/snapshot.js';
import { shownPath } from '../../requests/report/project-check.js';
import { exitCodes } from '../../requests/report/exit-codes.js';
import { UsageError } from '../../requests/selection/usage-error.js';
import type { ExportOptions, GlobalOptions } from '../input/options.js';
import { withProjects } from '../input/projects.js';
import { budgetNames, requireBudgets } from '../../requests/selection/selection.js';
import { sendMetrics } from './send.js';
import { print, printDocument, printError } from '../terminal/terminal.js';
import { writeWhole } from '../terminal/write-whole.js';
import { counts } from '../../core/text/words.js';

/** As many runs as the history keeps of a budget. */
const mostRows = 10_000;
/** How many runs go in one request, because receivers accept a few megabytes. */
const sentAtOnce = 1000;

/** Writes the history for another tool, or sends it where the user says; runs nothing. Returns the exit code. */
export async function exportHistory(
  options: GlobalOptions,
  names: readonly string[],
  { format, output, to }: ExportOptions,
): Promise<number> {
  const { directory, signal } = options;
  const work = async (projects: readonly Project[]): Promise<readonly WrittenRun[]> => {
    requireBudgets(projects, names);
    return (await Promise.all(projects.map((project) => runsOf(directory, projects, project, names)))).flat();
  };
  const runs = (await withProjects(options, false, work)).toSorted((a, b) => a.at - b.at);
  if (!runs.some((run) => fits(format, run))) {
    throw new UsageError(l10n.t`Nothing to export as ${format}: ${missing[format]()}.`);
  }
  if (output !== null) {
    const text = await textOf(format, runs, directory);
    if (output === '-') await printDocument(text);
    else {
      const written = await writeWhole(path.resolve(directory, output), text);
      if (!written.ok) throw new UsageError(l10n.t`--output ${output} cannot be written: ${written.error}.`);
      printError(l10n.t`Wrote ${counts(runs.length, 'run')} to ${output}.`);
    }
  }
  if (to !== null) {
    for (let at = 0; at < runs.length; at += sentAtOnce) {
      const sent = await sendMetrics(to, writeOtlp(runs.slice(at, at + sentAtOnce), version), signal);
      if (!sent.ok) throw new UsageError(l10n.t`--to ${to}: ${sent.error}.`);
    }
    await print([l10n.t`${counts(runs.length, 'run')} sent to ${to}.`]);
  }
  return exitCodes.ok;
}

/** Whether a format can represent a run. */
function fits(format: WriterName, { here, commit, dirty, figures }: WrittenRun): boolean {
  if (format === 'bencher') return here && Object.keys(figures).length > 0;
  return format !== 'github-action-benchmark' || (commit !== null && !dirty);
}

const missing: Readonly<Record<WriterName, () => string>> = {
  bencher: () => l10n.t('nothing has been measured on this machine'),
  csv: () => l10n.t('nothing has been measured yet'),
  'github-action-benchmark': () => l10n.t('no run is of a commit without uncommitted changes'),
  otlp: () => l10n.t('nothing has been measured yet'),
};

async function runsOf(
  directory: string,
  projects: readonly Project[],
  project: Project,
  names: readonly string[],
): Promise<readonly WrittenRun[]> {
  const budgets = project.snapshot.budgets.filter(({ budget }) => names.length === 0 || names.includes(budget.name));
  const runs = budgets.map(async ({ budget }) => {
    const isShared = projects.some((other) => other !== project && budgetNames(other).includes(budget.name));
    const name = isShared ? `${shownPath(directory, project.root)}/${budget.name}` : budget.name;
    const rows = await project.history(budget.name, mostRows);
    return rows.map((row) => ({ ...writtenRun(budget, row), budget: name }));
  });
  return (await Promise.all(runs)).flat();
}

function textOf(format: WriterName, runs: readonly WrittenRun[], directory: string): Promise<string> | string {
  switch (format) {
    case 'bencher':
      return writeBencher(runs);
    case 'csv':
      return writeCsv(runs);
    case 'github-action-benchmark':
      return about(directory, runs).then((repository) => writeStore(runs, repository));
    case 'otlp':
      return writeOtlp(runs, version);
    default:
      return unreachable(format);
  }
}

/** Returns what the store says about commits; empty without git. */
async function about(directory: string, runs: readonly WrittenRun[]): Promise<StoreOptions> {
  const git = await Git.open(directory);
  if (!git.ok) return { repoUrl: '', commits: new Map() };
  try {
    const commits = await git.value.describe([...new Set(runs.flatMap(({ commit }) => commit ?? []))]);
    return { repoUrl: await git.value.webPage(), commits };
  } finally {
    git.value.dispose();
  }
}
