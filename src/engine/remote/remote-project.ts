import type { Report } from '../../core/results/measurement.js';
import { knownOf, restedState, type KnownResult } from '../../core/results/state.js';
import type { Problem } from '../../core/problem.js';
import type { Result } from '../../core/result.js';
import type { Past } from '../../core/formats/reporters/past.js';
import type { Spark } from '../../core/formats/reporters/overview.js';
import type { KeptBaseline } from '../baseline/files.js';
import type { KnownBaselines } from '../baseline/manage.js';
import type { NameProblem } from '../baseline/names.js';
import type { CaptureRequest } from '../baseline/capture.js';
import type { Bisection } from '../../core/results/bisection.js';
import type { BisectFailure, BisectProgress, BisectRequest } from '../bisect/request.js';
import type { HistoryRow } from '../history/store.js';
import type { CpuProfile, Explained, ExplainRequest } from '../explain/request.js';
import type { ExplainProgress } from '../measure/explaining.js';
import type { RunRequest } from '../measure/request.js';
import type { DebugTarget } from '../project/debug.js';
import type { ProfileRequest } from '../project/profile.js';
import type { CodeChanges } from '../project/old-code.js';
import { emptySnapshot, type BudgetView, type Project, type Snapshot } from '../project/snapshot.js';
import type { Call, SnapshotPatch } from './protocol.js';

/** How a project reaches the engine. */
export interface Connection {
  call(project: number, call: Call, signal?: AbortSignal, onProgress?: (progress: unknown) => void): Promise<unknown>;
  cancel(project: number): void;
}

/** A project whose work is done in the engine's thread: its snapshot is on this side. */
export class RemoteProject implements Project {
  root = '';
  snapshot: Snapshot = emptySnapshot;
  #names: readonly string[] = [];
  readonly #views = new Map<string, BudgetView>();
  /** What was known when the thread ended, and the next one does not know yet: not every verdict is in the history. */
  readonly #before = new Map<string, KnownResult>();
  readonly #listeners = new Set<() => void>();

  constructor(
    readonly id: number,
    readonly connection: Connection,
  ) {}

  apply(patch: SnapshotPatch): void {
    for (const view of patch.views) this.#views.set(view.budget.name, this.#remembered(view));
    if (!patch.last) return;
    this.#names = patch.names ?? this.#names;
    const budgets = this.#names.flatMap((name) => this.#views.get(name) ?? []);
    const { config = this.snapshot.config, problems = this.snapshot.problems, progress, baseline } = patch;
    const { benchmarks = this.snapshot.benchmarks } = patch;
    const whole = config && { ...config, budgets: budgets.map((view) => view.budget) };
    this.#publish({ config: whole, problems, budgets, benchmarks, progress, baseline });
  }

  /** The thread ended: nothing is being measured. What is known stays until the project is open again. */
  interrupted(): void {
    const budgets = this.snapshot.budgets.map((view) => ({ ...view, state: restedState(view.state) }));
    for (const { budget, state } of budgets) {
      const known = knownOf(state);
      if (known !== null) this.#before.set(budget.name, known);
    }
    this.#publish({ ...this.snapshot, budgets, progress: null });
  }

