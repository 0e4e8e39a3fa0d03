import { fileURLToPath } from 'node:url';
import { unknownMachine } from '../../core/results/measurement.js';
import { findBaseline } from '../../engine/baseline/resolve.js';
import { readBaselines } from '../../engine/baseline/files.js';
import { Git } from '../../engine/git/repository.js';
import { History } from '../../engine/history/history.js';
import { ignores } from '../../engine/discovery/nested.js';
import { openProject } from '../../engine/project/open.js';
import type { ProjectOptions } from '../../engine/project/parts.js';
import type { OpenProject } from '../../engine/project/project.js';
import { disposeAll } from '../../engine/util/dispose.js';
import type { Project } from '../../engine/project/snapshot.js';
import { findConfigs } from './configs.js';
import { nodePath } from './node.js';
import { UsageError, type GlobalOptions } from './options.js';
import { printError, terminalLog } from '../terminal/terminal.js';
import { configFileName } from '../../core/config/file-names.js';

/** The worker beside the program, where the build puts it. */
export const workerPath = fileURLToPath(new URL('./worker.js', import.meta.url));

/** Opens every project of the working directory, outer ones first, and closes them after `work`. */
export async function withProjects<T>(
  options: GlobalOptions,
  trusted: boolean,
  work: (projects: readonly OpenProject[]) => Promise<T>,
  { isBrief = false }: Pick<ProjectOptions, 'isBrief'> = {},
): Promise<T> {
  const files = await findConfigs(options.directory);
  if (files.length === 0) {
    throw new UsageError(
      `No ${configFileName} in ${options.directory}, its subfolders or its parent folders. Create one with perf-budget init.`,
    );
  }
  const projects: OpenProject[] = [];
  try {
    for (const file of files) {
      if (projects.some(({ root, snapshot }) => ignores(root, snapshot.config, file))) continue;
      const log = terminalLog(options.verbose);
      const { signal } = options;
      const given = { log, trusted, mayAskNode: true, nodePath: nodePath(options), workerPath, signal };
      projects.push(await openProject(file, { ...given, isBrief }));
      signal.throwIfAborted();
    }
    const done = await work(projects);
    // Where nothing may run, no report says it.
    for (const { parts } of trusted ? [] : projects)
      if (parts.history.warning !== null) printError(parts.history.warning);
    return done;
  } finally {
    await disposeAll(projects.map((project) => () => project.dispose()));
  }
}

/** Throws `UsageError`, before anything is measured, if a project cannot find this revision or baseline. */
export async function requireBaseline(project: Project, against: string, option = '--against'): Promise<void> {
  const history = await History.open(project.root, { readOnly: true });
  const git = await Git.open(project.root);
  try {
    const { root } = project;
    const found = await findBaseline(against, {
      root,
      history,
      git: git.ok ? git.value : null,
      gitMessage: git.ok ? '' : git.error.message,
      baselines: await readBaselines(root),
      machine: unknownMachine,
    });
    if ('message' in found) throw new UsageError(`${option} ${against}: ${found.message}.`);
  } finally {
    history.close();
    if (git.ok) git.value.dispose();
  }
}

/** Throws `UsageError`, before anything is measured, if a project's repository has no such commit. */
export async function requireRevision({ root }: Project, revision: string, option: string): Promise<void> {
  const git = await Git.open(root);
  if (!git.ok) throw new UsageError(`${option} ${revision}: ${git.error.message}`);
  try {
    if ((await git.value.resolve(revision)) === null)
      throw new UsageError(`${option} ${revision}: there is no commit called "${revision}".`);
  } finally {
    git.value.dispose();
  }
}
