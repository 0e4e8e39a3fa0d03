import { access, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { Checkout, isPointer, lfsNotHere } from './checkout.js';
import { ok, type Result } from '../../core/result.js';
import { GitObjects } from './objects.js';
import { gitPath, pair, split } from './output.js';
import { GitError, GitProgram, type GitOptions } from './process.js';
import { DamageError } from './repair.js';

interface Tree {
  /** Object ids by path, including symbolic links but not submodules. */
  readonly files: ReadonlyMap<string, string>;
  /** The symbolic links, in a repository that checks them out as such. */
  readonly links: ReadonlySet<string>;
  /** The symbolic links that are checked out as ordinary files with the path in them. */
  readonly plainLinks: ReadonlySet<string>;
  /** The commits of submodules by path. */
  readonly modules: ReadonlyMap<string, string>;
}

/** Where a file of a commit really is: in this repository or in a submodule, behind all links. */
interface Place {
  readonly trees: CommitTrees;
  readonly tree: Tree;
  readonly commit: string;
  readonly path: string;
  readonly id: string;
}

const keptTrees = 4;
const attributes = '.gitattributes';

/**
 * The files of commits, as `git checkout` would write them, by paths relative to the top level with `/`. Those of submodules
 * come from the commit that the outer one records. Keeps the trees of the last few commits.
 */
export class CommitTrees {
  readonly #trees = new Map<string, Promise<Tree | null>>();
  readonly #checkouts = new Map<string, Checkout>();
  /** The repositories of submodules, by folder. */
  readonly #modules = new Map<string, CommitTrees>();
  readonly #objects: GitObjects;
  #linkless: Promise<boolean> | null = null;

  constructor(
    readonly program: GitProgram,
    /** The top level of the working tree; null for a submodule that has none now. */
    readonly root: string | null,
    readonly options: GitOptions = {},
    /** Where a submodule is in the outermost repository, followed by `/`. */
    readonly prefix = '',
  ) {
    this.#objects = new GitObjects(program);
  }

  /** Returns the full id of the commit that a revision names; null if it names none, or one not here (shallow clones). */
  async resolve(revision: string): Promise<string | null> {
    if (revision === '' || revision.startsWith('-') || revision.includes('\0')) return null;
    const { code, stdout } = await this.program.run(['rev-parse', '--verify', '--quiet', `${revision}^{commit}`]);
    return code === 0 ? stdout.toString().trim() : null;
  }

  /** Whether a revision on one line names something that is here; unlike `resolve`, it starts no process each time. */
  async hasObject(revision: string): Promise<boolean> {
    return (await this.#objects.read(revision)) !== null;
  }

  /**
   * Returns a file as it would be checked out; follows symbolic links. Null if it is not in that commit. Rejects with
   * `GitError` if it is, but cannot be had.
   */
  async readFile(commit: string, path: string): Promise<Buffer | null> {
    const place = await this.#at(commit, path);
    if (typeof place === 'string') throw new GitError(place);
    return place === null ? null : place.trees.#content(place);
  }

  /** Whether the commit has a file, or a link to one, at that path. */
  async has(commit: string, path: string): Promise<boolean> {
    const place = await this.#at(commit, path);
    return place !== null && typeof place !== 'string';
  }

  /** Returns where the file at that path is behind all links; null if the commit has none. */
  async realPath(commit: string, path: string): Promise<string | null> {
    const place = await this.#at(commit, path);
    if (place === null || typeof place === 'string') return null;
    return `${place.trees.prefix}${place.path}`.slice(this.prefix.length);
  }

  /** Returns why a path that belongs to a submodule cannot be looked up, in one sentence; null if that is not so. */
  async lacks(commit: string, path: string): Promise<string | null> {
    const place = await this.#at(commit, path);
    return typeof place === 'string' ? place : null;
  }

  /** Whether two commits have the same file names and the same content in `paths`, so that imports mean the same in both. */
  async isAlike(one: string, other: string, paths: readonly string[]): Promise<boolean> {
    const [a, b] = [await this.#of(one), await this.#of(other)];
    if (a === null || b === null) return false;
    if (a.files.size !== b.files.size || a.modules.size !== b.modules.size) return false;
    for (const path of a.files.keys()) if (!b.files.has(path)) return false;
    for (const [path, commit] of a.modules) if (b.modules.get(path) !== commit) return false;
    const isInside = (path: string): boolean => prefixes(path).some((each) => a.modules.has(each));
    const followed = await Promise.all(paths.map((path) => this.#follow(a, path)));
    const rules = [...a.files.keys()].filter(isAttributes);
    return [...a.links, ...b.links, ...rules, ...followed].every(
      (path) => path !== null && (a.files.get(path) === b.files.get(path) || isInside(path)),
    );
  }

  /** Returns the files under a folder (`''` for all), with those of submodules that are here; empty if the commit is not. */
  async listFiles(commit: string, folder: string): Promise<readonly string[]> {
    const tree = await this.#of(commit);
    if (tree === null) return [];
    const prefix = folder === '' ? '' : `${folder.replace(/\/+$/, '')}/`;
    const inner = Array.from(tree.modules, async ([module, at]) => {
      if (!`${module}/`.startsWith(prefix) && !prefix.startsWith(`${module}/`)) return [];
      const trees = await this.#module(tree, module, at);
      const files = typeof trees === 'string' ? [] : await trees.listFiles(at, '');
      return files.map((file) => `${module}/${file}`);
    });
    const all = [...tree.files.keys(), ...(await Promise.all(inner)).flat()];
    return all.filter((path) => path.startsWith(prefix));
  }

  /** Writes the submodules of a commit that are here, with their own, into a checkout of it. The error is one sentence. */
  async checkOutSubmodules(commit: string, folder: string): Promise<Result<null, string>> {
    const tree = await this.#of(commit);
    for (const [module, at] of tree?.modules ?? []) {
      const trees = tree === null ? '' : await this.#module(tree, module, at);
      // Which of them are needed is not known: what imports the missing ones will say so.
      if (typeof trees === 'string') continue;
      const target = posix.join(folder, module);
      const written = await trees.#checkout(at).writeAll(target);
      const inner = written.ok ? await trees.checkOutSubmodules(at, target) : written;
      if (!inner.ok) return inner;
    }
    return ok(null);
  }

  /** Kills every process; pending calls reject. */
  dispose(): void {
    this.#objects.dispose();
    this.program.dispose();
    for (const each of this.#modules.values()) each.dispose();
    for (const each of this.#checkouts.values()) each.dispose();
  }

  #of(commit: string): Promise<Tree | null> {
    const known = this.#trees.get(commit);
    if (known !== undefined) return known;
    const tree = this.#readTree(commit);
    this.#trees.set(commit, tree);
    const [oldest] = this.#trees.keys();
    if (oldest !== undefined && this.#trees.size > keptTrees) this.#forget(oldest);
    const forget = (): void => this.#forget(commit);
    tree.then((value) => value ?? forget(), forget);
    return tree;
  }

  #forget(commit: string): void {
    this.#trees.delete(commit);
    const checkout = this.#checkouts.get(commit);
    // Somebody may be reading from it just now.
    if (checkout?.isIdle === false) return;
    checkout?.dispose();
    this.#checkouts.delete(commit);
  }

  async #readTree(commit: string): Promise<Tree | null> {
    if ((await this.resolve(commit)) === null) return null;
    const files = new Map<string, string>();
    const links = new Set<string>();
    const modules = new Map<string, string>();
    for (const entry of split(await this.program.text(['ls-tree', '-r', '-z', '--full-tree', commit]), '\0')) {
      const [about, path] = pair(entry, '\t');
      const [mode, type, id = ''] = about.split(' ');
      if (type === 'blob') files.set(path, id);
      if (type === 'commit') modules.set(path, id);
      if (mode === '120000') links.add(path);
    }
    this.#linkless ??= this.program
      .run(['config', '--type=bool', 'core.symlinks'])
      .then(({ stdout }) => stdout.toString().trim() === 'false');
    const none: ReadonlySet<string> = new Set();
    return links.size > 0 && (await this.#linkless)
      ? { files, links: none, plainLinks: links, modules }
      : { files, links, plainLinks: none, modules };
  }

  /** Returns where a path is; null if it is not in the commit, or why its submodule is not here. */
  async #at(commit: string, path: string): Promise<Place | string | null> {
    const tree = await this.#of(commit);
    const real = await this.#follow(tree, path);
    if (tree === null || real === null) return null;
    const id = tree.files.get(real);
    if (id !== undefined) return { trees: this, tree, commit, path: real, id };
    const module = tree.modules.size === 0 ? undefined : prefixes(real).find((each) => tree.modules.has(each));
    if (module === undefined || module === real) return null;
    const at = tree.modules.get(module) ?? '';
    const trees = await this.#module(tree, module, at);
    return typeof trees === 'string' ? trees : trees.#at(at, real.slice(module.length + 1));
  }

  /** Returns the content that a checkout would write. The file on disk stands for it if Git takes that for unchanged. */
  async #content({ tree, commit, path, id }: Place): Promise<Buffer> {
    const blob = await this.#objects.read(id).catch((error: unknown) => {
      if (error instanceof GitError && error.message.includes('promisor')) return null;
      throw error;
    });
    if (blob === null) {
      const short = commit.slice(0, 8);
      const where = `${this.prefix}${path} at ${short} is not in this clone`;
      throw (await this.#isPartial())
        ? new GitError(`${where}: \`git diff ${short}\` fetches it`)
        : new DamageError(where);
    }
    if (tree.plainLinks.has(path)) return blob;
    const disk = this.root === null ? null : await readFile(posix.join(this.root, path)).catch(() => null);
    const isAlike = await this.#hasSameRules(tree, path);
    if (isAlike && disk?.equals(blob) === true) return blob;
    const written = await this.#checkout(commit).read(path, !isAlike);
    if (disk !== null && isAlike && !(written.ok && written.value.equals(disk))) {
      // An editor may have written other line endings, and a filter may write something new each time.
      const args = ['hash-object', '--stdin', `--path=${path}`];
      const { code, stdout } = await this.program.run(args, { input: disk, startsPrograms: true });
      if (code === 0 && stdout.toString().trim() === id) return disk;
    }
    if (written.ok) return written.value;
    throw new GitError(isPointer(blob) ? lfsNotHere(this.prefix + path, commit) : this.prefix + written.error);
  }

  /** Whether a remote has promised what is missing here, as in a partial clone. */
  async #isPartial(): Promise<boolean> {
    return (await this.program.run(['config', '--get-regexp', '^remote\\..*\\.promisor$'])).code === 0;
  }

  #checkout(commit: string): Checkout {
    const known = this.#checkouts.get(commit) ?? new Checkout(this.program, commit);
    this.#checkouts.set(commit, known);
    return known;
  }

  /** Whether the attributes of a path in the commit are those in the working tree. */
  async #hasSameRules(tree: Tree, path: string): Promise<boolean> {
    const { root } = this;
    if (root === null) return false;
    const folders = ['', ...prefixes(posix.dirname(path)).filter((each) => each !== '.')];
    const same = folders.map(async (folder) => {
      const file = posix.join(folder, attributes);
      const id = tree.files.get(file);
      const [before, now] = await Promise.all([
        id === undefined ? null : this.#objects.read(id),
        readFile(posix.join(root, file)).catch(() => null),
      ]);
      return lines(before) === lines(now);
    });
    return (await Promise.all(same)).every(Boolean);
  }

  /** Returns the repository of a submodule, or why it has no such commit. */
  async #module(tree: Tree, path: string, commit: string): Promise<CommitTrees | string> {
    let isHere = false;
    for (const place of await this.#places(tree, path)) {
      const key = place.root ?? place.gitFolder ?? '';
      const trees = this.#modules.get(key) ?? this.#open(path, place);
      this.#modules.set(key, trees);
      isHere = true;
      if ((await trees.resolve(commit)) !== null) return trees;
    }
    const shown = `${this.prefix}${path}`;
    return isHere
      ? `the submodule ${shown} does not have its commit ${commit.slice(0, 8)} here: run \`git -C ${shown} fetch\``
      : `the submodule ${shown} is not checked out: run \`git submodule update --init --recursive\``;
  }

  #open(path: string, { root, gitFolder }: { root: string | null; gitFolder: string | null }): CommitTrees {
    const { env, timeoutMs } = this.options;
    const own: GitOptions = {
      ...(env !== undefined && { env }),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(root === null && gitFolder !== null && { gitFolder }),
    };
    return new CommitTrees(new GitProgram(root ?? gitFolder ?? '', own), root, own, `${this.prefix}${path}/`);
  }

  /** Returns where the repository of a submodule may be: in its folder, and under its name in the outer repository. */
  async #places(tree: Tree, path: string): Promise<{ root: string | null; gitFolder: string | null }[]> {
    const folder = this.root === null ? null : posix.join(this.root, path);
    // Otherwise Git would find the outer repository there.
    const own = folder !== null && (await exists(`${folder}/.git`)) ? [{ root: folder, gitFolder: null }] : [];
    const id = tree.files.get('.gitmodules');
    const names = id === undefined ? [] : await this.#names(id, path);
    const { stdout } = await this.program.run(['rev-parse', '--absolute-git-dir', '--git-common-dir']);
    const [gitFolder = '', common = ''] = stdout.toString().split('\n');
    const outer = new Set([gitFolder, posix.resolve(this.program.folder, common)]);
    const kept = names.flatMap((name) => Array.from(outer, (each) => `${gitPath(each)}/modules/${name}`));
    const found = await Promise.all(kept.map(async (each) => ((await exists(`${each}/HEAD`)) ? [each] : [])));
    return [...own, ...found.flat().map((each) => ({ root: null, gitFolder: each }))];
  }

  /** Returns the names of the submodule at a path, from a commit's `.gitmodules`. */
  async #names(id: string, path: string): Promise<readonly string[]> {
    const args = ['config', '--blob', id, '-z', '--get-regexp', '^submodule\\..*\\.path$'];
    const { stdout } = await this.program.run(args);
    return split(stdout.toString(), '\0').flatMap((entry) => {
      const [key, value] = pair(entry, '\n');
      const name = key.slice('submodule.'.length, -'.path'.length);
      // As in Git, a name never leads out of the folder of submodules.
      return value === path && !name.split(/[\\/]/).includes('..') ? [name] : [];
    });
  }

  /** Follows the symbolic links in a path; null if they lead out of the repository or in a circle. */
  async #follow(tree: Tree | null, path: string): Promise<string | null> {
    if (tree === null) return null;
    if (tree.links.size === 0) return path;
    // Linux gives up at 40, too.
    for (let links = 0; links < 40; links++) {
      const link = prefixes(path).find((prefix) => tree.links.has(prefix));
      if (link === undefined) return path;
      const target = (await this.#objects.read(tree.files.get(link) ?? ''))?.toString() ?? '/';
      path = posix.join(posix.dirname(link), target, path.slice(link.length));
      if (posix.isAbsolute(target) || path.startsWith('..')) return null;
    }
    return null;
  }
}

const isAttributes = (path: string): boolean => posix.basename(path) === attributes;

const lines = (content: Buffer | null): string => (content?.toString('latin1') ?? '').replaceAll('\r\n', '\n');

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Returns `a`, `a/b` and `a/b/c` for `a/b/c`. */
function prefixes(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
