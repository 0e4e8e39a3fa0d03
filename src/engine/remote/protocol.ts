/** The messages between an editor and the thread that its projects live in. */
import type { Config } from '../../core/language/budget.js';
import type { Table } from '../../core/text/table.js';
import type { Log } from '../util/log.js';
import type { BisectRequest } from '../bisect/request.js';
import type { ExplainRequest } from '../explain/request.js';
import type { ProjectOptions } from '../project/parts.js';
import type { ProfileRequest } from '../project/profile.js';
import type { BudgetView, Project, Snapshot } from '../project/snapshot.js';

export type RemoteOptions = Pick<ProjectOptions, 'trusted' | 'nodePath' | 'workerPath'>;

/** What the thread is started with. */
export interface EngineData {
  readonly table: Table;
}

/** A request to a project that gets an answer. A signal is sent as an `abort` with the same id. */
export type Call =
  /** If it was open before, in a thread that ended, its first snapshot has all that can be known without measuring. */
  | { readonly method: 'open'; readonly configFile: string; readonly options: RemoteOptions; readonly again: boolean }
  | { readonly method: 'reload'; readonly measuring: boolean }
  | { readonly method: 'dispose' | 'cannotCapture' | 'baselines' }
  | { readonly method: 'run'; readonly request: Parameters<Project['run']>[0] }
  | { readonly method: 'capture'; readonly request: Parameters<Project['capture']>[0] }
  | { readonly method: 'useBaseline'; readonly name: string | null }
  | { readonly method: 'deleteBaseline' | 'baselineNameProblem'; readonly name: string }
  /** The progress of these comes as messages of their ids. */
  | { readonly method: 'explain'; readonly request: ExplainRequest }
  | { readonly method: 'bisect'; readonly request: BisectRequest }
  | { readonly method: 'debugTargets'; readonly budget: string }
  | { readonly method: 'profile'; readonly request: ProfileRequest }
  /** Answered when all that it caused is done. */
  | { readonly method: 'filesChanged'; readonly files: readonly string[]; readonly measuring: boolean }
  | { readonly method: 'check'; readonly file: string; readonly text: string }
  | { readonly method: 'reaching'; readonly file: string; readonly symbol: string | null }
  | { readonly method: 'changes'; readonly budget: string }
  | { readonly method: 'oldText'; readonly commit: string; readonly file: string }
  | { readonly method: 'past'; readonly budget: string; readonly limit: number }
  | { readonly method: 'sparks'; readonly budgets: readonly string[] }
  | { readonly method: 'history'; readonly budget: string; readonly limit: number; readonly onlyHere: boolean };

export type OpenCall = Extract<Call, { readonly method: 'open' }>;

export type ToEngine =
  | { readonly type: 'call'; readonly id: number; readonly project: number; readonly call: Call }
  | { readonly type: 'abort'; readonly id: number }
  | { readonly type: 'cancel'; readonly project: number };

/** The changes since the last patch. A large change comes in pieces, so that no message takes long to read. */
export interface SnapshotPatch extends Pick<Snapshot, 'progress' | 'baseline'> {
  /** Absent if it has not changed. Its budgets are in `views`. */
  readonly config?: Omit<Config, 'budgets'> | null;
  /** The names of all budgets, in order; absent if they have not changed. */
  readonly names?: readonly string[];
  readonly problems?: Snapshot['problems'];
  readonly benchmarks?: Snapshot['benchmarks'];
  readonly views: readonly BudgetView[];
  /** Only the last piece produces a snapshot. */
  readonly last: boolean;
}

export type FromEngine =
  | { readonly type: 'reply'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly message: string }
  /** How far a call is, which has no answer yet. */
  | { readonly type: 'progress'; readonly id: number; readonly progress: unknown }
  | { readonly type: 'patch'; readonly project: number; readonly patch: SnapshotPatch }
  | { readonly type: 'log'; readonly level: keyof Log; readonly message: string };
