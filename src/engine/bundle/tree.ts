import { readdirSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { aliasTargets } from './aliases.js';
import type { CheckedOutCode } from './dynamic.js';
import { candidates } from './old-paths.js';

/** The code of one commit. Paths are absolute, as they are in the working tree. */
export interface OldCode {
  readonly commit: string;
  /** What messages call the commit, such as `HEAD`; if absent, the start of its hash. */
  readonly name?: string;
  read(absolutePath: string): Promise<Buffer | null>;
  has(absolutePath: string): Promise<boolean>;
  /** Returns where a file is behind the links of the commit; absent if it has no links, null if it has no such file. */
  real?(absolutePath: string): Promise<string | null>;
  /** Returns why the commit's file cannot be had, in one sentence, such as a submodule that is not here; null if it can. */
  lacks?(absolutePath: string): Promise<string | null>;
  /** Checks the commit out, for what it loads at run time; null or absent if that cannot be. */
  checkOut?(reads?: readonly string[]): Promise<CheckedOutCode | null>;
  /** Whether git does not keep this file at all, because it ignores it or the file lies outside the repository. */
  ignores(absolutePath: string): Promise<boolean>;
}

/** Which file an import means; `null` means the one on disk. */
export type Resolution =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'missing' | 'elsewhere'; readonly message: string }
  | null;

export interface Import {
  readonly importer: string;
  readonly specifier: string;
  /** The absolute path of a relative specifier; null for all others. */
  readonly target: string | null;
  /** The file that it means in the working tree; null if it means none. */
  readonly disk: string | null;
}

/** Where the text of the user's files comes from. */
export interface Tree {
  /** Whether relative specifiers may mean other files than esbuild would find. */
  readonly ownPaths: boolean;
  read(file: string): Promise<string | Uint8Array>;
  /** Returns the file that a path means, null for the one that esbuild finds, or undefined if only `resolve` can tell. */
  known(target: string): Promise<string | null | undefined>;
  resolve(what: Import): Promise<Resolution>;
}

export const workingTree: Tree = {
  ownPaths: false,
  known: () => Promise.resolve(undefined),
  read: (file) => readFile(file),
  resolve: () => Promise.resolve(null),
};

/** The old code with the current bench file, or with its own. */
export class OldTree implements Tree {
  readonly ownPaths = true;
  readonly #disk = new Map<string, ReadonlySet<string>>();
  /** Files that both sides take from disk, because the commit cannot have them. */
  readonly #shared = new Set<string>();

  constructor(
    private readonly root: string,
    private readonly benchFile: string,
    private readonly old: OldCode,
    /** Called with each file that is taken from disk, and the sentence that reports it. */
    private readonly borrowed: (file: string, why: string) => void,
    private readonly isOwnBenchFile = false,
  ) {}

  async read(file: string): Promise<string | Uint8Array> {
    if ((file === this.benchFile && !this.isOwnBenchFile) || this.#shared.has(file)) return readFile(file);
    const text = await this.old.read(file);
    if (text !== null) return text;
    // Only a specifier with a pattern gets here, because esbuild matches those against the disk itself.
    this.borrowed(file, `${this.#show(file)} does not exist at ${this.#name}, so both sides ran the same copy of it.`);
    return readFile(file);
  }

  async known(target: string): Promise<string | null | undefined> {
    // The package.json of a folder may say which file it means.
    if (this.#files(target).has('package.json')) return undefined;
    const all = candidates(target);
    const onDisk = all.find((candidate) => this.#files(path.dirname(candidate)).has(path.basename(candidate)));
    for (const candidate of all) {
      const file = await this.#inCommit(candidate);
      if (file !== null) return candidate === onDisk && file === this.#real(candidate) ? null : file;
    }
    return undefined;
  }

  async resolve({ importer, specifier, target, disk }: Import): Promise<Resolution> {
    const spelled = target === null ? [] : candidates(target);
    if (disk !== null && !spelled.includes(disk) && (await this.old.has(disk))) return null;
    const aliases = target === null ? await aliasTargets(this.root, importer, specifier) : [];
    // In the commit, `./x` may be something else: a file that was deleted since, or a file that is now a folder.
    for (const candidate of [...spelled, ...aliases.flatMap(candidates)]) {
      const file = await this.#inCommit(candidate);
      if (file !== null) return file === disk ? null : { kind: 'file', path: file };
    }
    if (disk === null && target !== null) {
      const message = (await this.old.lacks?.(target)) ?? null;
      if (message !== null) return { kind: 'elsewhere', message };
    }
    if (disk === null || this.#shared.has(disk) || disk === this.benchFile) return null;
    const why = await this.#sharing(importer, disk);
    if (why === null) {
      const message = (await this.old.lacks?.(disk)) ?? null;
      return message === null
        ? { kind: 'missing', message: `${this.#show(disk)} does not exist at ${this.#name}` }
        : { kind: 'elsewhere', message };
    }
    this.#shared.add(disk);
    this.borrowed(disk, `${this.#show(disk)} ${why}, so both sides ran the same copy of it.`);
    return null;
  }

  /** Returns the file of the commit that a path means, behind all links; null if it means none. */
  async #inCommit(file: string): Promise<string | null> {
    if (file === this.benchFile) return file;
    if (!(await this.old.has(file))) return null;
    return (await this.old.real?.(file)) ?? file;
  }

  /** Returns where a file on disk is behind all links below the root, as esbuild finds it. */
  #real(file: string): string {
    try {
      const real = path.relative(realpathSync.native(this.root), realpathSync.native(file));
      return path.join(this.root, real);
    } catch {
      return file;
    }
  }

  #files(folder: string): ReadonlySet<string> {
    let files = this.#disk.get(folder);
    if (files === undefined) {
      files = new Set(filesIn(folder));
      this.#disk.set(folder, files);
    }
    return files;
  }

  async #sharing(importer: string, file: string): Promise<string | null> {
    if (await this.old.ignores(file)) return 'is not in Git';
    if (this.#shared.has(importer)) return `is imported by ${this.#show(importer)}, which is not in Git`;
    // New data for the benchmark is not code to compare.
    if (importer === this.benchFile && path.extname(file) === '.json') return `does not exist at ${this.#name}`;
    return null;
  }

  get #name(): string {
    return this.old.name ?? this.old.commit.slice(0, 8);
  }

  #show(file: string): string {
    return path.relative(this.root, file).split(path.sep).join('/');
  }
}

function filesIn(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return [];
  }
}
