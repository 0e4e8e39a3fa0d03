import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, posix, relative, resolve } from 'node:path';
import { err, ok, type Result } from '../../core/result.js';
import type { CommitInfo } from '../../core/formats/writers/github-action-benchmark.js';
import { firstWords, GitError, GitProgram, type GitOptions } from './process.js';
import { gitPath, pair, split } from './output.js';
import { gitEntryAbove, withRepair } from './repair.js';
import { CommitTrees } from './trees.js';
import { keepWorkingTree } from './working-tree.js';

export { GitError, type GitOptions } from './process.js';

/** Why a folder has no history to compare with. `message` says why, and how to fix it if possible. */
export interface GitUnavailable {
  readonly kind:
    | 'no-git' // no git program on the PATH
    | 'not-a-repository'
    | 'bare' // a repository without a working tree
    | 'not-trusted' // another user owns it, and Git refuses to read it
    | 'failed'; // it hung, or the repository is damaged
  readonly message: string;
}

export interface Head {
  readonly commit: string;
  /** Null when detached. */
  readonly branch: string | null;
  readonly detached: boolean;
}

export interface Commit {
  readonly commit: string;
  /** The first parent; null for a first commit, or if the parent is not here (shallow clones). */
  readonly parent: string | null;
  /** When it was committed: milliseconds since the epoch. */
  readonly at: number;
}

const listCommits = ['rev-list', '--first-parent', '--parents', '--timestamp'];

/**
 * One repository. Commits are named by their full ids; paths are relative to `root` with `/`, unless stated otherwise.
 * Every method rejects with `GitError` if Git itself cannot answer (it hung, or the repository is damaged); null means
 * "that is not there".
 */
export class Git {
  readonly #program: GitProgram;
  readonly #trees: CommitTrees;
  /** The index of the commit in progress if a hook runs us; it need not be the usual one. */
  readonly #hookIndex: NodeJS.ProcessEnv;

  private constructor(
    /** The top level of the working tree: absolute, with `/`, spelled as the folder that was opened. */
    readonly root: string,
    /** Where this working tree's index and HEAD are. */
    readonly gitFolder: string,
    /** Where objects and refs are, which all working trees of the repository share. */
    readonly commonFolder: string,
    options: GitOptions,
  ) {
    this.#program = new GitProgram(root, options);
    this.#trees = new CommitTrees(this.#program, root, options);
    const index = (options.env ?? process.env)['GIT_INDEX_FILE'];
    const absolute = index === undefined ? '' : gitPath(resolve(index));
    this.#hookIndex = absolute.startsWith(`${gitFolder}/`) ? { GIT_INDEX_FILE: absolute } : {};
  }

  /** Opens the repository around a folder. */
  static async open(folder: string, options: GitOptions = {}): Promise<Result<Git, GitUnavailable>> {
    const program = new GitProgram(folder, options);
    try {
      const { code, stdout, stderr } = await program.run([
        ...['rev-parse', '--is-inside-work-tree', '--absolute-git-dir', '--git-common-dir'],
        ...['--show-cdup', '--show-toplevel'],
      ]);
      const [inside, gitFolder = '', common = '', up = '', top = ''] = stdout.toString().split('\n');
      if (inside === 'false') {
        return err({ kind: 'bare', message: `${folder} is in a Git repository without a working tree.` });
      }
      if (code !== 0) return err(unavailable(folder, stderr, options.env ?? process.env));
      const root = await spelledAs(folder, up, top);
      return ok(new Git(root, gitPath(gitFolder), gitPath(resolve(folder, common)), options));
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      if (error.code === null || error.code === 'ETIMEDOUT')
        return err({ kind: 'failed', message: withRepair(error.message) });
      return err({
        kind: 'no-git',
        message: 'Git is not on the PATH. Install it to compare with old code.',
      });
    } finally {
      program.dispose();
    }
  }

  /** Returns null in a repository without commits. Rejects with `GitError` if there should be one, but it is lost. */
  async head(): Promise<Head | null> {
    const [commit, name] = await Promise.all([
      this.resolve('HEAD'),
      this.#program.run(['symbolic-ref', '--quiet', '--short', 'HEAD']),
    ]);
    const branch = name.code === 0 ? name.stdout.toString().trim() : null;
    if (commit !== null) return { commit, branch, detached: branch === null };
    await this.#requireUnborn(branch);
    return null;
  }

  /** Returns the full id of the commit that a revision names; null if it names none, or one not here (shallow clones). */
  resolve(revision: string): Promise<string | null> {
    return this.#trees.resolve(revision);
  }

