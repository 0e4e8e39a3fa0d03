import * as l10n from '@vscode/l10n';
import path from 'node:path';
import { configFileName } from '../../core/config/file-names.js';
import type { CheckDocument } from '../../core/formats/reporters/document.js';
import { lookAt, type KnownProject, type Look } from '../../engine/project/known-check.js';
import { slashed } from '../../engine/util/paths.js';
import { findConfigs, hasConfig, isSearched } from '../../requests/selection/configs.js';
import { nodePath } from '../input/node.js';
import { UsageError } from '../../requests/selection/usage-error.js';
import type { CheckOptions, GlobalOptions } from '../input/options.js';
import { checkDocument } from '../../requests/report/document.js';
import type { ProjectCheck } from '../../requests/report/project-check.js';
import { makeFolders } from '../report/write-reports.js';
import { finish, selection, show, type Ask } from './check-report.js';

/** Measures, compares and judges; shows the results and returns the exit code. */
export async function check(
  options: GlobalOptions,
  patterns: readonly string[],
  checkOptions: CheckOptions,
): Promise<number> {
  const { directory } = options;
  const { changed, staged, reporters, tags, shard } = checkOptions;
  await makeFolders(directory, reporters);
  const files = changed === null && !staged ? null : await selectedFiles(directory, changed ?? [], staged);
  const ask: Ask = { ...checkOptions, options, patterns, files };
  // If no files have changed, there is no need to open the projects.
  if (files?.length === 0 && patterns.length === 0 && tags.length === 0 && (await findConfigs(directory)).length > 0) {
    const page = async (document: CheckDocument): Promise<string> =>
      (await import('./check-run.js')).pageOf(directory, [], document);
    return show(ask, checkDocument(directory, [], shard), l10n.t('No budget depends on the changed files.'), page);
  }
  const looks = new Map<string, Look>();
  const known = await knownProjects(ask, looks);
  if (known !== null) return answered(ask, known);
  const { measured } = await import('./check-run.js');
  return measured(ask, looks);
}

/** Reports what is known, as nothing has changed. */
async function answered(ask: Ask, projects: readonly KnownProject[]): Promise<number> {
  const checked = (await selection(projects, ask)).map(({ project, request }): ProjectCheck => {
    const { root, snapshot } = project;
    return { root, snapshot, report: project.run(request), unchecked: [] };
  });
  // `knownProjects` leaves the page to the projects, which have the history.
  return finish(ask, checked, () => Promise.resolve(''));
}

/** Returns the projects if nothing has changed since they were checked, else null. Whatever was seen goes to `looks`. */
async function knownProjects(ask: Ask, looks: Map<string, Look>): Promise<readonly KnownProject[] | null> {
  const { options, against, timeMs, reporters, repeatFailures } = ask;
  const { directory } = options;
  // The page has the history, too.
  if (against !== null || timeMs !== null || reporters.some(({ name }) => name === 'html')) return null;
  const look = async (file: string): Promise<KnownProject | null> => {
    const seen = await lookAt(file, nodePath(options));
    looks.set(file, seen);
    const failed = seen.known?.run({}).budgets.some(({ verdict }) => verdict === 'fail') ?? false;
    return failed && repeatFailures > 0 ? null : seen.known;
  };
  const own = slashed(path.join(directory, configFileName));
  const first = hasConfig(directory) ? await look(own) : null;
  // If nothing has changed below the folder, no other file has appeared there.
  const inner = first?.inner.filter((file) => isSearched(directory, file)) ?? [];
  const files = first === null ? await findConfigs(directory) : [own, ...inner];
  const all: KnownProject[] = [];
  for (const file of files) {
    if (await isIgnored(file, all)) continue;
    const project = file === own ? first : await look(file);
    if (project === null) return null;
    all.push(project);
  }
  return all.length > 0 ? all : null;
}

/** Whether an outer project ignores a `perf-budget.jsonc`. */
async function isIgnored(file: string, outer: readonly KnownProject[]): Promise<boolean> {
  if (outer.length === 0) return false;
  const { ignores } = await import('../../engine/discovery/nested.js');
  return outer.some(({ root, snapshot }) => ignores(root, snapshot.config, file));
}

async function selectedFiles(
  directory: string,
  changed: readonly string[],
  staged: boolean,
): Promise<readonly string[]> {
  const files = changed.map((file) => slashed(path.resolve(directory, file)));
  if (!staged) return files;
  const { Git } = await import('./check-run.js');
  const git = await Git.open(directory);
  if (!git.ok) throw new UsageError(l10n.t`--staged: ${git.error.message}`);
  try {
    return [...files, ...(await git.value.stagedFiles())];
  } finally {
    git.value.dispose();
  }
}
