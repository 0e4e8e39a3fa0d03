import { copyFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { baselinesFolder } from '../../core/config/file-names.js';
import { err, ok, type Result } from '../../core/result.js';
import { temporaryFolder } from '../util/temporary.js';
import { pair, split } from './output.js';
import { GitError, GitProgram, type GitOptions } from './process.js';

const identity = { name: 'Perf Budget', email: 'perf-budget@localhost' };

/** What `keepWorkingTree` needs from its repository. */
interface KeepingGit {
  readonly program: GitProgram;
  readonly gitFolder: string;
  /** The full id of HEAD; null in a repository without commits. */
  readonly readHead: () => Promise<string | null>;
}

/** Implements `Git.keepWorkingTree`; `paths` are the untracked files, relative to the top level. */
export async function keepWorkingTree(
  git: KeepingGit,
  ref: `refs/perf-budget/${string}`,
  message: string,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<Result<string, string>> {
  const kept: Kept[] = [];
  const commit = await commitWorkingTree(git, message, paths, kept);
  if (!commit.ok) return commit;
  if (signal?.aborted === true) return err('it was cancelled');
  // Only now, so that the refs of submodules and that of their repository are those of one capture.
  for (const { folder, commit: id } of [...kept, { folder: git.program.folder, commit: commit.value }]) {
    const program = folder === git.program.folder ? git.program : new GitProgram(folder, git.program.options);
    try {
      await program.text(['update-ref', '--no-deref', ref, id]);
    } catch (error) {
      if (error instanceof GitError) return err(error.message);
      throw error;
    } finally {
      if (program !== git.program) program.dispose();
    }
  }
  return commit;
}

/** A commit that no ref names yet. */
interface Kept {
  readonly folder: string;
  readonly commit: string;
}

/** Makes the commit, and adds those of its submodules to `kept`. No ref names any of them yet. */
async function commitWorkingTree(
  { program, gitFolder, readHead }: KeepingGit,
  message: string,
  paths: readonly string[],
  kept: Kept[],
): Promise<Result<string, string>> {
  const temporary = temporaryFolder();
  try {
    const index = join(temporary.path, 'index');
    await copyIndex(join(gitFolder, 'index'), index);
    const env = { GIT_INDEX_FILE: index };
    const head = await readHead();
    // Baseline files that are staged, or have both sides of a merge, are kept as they were committed.
    const captured = `glob)**/${baselinesFolder}/**`;
    if (head !== null) await program.text(['reset', '--quiet', head, '--', `:(top,${captured}`], { env });
    // Filters run on the way into Git.
    const filtered = { env, startsPrograms: true };
    await program.text(['add', '--update', '--', ':/', `:(top,exclude,${captured}`], filtered);
    const modules = await submodules(program, env);
    const isInside = (path: string): boolean => modules.some((module) => path.startsWith(`${module}/`));
    await program.text(['update-index', '--add', '--remove', '-z', '--stdin'], {
      ...filtered,
      input: paths.filter((path) => !isInside(path)).join('\0'),
    });
    for (const module of modules) {
      const prefix = `${module}/`;
      const own = paths.flatMap((path) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : []));
      const inner = join(program.folder, module);
      const commit = await commitSubmodule(inner, program.options, message, own, kept);
      if (!commit.ok) return err(`the submodule ${module} cannot be kept: ${commit.error}`);
      if (commit.value === null) continue;
      kept.push({ folder: inner, commit: commit.value });
      await program.text(['update-index', '--cacheinfo', `160000,${commit.value},${module}`], { env });
    }
    const tree = (await program.text(['write-tree'], { env })).trim();
    const isCommitted = head !== null && (await program.text(['rev-parse', `${head}^{tree}`])).trim() === tree;
    if (isCommitted) return ok(head);
    const parent = head === null ? [] : ['-p', head];
    const commit = await program.text(
      ['-c', 'i18n.commitEncoding=UTF-8', 'commit-tree', '--no-gpg-sign', ...parent, '-F', '-', tree],
      {
        input: `${message}\n`,
        env: {
          GIT_AUTHOR_NAME: identity.name,
          GIT_AUTHOR_EMAIL: identity.email,
          GIT_COMMITTER_NAME: identity.name,
          GIT_COMMITTER_EMAIL: identity.email,
        },
      },
    );
    return ok(commit.trim());
  } catch (error) {
    if (error instanceof GitError) return err(error.message.replace(temporary.path, gitFolder));
    throw error;
  } finally {
    temporary.dispose();
  }
}

/** Returns the paths of the submodules in an index. */
async function submodules(program: GitProgram, env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const entries = split(await program.text(['ls-files', '--stage', '-z', '--', ':/'], { env }), '\0');
  return entries.flatMap((entry) => (entry.startsWith('160000 ') ? [pair(entry, '\t')[1]] : []));
}

/** Commits the working tree of a submodule in its own repository; null if it is not checked out. */
async function commitSubmodule(
  folder: string,
  options: GitOptions,
  message: string,
  paths: readonly string[],
  kept: Kept[],
): Promise<Result<string | null, string>> {
  // Otherwise Git would find the outer repository there.
  if ((await stat(join(folder, '.git')).catch(() => null)) === null) return ok(null);
  const program = new GitProgram(folder, options);
  try {
    const gitFolder = (await program.text(['rev-parse', '--absolute-git-dir'])).trim();
    const readHead = async (): Promise<string | null> => {
      const { code, stdout } = await program.run(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
      return code === 0 ? stdout.toString().trim() : null;
    };
    return await commitWorkingTree({ program, gitFolder, readHead }, message, paths, kept);
  } finally {
    program.dispose();
  }
}

/**
 * Copies the index, which records which files are unchanged, so that only the changed ones are read. Git trusts that for
 * files older than the index, so the copy must not look newer than the original; every file system keeps whole seconds.
 */
async function copyIndex(from: string, to: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(from);
    await copyFile(from, to);
    const seconds = Math.floor(mtimeMs / 1000);
    await utimes(to, seconds, seconds);
  } catch (error) {
    // An empty repository has no index.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
