import type { ImportName } from '../../core/formats/readers/import-names.js';
import type { WriterName } from '../../core/formats/writers/names.js';

/** What the commands are given; `program.ts` reads them from the arguments. */
export interface GlobalOptions {
  /** The working directory, absolute. */
  readonly directory: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly verbose: boolean;
  /** The Node that measures; null for the first on the PATH. */
  readonly node: string | null;
}

/** How a report can be written, what a terminal shows first. */
export const reporterNames = ['terminal', 'json', 'junit', 'sarif', 'github', 'markdown', 'html'] as const;
export type ReporterName = (typeof reporterNames)[number];

export interface Reporter {
  readonly name: ReporterName;
  /** A file, as given; null for standard output. */
  readonly to: string | null;
}

/** One of several parts of all budgets, from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** How the results are shown. */
export interface ReportOptions {
  /** At most one of them to standard output. */
  readonly reporters: readonly Reporter[];
  /** What is undecided fails. */
  readonly strict: boolean;
}

export interface CheckOptions extends ReportOptions {
  readonly against: string | null;
  /** Budgets with one of them are asked for; all where there is none. */
  readonly tags: readonly string[];
  /** As given: relative to the working directory. Null where every budget is asked for. */
  readonly changed: readonly string[] | null;
  readonly staged: boolean;
  readonly timeMs: number | null;
  /** Null where all budgets are asked for. */
  readonly shard: Shard | null;
  /** How often a budget that failed is measured again, and must fail again. */
  readonly repeatFailures: number;
}

export interface PageOptions {
  /** Files, `-` for standard output; null where none is asked for. */
  readonly html: string | null;
  readonly markdown: string | null;
}

export interface InitOptions {
  readonly ci: 'github' | null;
  /** Overwrites the workflow that is there. */
  readonly force: boolean;
}

export interface CaptureOptions {
  /** Null for the day, where nobody looks at it. */
  readonly name: string | null;
  /** Empty where none was given. */
  readonly reason: string;
  readonly automatic: boolean;
  readonly against: string | null;
  readonly timeMs: number | null;
}

export interface RecordOptions {
  /** Null for the name under which the user is logged in. */
  readonly by: string | null;
  /** `2026-11-21`; null for today. */
  readonly date: string | null;
}

export interface HistoryOptions {
  readonly limit: number | null;
  readonly json: string | null;
  /** Null where nothing is to be measured. */
  readonly backfill: BackfillOptions | null;
}

export interface BackfillOptions {
  /** How many. */
  readonly commits: number;
  readonly timeMs: number | null;
}

export interface ExportOptions {
  readonly format: WriterName;
  /** A file; `-` for standard output; null where only `to` is asked for. */
  readonly output: string | null;
  /** Where the figures are sent; null for nowhere. */
  readonly to: string | null;
}

export interface ImportOptions {
  readonly format: ImportName;
  /** Milliseconds since the epoch: when it was measured, if the file does not say; null for when the file was written. */
  readonly at: number | null;
}

/** The user asked for something that cannot be; the message is a sentence with the way out. Ends with exit code 2. */
export class UsageError extends Error {}