  /** Returns which of these commits, by their full ids, are here. */
  async commitsHere(commits: readonly string[]): Promise<ReadonlySet<string>> {
    if (commits.length === 0) return new Set();
    const input = commits.map((commit) => `${commit}\n`).join('');
    const { stdout } = await this.#program.run(['cat-file', '--batch-check=%(objecttype)'], { input });
    const types = split(stdout.toString(), '\n');
    return new Set(commits.filter((_, index) => types[index] === 'commit'));
  }

  /** Whether there is a branch of this name, which is on one line. Asked on each keystroke, so no git is started for it. */
  hasBranch(name: string): Promise<boolean> {
    return this.#trees.hasObject(`refs/heads/${name}`);
  }

  /** Returns the last `count` commits from HEAD along the first parents, newest first. Empty in a repository without commits. */
  async commits(count: number): Promise<readonly Commit[]> {
    if ((await this.resolve('HEAD')) === null) return [];
    const lines = await this.#program.text([...listCommits, `--max-count=${count}`, 'HEAD', '--']);
    return split(lines, '\n').map((line) => {
      const [seconds, commit = '', parent = null] = line.split(' ');
      return { commit, parent, at: Number(seconds) * 1000 };
    });
  }

  /** Returns the commits after one up to another along the first parents, oldest first, and their parents. */
  async commitsBetween(from: string, to: string): Promise<readonly { commit: string; parents: readonly string[] }[]> {
    const lines = await this.#program.text([...listCommits, '--reverse', `${from}..${to}`, '--']);
    return split(lines, '\n').map((line) => {
      const [, commit = '', ...parents] = line.split(' ');
      return { commit, parents };
    });
  }

  async isShallow(): Promise<boolean> {
    return (await this.#program.text(['rev-parse', '--is-shallow-repository'])).trim() === 'true';
  }

  /**
   * Returns where this branch left the upstream default branch, and that branch's name (`origin/main`): origin/HEAD, else
   * origin/main or origin/master, else the branch's own upstream. Null without a remote; `commit` is null if no common commit is
   * here, as in a shallow clone.
   */
  async forkPoint(): Promise<{ readonly commit: string | null; readonly branch: string } | null> {
    const ref = await this.#upstream();
    if (ref === null) return null;
    const { code, stdout } = await this.#program.run(['merge-base', 'HEAD', ref]);
    return {
      commit: code === 0 ? stdout.toString().trim() : null,
      branch: ref.replace(/^refs\/(remotes|heads)\//, ''),
    };
  }

  /** Returns where HEAD left a revision; null if it is not a commit, or no common commit is here (shallow clones). */
  async mergeBase(revision: string, head = 'HEAD'): Promise<string | null> {
    const commit = await this.resolve(revision);
    if (commit === null) return null;
    const { code, stdout } = await this.#program.run(['merge-base', head, commit]);
    return code === 0 ? stdout.toString().trim() : null;
  }

  /** Returns the absolute paths of text files under a folder that contain `text`, but no ignored ones; null if Git fails. */
  async filesWith(text: string, folder: string): Promise<readonly string[] | null> {
    const { code, stdout } = await this.#program.run([
      ...['grep', '-z', '-l', '-I', '-F', '--untracked', '--full-name', '--no-color', '--no-recurse-submodules'],
      ...['-e', text, '--', posix.relative(this.root, gitPath(folder)) || '.'],
    ]);
    // Exit code 1 means that there are none.
    if (code !== 0 && code !== 1) return null;
    return split(stdout.toString(), '\0').map((file) => posix.join(this.root, file));
  }

