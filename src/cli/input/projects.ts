import * as l10n from '@vscode/l10n';
import { fileURLToPath } from 'node:url';
import { ignores } from '../../engine/discovery/nested.js';
import { openProject } from '../../engine/project/open.js';
import type { ProjectOptions } from '../../engine/project/parts.js';
import type { OpenProject } from '../../engine/project/project.js';
import { disposeAll } from '../../engine/util/dispose.js';
import { findConfigs } from '../../requests/selection/configs.js';
import { nodePath } from './node.js';
import { NoConfigError } from '../../requests/selection/usage-error.js';
import type { GlobalOptions } from './options.js';
import { printError, terminalLog } from '../terminal/terminal.js';
import { configFileName } from '../../core/config/file-names.js';

/** The worker beside the program, where the build puts it. */
export const workerPath = fileURLToPath(new URL('./worker.js', import.meta.url));

/** Opens every project of the working directory, outer ones first, and closes them after `work`. */
export async function withProjects<T>(
  options: GlobalOptions,
  trusted: boolean,
  work: (projects: readonly OpenProject[]) => Promise<T>,
  asked: Pick<ProjectOptions, 'isBrief'> = {},
): Promise<T> {
  const files = await findConfigs(options.directory);
  if (files.length === 0) throw new NoConfigError(noConfig(options.directory));
  return withConfigs(files, options, trusted, work, asked);
}

export const noConfig = (directory: string): string =>
  l10n.t`No ${configFileName} in ${directory}, its subfolders or its parent folders. Create one with perf-budget init.`;

/** Opens the project of each of these files, outer ones first, but none that another ignores; closes them after `work`. */
export async function withConfigs<T>(
  files: readonly string[],
  options: GlobalOptions,
  trusted: boolean,
  work: (projects: readonly OpenProject[]) => Promise<T>,
  { isBrief = false }: Pick<ProjectOptions, 'isBrief'> = {},
): Promise<T> {
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
