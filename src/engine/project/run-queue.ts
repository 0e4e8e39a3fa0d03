import type { Config } from '../../core/language/budget.js';
import type { BudgetResult } from '../../core/results/measurement.js';
import type { MeasureRequest, RunRequest } from '../measure/request.js';
import { slashed } from '../util/paths.js';

/** Files that are saved within this many milliseconds of one another cause one run. */
const usualBurstMs = 1;

/** Something to do. What it asks for is kept until it is done, cancelled or aborted, whatever is added meanwhile. */
export interface Task {
  /** Budgets whose known results are to be checked against the current code. */
  readonly look: readonly string[];
  /** Budgets to measure. */
  readonly run: readonly string[];
  readonly request: RunRequest;
  /** Budgets whose code has changed, or so it seems until the files are read. */
  readonly changed?: readonly string[];
  /** Run only the budgets that these files can affect. */
  readonly files?: ReadonlySet<string>;
  /** Ends this task; what other tasks want goes on. */
  readonly signal?: AbortSignal;
  readonly onResult?: (result: BudgetResult) => void;
  /** Waits for a running execution, in place of ending it. */
  readonly follows?: boolean;
}

/** Keeps and shows a result, and returns it. What is not to count is never taken. */
export type Take = () => BudgetResult;

/** The steps of an execution, in the order in which the queue takes them. */
export interface Work {
  /** A task was added. */
  begin(task: Task): void;
  /** Reads the files that changed. Returns null if no budgets are known. */
  prepare(signal: AbortSignal): Promise<Config | null>;
  reaches(budget: string, files: ReadonlySet<string>): boolean;
  /** The files that changed do not affect these budgets after all. */
  spare(budgets: readonly string[]): void;
  look(config: Config, budgets: readonly string[], signal: AbortSignal): Promise<void>;
  /** Measures these budgets, and reports each one when it is finished. */
  run(
    config: Config,
    budgets: readonly string[],
    request: MeasureRequest,
    signal: AbortSignal,
    onResult: (take: Take) => void,
  ): Promise<void>;
  /** The queue is empty again. */
  end(): void;
  /** Returns the task for a burst of changed files; null for none. */
  changed(files: ReadonlySet<string>, measuring: boolean): Promise<Task | null>;
  /** Something failed, and no caller is waiting for it. */
  failed(error: unknown): void;
}

/** A task that has not settled. */
interface Open {
  readonly task: Task;
  readonly look: Set<string>;
  readonly pending: Set<string>;
  readonly reported: Set<string>;
  /** Whether the files that changed have been read since, and `pending` has only what its own files affect. */
  isRead: boolean;
  /** Whether `cancel` or its signal has ended it. */
  isEnded: boolean;
  readonly settle: () => void;
  readonly fail: (error: unknown) => void;
}

const isFinished = ({ look, pending, isRead, isEnded }: Open): boolean =>
  isEnded || (isRead && look.size === 0 && pending.size === 0);

interface Execution {
  readonly controller: AbortController;
  /** The tasks that it measures for; null before it measures. */
  group: readonly Open[] | null;
  /** Whether a newer task ended it, so that what it still finds may be about old code. */
  isSuperseded: boolean;
}

/**
 * Runs one execution at a time. A newer task ends it, and the next one is for all tasks: those that want to be measured in the
 * same way share a run, the newest one's first, and the others follow.
 */
export class RunQueue {
  /** In the order in which they were added. */
  readonly #open = new Set<Open>();
  #execution: Execution | null = null;
  #working: Promise<void> | null = null;
  readonly #changed = new Set<string>();
  #burst: NodeJS.Timeout | undefined;
  #isMeasuring = true;
  /** Settles when the tasks of all bursts so far have been added. */
  #bursts: Promise<void> = Promise.resolve();
  #isDisposed = false;

  constructor(
    readonly work: Work,
    readonly burstMs = usualBurstMs,
  ) {}