  #remembered(view: BudgetView): BudgetView {
    const { budget, state } = view;
    const before = this.#before.get(budget.name);
    if (before === undefined) return view;
    if (state.kind === 'unmeasured') return { ...view, state: { kind: 'stale', previous: before, cause: 'cancelled' } };
    if (state.kind === 'measuring' && state.previous === null)
      return { ...view, state: { ...state, previous: before } };
    this.#before.delete(budget.name);
    return view;
  }

  #publish(snapshot: Snapshot): void {
    this.snapshot = snapshot;
    for (const listener of this.#listeners) listener();
  }

  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async reload(measuring = false): Promise<void> {
    await this.connection.call(this.id, { method: 'reload', measuring });
  }

  filesChanged(files: readonly string[], measuring = true): void {
    // The engine logs what fails; the answer only says that this need not be told again.
    this.connection.call(this.id, { method: 'filesChanged', files, measuring }).catch(() => undefined);
  }

  async run(request: RunRequest, signal?: AbortSignal): Promise<Report> {
    return (await this.connection.call(this.id, { method: 'run', request }, signal)) as Report;
  }

  cancel(): void {
    this.connection.cancel(this.id);
  }

  async cannotCapture(): Promise<string | null> {
    return (await this.connection.call(this.id, { method: 'cannotCapture' })) as string | null;
  }

  async capture(request: CaptureRequest, signal?: AbortSignal): Promise<Result<KeptBaseline, string>> {
    return (await this.connection.call(this.id, { method: 'capture', request }, signal)) as Result<
      KeptBaseline,
      string
    >;
  }

  async baselineNameProblem(name: string): Promise<NameProblem | null> {
    return (await this.connection.call(this.id, { method: 'baselineNameProblem', name })) as NameProblem | null;
  }

  async baselines(): Promise<KnownBaselines> {
    return (await this.connection.call(this.id, { method: 'baselines' })) as KnownBaselines;
  }

  async deleteBaseline(name: string): Promise<Result<null, string>> {
    return (await this.connection.call(this.id, { method: 'deleteBaseline', name })) as Result<null, string>;
  }

  async useBaseline(name: string | null): Promise<Result<null, string>> {
    return (await this.connection.call(this.id, { method: 'useBaseline', name })) as Result<null, string>;
  }

  async explain(
    request: ExplainRequest,
    onProgress?: (progress: ExplainProgress) => void,
    signal?: AbortSignal,
  ): Promise<Result<Explained, string>> {
    const call = { method: 'explain', request } as const;
    const progress = onProgress as ((progress: unknown) => void) | undefined;
    return (await this.connection.call(this.id, call, signal, progress)) as Result<Explained, string>;
  }

  async bisect(
    request: BisectRequest,
    onProgress?: (progress: BisectProgress) => void,
    signal?: AbortSignal,
  ): Promise<Result<Bisection, BisectFailure>> {
    const call = { method: 'bisect', request } as const;
    const progress = onProgress as ((progress: unknown) => void) | undefined;
    return (await this.connection.call(this.id, call, signal, progress)) as Result<Bisection, BisectFailure>;
  }

  async debugTargets(budget: string): Promise<Result<readonly DebugTarget[], string>> {
    const call = { method: 'debugTargets', budget } as const;
    return (await this.connection.call(this.id, call)) as Result<readonly DebugTarget[], string>;
  }

  async profile(request: ProfileRequest, signal?: AbortSignal): Promise<Result<CpuProfile, string> | null> {
    const call = { method: 'profile', request } as const;
    return (await this.connection.call(this.id, call, signal)) as Result<CpuProfile, string> | null;
  }

  async check(file: string, text: string): Promise<readonly Problem[]> {
    return (await this.connection.call(this.id, { method: 'check', file, text })) as readonly Problem[];
  }

  async reaching(file: string, symbol: string | null): Promise<readonly string[]> {
    return (await this.connection.call(this.id, { method: 'reaching', file, symbol })) as readonly string[];
  }

  async changes(budget: string): Promise<Result<CodeChanges, string>> {
    return (await this.connection.call(this.id, { method: 'changes', budget })) as Result<CodeChanges, string>;
  }

  async oldText(commit: string, file: string): Promise<Result<string, string>> {
    return (await this.connection.call(this.id, { method: 'oldText', commit, file })) as Result<string, string>;
  }

  async history(budget: string, limit: number, onlyHere = false): Promise<readonly HistoryRow[]> {
    const call = { method: 'history', budget, limit, onlyHere } as const;
    return (await this.connection.call(this.id, call)) as readonly HistoryRow[];
  }

  async past(budget: string, limit: number): Promise<Past> {
    return (await this.connection.call(this.id, { method: 'past', budget, limit })) as Past;
  }

  async sparks(budgets: readonly string[]): Promise<readonly (Spark | null)[]> {
    return (await this.connection.call(this.id, { method: 'sparks', budgets })) as readonly (Spark | null)[];
  }

  async dispose(): Promise<void> {
    this.#listeners.clear();
    await this.connection.call(this.id, { method: 'dispose' });
  }
}
