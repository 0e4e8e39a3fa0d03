import type { Budget, Config } from '../../core/language/budget.js';
import type { Baseline, Report } from '../../core/results/measurement.js';
import type { Location, Problem } from '../../core/problem.js';
import type { Result } from '../../core/result.js';
import type { CaptureRequest } from '../baseline/capture.js';
import type { HistoryRow } from '../history/store.js';
import type { RunRequest } from '../measure/request.js';
import type { BudgetState } from '../../core/results/state.js';
import type { Baselines, KeptBaseline } from '../baseline/files.js';

/** One budget with everything that a surface needs in order to draw it. */
export interface BudgetView {
  readonly budget: Budget;
  readonly state: BudgetState;
  /** The name of the function it is shown over; null where none was found. */
  readonly code: Location | null;
  /** Further functions, where comments about its benchmark stand over several. */
  readonly also: readonly Location[];
  /** The benchmark's name in its bench file; null where it was not found. */
  readonly bench: Location | null;
}

/** A benchmark of one of the bench files, whether a budget is about it or not. */
export interface KnownBenchmark {
  readonly name: string;
  /** Its bench file: absolute. */
  readonly file: string;
  /** Its name in the text; null where that is made as the file runs. */
  readonly location: Location | null;
}

/** What is known about one `perf-budget.jsonc` at one moment. Replaced whole at every change, never mutated. */
export interface Snapshot {
  readonly config: Config | null;
  readonly problems: readonly Problem[];
  readonly budgets: readonly BudgetView[];
  /** Every benchmark that there is; null until the bench files were read for the first time. */
  readonly benchmarks: readonly KnownBenchmark[] | null;
  /** Benchmarks done and to do in the running run; null when nothing runs. */
  readonly progress: { readonly done: number; readonly total: number } | null;
  readonly baseline: Baseline | null;
}

/** Of a project of which nothing was read yet. */
export const emptySnapshot: Snapshot = {
  config: null,
  problems: [],
  budgets: [],
  benchmarks: null,
  progress: null,
  baseline: null,
};

/** One `perf-budget.jsonc` and everything under it: what the editor and the command line both drive. */
export interface Project {
  /** The folder of the `perf-budget.jsonc`. */
  readonly root: string;
  readonly snapshot: Snapshot;
  /** Calls back after every change of `snapshot`; the returned function ends it. */
  onDidChange(listener: () => void): () => void;
  /** Reads the `perf-budget.jsonc`, the bench files and the last known verdicts again. Runs nothing of the user's when untrusted. */
  reload(): Promise<void>;
  /**
   * Files changed on disk: a burst is one run, a newer call supersedes the running one. Absolute paths. Without `measuring`,
   * what they can change is stale.
   */
  filesChanged(files: readonly string[], measuring?: boolean): void;
  /** Measures, compares and judges. Rejects only on a bug; an abort gives the report of what was finished. */
  run(request: RunRequest, signal?: AbortSignal): Promise<Report>;
  /** Ends the running run; what it had not finished stays stale. */
  cancel(): void;
  /** Why no baseline could be kept, whatever is measured: one sentence; null where one can. */
  cannotCapture(): Promise<string | null>;
  /** Keeps the present code and numbers as the current baseline. Returns it, or one sentence that says why not. */
  capture(request: CaptureRequest): Promise<Result<KeptBaseline, string>>;
  /** The captured baselines as their files have them. */
  baselines(): Promise<Baselines>;
  /** Makes a captured baseline the current one; null for none. The error is one sentence. */
  useBaseline(name: string | null): Promise<Result<null, string>>;
  /** Newest first; also what others shared, and what was imported, unless only what was measured here is asked for. */
  history(budget: string, limit: number, onlyHere?: boolean): Promise<readonly HistoryRow[]>;
  dispose(): Promise<void>;
}
