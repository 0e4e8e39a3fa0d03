import type { Location } from '../problem.js';
import type { Unit } from './quantity.js';
import type { ReaderName } from './reader-names.js';
import { unreachable } from '../result.js';

/** How serious a missed check is, mildest first. */
export const levels = ['target', 'acceptable', 'limit'] as const;
export type Level = (typeof levels)[number];

export const severities = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof severities)[number];

export type Relation = '<' | '<=' | '>' | '>=' | '=';

/**
 * What is read off a run. Times (`time`, `mean`, …, `cpu`) are in nanoseconds an iteration, throughput in what its check
 * counts a second (units of work; iterations where the check says `ops/s` and the work does not), sizes in bytes: `allocated` an iteration, `retained` after all `cycles`, `heap` and `rss` at the process's peak.
 */
export type Metric =
  | { readonly kind: 'time' | 'mean' | 'median' | 'min' | 'max' | 'throughput' | 'cpu' }
  | { readonly kind: 'allocated' | 'retained' | 'heap' | 'rss' | 'errors' | 'crashes' }
  | { readonly kind: 'percentile'; readonly percentile: number }
  /** The figure of a `manual` budget, recorded by hand. */
  | { readonly kind: 'value' }
  /** What the benchmark reports itself: `report('lost messages', 3)`. */
  | { readonly kind: 'reported'; readonly name: string };

/** How a cost grows with the size n in a benchmark's name, slowest first. */
export const growths = ['O(1)', 'O(log n)', 'O(n)', 'O(n log n)', 'O(n^2)'] as const;
export type Growth = (typeof growths)[number];

/** What a metric is held against. */
export type Bound =
  /**
   * `value` is in the metric's base unit; `unit` is the one the user wrote. `errors <= 1 %` is in `%`: of the iterations.
   */
  | { readonly kind: 'quantity'; readonly value: number; readonly unit: Unit }
  /** `baseline + 20%` is a factor of 1.2, `baseline * 3` of 3. */
  | { readonly kind: 'baseline'; readonly factor: number }
  /** `'scan/elixir' / 5` is a factor of 0.2 of the same metric of that benchmark or budget. */
  | { readonly kind: 'reference'; readonly name: string; readonly factor: number }
  | { readonly kind: 'growth'; readonly growth: Growth };

/** One line of a budget. */
export interface Check {
  /** As the user wrote it, white space folded. */
  readonly text: string;
  readonly metric: Metric;
  readonly relation: Relation;
  readonly bound: Bound;
  readonly level: Level;
  /** Where it stands; null for the check that `defaults.regression` adds. */
  readonly location: Location | null;
  /** Where the name stands that it refers to, with its quotes; null where it refers to none. */
  readonly nameLocation: Location | null;
}

/** `src/registry.ts#Registry.lookup`: `file` relative to the config's folder, `symbol` null for the whole file. */
export interface CodeReference {
  readonly file: string;
  readonly symbol: string | null;
  readonly location: Location;
}

/** A name of a benchmark or a budget, and where it is written. */
export interface Named {
  readonly name: string;
  readonly location: Location;
}

/** What a budget is a promise about. */
export type Subject =
  /** One benchmark; a family where its name has a placeholder (`index/{files}`), several where it has a `*`. */
  | ({ readonly kind: 'benchmark' } & Named)
  /** The phases of one total: benchmarks or other budgets, whose metrics are added up. */
  | { readonly kind: 'sum'; readonly parts: readonly Named[] }
  /** A figure that people record by hand, in this unit. */
  | { readonly kind: 'manual'; readonly unit: Unit };

/** What a budget is about, in a few words: the benchmark's name, the parts of a sum; empty for a figure recorded by hand. */
export function subjectText({ subject }: { readonly subject: Subject }): string {
  switch (subject.kind) {
    case 'benchmark':
      return subject.name;
    case 'sum':
      return subject.parts.map(({ name }) => name).join(' + ');
    case 'manual':
      return '';
    default:
      return unreachable(subject);
  }
}

/** How a budget's benchmarks are run; null where the engine chooses. */
export interface RunSettings {
  /** What one iteration is counted as: 12000 of `lines`, 1e6 of `B`, 1 of `ops`. */
  readonly work: { readonly amount: number; readonly counts: string };
  /** How often `retained` repeats the benchmark; null where no budget asks. */
  readonly cycles: number | null;
  /** How many iterations are in flight at once. */
  readonly concurrency: number;
  /** Iterations before the first that counts. */
  readonly warmup: number | null;
  /** How many fresh processes at the least. */
  readonly runs: number | null;
  /** The most that one benchmark may take after a save, in milliseconds. */
  readonly timeMs: number;
  /** Where old code runs: from its bundle, or in a git worktree for what needs its files on disk. */
  readonly isolation: Isolation;
}

