import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import picomatch from 'picomatch';
import { glob } from 'tinyglobby';
import type { Budget, Config } from '../../core/language/budget.js';
import { inlineBudgets, tag } from '../../core/config/inline.js';
import { mergeInline } from '../../core/config/merge-inline.js';
import { commentsOf, functionBelow, outline } from '../../core/outline/index.js';
import { Lines, type Location, type Problem } from '../../core/problem.js';
import { GitError, type Git } from '../git/repository.js';
import { slashed } from '../util/paths.js';

/** The largest file to read, in bytes: nobody writes longer ones by hand. */
const longest = 1_000_000;
/** If more files than this change at once, as in a checkout, one search of the folder is faster. */
const few = 200;
/** How many files are read at once. */
const abreast = 16;

/** Data and prose, which have no comments or only examples of them. */
const noSource =
  /\.(?:jsonc?|json5|ya?ml|toml|lock|log|snap|map|md|mdx|markdown|rst|adoc|txt|csv|tsv|svg|png|jpe?g|gif|webp|ico|pdf|zip|gz|tgz|wasm|node|exe|dll|so|dylib|bin|woff2?|ttf|mp[34]|sqlite|db)$/i;

/** The budgets in the comments of one file. */
interface Found {
  readonly text: string;
  /** The `defaults` that the comments were read with. */
  readonly defaults: Config['defaults'];
  readonly budgets: readonly Budget[];
  readonly problems: readonly Problem[];
  /** Where the functions below the comments are named, by benchmark. */
  readonly code: ReadonlyMap<string, readonly Location[]>;
}

/**
 * The budgets in comments (`// @perf-budget parser/large: p95 <= 2 ms`). Reads every source file in the folder that neither
 * Git nor `defaults.ignore` ignores and no inner `perf-budget.jsonc` governs, and what bench files import from outside it.
 */
export class Inline {
  readonly #files = new Map<string, Found>();
  readonly #looked = new Set<string>();
  /** By benchmark; null if it must be collected again. */
  #code: Map<string, readonly Location[]> | null = null;
  #ignoring: { readonly globs: readonly string[]; readonly match: (file: string) => boolean } | null = null;

  constructor(
    readonly root: string,
    readonly configFile: string,
    readonly git: Git | null,
  ) {}

