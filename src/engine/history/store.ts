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
  /** Nanoseconds an iteration; null where the run failed. */
  readonly time: { readonly value: number; readonly low: number; readonly high: number } | null;
  /** Whose figures these are: the `machineId` that measured, or `import:go`; null in old histories. */
  readonly machine: string | null;
  /** Whether that is this machine: the figures of others are never compared with its own. */
  readonly here: boolean;
}

/**
 * A run of a budget, with the key of the measurement behind it; `import:` or `shared:` and the hash of the entry where it was
 * not measured by who keeps this history.
 */
export type KeptRow = Omit<HistoryRow, 'here'> & { readonly key: string };

/** Whether a row was measured by who keeps this history. */
export const isOwn = ({ key }: KeptRow): boolean => !key.includes(':');

/** A bundle as the history keeps it with a baseline that was captured without git. */
export interface KeptBundle {
  readonly code: string;
  readonly hash: string;
}

/** What the history keeps of a capture; what Git keeps is a `CapturedBaseline`, in a file. */
export interface KeptCapture {
  readonly name: string;
  /** Null without git: the bundles that were current then are kept with it. */
  readonly commit: string | null;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly machine: Machine;
  /** The one that is compared with: the latest that was captured. */
  readonly current: boolean;
  readonly results: readonly BudgetResult[];
}

/** What is known about unchanged code, so that nothing has to run. */
export type CacheKind = 'measurement' | 'bench-names';

/** Where the history is kept: a file that every process shares, or this process's memory. Texts are JSON. */
export interface Store {
  record(row: KeptRow): void;
  /** All of them, or none. */
  recordAll(rows: readonly KeptRow[]): void;
  /** The keys of a budget's rows that others measured. */
  otherKeys(budget: string): readonly string[];
  /** Newest first. */
  rows(budget: string, limit: number): readonly KeptRow[];
  /** The same, without what others measured. */
  ownRows(budget: string, limit: number): readonly KeptRow[];
  /** The newest of each budget's own rows. */
  latest(): ReadonlyMap<string, KeptRow>;
  cached(kind: CacheKind, key: string): string | null;
  cache(kind: CacheKind, key: string, value: string, at: number): void;
  /** Newest first. */
  baselines(): readonly KeptCapture[];
  /** Makes it the current one, in place of any of the same name; bundles that no baseline has go. */
  capture(baseline: Omit<KeptCapture, 'current'>): void;
  keepBundle(baseline: string, file: string, text: string): void;
  bundle(baseline: string, file: string): string | null;
  /** Adds to what that machine saw of that benchmark on that day. */
  addNoise(machine: string, row: NoiseRow): void;
  noise(machine: string): readonly NoiseRow[];
  /** Forgets the days before that one. */
  pruneNoise(before: number): void;
  budgets(): readonly string[];
  /** Forgets the oldest runs of a budget: those before `before` (ms since the epoch), all but `count`, at most `atOnce`. */
  pruneRuns(budget: string, before: number, count: number, atOnce: number): void;
  pruneCache(before: number, count: number): void;
  close(): void;
}
