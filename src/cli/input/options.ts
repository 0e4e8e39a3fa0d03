import type { ExplainAsked } from '../../requests/measure/explain-all.js';
import type { Shard } from '../../core/ci/shard.js';
import type { ImportName } from '../../core/formats/readers/import-names.js';
import type { WriterName } from '../../core/formats/writers/names.js';

/** The options of every command; `program.ts` reads them from the arguments. */
export interface GlobalOptions {
  /** The working directory, absolute. */
  readonly directory: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly verbose: boolean;
  /** The Node that measures; null for the first on the PATH. */
  readonly node: string | null;
}

/** The forms of a report; the first one is for a terminal. */
export const reporterNames = ['terminal', 'json', 'junit', 'sarif', 'github', 'markdown', 'html'] as const;
export type ReporterName = (typeof reporterNames)[number];

export interface Reporter {
  readonly name: ReporterName;
  /** A file, as given; null for standard output. */
  readonly to: string | null;
}

/** How the results are shown. */
export interface ReportOptions {
  /** At most one of them goes to standard output. */
  readonly reporters: readonly Reporter[];
  /** Undecided budgets fail. */
  readonly strict: boolean;
}

export interface CheckOptions extends ReportOptions {
  readonly against: string | null;
  /** Only budgets with one of these tags are checked; all if there are no tags. */
  readonly tags: readonly string[];
  /** Files as given, relative to the working directory; null if none were given. */
  readonly changed: readonly string[] | null;
  readonly staged: boolean;
  readonly timeMs: number | null;
  /** Null for all budgets. */
  readonly shard: Shard | null;
  /** How often a failed budget is measured again; it must fail every time. */
  readonly repeatFailures: number;
  /** Whether to look for what accounts for the difference of each broken budget. */
  readonly causes: boolean;
}

export interface ExplainOptions extends ExplainAsked {
  /** A folder for the profiles; null to write none. */
  readonly profile: string | null;
  /** A file, `-` for standard output; null if not requested. */
  readonly json: string | null;
}

export interface PageOptions {
  /** Files, `-` for standard output; null if not requested. */
  readonly html: string | null;
  readonly markdown: string | null;
}

export interface InitOptions {
  /** Bench files and folders as given; empty for all that can be found. */
  readonly files: readonly string[];
  readonly ci: 'github' | null;
  /** Overwrites an existing workflow. */
  readonly force: boolean;
  /** Prints what an agent should know of budgets, and does nothing else. */
  readonly agents: boolean;
}

export interface McpOptions {
  /** Whether nothing of the user's may run. */
  readonly untrusted: boolean;
}

export interface CaptureOptions {
  /** Null for the day, in an automatic capture. */
  readonly name: string | null;
  /** Empty if none was given. */
  readonly reason: string;
  readonly automatic: boolean;
  /** Whether it may replace a baseline of that name. */
  readonly replace: boolean;
  readonly against: string | null;
  readonly timeMs: number | null;
}

export interface RecordOptions {
  /** Null for the user's login name. */
  readonly by: string | null;
  /** `2026-11-21`; null for today. */
  readonly date: string | null;
}

export interface HistoryOptions {
  readonly limit: number | null;
  readonly json: string | null;
  /** Null to measure nothing. */
  readonly backfill: BackfillOptions | null;
}

export interface BackfillOptions {
  /** How many of the last commits to measure. */
  readonly commits: number;
  readonly timeMs: number | null;
}

export interface BisectOptions {
  /** Revisions, or for the good end the name of a captured baseline; null for the baseline, and for HEAD. */
  readonly good: string | null;
  readonly bad: string | null;
  readonly json: string | null;
  readonly timeMs: number | null;
  /** Whether it fails if nothing can be decided. */
  readonly strict: boolean;
}

export interface ExportOptions {
  readonly format: WriterName;
  /** A file; `-` for standard output; null if only `to` is given. */
  readonly output: string | null;
  /** The URL to send the figures to; null to send nothing. */
  readonly to: string | null;
}

export interface ImportOptions {
  readonly format: ImportName;
  /** Milliseconds since the epoch: when it was measured, if the file does not say; null for when the file was written. */
  readonly at: number | null;
}