export const isolations = ['bundle', 'worktree'] as const;
export type Isolation = (typeof isolations)[number];

/** The steps of a regression, as fractions: 0.05 is 5%. `fail` is the mildest that breaks the budget. */
export type Steps = Readonly<Record<Severity, number>> & { readonly fail: Severity };

/** The steps of every metric, but for those that have their own, by `metricKey`. */
export type Ladder = Steps & { readonly metrics: Readonly<Record<string, Steps>> };

/** The steps of one metric, as `metricKey` spells it. */
export const stepsOf = (ladder: Ladder, key: string): Steps =>
  Object.hasOwn(ladder.metrics, key) ? (ladder.metrics[key] ?? ladder) : ladder;

/** A broken budget that is accepted for a while. */
export interface Waiver {
  /** The last day on which it counts: `2027-01-31`. */
  readonly until: string;
  readonly reason: string;
}

export interface Budget {
  readonly name: string;
  readonly subject: Subject;
  readonly code: CodeReference | null;
  /** In the order in which they were written: target, acceptable, limit. */
  readonly checks: readonly Check[];
  readonly run: RunSettings;
  /** Its own, or the file's. */
  readonly regression: Ladder;
  /** Slack on absolute bounds, as a fraction. */
  readonly tolerance: number;
  /** `auto`, or the name of a captured baseline, or a git revision. */
  readonly baseline: string;
  readonly waived?: Waiver;
  /** Words by which budgets are chosen and filtered; absent where it has none. */
  readonly tags?: readonly string[];
  /** The budget's key in the file, or its comment in the source. */
  readonly location: Location;
}

/** One entry of `benchmarks`. Paths and globs are relative to the config's folder. */
export type BenchmarkSource =
  /** Bench files by a glob. `watch` has globs of further files on which their benchmarks depend. */
  | {
      readonly kind: 'files';
      readonly files: string;
      readonly watch: readonly string[];
      readonly location: Location;
    }
  /** A command whose output a reader understands: any other language. */
  | {
      readonly kind: 'command';
      /** What its benchmarks' names begin with. */
      readonly name: string;
      /** The program and its arguments; no shell. */
      readonly command: readonly string[];
      /** The format of its results; null where it has none, and is measured as a whole process. */
      readonly reads: ReaderName | null;
      /** The file that it writes its results to; null for standard output. */
      readonly from: string | null;
      /** What must run before it when something has changed; null where nothing must. */
      readonly build: readonly string[] | null;
      /** Globs of the files on which it depends. */
      readonly watch: readonly string[];
      readonly location: Location;
    };

/** How a baseline is measured where that is not how a save is: calmly, and longer. */
export interface Procedure {
  /** Iterations before the first that counts, and fresh processes at the least; null: as each budget says. */
  readonly warmup: number | null;
  readonly runs: number | null;
  /** What the machine rests before each process, in milliseconds. */
  readonly cooldownMs: number;
  /** The most one benchmark may take, without the rests, in milliseconds; null: as each budget says. */
  readonly timeMs: number | null;
}

export interface Defaults {
  readonly regression: Ladder;
  /** Slack on absolute bounds, as a fraction. */
  readonly tolerance: number;
  /** The most one benchmark may take after a save, in milliseconds. */
  readonly timeMs: number;
  /** `auto`, or the name of a captured baseline, or a git revision. */
  readonly baseline: string;
  readonly isolation: Isolation;
  /** Iterations before the first that counts; null where the engine chooses. */
  readonly warmup: number | null;
  /** How many fresh processes at the least; null where the engine chooses. */
  readonly runs: number | null;
  /** Null where a capture measures as a save does. */
  readonly capture: Procedure | null;
  /** Globs that are never searched for bench files. */
  readonly ignore: readonly string[];
}

export interface Config {
  /** Absolute path of the `perf-budget.jsonc`. */
  readonly file: string;
  readonly benchmarks: readonly BenchmarkSource[];
  /** Only the budgets that could be read; what is wrong with the others is in `problems`. */
  readonly budgets: readonly Budget[];
  readonly defaults: Defaults;
}
