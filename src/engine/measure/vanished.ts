import picomatch from 'picomatch';
import { readFile } from 'node:fs/promises';
import type { Vanished } from '../../core/judge/judgement.js';
import { means } from '../../core/config/mentions.js';
import type { Config } from '../../core/language/budget.js';
import type { BaselineSide } from '../baseline/resolve.js';
import type { BenchFiles } from '../discovery/bench-files.js';
import type { BenchOrigin } from '../discovery/bench-origin.js';
import type { Git } from '../git/repository.js';
import { relativeTo, slashed } from '../util/paths.js';
import type { Planner } from './plan.js';

/** A benchmark of the baseline: its bench file, relative to the folder of the configuration, and its name. */
interface OldBenchmark {
  readonly file: string;
  readonly name: string;
}

/**
 * Finds the benchmarks that the baseline has and the current code lacks: those that were deleted or skipped, and those of a
 * bench file that is gone. A bench file is asked again, with the old code, only if it or something that makes names has changed.
 */
export class VanishedBenchmarks {
  /** By commit and file. */
  readonly #names = new Map<string, Promise<readonly string[] | null>>();

  constructor(
    readonly parts: {
      readonly root: string;
      readonly git: Git | null;
      readonly benchFiles: BenchFiles;
      readonly planner: Pick<Planner, 'ownBenchFiles'>;
    },
  ) {}

  /**
   * Returns the benchmarks of the baseline. Null if that is not known: without `mayRun`, no bench file is run to find out; one
   * that cannot be run has none that vanished.
   */
  async of(
    config: Config,
    side: BaselineSide,
    { signal, mayRun }: { readonly signal: AbortSignal; readonly mayRun: boolean },
  ): Promise<readonly OldBenchmark[] | null> {
    const { git, benchFiles, root } = this.parts;
    const { code } = side;
    if (git === null || code === null) return [];
    const changed = new Set((await git.changedFiles(code.commit)).map(slashed));
    const known = new Map(benchFiles.all.flatMap((origin) => (origin.kind === 'file' ? [[origin.file, origin]] : [])));
    const gone = await this.#deleted(config, changed, new Set(known.keys()), git, code.commit);
    const files: readonly (readonly [string, BenchOrigin | null])[] = [
      ...known,
      ...gone.map((file) => [file, null] as const),
    ];
    const all: OldBenchmark[] = [];
    for (const [file, origin] of files) {
      const names =
        origin !== null && !mayDiffer(origin, changed)
          ? origin.names
          : await this.#oldNames(file, side, code.commit, { signal, mayRun });
      if (names === null) return null;
      all.push(...names.map((name) => ({ file: relativeTo(root, file), name })));
    }
    return all;
  }

  /** Returns the bench files of the commit that are not in the working tree. */
  async #deleted(
    config: Config,
    changed: ReadonlySet<string>,
    known: ReadonlySet<string>,
    git: Git,
    commit: string,
  ): Promise<readonly string[]> {
    const { root } = this.parts;
    const globs = config.benchmarks.flatMap((source) => (source.kind === 'files' ? [source.files] : []));
    const isBench = picomatch(globs, { ignore: [...config.defaults.ignore] });
    const deleted: string[] = [];
    for (const file of changed) {
      if (known.has(file) || !file.startsWith(`${root}/`) || !isBench(relativeTo(root, file))) continue;
      const path = git.relative(file);
      if (path === null || !(await git.has(commit, path))) continue;
      if ((await readFile(file).catch(() => null)) === null) deleted.push(file);
    }
    return deleted;
  }

  /** Returns the names in the bench file of a commit; none if it has none or cannot be run, null if it may not be. */
  async #oldNames(
    file: string,
    side: BaselineSide,
    commit: string,
    options: { readonly signal: AbortSignal; readonly mayRun: boolean },
  ): Promise<readonly string[] | null> {
    const key = `${commit}\0${file}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const bundle = await this.parts.planner.ownBenchFiles.bundle(file, side);
    if (bundle === null) return [];
    const found = this.parts.benchFiles.namesIn(file, bundle, options);
    const names = await found;
    if (names !== null && !options.signal.aborted) this.#names.set(key, Promise.resolve(names));
    return names;
  }
}

/** Whether the names of a bench file may be others than those of its old version. */
function mayDiffer(origin: BenchOrigin, changed: ReadonlySet<string>): boolean {
  // What it imports may decide which of its benchmarks there are.
  return origin.failure !== null || [origin.file, ...origin.inputs].some((file) => changed.has(file));
}

/** Returns what a name or pattern lost: null if nothing. `now`: the names that it means now. */
export function lossOf(wanted: string, old: readonly OldBenchmark[], now: readonly string[]): Vanished | null {
  const had = [...new Set(old.filter((benchmark) => means(wanted, benchmark)).map(({ name }) => name))];
  const gone = had.filter((name) => !now.includes(name));
  return gone.length === 0 ? null : { gone, had: had.length };
}