  /** Searches the folder. Parses only the files that have changed since. */
  async scan(config: Config): Promise<void> {
    const found = await this.#search(config);
    const read = new Set([...found, ...this.#files.keys()]);
    this.#looked.clear();
    await this.#readAll(read, config);
  }

  /** Reads again those of these files that may have budgets. Returns whether any budget was added, removed or moved. */
  async changed(files: ReadonlySet<string>, config: Config): Promise<boolean> {
    const candidates = [...files].filter((file) => this.#files.has(file) || this.#isSource(file, config));
    if (candidates.length <= few) return this.#readAll(candidates, config);
    const before = [...this.#files.values()];
    await this.scan(config);
    const now = [...this.#files.values()];
    return now.length !== before.length || now.some((found, index) => found !== before[index]);
  }

  /** Reads what bench files import from outside the folder, once per file. Returns whether that added any budget. */
  async reached(files: Iterable<string>, config: Config): Promise<boolean> {
    const outside = [...files].filter((file) => !this.#looked.has(file) && !file.startsWith(`${this.root}/`));
    for (const file of outside) this.#looked.add(file);
    const isIgnored = this.#ignored(config);
    return this.#readAll(
      outside.filter((file) => !noSource.test(file) && !isIgnored(file.replace(/^(?:[A-Za-z]:)?\//, ''))),
      config,
    );
  }

  /** Merges the comments into the configuration, and returns what is wrong in them. */
  merged(config: Config): Merged {
    return merge(config, this.#sorted());
  }

  /** The same, as if a file had this text; null if its comments are no budgets. */
  async mergedWith(config: Config, file: string, text: string): Promise<Merged | null> {
    if (!this.#files.has(file) && (!this.#isSource(file, config) || (await this.#isForeign(file)))) return null;
    const others = this.#sorted([file]);
    return merge(config, [...others, commentsIn(file, text, config.defaults)]);
  }

  /** Returns the functions below the comments about a benchmark. Resolved for every budget whenever anything changes. */
  code(benchmark: string): readonly Location[] {
    if (this.#code === null) {
      this.#code = new Map();
      for (const [name, locations] of this.#sorted().flatMap(({ code }) => [...code])) {
        this.#code.set(name, [...(this.#code.get(name) ?? []), ...locations]);
      }
    }
    return this.#code.get(benchmark) ?? [];
  }

  /** Sorted by path, so that nothing depends on which file was read first. */
  #sorted(without: readonly string[] = []): readonly Found[] {
    const files = [...this.#files].filter(([file]) => !without.includes(file));
    return files.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, found]) => found);
  }

  async #search(config: Config): Promise<readonly string[]> {
    if (this.git !== null) {
      const found = await answered(this.git.filesWith(tag, this.root));
      if (found !== null) return found.filter((file) => this.#isSource(file, config));
    }
    const files = await glob('**/*', { cwd: this.root, ignore: [...config.defaults.ignore], absolute: true });
    return files.map(slashed).filter((file) => !noSource.test(file));
  }

  #isSource(file: string, config: Config): boolean {
    if (noSource.test(file)) return false;
    if (!file.startsWith(`${this.root}/`)) return this.#looked.has(file);
    return !this.#ignored(config)(file.slice(this.root.length + 1));
  }

  /** Compiled once, because a checkout changes thousands of files. */
  #ignored({ defaults: { ignore } }: Config): (file: string) => boolean {
    if (this.#ignoring?.globs !== ignore)
      this.#ignoring = { globs: ignore, match: picomatch([...ignore], { dot: true }) };
    return this.#ignoring.match;
  }

  async #readAll(files: Iterable<string>, config: Config): Promise<boolean> {
    const queue = [...files];
    let isNew = false;
    const reader = async (): Promise<void> => {
      for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
        const before = this.#files.get(file);
        const found = await this.#read(file, config, before);
        if (found === before) continue;
        isNew = true;
        this.#code = null;
        if (found === undefined) this.#files.delete(file);
        else this.#files.set(file, found);
      }
    };
    await Promise.all(Array.from({ length: Math.min(abreast, queue.length) }, reader));
    return isNew;
  }

  /** Undefined if the file has no such comment, or belongs to another project. */
  async #read(file: string, config: Config, before: Found | undefined): Promise<Found | undefined> {
    const text = await textOf(file);
    if (text === null) return undefined;
    if (before?.text === text && JSON.stringify(before.defaults) === JSON.stringify(config.defaults)) return before;
    if (before === undefined && (await this.#isForeign(file))) return undefined;
    const { budgets, problems } = commentsIn(file, text, config.defaults);
    if (budgets.length === 0 && problems.length === 0) return undefined;
    const lines = new Lines(file, text);
    const symbols = isProgram(file) ? outline(text, file) : null;
    const code = new Map<string, readonly Location[]>();
    for (const { name, location, checks } of budgets) {
      // Comments about one benchmark may stand above several functions.
      const starts = [location, ...checks.flatMap((check) => check.location ?? [])];
      const tags = new Set(starts.map(({ start }) => text.lastIndexOf(tag, lines.offset(start))));
      const below = Array.from(tags, (start) => functionBelow(text, symbols, { start, end: endOf(text, start) }));
      const distinct = new Map(below.flatMap((range) => (range === null ? [] : [[range.start, range] as const])));
      code.set(
        name,
        Array.from(distinct.values(), (range) => lines.location(range)),
      );
    }
    return { text, defaults: config.defaults, budgets, problems, code };
  }

  /** Whether Git ignores a file, or another project has it. */
  async #isForeign(file: string): Promise<boolean> {
    const inGit = this.git?.relative(file) ?? null;
    const isIgnored = this.git !== null && inGit !== null && (await answered(this.git.isIgnored(inGit))) === true;
    return isIgnored || this.#isGovernedElsewhere(file);
  }

  /** Whether another `perf-budget.jsonc` is closer to the file. */
  async #isGovernedElsewhere(file: string): Promise<boolean> {
    const name = path.posix.basename(this.configFile);
    for (let folder = path.posix.dirname(file); folder !== this.root; folder = path.posix.dirname(folder)) {
      if (await stat(path.posix.join(folder, name)).catch(() => null)) return true;
      if (folder === path.posix.dirname(folder)) return false;
    }
    return false;
  }
}

/** A configuration with the budgets from comments, and what is wrong in these. */
interface Merged {
  readonly config: Config;
  readonly problems: readonly Problem[];
}

function merge(config: Config, files: readonly Pick<Found, 'budgets' | 'problems'>[]): Merged {
  const merged = mergeInline(
    config,
    files.flatMap(({ budgets }) => budgets),
  );
  return { config: merged.config, problems: [...files.flatMap((found) => found.problems), ...merged.problems] };
}

const isProgram = (file: string): boolean => /\.[cm]?[jt]sx?$/i.test(file);

/** Reads the comments of a text. */
function commentsIn(file: string, text: string, defaults: Config['defaults']): Pick<Found, 'budgets' | 'problems'> {
  return inlineBudgets(file, text, defaults, isProgram(file) ? commentsOf(text, file) : null);
}

/** Null if Git hangs or the repository is damaged, so that we fall back to the files alone. */
async function answered<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof GitError) return null;
    throw error;
  }
}

/** The end of the line or comment that has a tag at `start`. */
function endOf(text: string, start: number): number {
  const ends = ['\n', '*/'].map((token) => text.indexOf(token, start)).filter((at) => at !== -1);
  return Math.min(text.length, ...ends);
}

/** Reads a file; null if it does not contain the tag, cannot be read, or is too long. */
async function textOf(file: string): Promise<string | null> {
  const size = await stat(file).catch(() => null);
  if (size === null || !size.isFile() || size.size > longest) return null;
  const bytes = await readFile(file).catch(() => null);
  if (bytes?.includes(tag) !== true) return null;
  // Editors do not count a byte order mark as a column.
  return bytes.toString().replace(/^\uFEFF/, '');
}
