import type { Location } from './problem.js';
import type { Unit } from './quantity.js';
import { unreachable } from './result.js';

/** How serious a missed check is, mildest first. */
export const levels = ['target', 'acceptable', 'limit'] as const;
export type Level = (typeof levels)[number];

export const severities = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof severities)[number];

export type Relation = '<' | '<=' | '>' | '>=' | '=';

/**
 * What is read off a run. Times (`time`, `mean`, …, `cpu`) are in nanoseconds an iteration, throughput in units of work a
 * second, sizes in bytes: `allocated` an iteration, `retained` after all `cycles`, `heap` and `rss` at the process's peak.
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
  /** `value` is in the metric's base unit; `unit` is the one the user wrote. */
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
  readonly isolation: 'bundle' | 'worktree';
}

/** The steps of a regression, as fractions: 0.05 is 5 %. `fail` is the mildest that breaks the budget. */
export type Ladder = Readonly<Record<Severity, number>> & { readonly fail: Severity };

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
  /** The budget's key in the file, or its comment in the source. */
  readonly location: Location;
}

/** One entry of `benchmarks`. */
export interface BenchmarkSource {
  /** A glob, relative to the config's folder. */
  readonly files: string;
  /** Globs of further files on which these benchmarks depend. */
  readonly watch: readonly string[];
  readonly location: Location;
}

export interface Defaults {
  readonly regression: Ladder;
  /** Slack on absolute bounds, as a fraction. */
  readonly tolerance: number;
  /** The most one benchmark may take after a save, in milliseconds. */
  readonly timeMs: number;
  /** `auto`, or the name of a captured baseline, or a git revision. */
  readonly baseline: string;
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
