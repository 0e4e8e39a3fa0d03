import type { Config } from '../../core/language/budget.js';
import type { BudgetResult } from '../../core/results/measurement.js';
import type { RunRequest } from '../measure/request.js';
import { slashed } from '../util/paths.js';

/** Files that are saved within this many milliseconds of one another cause one run. */
const usualBurstMs = 1;

/** What one execution should do. */
export interface Task {
  /** Budgets whose known results are to be checked against the current code. */
  readonly look: readonly string[];
  /** Budgets to measure. */
  readonly run: readonly string[];
  readonly request: RunRequest;
  /** Run only the budgets that these files can affect. */
  readonly files?: ReadonlySet<string>;
  readonly signal?: AbortSignal;
  readonly onResult?: (result: BudgetResult) => void;
}

/** The steps of an execution, in the order in which the queue takes them. */
export interface Work {
  /** A task starts, in an empty queue or in place of another. */
  begin(): void;
  /** Reads the files that changed. Returns null if no budgets are known. */
  prepare(signal: AbortSignal): Promise<Config | null>;
  reaches(budget: string, files: ReadonlySet<string>): boolean;
  look(config: Config, budgets: readonly string[], signal: AbortSignal): Promise<void>;
  /** Measures these budgets, and reports each one when it is finished. */
  run(
    config: Config,
    budgets: readonly string[],
    request: RunRequest,
    signal: AbortSignal,
    onResult: (result: BudgetResult) => void,
  ): Promise<void>;
  /** The queue is empty again. */
  end(): void;
  /** Returns the task for a burst of changed files; null for none. */
  changed(files: ReadonlySet<string>, measuring: boolean): Promise<Task | null>;
  /** A burst of changed files failed, and no caller is waiting for it. */
  failed(error: unknown): void;
}

interface Running {
  readonly controller: AbortController;
  readonly done: Promise<void>;
  readonly look: ReadonlySet<string>;
  readonly pending: Set<string>;
}

/** Runs one execution at a time: a newer one ends the older and takes over what the older had not finished. */
export class RunQueue {
  #running: Running | null = null;
  readonly #changed = new Set<string>();
  #burst: NodeJS.Timeout | undefined;
  #isDisposed = false;

  constructor(
    readonly work: Work,
    readonly burstMs = usualBurstMs,
  ) {}

  /** Collects changed files: a burst of changes is one execution. */
  filesChanged(files: readonly string[], measuring: boolean): void {
    if (this.#isDisposed) return;
    for (const file of files) this.#changed.add(slashed(file));
    clearTimeout(this.#burst);
    const settle = (): void => void this.#settle(measuring).catch((error: unknown) => this.work.failed(error));
    this.#burst = setTimeout(settle, this.burstMs);
  }

  /** Runs a task. Settles when it finishes, or when `cancel`, its signal or a newer task ends it. */
  async start(task: Task): Promise<void> {
    this.work.begin();
    const before = this.#running;
    before?.controller.abort();
    const carried = new Set(before?.pending);
    const pending = new Set([...carried, ...task.run]);
    const look = new Set([...(before?.look ?? []), ...task.look]);
    const controller = new AbortController();
    const signal = task.signal === undefined ? controller.signal : AbortSignal.any([controller.signal, task.signal]);
    const isEnded = (): boolean => signal.aborted;
    const done = (async () => {
      await before?.done.catch(() => undefined);
      if (isEnded()) return;
      const config = await this.work.prepare(signal);
      if (config === null) return;
      // Now we know which budgets a file can affect; the run leaves out the others.
      const { files } = task;
      for (const name of files === undefined ? [] : task.run) {
        if (!carried.has(name) && !this.work.reaches(name, files ?? new Set())) pending.delete(name);
      }
      if (isEnded()) return;
      const unseen = [...look].filter((name) => !pending.has(name));
      if (unseen.length > 0) await this.work.look(config, unseen, signal);
      look.clear();
      if (pending.size === 0) return;
      await this.work.run(config, [...pending], task.request, signal, (result) => {
        pending.delete(result.name);
        task.onResult?.(result);
      });
    })();
    const running = { controller, done, look, pending };
    this.#running = running;
    try {
      await done;
    } finally {
      if (this.#running === running) {
        this.#running = null;
        this.work.end();
      }
    }
  }

  /** Ends the running execution; the next one does not take over its budgets. */
  cancel(): void {
    this.#running?.controller.abort();
    this.#running?.pending.clear();
  }

  /** Ends the running execution and takes no more. Settles when nothing is running. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    clearTimeout(this.#burst);
    this.cancel();
    await this.#running?.done.catch(() => undefined);
  }

  async #settle(measuring: boolean): Promise<void> {
    const changed = new Set(this.#changed);
    this.#changed.clear();
    const task = await this.work.changed(changed, measuring);
    if (task !== null && !this.#isDisposed) await this.start(task);
  }
}
