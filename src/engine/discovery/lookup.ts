import * as l10n from '@vscode/l10n';
import {
  inOneLine,
  isPattern,
  isWithin,
  patternOf,
  patternOfBoth,
  type NamePattern,
} from '../../core/language/name-pattern.js';
import { closest } from '../../core/language/spelling.js';
import { err, ok, type Result } from '../../core/result.js';
import { relativeTo } from '../util/paths.js';
import { callsOf, type BenchOrigin } from './bench-origin.js';

/** Each search for what was probably meant compares with every name, and nobody misspells this many. */
const mostSpelled = 100;
/** How many names a message lists. */
const listed = 6;

/** Why a name matches no benchmark, as a sentence, and the name that was probably meant. */
export interface Missing {
  readonly message: string;
  readonly near: string | null;
}

const missing = (message: string, near: string | null = null): Result<never, Missing> => err({ message, near });

/** A benchmark: the bench file or command that has it, and its name there. */
export interface FoundBenchmark {
  readonly origin: BenchOrigin;
  readonly name: string;
  /** The number that matched the placeholder of the pattern; null if there was no placeholder. */
  readonly size: number | null;
}

/** Returns the only benchmark with this name in another suite, because it may have been moved; null if there is none. */
function namesake(benchmark: string, names: readonly string[]): string | null {
  const own = benchmark.slice(benchmark.lastIndexOf('/') + 1);
  const found = names.filter((name) => name === own || name.endsWith(`/${own}`));
  return found.length === 1 ? (found[0] ?? null) : null;
}

interface Index {
  /** The files that it is about. */
  readonly all: readonly BenchOrigin[];
  /** Each once. */
  readonly names: readonly string[];
  /** The benchmarks by name, and by name with their bench file. */
  readonly exact: ReadonlyMap<string, readonly FoundBenchmark[]>;
  /** What the patterns match that were asked for. */
  readonly matching: Map<string, readonly FoundBenchmark[]>;
  /** The names that match nothing, and why. */
  readonly unknown: Map<string, Result<readonly FoundBenchmark[], Missing>>;
}

/** Tells which benchmarks the names in budgets mean. */
export class Lookup {
  readonly #patterns = new Map<string, NamePattern>();
  #index: Index | null = null;

  /** `all`: every bench file and command, in the order of messages; a new array whenever one of them changes. */
  constructor(
    readonly root: string,
    readonly all: () => readonly BenchOrigin[],
  ) {}

  /**
   * Finds the benchmarks that a name means: the one with this name, or all that match a family (`index/{files}`, smallest
   * first) or a pattern (`parser/*`). Returns at least one, or the reason that there is none. If two bench files share a
   * name, `bench/a.bench.ts#suite/case` picks one.
   */
  find(given: string): Result<readonly FoundBenchmark[], Missing> {
    const benchmark = inOneLine(given);
    const having = this.having(benchmark);
    const [first, second] = having;
    const shown = (one: BenchOrigin): string => relativeTo(this.root, one.file);
    if (first !== undefined && first.name !== benchmark && isPattern(benchmark)) {
      return ok(having.toSorted((a, b) => (a.size ?? 0) - (b.size ?? 0)));
    }
    if (first !== undefined && second !== undefined) {
      const [one, other] = [shown(first.origin), shown(second.origin)];
      const full = `${one}#${benchmark}`;
      return missing(
        l10n.t`Both ${one} and ${other} have a benchmark "${benchmark}": write "${full}" for the first.`,
        full,
      );
    }
    if (first !== undefined) return ok(having);
    const { unknown } = this.#indexed();
    const known = unknown.get(benchmark) ?? this.#without(benchmark, unknown.size < mostSpelled);
    unknown.set(benchmark, known);
    return known;
  }

