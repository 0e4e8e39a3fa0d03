import { Worker } from 'node:worker_threads';
import type { Report } from '../../core/results/measurement.js';
import { unreachable, type Result } from '../../core/result.js';
import type { Baselines, KeptBaseline } from '../baseline/files.js';
import type { Log } from '../util/log.js';
import type { Call, FromEngine, RemoteOptions, SnapshotPatch, ToEngine } from './protocol.js';
import { emptySnapshot, type BudgetView, type Project, type Snapshot } from '../project/snapshot.js';
import type { HistoryRow } from '../history/store.js';
import type { RunRequest } from '../measure/request.js';
import type { CaptureRequest } from '../baseline/capture.js';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** An editor's projects, which live in a thread of their own: snapshots are on this side, work is done on the other. */
export class Engine {
  #thread: Worker | null = null;
  readonly #waiting = new Map<number, Waiting>();
  readonly #projects = new Map<number, RemoteProject>();
  #ids = 0;

  /** `threadPath` is `dist/engine.js`. */
  constructor(
    readonly threadPath: string,
    readonly log: Log,
  ) {}

  /** Opens the `perf-budget.jsonc` at this path. Results from the history are available at once; the rest follows. */
  async open(configFile: string, options: RemoteOptions): Promise<Project> {
    const id = ++this.#ids;
    const project = new RemoteProject(id, this);
    this.#projects.set(id, project);
    project.root = (await this.call(id, { method: 'open', configFile, options })) as string;
    return project;
  }

  /** Resolves with the answer; rejects if the call fails or the thread ends. An abort is passed on; the answer still comes. */
  call(project: number, call: Call, signal?: AbortSignal): Promise<unknown> {
    const id = ++this.#ids;
    const abort = (): void => this.send({ type: 'abort', id });
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.send({ type: 'call', id, project, call });
      if (signal?.aborted === true) abort();
      signal?.addEventListener('abort', abort);
    });
    return answer.finally(() => {
      this.#waiting.delete(id);
      signal?.removeEventListener('abort', abort);
      if (call.method === 'dispose') this.#projects.delete(project);
    });
  }

  send(message: ToEngine): void {
    this.#thread ??= this.#start();
    this.#thread.postMessage(message);
  }

  async dispose(): Promise<void> {
    await Promise.allSettled(Array.from(this.#projects.values(), (project) => project.dispose()));
    await this.#thread?.terminate();
  }

  #start(): Worker {
    const thread = new Worker(this.threadPath, { name: 'Perf Budget', stderr: true, stdout: true });
    thread.on('message', (message: FromEngine) => this.#receive(message));
    thread.on('error', (error: Error) => this.log.error(error.stack ?? error.message));
    thread.on('exit', () => {
      this.#thread = null;
      for (const { reject } of this.#waiting.values()) reject(new Error('the engine has stopped'));
    });
    return thread;
  }

  #receive(message: FromEngine): void {
    switch (message.type) {
      case 'reply':
        this.#waiting.get(message.id)?.resolve(message.value);
        return;
      case 'failed':
        this.#waiting.get(message.id)?.reject(new Error(message.message));
        return;
      case 'patch':
        this.#projects.get(message.project)?.apply(message.patch);
        return;
      case 'log':
        this.log[message.level](message.message);
        return;
      default:
        unreachable(message);
    }
  }
}

class RemoteProject implements Project {
  root = '';
  snapshot: Snapshot = emptySnapshot;
  #names: readonly string[] = [];
  readonly #views = new Map<string, BudgetView>();
  readonly #listeners = new Set<() => void>();

  constructor(
    readonly id: number,
    readonly engine: Engine,
  ) {}

  apply(patch: SnapshotPatch): void {
    for (const view of patch.views) this.#views.set(view.budget.name, view);
    if (!patch.last) return;
    this.#names = patch.names ?? this.#names;
    const budgets = this.#names.flatMap((name) => this.#views.get(name) ?? []);
    const { config = this.snapshot.config, problems = this.snapshot.problems, progress, baseline } = patch;
    const { benchmarks = this.snapshot.benchmarks } = patch;
    const whole = config && { ...config, budgets: budgets.map((view) => view.budget) };
    this.snapshot = { config: whole, problems, budgets, benchmarks, progress, baseline };
    for (const listener of this.#listeners) listener();
  }

  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async reload(measuring = false): Promise<void> {
    await this.engine.call(this.id, { method: 'reload', measuring });
  }

  filesChanged(files: readonly string[], measuring = true): void {
    this.engine.send({ type: 'filesChanged', project: this.id, files, measuring });
  }

  async run(request: RunRequest, signal?: AbortSignal): Promise<Report> {
    return (await this.engine.call(this.id, { method: 'run', request }, signal)) as Report;
  }

  cancel(): void {
    this.engine.send({ type: 'cancel', project: this.id });
  }

  async cannotCapture(): Promise<string | null> {
    return (await this.engine.call(this.id, { method: 'cannotCapture' })) as string | null;
  }

  async capture(request: CaptureRequest): Promise<Result<KeptBaseline, string>> {
    return (await this.engine.call(this.id, { method: 'capture', request })) as Result<KeptBaseline, string>;
  }

  async baselines(): Promise<Baselines> {
    return (await this.engine.call(this.id, { method: 'baselines' })) as Baselines;
  }

  async useBaseline(name: string | null): Promise<Result<null, string>> {
    return (await this.engine.call(this.id, { method: 'useBaseline', name })) as Result<null, string>;
  }

  async history(budget: string, limit: number, onlyHere = false): Promise<readonly HistoryRow[]> {
    const call = { method: 'history', budget, limit, onlyHere } as const;
    return (await this.engine.call(this.id, call)) as readonly HistoryRow[];
  }

  async dispose(): Promise<void> {
    this.#listeners.clear();
    await this.engine.call(this.id, { method: 'dispose' });
  }
}