  /** Collects changed files: a burst of changes is one task. */
  filesChanged(files: readonly string[], measuring: boolean): void {
    if (this.#isDisposed) return;
    for (const file of files) this.#changed.add(slashed(file));
    this.#isMeasuring = measuring;
    clearTimeout(this.#burst);
    this.#burst = setTimeout(() => void this.flush(), this.burstMs);
  }

  /** Ends the burst of changed files, if there is one. Settles when its task has been added. */
  flush(): Promise<void> {
    clearTimeout(this.#burst);
    if (this.#changed.size === 0) return this.#bursts;
    const changed = new Set(this.#changed);
    const measuring = this.#isMeasuring;
    this.#changed.clear();
    const failed = (error: unknown): void => this.work.failed(error);
    this.#bursts = this.#bursts
      .then(async () => {
        const task = await this.work.changed(changed, measuring);
        if (task !== null) this.start(task).catch(failed);
      })
      .catch(failed);
    return this.#bursts;
  }

  /** Settles when nothing is left to do. */
  async settled(): Promise<void> {
    do {
      await this.flush();
      await this.#working;
    } while (this.#changed.size > 0 || this.#working !== null);
  }

  /** Runs a task. Settles when all that it asks for is done, or when `cancel` or its signal has ended it. */
  start(task: Task): Promise<void> {
    if (this.#isDisposed || task.signal?.aborted === true) return Promise.resolve();
    this.work.begin(task);
    if (this.#execution !== null && task.follows !== true) {
      this.#execution.isSuperseded = true;
      this.#execution.controller.abort();
    }
    return new Promise((settle, fail) => {
      const [look, pending, reported] = [new Set(task.look), new Set(task.run), new Set<string>()];
      const open = { task, look, pending, reported, isRead: false, isEnded: false, settle, fail };
      this.#open.add(open);
      task.signal?.addEventListener('abort', () => this.#end([open]), { once: true });
      this.#working ??= this.#work();
    });
  }

  /** Ends all tasks; the next one does not take over their budgets. */
  cancel(): void {
    this.#end([...this.#open]);
  }

  /** Ends all tasks and takes no more. Settles when nothing is running. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    clearTimeout(this.#burst);
    this.#changed.clear();
    this.cancel();
    await this.#working;
  }

  #end(tasks: readonly Open[]): void {
    for (const open of tasks) open.isEnded = true;
    const { group = null, controller } = this.#execution ?? {};
    if (group === null || tasks.some((open) => group.includes(open))) controller?.abort();
    else this.#settleFinished();
  }

  async #work(): Promise<void> {
    // The caller's task is about to be added.
    await Promise.resolve();
    while (![...this.#open].every(isFinished)) {
      this.#settleFinished();
      const execution: Execution = { controller: new AbortController(), group: null, isSuperseded: false };
      this.#execution = execution;
      const own = [...this.#open];
      try {
        await this.#execute(execution, own);
      } catch (error) {
        // What was ended on purpose is either done again or not wanted any more.
        if (execution.controller.signal.aborted) this.work.failed(error);
        else for (const open of own.filter((one) => this.#open.delete(one))) open.fail(error);
      }
      this.#execution = null;
    }
    this.#working = null;
    this.work.end();
    this.#settleFinished();
  }

  /** `own` are the tasks that were there when it began: what the others are about may not be read by it. */
  async #execute(execution: Execution, own: readonly Open[]): Promise<void> {
    const { signal } = execution.controller;
    const isAborted = (): boolean => signal.aborted;
    const config = await this.work.prepare(signal);
    if (isAborted()) return;
    const tasks = own.filter((open) => this.#open.has(open));
    const left: string[] = [];
    for (const open of tasks) {
      if (config === null) open.isEnded = true;
      else if (!open.isRead) left.push(...this.#narrow(open));
    }
    if (config === null) return;
    const wanted = new Set(tasks.flatMap(({ pending }) => [...pending]));
    this.work.spare(left.filter((name) => !wanted.has(name)));
    const look = new Set(tasks.flatMap((open) => [...open.look].filter((name) => !wanted.has(name))));
    if (look.size > 0) await this.work.look(config, [...look], signal);
    if (isAborted()) return;
    for (const open of tasks) open.look.clear();
    this.#settleIfOthersGoOn();
    const newest = tasks.findLast(({ pending }) => pending.size > 0);
    if (newest === undefined) return;
    const group = tasks.filter(({ task, pending }) => pending.size > 0 && way(task) === way(newest.task));
    execution.group = group;
    const budgets = new Set(group.flatMap(({ pending }) => [...pending]));
    await this.work.run(config, [...budgets], requestOf(group), signal, (take) => {
      if (execution.isSuperseded) return;
      const result = take();
      for (const { task, pending, reported } of group) {
        // One that was reported may be reported again, with causes.
        if (!pending.delete(result.name) && !reported.has(result.name)) continue;
        reported.add(result.name);
        task.onResult?.(result);
      }
      // Measured again for them, it would take the place of figures that were asked for, such as those for a baseline.
      for (const { task, pending } of tasks) if (isForShow(task)) pending.delete(result.name);
      this.#settleIfOthersGoOn();
    });
    // What has no result by now does not get one.
    if (!isAborted()) for (const { pending } of group) pending.clear();
  }

  /** Now we know which budgets the task's files can affect; it leaves out the others, and returns them. */
  #narrow(open: Open): readonly string[] {
    const { files } = open.task;
    open.isRead = true;
    if (files === undefined) return [];
    const left = [...open.pending].filter((name) => !this.work.reaches(name, files));
    for (const name of left) open.pending.delete(name);
    // What an older task has reported of these was about older code.
    for (const older of this.#open) {
      if (older === open || isFinished(older)) continue;
      for (const name of open.pending) if (older.reported.has(name)) older.pending.add(name);
    }
    return left;
  }

  /** The last tasks settle when the queue is empty. */
  #settleIfOthersGoOn(): void {
    if (![...this.#open].every(isFinished)) this.#settleFinished();
  }

  /** Ended tasks of the running execution may still get results from it. */
  #settleFinished(): void {
    for (const open of this.#open) {
      if (!isFinished(open) || (open.isEnded && this.#execution?.group?.includes(open) === true)) continue;
      this.#open.delete(open);
      open.settle();
    }
  }
}

/** Tasks with equal ones can share a run. */
const way = ({ request: { against, timeMs, capturing, causes, explain } }: Task): string =>
  JSON.stringify([against, timeMs, capturing === true, causes, explain]);

/** Whether a task only brings up to date what is shown, for which any result of the current code will do. */
const isForShow = ({ request: { against, timeMs, capturing, fresh, explain }, onResult }: Task): boolean =>
  [onResult, against, timeMs, explain].every((one) => one === undefined) && capturing !== true && fresh !== true;

function requestOf(group: readonly Open[]): MeasureRequest {
  const [{ against, timeMs, capturing, causes, explain } = {}] = group.map(({ task }) => task.request);
  const files = group.flatMap(({ task }) => task.request.files ?? []);
  const fresh = group.flatMap(({ task, pending }) => (task.request.fresh === true ? [...pending] : []));
  return {
    ...(against !== undefined && { against }),
    ...(timeMs !== undefined && { timeMs }),
    ...(capturing !== undefined && { capturing }),
    ...(causes !== undefined && { causes }),
    ...(explain !== undefined && { explain }),
    ...(files.length > 0 && { files }),
    fresh: new Set(fresh),
  };
}
