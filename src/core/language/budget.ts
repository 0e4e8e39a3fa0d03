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
 * What is measured in a run. Times (`time`, `mean`, …, `cpu`) are in nanoseconds per iteration. Throughput is per second, in what
 * its check counts: units of work, or iterations if the check says `ops/s` and the work counts something else. Sizes are in
 * bytes: `allocated` per iteration, `retained` after all `cycles`, `heap` and `rss` at the process's peak.
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

/** What a metric is compared with. */
export type Bound =
  /** `value` is in the metric's base unit; `unit` is the one the user wrote. In `errors <= 1 %` it is `%` of the iterations. */
  | { readonly kind: 'quantity'; readonly value: number; readonly unit: Unit }
  /** `baseline + 20%` is a factor of 1.2, `baseline * 3` of 3. */
  | { readonly kind: 'baseline'; readonly factor: number }
  /** `'scan/elixir' / 5` is a factor of 0.2 of the same metric of that benchmark or budget. */
  | { readonly kind: 'reference'; readonly name: string; readonly factor: number }
  | { readonly kind: 'growth'; readonly growth: Growth };

/** One line of a budget. */
export interface Check {
  /** As the user wrote it, with white space folded. */
  readonly text: string;
  readonly metric: Metric;
  readonly relation: Relation;
  readonly bound: Bound;
  readonly level: Level;
  /** Where it stands; null for a check that `regression` implies. */
  readonly location: Location | null;
  /** Where the name that it refers to stands, with its quotes; null if it refers to none. */
  readonly nameLocation: Location | null;
}

/** `src/registry.ts#Registry.lookup`: `file` is relative to the config's folder; `symbol` is null for the whole file. */
export interface CodeReference {
  readonly file: string;
  readonly symbol: string | null;
  readonly location: Location;
}

/** The name of a benchmark or a budget, and where it is written. */
export interface Named {
  readonly name: string;
  readonly location: Location;
}

/** What a budget is about. */
export type Subject =
  /** One benchmark; a family if its name has a placeholder (`index/{files}`), several if it has a `*`. */
  | ({ readonly kind: 'benchmark' } & Named)
  /** The phases of one total: benchmarks or other budgets. Their metrics are added up. */
  | { readonly kind: 'sum'; readonly parts: readonly Named[] }
  /** A figure that people record by hand, in this unit. */
  | { readonly kind: 'manual'; readonly unit: Unit };

/** Returns what a budget is about: the benchmark's name, or the parts of a sum; empty for a figure recorded by hand. */
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

/** How a budget's benchmarks are run; null if the engine chooses. */
export interface RunSettings {
  /** What one iteration counts as: 12000 `lines`, 1e6 `B`, 1 `ops`. */
  readonly work: { readonly amount: number; readonly counts: string };
  /** How often `retained` repeats the benchmark; null if no budget says. */
  readonly cycles: number | null;
  /** How many iterations are in flight at once. */
  readonly concurrency: number;
  /** Iterations before the first that counts. */
  readonly warmup: number | null;
  /** The least number of fresh processes. */
  readonly runs: number | null;
  /** The most that one benchmark may take after a save, in milliseconds. */
  readonly timeMs: number;
  /** Where old code runs: from its bundle, or in a git worktree if it needs its files on disk. */
  readonly isolation: Isolation;
  /** Whether old and new code must return the same. */
  readonly answers: Answers;
}

export const answerKinds = ['any', 'same'] as const;
export type Answers = (typeof answerKinds)[number];

export const isolations = ['bundle', 'worktree'] as const;
export type Isolation = (typeof isolations)[number];

/** The steps of a regression, as fractions: 0.05 is 5%. `fail` is the mildest step that breaks the budget. */
export type Steps = Readonly<Record<Severity, number>> & { readonly fail: Severity };

/** The steps of all metrics. Those of metrics that have their own are in `metrics`, by `metricKey`. */
export type Ladder = Steps & { readonly metrics: Readonly<Record<string, Steps>> };

/** Returns the steps of one metric; `key` is its `metricKey`. */
export const stepsOf = (ladder: Ladder, key: string): Steps =>
  Object.hasOwn(ladder.metrics, key) ? (ladder.metrics[key] ?? ladder) : ladder;

/** A broken budget that is accepted for a while. */
export interface Waiver {
  /** The last day of the waiver: `2027-01-31`. */
  readonly until: string;
  readonly reason: string;
}

export interface Budget {
  readonly name: string;
  readonly subject: Subject;
  readonly code: CodeReference | null;
  /** Ordered by level (target, acceptable, limit), then as written; implied checks come last. */
  readonly checks: readonly Check[];
  readonly run: RunSettings;
  /** The budget's own, or the file's. */
  readonly regression: Ladder;
  /** Slack on absolute bounds, as a fraction. */
  readonly tolerance: number;
  /** `auto`, or the name of a captured baseline, or a git revision. */
  readonly baseline: string;
  readonly waived?: Waiver;
  /** Words to choose and filter budgets by; absent if it has none. */
  readonly tags?: readonly string[];
  /** The budget's key in the file, or its comment in the source. */
  readonly location: Location;
}

/** How code that has to be built, or that is loaded at run time, gets ready on both sides. */
export interface Preparation {
  /** Where the old code runs; null: as each budget says. */
  readonly isolation: Isolation | null;
  /** The command that installs packages for old code with other packages; null to lend it those of the working tree. */
  readonly install: readonly string[] | null;
  /** The command that builds the code: here when the sources have changed, and once in each checkout; null for none. */
  readonly build: readonly string[] | null;
}

/** One entry of `benchmarks`. Paths and globs are relative to the config's folder. */
export type BenchmarkSource =
  /** Bench files that match a glob. `watch` has globs of other files that their benchmarks depend on. */
  | ({
      readonly kind: 'files';
      readonly files: string;
      readonly watch: readonly string[];
      readonly location: Location;
    } & Preparation)
  /** A command for any other language; a reader understands its output. */
  | {
      readonly kind: 'command';
      /** The prefix of its benchmarks' names. */
      readonly name: string;
      /** The program and its arguments; no shell. */
      readonly command: readonly string[];
      /** The format of its results; null if it has none and is measured as a whole process. */
      readonly reads: ReaderName | null;
      /** The file that it writes its results to; null for standard output. */
      readonly from: string | null;
      /** The command to run first if something has changed; null if there is none. */
      readonly build: readonly string[] | null;
      /** Globs of the files that it depends on. */
      readonly watch: readonly string[];
      readonly location: Location;
    };

/** How a baseline is measured if not as after a save: more calmly, and for longer. */
export interface Procedure {
  /** Iterations before the first that counts, and the least number of fresh processes; null: as each budget says. */
  readonly warmup: number | null;
  readonly runs: number | null;
  /** How long the machine rests before each process, in milliseconds. */
  readonly cooldownMs: number;
  /** The most one benchmark may take, not counting the rests, in milliseconds; null: as each budget says. */
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
  /** Whether old and new code must return the same. */
  readonly answers: Answers;
  /** Iterations before the first that counts; null if the engine chooses. */
  readonly warmup: number | null;
  /** The least number of fresh processes; null if the engine chooses. */
  readonly runs: number | null;
  /** Null if a capture measures as after a save. */
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