  /** Returns the absolute paths of all files under a folder that are not ignored, committed or not; null if Git fails. */
  async unignoredFiles(folder: string): Promise<readonly string[] | null> {
    const { code, stdout } = await this.#program.run([
      ...['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate', '--full-name'],
      ...['--', posix.relative(this.root, gitPath(folder)) || '.'],
    ]);
    return code === 0 ? split(stdout.toString(), '\0').map((file) => posix.join(this.root, file)) : null;
  }

  /**
   * Returns a file as `git checkout` would write it; follows symbolic links, and reads those of submodules. Null if it is not
   * in that commit. Rejects with `GitError` if it is, but cannot be had: a filter failed, or a submodule is not here.
   */
  readFile(commit: string, path: string): Promise<Buffer | null> {
    return this.#trees.readFile(commit, path);
  }

  /** Whether the commit has a file, or a link to one, at that path. */
  has(commit: string, path: string): Promise<boolean> {
    return this.#trees.has(commit, path);
  }

  /** Returns where the file at a path is behind all links in a commit; null if the commit has none. */
  realPath(commit: string, path: string): Promise<string | null> {
    return this.#trees.realPath(commit, path);
  }

  /** Returns why a path that belongs to a submodule cannot be looked up, in one sentence; null if that is not so. */
  lacks(commit: string, path: string): Promise<string | null> {
    return this.#trees.lacks(commit, path);
  }

  /** Whether two commits have the same file names and the same content in `paths`, so that imports mean the same in both. */
  isAlike(one: string, other: string, paths: readonly string[]): Promise<boolean> {
    return this.#trees.isAlike(one, other, paths);
  }

  /** Returns the files under a folder (`''` for all), with those of submodules that are here; empty if the commit is not. */
  listFiles(commit: string, folder: string): Promise<readonly string[]> {
    return this.#trees.listFiles(commit, folder);
  }

  /** Returns the absolute paths of the files under a folder that are there now and not ignored, tracked or not. */
  async filesOnDisk(folder: string): Promise<readonly string[]> {
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const at = posix.relative(this.root, gitPath(folder)) || '.';
    return this.#absolute(await this.#program.text([...args, '--', at]));
  }

  /** Writes the submodules of a commit into a checkout of it. The error is one sentence. */
  async checkOutSubmodules(commit: string, folder: string): Promise<Result<null, string>> {
    return this.#trees.checkOutSubmodules(commit, folder);
  }

  /** Whether Git ignores this path (relative to `root`); false if it tracks the file anyway. */
  async isIgnored(path: string): Promise<boolean> {
    const { code } = await this.#program.run(['check-ignore', '--quiet', '--', path]);
    if (code !== 128) return code === 0;
    // Git does not look into submodules.
    for (const folder of foldersAround(path)) {
      const inner = posix.join(this.root, folder);
      if ((await stat(posix.join(inner, '.git')).catch(() => null)) === null) continue;
      const args = ['-C', inner, 'check-ignore', '--quiet', '--', path.slice(folder.length + 1)];
      return (await this.#program.run(args)).code === 0;
    }
    return false;
  }

  /** Whether tracked files, or the index, differ from HEAD. */
  async isDirty(): Promise<boolean> {
    const changes = ['status', '--porcelain', '-z', '--untracked-files=no', '--ignore-submodules=dirty'];
    return (await this.#program.text(changes)) !== '';
  }

  /** Returns the absolute paths of files that differ between a commit and the working tree, also deleted and untracked ones. */
  async changedFiles(commit: string): Promise<readonly string[]> {
    const [tracked, untracked] = await Promise.all([
      this.#program.text(['diff', '--name-only', '-z', '--no-renames', '--no-relative', '--no-ext-diff', commit, '--']),
      this.#program.text(['ls-files', '--others', '--exclude-standard', '-z']),
    ]);
    return this.#absolute(tracked + untracked);
  }

  /** Returns the absolute paths of the files that the next commit would change. */
  async stagedFiles(): Promise<readonly string[]> {
    const args = ['diff', '--cached', '--name-only', '-z', '--no-renames', '--no-relative', '--no-ext-diff', '--'];
    return this.#absolute(await this.#program.text(args, { env: this.#hookIndex }));
  }

  /** Returns the author, date and first line of each commit that is here. */
  async describe(commits: readonly string[]): Promise<ReadonlyMap<string, CommitInfo>> {
    const ids = commits.filter((commit) => /^[0-9a-f]{40,64}$/.test(commit));
    if (ids.length === 0) return new Map();
    const input = ids.map((id) => `${id}\n`).join('');
    const args = ['log', '--no-walk=unsorted', '--stdin', '--ignore-missing', '-z', '--format=%H%n%an%n%aI%n%s'];
    const { stdout } = await this.#program.run(args, { input });
    const records = split(stdout.toString(), '\0').map((record) => record.split('\n'));
    return new Map(
      records.map(([id = '', author = '', timestamp = '', message = '']) => [id, { author, timestamp, message }]),
    );
  }

  /** Returns the web page of the repository that this is cloned from, without credentials; empty if there is none. */
  async webPage(): Promise<string> {
    const { stdout } = await this.#program.run(['remote', 'get-url', 'origin']);
    const [, host, path] =
      /^(?:https?:\/\/|ssh:\/\/)?(?:[^@/]*@)?([\w.-]+)(?::\d+)?[:/](.+?)(?:\.git)?\/?\n$/.exec(stdout.toString()) ?? [];
    return host === undefined || path === undefined || !host.includes('.') ? '' : `https://${host}/${path}`;
  }

  /** Returns the path of a file in this repository, relative to `root`; null if it lies outside. */
  relative(file: string): string | null {
    const path = gitPath(relative(this.root, file));
    return path === '' || path === '..' || path.startsWith('../') || isAbsolute(path) ? null : path;
  }

  /**
   * Keeps the tracked files as they are on disk, and the given untracked ones (absolute, or relative to `root`; missing and
   * outside ones are skipped), as a commit on HEAD that only `ref` (`refs/perf-budget/…`) names. If nothing differs from HEAD,
   * it is HEAD itself, so that other clones have it too. What a capture writes is left out. Index, HEAD, branches and files
   * stay as they are, and so does `ref` after an abort. The error is one sentence in Git's words.
   */
  keepWorkingTree(
    ref: `refs/perf-budget/${string}`,
    message: string,
    files: readonly string[] = [],
    signal?: AbortSignal,
  ): Promise<Result<string, string>> {
    const paths = files.flatMap((file) => this.relative(resolve(this.root, file)) ?? []);
    const git = { program: this.#program, gitFolder: this.gitFolder, readHead: () => this.resolve('HEAD') };
    return keepWorkingTree(git, ref, message, paths, signal);
  }

  /** Makes one of our refs name this commit; null removes it. */
  async keepRef(ref: `refs/perf-budget/${string}`, commit: string | null): Promise<void> {
    await this.#program.text(['update-ref', '--no-deref', ...(commit === null ? ['-d', ref] : [ref, commit])]);
  }

  /** Kills every process of this repository; pending calls reject. */
  dispose(): void {
    this.#trees.dispose();
  }

  /** Throws `GitError` unless HEAD names no commit because there is none on its branch yet. */
  async #requireUnborn(branch: string | null): Promise<void> {
    const { code, stderr } = await this.#program.run(['log', '--max-count=1', '--format=']);
    if (code !== 0 && !stderr.includes('does not have any commits yet'))
      throw new GitError(`git log failed: ${firstWords(stderr)}`);
    if (branch === null) return;
    // A branch that was deleted on purpose has no log any more; one whose file was lost in a crash still has.
    const { stdout } = await this.#program.run(['rev-parse', '--git-path', `logs/refs/heads/${branch}`]);
    const log = await stat(resolve(this.root, stdout.toString().trim())).catch(() => null);
    if (log?.isFile() === true && log.size > 0) throw new GitError(`HEAD is on ${branch}, but there is no such branch`);
  }

  #absolute(paths: string): readonly string[] {
    return [...new Set(split(paths, '\0'))].sort().map((path) => `${this.root}/${path}`);
  }

  async #upstream(): Promise<string | null> {
    const names = ['HEAD', 'main', 'master'].map((name) => `refs/remotes/origin/${name}`);
    const refs = await this.#program.text(['for-each-ref', '--format=%(refname) %(symref)', ...names]);
    const found = new Map(split(refs, '\n').map((line) => pair(line, ' ')));
    for (const name of names) {
      const target = found.get(name);
      if (target !== undefined) return target === '' ? name : target;
    }
    const own = await this.#program.run(['rev-parse', '--verify', '--quiet', '--symbolic-full-name', '@{upstream}']);
    return own.code === 0 ? own.stdout.toString().trim() : null;
  }
}