  /** Finds the file of a benchmark that could not be loaded, or says why there is none. */
  #without(benchmark: string, isSpelled: boolean): Result<readonly FoundBenchmark[], Missing> {
    const shown = (one: BenchOrigin): string => relativeTo(this.root, one.file);
    if (this.all().length === 0)
      return missing(l10n.t('No bench files were found. Restore them, or correct the globs in "benchmarks".'));
    // The name is right: its bench file could not be loaded.
    const unloaded = this.all().find(
      (one) => one.failure !== null && callsOf(one).some(({ name }) => name === benchmark),
    );
    if (unloaded !== undefined) return ok([{ origin: unloaded, name: benchmark, size: null }]);
    // Its suite or test threw before it was defined. To run it says what was thrown.
    const broke = this.#threw(benchmark);
    if (broke.length > 0) return ok(broke);
    const { names } = this.#indexed();
    const wanted = this.#pattern(benchmark);
    const sentence = wanted.isPattern
      ? wanted.placeholder === null
        ? l10n.t`No benchmark matches "${benchmark}"`
        : l10n.t`No benchmark matches "${benchmark}" with a number for ${wanted.placeholder}`
      : l10n.t`There is no benchmark "${benchmark}"`;
    const near = isSpelled ? (closest(benchmark, names) ?? namesake(benchmark, names)) : null;
    if (near !== null && !wanted.isPattern) {
      const both = patternOfBoth(near, benchmark);
      const hint = both === null ? '' : ` ${l10n.t`"${both}" matches both.`}`;
      return missing(l10n.t`${sentence}; did you mean "${near}"?` + hint, near);
    }
    const broken = this.all().find((one) => one.failure !== null);
    if (broken !== undefined) return missing(l10n.t`${sentence}, and ${shown(broken)} could not be loaded.`);
    if (names.length === 0) return missing(l10n.t`${sentence}: the bench files have none.`);
    const more = names.length > listed ? ', …' : '';
    return missing(l10n.t`${sentence}. The benchmarks are ${names.slice(0, listed).join(', ')}${more}.`);
  }

  /** Returns the name that tells a benchmark apart from those of the same name in other bench files. */
  fullName({ origin, name }: FoundBenchmark): string {
    return this.#fullName(origin.file, name);
  }

  /** Whether one of these benchmarks is among those that the budgets are about. */
  isWanted({ file, names }: Pick<BenchOrigin, 'file' | 'names'>, wanted: ReadonlySet<string>): boolean {
    if (names.some((name) => wanted.has(name) || wanted.has(this.#fullName(file, name)))) return true;
    const patterns = [...wanted].filter(isPattern).map((pattern) => this.#pattern(this.#nameIn(file, pattern)));
    return patterns.some((pattern) => names.some((name) => pattern.match(name) !== null));
  }

  /**
   * Returns the benchmarks that a name or pattern means; none if there are none. Prefers exact matches to pattern matches,
   * because a name itself may contain braces and stars.
   */
  having(benchmark: string): readonly FoundBenchmark[] {
    const { exact, matching } = this.#indexed();
    const found = exact.get(benchmark) ?? matching.get(benchmark);
    if (found !== undefined || !isPattern(benchmark)) return found ?? [];
    const matches = this.all().flatMap((origin) => {
      const pattern = this.#pattern(this.#nameIn(origin.file, benchmark));
      // A file that could not be loaded still matches by the names in its text, so that its failure is reported.
      const written = origin.failure === null ? [] : callsOf(origin).flatMap(({ name }) => name ?? []);
      const named = [...new Set([...origin.names, ...written])].flatMap((name) => {
        const matched = pattern.match(name);
        return matched === null ? [] : [{ origin, name, size: matched.size }];
      });
      // To run what threw says what was thrown.
      const broken = origin.failures.filter(({ name }) => pattern.match(name) ?? pattern.match(`${name}/any`));
      return [...named, ...broken.map(({ name }) => ({ origin, name, size: null }))];
    });
    matching.set(benchmark, matches);
    return matches;
  }

  /** Returns the index of the current files. There may be thousands of names, and each save asks for many. */
  #indexed(): Index {
    const all = this.all();
    if (this.#index?.all === all) return this.#index;
    const exact = new Map<string, FoundBenchmark[]>();
    for (const origin of all) {
      const names = new Set(origin.names);
      const add = (key: string, name: string): void => {
        exact.set(key, [...(exact.get(key) ?? []), { origin, name, size: null }]);
      };
      for (const name of names) {
        add(name, name);
        // A path and a name may both have a `#`.
        const full = this.#fullName(origin.file, name);
        if (!names.has(full)) add(full, name);
      }
    }
    const names = [...new Set(all.flatMap((one) => one.names))];
    this.#index = { all, names, exact, matching: new Map(), unknown: new Map() };
    return this.#index;
  }

  /** The bench files of which a suite or test threw that would have defined this benchmark. */
  #threw(benchmark: string): readonly FoundBenchmark[] {
    return this.all().flatMap((origin) => {
      const name = this.#nameIn(origin.file, benchmark);
      const failure = origin.failures.find((one) => isWithin(name, one.name));
      return failure === undefined ? [] : [{ origin, name, size: null }];
    });
  }

  #fullName(file: string, name: string): string {
    return `${relativeTo(this.root, file)}#${name}`;
  }

  /** The name without the bench file that qualifies it. */
  #nameIn(file: string, benchmark: string): string {
    const full = this.#fullName(file, '');
    return benchmark.startsWith(full) ? benchmark.slice(full.length) : benchmark;
  }

  #pattern(text: string): NamePattern {
    const known = this.#patterns.get(text) ?? patternOf(text);
    this.#patterns.set(text, known);
    return known;
  }
}
