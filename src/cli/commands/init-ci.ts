import * as l10n from '@vscode/l10n';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { githubWorkflow, hookSnippet, workflowFile, type Installation } from '../../core/ci/workflow.js';
import { Git } from '../../engine/git/repository.js';
import { relativeTo } from '../../engine/util/paths.js';
import { shownPath } from '../../requests/report/project-check.js';
import { UsageError } from '../../requests/selection/usage-error.js';
import { print } from '../terminal/terminal.js';
import { writeWhole } from '../terminal/write-whole.js';

const lockFiles = [
  ['package-lock.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
] as const;

/** The workflow that will be written. */
export interface Ci {
  readonly file: string;
  readonly installation: Installation;
}

/** Plans the workflow. Throws `UsageError` if one exists and `force` is false, or if there is no git repository. */
export async function planCi(directory: string, force: boolean): Promise<Ci> {
  const git = await Git.open(directory);
  if (!git.ok) throw new UsageError(l10n.t`--ci github: ${git.error.message}`);
  try {
    const { root } = git.value;
    const file = `${root}/${workflowFile}`;
    if (existsSync(file) && !force) {
      throw new UsageError(l10n.t`${shownPath(directory, file)} already exists. Overwrite it with --force.`);
    }
    const [fork, head] = await Promise.all([git.value.forkPoint(), git.value.head()]);
    const branch = fork?.branch.replace(/^[^/]*\//, '') ?? head?.branch ?? 'main';
    return { file, installation: { ...installationOf(root, directory), branch } };
  } finally {
    git.value.dispose();
  }
}

/** Returns where packages are installed, and by which manager, as the nearest lock file tells. */
function installationOf(root: string, directory: string): Omit<Installation, 'branch'> {
  for (let folder = directory; ; folder = path.dirname(folder)) {
    const [lockFile = null, manager = 'npm'] = lockFiles.find(([name]) => existsSync(path.join(folder, name))) ?? [];
    const isTop = relativeTo(root, folder) === '' || folder === path.dirname(folder);
    if (lockFile === null && !isTop) continue;
    return { manager, lockFile, packages: relativeTo(root, folder), folder: relativeTo(folder, directory) };
  }
}

/** Writes the workflow, and prints the hook, which the user installs. */
export async function writeCi(directory: string, { file, installation }: Ci): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
  } catch (error) {
    throw new UsageError(l10n.t`${path.dirname(file)} cannot be created: ${String(error)}`);
  }
  const written = await writeWhole(file, githubWorkflow(installation));
  const shown = shownPath(directory, file);
  if (!written.ok) throw new UsageError(l10n.t`${shown} cannot be written: ${written.error}.`);
  await print([
    l10n.t`${shown} checks every pull request and every push to ${installation.branch}, compares the code with that of a week ago once a week, and captures a baseline on demand. Commit it.`,
    l10n.t('To check before each commit, too, save this as an executable .git/hooks/pre-commit:'),
    '',
    ...hookSnippet(installation).map((line) => `  ${line}`),
  ]);
}
