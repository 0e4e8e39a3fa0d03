import type { Budget, Config } from '../../core/language/budget.js';
import type { Bisection } from '../../core/results/bisection.js';
import type { Baseline, Report } from '../../core/results/measurement.js';
import type { Location, Problem } from '../../core/problem.js';
import type { Result } from '../../core/result.js';
import type { Past } from '../../core/formats/reporters/past.js';
import type { Spark } from '../../core/formats/reporters/overview.js';
import type { CaptureRequest } from '../baseline/capture.js';
import type { BisectFailure, BisectProgress, BisectRequest } from '../bisect/request.js';
import type { HistoryRow } from '../history/store.js';
import type { CpuProfile, Explained, ExplainRequest } from '../explain/request.js';
import type { ExplainProgress } from '../measure/explaining.js';
import type { RunRequest } from '../measure/request.js';
import type { DebugTarget } from './debug.js';
import type { ProfileRequest } from './profile.js';
import type { CodeChanges } from './old-code.js';
import type { BudgetState } from '../../core/results/state.js';
import type { KeptBaseline } from '../baseline/files.js';
import type { KnownBaselines } from '../baseline/manage.js';
import type { NameProblem } from '../baseline/names.js';

/** One budget with everything that the user interface needs to draw it. */
export interface BudgetView {
  readonly budget: Budget;
  readonly state: BudgetState;
  /** The name of the function that it is shown above; null if none was found. */
  readonly code: Location | null;
  /** More functions, if comments about its benchmark are above several. */
  readonly also: readonly Location[];
  /** The benchmark's name in its bench file; null if it was not found. */
  readonly bench: Location | null;
}

/** A benchmark of a bench file or a command, whether or not a budget is about it. */
export interface KnownBenchmark {
  readonly name: string;
  /** The absolute path of its bench file; for a command, the configuration's path, `#`, and the command's name. */
  readonly file: string;
  /** Its name in the text; null for a command, and if code generates the name. */
  readonly location: Location | null;
}

/** What is known about one `perf-budget.jsonc` at one moment. Replaced as a whole on every change, never mutated. */
export interface Snapshot {
  readonly config: Config | null;
  readonly problems: readonly Problem[];
  readonly budgets: readonly BudgetView[];
  /** All benchmarks that were found; null until the bench files have been read once. */
  readonly benchmarks: readonly KnownBenchmark[] | null;
  /** The benchmarks done and those in total in the current run; null if nothing is running. */
  readonly progress: { readonly done: number; readonly total: number } | null;
  readonly baseline: Baseline | null;
}

/** The snapshot of a project before anything is read. */
export const emptySnapshot: Snapshot = {
  config: null,
  problems: [],
  budgets: [],
  benchmarks: null,
  progress: null,
  baseline: null,
};

/** One `perf-budget.jsonc` and everything under it. The editor and the command line both use this. */
export interface Project {
  /** The folder of the `perf-budget.jsonc`. */
  readonly root: string;
  readonly snapshot: Snapshot;
  /** Calls `listener` after every change of `snapshot`. The returned function removes it. */
  onDidChange(listener: () => void): () => void;
  /**
   * Reads the `perf-budget.jsonc`, bench files and last known verdicts again. Runs none of the user's code if untrusted. If
   * `measuring`, verdicts that no longer hold are measured anew, otherwise they become stale.
   */
  reload(measuring?: boolean): Promise<void>;
  /**
   * Reports files (absolute paths) that changed on disk. A burst is one run, which goes on with what a running one had left. If `measuring` is
   * false, nothing is measured, and outdated results become stale.
   */
  filesChanged(files: readonly string[], measuring?: boolean): void;
  /**
   * Measures, compares and judges. Files that change meanwhile, and newer runs, take nothing away from it. Rejects only on a
   * bug; after an abort, reports what was finished.
   */
  run(request: RunRequest, signal?: AbortSignal): Promise<Report>;
  /** Ends the current run. Budgets that it did not finish stay stale. */
  cancel(): void;
  /** Returns one sentence that says why no baseline can be captured, whatever is measured; null if one can. */
  cannotCapture(): Promise<string | null>;
  /**
   * Captures the current code and figures as the current baseline. Returns it, or one sentence that says why not. After an
   * abort, either all of it is captured or nothing.
   */
  capture(request: CaptureRequest, signal?: AbortSignal): Promise<Result<KeptBaseline, string>>;
  /** Returns why a capture cannot have this name, or that it would replace a baseline; null if neither. */
  baselineNameProblem(name: string): Promise<NameProblem | null>;
  /** Reads the captured baselines from their files, and looks for their code if the project is trusted. */
  baselines(): Promise<KnownBaselines>;
  /** Deletes a captured baseline, with what this machine keeps of its code. The error is one sentence. */
  deleteBaseline(name: string): Promise<Result<null, string>>;
  /** Makes a captured baseline the current one; null for none. The error is one sentence. */
  useBaseline(name: string | null): Promise<Result<null, string>>;
  /**
   * Finds out which functions and lines account for the difference of a budget between two versions, even if nothing is broken.
   * The error is one sentence; after an abort it says so.
   */
  explain(
    request: ExplainRequest,
    onProgress?: (progress: ExplainProgress) => void,
    signal?: AbortSignal,
  ): Promise<Result<Explained, string>>;
  /**
   * Finds the commits that made a budget's benchmark slower between two commits. What the user saves meanwhile is measured first.
   * After an abort, the same request goes on where it was.
   */
  bisect(
    request: BisectRequest,
    onProgress?: (progress: BisectProgress) => void,
    signal?: AbortSignal,
  ): Promise<Result<Bisection, BisectFailure>>;
  /** Returns the benchmarks of a budget as they are saved now, for a debugger. The error is one sentence. */
  debugTargets(budget: string): Promise<Result<readonly DebugTarget[], string>>;
  /**
   * Profiles a benchmark of a budget as it is saved now. What the user saves meanwhile is measured first. The error is one sentence;
   * null after an abort.
   */
  profile(request: ProfileRequest, signal?: AbortSignal): Promise<Result<CpuProfile, string> | null>;
  /**
   * Returns the problems that the `perf-budget.jsonc`, or the comments of a source file, would have with this text. Names of
   * benchmarks are left out until the bench files have been read.
   */
  check(file: string, text: string): Promise<readonly Problem[]>;
  /** Returns the benchmarks that reach a file, first those that call its function `symbol`. */
  reaching(file: string, symbol: string | null): Promise<readonly string[]>;
  /** Finds the files of a budget that have changed since its baseline. The error is one sentence. */
  changes(budget: string): Promise<Result<CodeChanges, string>>;
  /** Returns the text that a checkout of a commit would have at an absolute path. The error is one sentence. */
  oldText(commit: string, file: string): Promise<Result<string, string>>;
  /** Returns results, newest first. Includes shared and imported ones unless `onlyHere`. */
  history(budget: string, limit: number, onlyHere?: boolean): Promise<readonly HistoryRow[]>;
  /** Returns what a page shows of a budget's last runs, which takes less than all of them to send. */
  past(budget: string, limit: number): Promise<Past>;
  /** Returns the last figures of each of these budgets; null where there are none. */
  sparks(budgets: readonly string[]): Promise<readonly (Spark | null)[]>;
  dispose(): Promise<void>;
}
