import type { Config } from '../../core/language/budget.js';
import type { BudgetResult } from '../../core/results/measurement.js';
import type { RunRequest } from '../measure/request.js';
import { slashed } from '../util/paths.js';

/** Saves within this time are one run. */
const usualBurstMs = 1;

/** What one execution is asked for. */
export interface Task {
  /** Budgets whose known results are compared with the code as it is. */
  readonly look: readonly string[];
  /** Budgets to measure. */
  readonly run: readonly string[];
  readonly request: RunRequest;
  /** Only what these files can reach is run. */
  readonly files?: ReadonlySet<string>;
  readonly signal?: AbortSignal;
  readonly onResult?: (result: BudgetResult) => void;
}

/** The steps of an execution, which the queue takes in this order. */
export interface Work {
  /** The queue has something to do, or something else to do. */
  begin(): void;
  /** Looks again at the files that changed; null where no budgets are known. */
  prepare(signal: AbortSignal): Promise<Config | null>;
  reaches(budget: string, files: ReadonlySet<string>): boolean;
  look(config: Config, budgets: readonly string[]): Promise<void>;
  /** Measures, and reports each budget that is finished. */
  run(
    config: Config,
    budgets: readonly string[],
    request: RunRequest,
    signal: AbortSignal,
    onResult: (result: BudgetResult) => void,
  ): Promise<void>;
  /** The queue is empty again. */
  end(): void;
  /** What a burst of changed files asks for; null for nothing. */
  changed(files: ReadonlySet<string>, measuring: boolean): Promise<Task | null>;
  /** A burst has failed, and no caller waits for it. */
  failed(error: unknown): void;
}

/** One execution; a newer one takes over what it had not finished. */
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

  /** Files that change within a moment are one execution. */
  filesChanged(files: readonly string[], measuring: boolean): void {
    if (this.#isDisposed) return;
    for (const file of files) this.#changed.add(slashed(file));
    clearTimeout(this.#burst);
    const settle = (): void => void this.#settle(measuring).catch((error: unknown) => this.work.failed(error));
    this.#burst = setTimeout(settle, this.burstMs);
  }

  /** Settles when the task is finished, or was ended by `cancel`, by its signal, or by a newer task. */
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
      // Which budgets a file can reach is known now; the run leaves out the others.
      const { files } = task;
      for (const name of files === undefined ? [] : task.run) {
        if (!carried.has(name) && !this.work.reaches(name, files ?? new Set())) pending.delete(name);
      }
      if (isEnded()) return;
      const unseen = [...look].filter((name) => !pending.has(name));
      if (unseen.length > 0) await this.work.look(config, unseen);
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

  /** Settles when nothing runs any more. */
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
