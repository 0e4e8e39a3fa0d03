import { posix } from 'node:path';
import type { GitObjects } from './objects.js';
import { pair, split } from './output.js';
import type { GitProgram } from './process.js';

interface Tree {
  /** Object ids by path, including symbolic links but not submodules. */
  readonly files: ReadonlyMap<string, string>;
  readonly links: ReadonlySet<string>;
}

const keptTrees = 4;

/** The files of commits, by paths relative to the top level with `/`. Keeps the trees of the last few commits. */
export class CommitTrees {
  readonly #trees = new Map<string, Promise<Tree | null>>();

  constructor(
    readonly program: GitProgram,
    readonly objects: GitObjects,
    /** Returns the full id of the commit that a revision names; null if it names none. */
    readonly resolve: (revision: string) => Promise<string | null>,
  ) {}

  /** Returns a file as it was committed (line endings too); follows symbolic links. Null if it is not in that commit. */
  async readFile(commit: string, path: string): Promise<Buffer | null> {
    const tree = await this.#of(commit);
    const id = tree?.files.get((await this.#follow(tree, path)) ?? '');
    return id === undefined ? null : this.objects.read(id);
  }

  /** Whether the commit has a file, or a link to one, at that path. */
  async has(commit: string, path: string): Promise<boolean> {
    const tree = await this.#of(commit);
    return tree?.files.has((await this.#follow(tree, path)) ?? '') ?? false;
  }

  /** Whether two commits have the same file names and the same content in `paths`, so that imports mean the same in both. */
  async isAlike(one: string, other: string, paths: readonly string[]): Promise<boolean> {
    const [a, b] = [await this.#of(one), await this.#of(other)];
    if (a === null || b === null) return false;
    if (a.files.size !== b.files.size) return false;
    for (const path of a.files.keys()) if (!b.files.has(path)) return false;
    const followed = await Promise.all(paths.map((path) => this.#follow(a, path)));
    return [...a.links, ...b.links, ...followed].every(
      (path) => path !== null && a.files.get(path) === b.files.get(path),
    );
  }

  /** Returns the files under a folder (`''` for all), without those of submodules; empty if the commit is not here. */
  async listFiles(commit: string, folder: string): Promise<readonly string[]> {
    const tree = await this.#of(commit);
    const prefix = folder === '' ? '' : `${folder.replace(/\/+$/, '')}/`;
    return tree === null ? [] : [...tree.files.keys()].filter((path) => path.startsWith(prefix));
  }

  #of(commit: string): Promise<Tree | null> {
    const known = this.#trees.get(commit);
    if (known !== undefined) return known;
    const tree = this.#readTree(commit);
    this.#trees.set(commit, tree);
    const [oldest] = this.#trees.keys();
    if (oldest !== undefined && this.#trees.size > keptTrees) this.#trees.delete(oldest);
    const forget = (): void => void this.#trees.delete(commit);
    tree.then((value) => value ?? forget(), forget);
    return tree;
  }

  async #readTree(commit: string): Promise<Tree | null> {
    if ((await this.resolve(commit)) === null) return null;
    const files = new Map<string, string>();
    const links = new Set<string>();
    for (const entry of split(await this.program.text(['ls-tree', '-r', '-z', '--full-tree', commit]), '\0')) {
      const [about, path] = pair(entry, '\t');
      const [mode, type, id = ''] = about.split(' ');
      if (type === 'blob') files.set(path, id);
      if (mode === '120000') links.add(path);
    }
    return { files, links };
  }

  /** Follows the symbolic links in a path; null if they lead out of the repository or in a circle. */
  async #follow(tree: Tree | null, path: string): Promise<string | null> {
    if (tree === null) return null;
    if (tree.links.size === 0) return path;
    // Linux gives up at 40, too.
    for (let links = 0; links < 40; links++) {
      const link = prefixes(path).find((prefix) => tree.links.has(prefix));
      if (link === undefined) return path;
      const target = (await this.objects.read(tree.files.get(link) ?? ''))?.toString() ?? '/';
      path = posix.join(posix.dirname(link), target, path.slice(link.length));
      if (posix.isAbsolute(target) || path.startsWith('..')) return null;
    }
    return null;
  }
}

/** Returns `a`, `a/b` and `a/b/c` for `a/b/c`. */
function prefixes(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
