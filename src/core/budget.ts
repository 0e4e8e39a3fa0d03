import type { Location } from './problem.js';
import type { Unit } from './quantity.js';

/** How serious a missed check is, mildest first. */
export const levels = ['target', 'acceptable', 'limit'] as const;
export type Level = (typeof levels)[number];

export const severities = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof severities)[number];

export type Relation = '<' | '<=' | '>' | '>=' | '=';

/** What is read off a run. Times are in nanoseconds, throughput in units of work a second. */
export type Metric =
  | { readonly kind: 'time' | 'mean' | 'median' | 'min' | 'max' | 'throughput' }
  | { readonly kind: 'percentile'; readonly percentile: number };

/** What a metric is held against. */
export type Bound =
  /** `value` is in the metric's base unit; `unit` is the one the user wrote. */
  | { readonly kind: 'quantity'; readonly value: number; readonly unit: Unit }
  /** `baseline + 20%` is a factor of 1.2, `baseline * 3` of 3. */
  | { readonly kind: 'baseline'; readonly factor: number };

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

export interface Budget {
  readonly name: string;
  /** The name of the benchmark, as the user wrote it. */
  readonly benchmark: string;
  readonly benchmarkLocation: Location;
  readonly code: CodeReference | null;
  /** In the order in which they were written: target, acceptable, limit. */
  readonly checks: readonly Check[];
  /** The budget's key in the file. */
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
  /** Fractions: 0.05 is 5 %. `fail` is the mildest severity that breaks the budget. */
  readonly regression: Readonly<Record<Severity, number>> & { readonly fail: Severity };
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
