import type { Baseline, BudgetResult, Machine } from '../../core/results/measurement.js';
import type { NoiseRow } from '../../core/stats/noise.js';

/** One run of one budget, as the history keeps it. */
export interface HistoryRow {
  readonly at: number;
  /** The commit that was checked out, and whether the working tree differed from it. */
  readonly commit: string | null;
  readonly dirty: boolean;
  readonly baseline: Baseline | null;
  readonly result: BudgetResult;
  /** Nanoseconds per iteration; null if the run failed or has no time. */
  readonly time: { readonly value: number; readonly low: number; readonly high: number } | null;
  /** Where the figures come from: the `machineId` that measured, or `import:go`; null in old histories. */
  readonly machine: string | null;
  /** Whether that is this machine: the figures of other machines are never compared with its own. */
  readonly here: boolean;
}

/**
 * A run of a budget, with the key of the measurement behind it. If the owner of this history did not measure it, the key is
 * `import:` or `shared:` and the hash of the entry.
 */
export type KeptRow = Omit<HistoryRow, 'here'> & { readonly key: string };

/** Whether the owner of this history measured a row. */
export const isOwn = ({ key }: KeptRow): boolean => !key.includes(':');

/** A bundle as the history keeps it for a baseline that was captured without git. */
export interface KeptBundle {
  readonly code: string;
  readonly hash: string;
  /** A hash of the packages and files that it used besides; absent if an older version captured it. */
  readonly used?: string;
}

/** A capture as the history keeps it; Git keeps a `CapturedBaseline`, in a file. */
export interface KeptCapture {
  readonly name: string;
  /** Null without git: then the bundles of that time are kept with it. */
  readonly commit: string | null;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly machine: Machine;
  /** Whether it is the one to compare with, the latest that was captured. */
  readonly current: boolean;
  readonly results: readonly BudgetResult[];
}

/** What is known about unchanged code, so that nothing has to run. */
export type CacheKind = 'measurement' | 'bench-names' | 'answer';

/** Where the history is kept: a file that every process shares, or this process's memory. Texts are JSON. */
export interface Store {
  record(row: KeptRow): void;
  /** Records all of them, or none. */
  recordAll(rows: readonly KeptRow[]): void;
  /** The keys of a budget's rows that others measured. */
  otherKeys(budget: string): readonly string[];
  /** Newest first. */
  rows(budget: string, limit: number): readonly KeptRow[];
  /** The same, without rows that others measured. */
  ownRows(budget: string, limit: number): readonly KeptRow[];
  /** The newest of each budget's own rows. */
  latest(): ReadonlyMap<string, KeptRow>;
  cached(kind: CacheKind, key: string): string | null;
  cache(kind: CacheKind, key: string, value: string, at: number): void;
  /** Deletes all entries of one kind. */
  forget(kind: CacheKind): void;
  /** Newest first. */
  baselines(): readonly KeptCapture[];
  /** Keeps a baseline as the current one, in place of any of the same name. Deletes bundles without a baseline. */
  capture(baseline: Omit<KeptCapture, 'current'>): void;
  /** Deletes a baseline and its bundles. */
  forgetBaseline(name: string): void;
  keepBundle(baseline: string, file: string, text: string): void;
  bundle(baseline: string, file: string): string | null;
  /** Adds to the noise of that machine, benchmark and day. */
  addNoise(machine: string, row: NoiseRow): void;
  noise(machine: string): readonly NoiseRow[];
  /** Deletes the days before `before`. */
  pruneNoise(before: number): void;
  budgets(): readonly string[];
  /** Deletes a budget's oldest runs: those before `before` (ms since the epoch) or beyond `count`, at most `atOnce`. */
  pruneRuns(budget: string, before: number, count: number, atOnce: number): void;
  pruneCache(before: number, count: number): void;
  close(): void;
}
