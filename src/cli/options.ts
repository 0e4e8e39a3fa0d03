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

export interface CheckOptions {
  readonly against: string | null;
  /** As given: relative to the working directory. Null where every budget is asked for. */
  readonly changed: readonly string[] | null;
  readonly staged: boolean;
  /** A file, `-` for standard output. */
  readonly json: string | null;
  readonly timeMs: number | null;
  readonly strict: boolean;
}

export interface CaptureOptions {
  readonly name: string;
  readonly reason: string;
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
}

/** The user asked for something that cannot be; the message is a sentence with the way out. Ends with exit code 2. */
export class UsageError extends Error {}