/** Returns `a/b` and `a` for `a/b/c`. */
function foldersAround(path: string): readonly string[] {
  const folder = posix.dirname(path);
  return folder === '.' ? [] : [folder, ...foldersAround(folder)];
}

function unavailable(folder: string, stderr: string, env: NodeJS.ProcessEnv): GitUnavailable {
  if (stderr.includes('dubious ownership')) {
    const command = /git config --global --add safe\.directory .+/.exec(stderr)?.[0];
    const fix = command === undefined ? 'see safe.directory in its manual' : `run: ${command}`;
    return {
      kind: 'not-trusted',
      message: `Git refuses to read ${folder} because another user owns it; if you trust it, ${fix}`,
    };
  }
  if (stderr.includes('not a git repository')) {
    const entry = env['GIT_CEILING_DIRECTORIES'] === undefined ? gitEntryAbove(folder) : null;
    if (entry === null) return { kind: 'not-a-repository', message: `${folder} is not in a Git repository.` };
    const gone = /not a git repository: (.+)/.exec(stderr)?.[1];
    const message =
      gone === undefined
        ? `Git does not recognize ${entry} as a repository: its HEAD, its objects or its refs are missing or damaged. Restore them, or clone it again.`
        : `${entry} says that the repository is in ${gone}, where there is none. In a worktree, run \`git worktree repair\` in the main repository; in a submodule, \`git submodule update --init\`.`;
    return { kind: 'failed', message };
  }
  const words = firstWords(stderr);
  if (words.startsWith('cannot change to')) return { kind: 'failed', message: `Git cannot read ${folder}: ${words}.` };
  return { kind: 'failed', message: `Git cannot read ${folder}: ${withRepair(words)}` };
}

/**
 * Returns the top level in the user's spelling, because other paths have it too while Git resolves every symbolic link. It
 * goes up from the opened folder as far as Git says, unless a link in between makes that another place.
 */
async function spelledAs(folder: string, up: string, top: string): Promise<string> {
  const spelled = resolve(folder, up);
  const [a, b] = await Promise.all([realpath(spelled), realpath(top)]);
  return gitPath(a === b ? spelled : top).replace(/(?<=.)\/$/, '');
}
