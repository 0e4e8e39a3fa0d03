import { err, unreachable } from '../../core/result.js';
import { errorText, type Log } from '../util/log.js';
import type { Call, FromEngine, OpenCall, RemoteOptions } from './protocol.js';
import type { Project } from '../project/snapshot.js';
import { RemoteProject, type Connection } from './remote-project.js';
import { EngineThread, usualLimits } from './thread.js';

/** A call that a thread ended at need not be the cause, but one that two ended at may well be. */
const mostAttempts = 2;

/** A thread that hangs never answers; one that is well closes its projects within this many milliseconds. */
const closeMs = 3000;

interface Waiting {
  readonly project: number;
  readonly call: Call;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: unknown) => void) | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  /** How many threads have ended at it. */
  attempts: number;
  /** Whether the thread that is there has it. */
  isSent: boolean;
  isCancelled: boolean;
}

/** What the user should know of the thread. */
export type Outage =
  | 'restarting' // it ended, and starts again by itself; said once, however often that fails
  | 'stopped'; // it ended too often, and waits for `restart`

interface Opened {
  readonly project: RemoteProject;
  /** How to open it again. */
  readonly call: OpenCall;
  /** Whether the thread that is there has opened it. */
  isOpen: boolean;
}

/**
 * An editor's projects, which live in a thread of their own: snapshots are on this side, work is done on the other. If the
 * thread ends, another one takes its place, opens the projects again, and gets the calls that had no answer yet.
 */
export class Engine implements Connection {
  readonly #thread: EngineThread;
  /** By id, in the order in which they were made. */
  readonly #waiting = new Map<number, Waiting>();
  readonly #projects = new Map<number, Opened>();
  #ids = 0;

  /** `threadPath` is `dist/engine.js`. */
  constructor(
    threadPath: string,
    readonly log: Log,
    readonly onOutage: (outage: Outage) => void = () => undefined,
    limits = usualLimits,
  ) {
    const message = (one: FromEngine): void => this.#receive(one);
    const restarted = (): void => this.#reopen();
    const ended = ({ isFirst, isLast }: { isFirst: boolean; isLast: boolean }): void => {
      this.#ended();
      if (isFirst || isLast) this.onOutage(isLast ? 'stopped' : 'restarting');
    };
    this.#thread = new EngineThread(threadPath, log, { message, restarted, ended }, limits);
  }

  /** Opens the `perf-budget.jsonc` at this path. Results from the history are available at once; the rest follows. */
  async open(configFile: string, options: RemoteOptions): Promise<Project> {
    const project = new RemoteProject(++this.#ids, this);
    const opened = { project, call: { method: 'open', configFile, options, again: false } as const, isOpen: false };
    // Its first snapshots arrive before the answer.
    this.#projects.set(project.id, opened);
    try {
      await this.#open(opened, opened.call);
    } catch (error) {
      this.#projects.delete(project.id);
      throw error;
    }
    return project;
  }

  async #open(opened: Opened, call: OpenCall): Promise<void> {
    opened.project.root = (await this.call(opened.project.id, call)) as string;
    opened.isOpen = true;
  }

  /**
   * Resolves with the answer; rejects if the call fails, or if the thread ended and the call cannot be made again. An abort
   * is passed on; the answer still comes.
   */
  call(project: number, call: Call, signal?: AbortSignal, onProgress?: (progress: unknown) => void): Promise<unknown> {
    const id = ++this.#ids;
    const answer = new Promise<unknown>((resolve, reject) => {
      const one = {
        project,
        call,
        signal,
        onProgress,
        resolve,
        reject,
        attempts: 0,
        isSent: false,
        isCancelled: false,
      };
      this.#waiting.set(id, one);
      this.#post(id, one);
    });
    const abort = (): void => void this.#thread.post({ type: 'abort', id });
    signal?.addEventListener('abort', abort);
    return answer.finally(() => {
      this.#waiting.delete(id);
      signal?.removeEventListener('abort', abort);
      if (call.method === 'dispose') this.#projects.delete(project);
    });
  }

  cancel(project: number): void {
    this.#thread.post({ type: 'cancel', project });
    for (const one of this.#waiting.values()) if (one.project === project && isWork(one.call)) one.isCancelled = true;
  }

  /** Starts a new thread, whether the old one has stopped or not. */
  restart(): void {
    this.#thread.restart();
  }

  async dispose(): Promise<void> {
    const closing = Promise.allSettled(Array.from(this.#projects.values(), ({ project }) => project.dispose()));
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([closing, new Promise((resolve) => (timer = setTimeout(resolve, closeMs)))]);
    clearTimeout(timer);
    await this.#thread.dispose();
    for (const { reject } of this.#waiting.values()) reject(new Error('Perf Budget is closed.'));
  }

  #post(id: number, one: Waiting): void {
    const { project, call, signal } = one;
    one.isSent = this.#thread.post({ type: 'call', id, project, call });
    if (!one.isSent) {
      this.#unsent(one);
      return;
    }
    if (signal?.aborted === true || one.isCancelled) this.#thread.post({ type: 'abort', id });
  }

  /** Answers a call that no thread takes now, unless it can wait for the next one. */
  #unsent({ call, resolve, reject }: Waiting): void {
    if (call.method === 'dispose') resolve(null);
    // The results that it would keep are gone.
    else if (call.method === 'capture') resolve(err(notCaptured));
    // A save is kept for the thread that the user may start.
    else if (this.#thread.isStopped && call.method !== 'filesChanged') reject(new Error(stopped));
  }

  /** Nothing that the thread was asked for is being done any more. */
  #ended(): void {
    for (const one of this.#waiting.values()) {
      if (one.isSent && this.#projects.get(one.project)?.isOpen === true) one.attempts += 1;
      one.isSent = false;
      if (one.attempts >= mostAttempts) one.reject(new Error(endedTwice));
      else this.#unsent(one);
    }
    for (const opened of this.#projects.values()) {
      opened.isOpen = false;
      opened.project.interrupted();
    }
  }

  /** Opens all projects in the new thread, then makes the calls again that have no answer. */
  #reopen(): void {
    const waiting = [...this.#waiting];
    const opening = new Set(waiting.flatMap(([, { project, call }]) => (call.method === 'open' ? [project] : [])));
    for (const opened of this.#projects.values()) {
      if (opening.has(opened.project.id)) continue;
      this.#open(opened, { ...opened.call, again: true }).catch((error: unknown) =>
        this.log.error(`Opening ${opened.call.configFile} failed: ${errorText(error)}`),
      );
    }
    for (const [id, one] of waiting) if (this.#waiting.has(id)) this.#post(id, one);
  }

  #receive(message: FromEngine): void {
    switch (message.type) {
      case 'reply':
        this.#waiting.get(message.id)?.resolve(message.value);
        return;
      case 'failed':
        this.#waiting.get(message.id)?.reject(new Error(message.message));
        return;
      case 'progress':
        this.#waiting.get(message.id)?.onProgress?.(message.progress);
        return;
      case 'patch':
        this.#projects.get(message.project)?.project.apply(message.patch);
        return;
      case 'log':
        this.log[message.level](message.message);
        return;
      default:
        unreachable(message);
    }
  }
}

const isWork = ({ method }: Call): boolean => method === 'run' || method === 'filesChanged';

const stopped = 'Perf Budget has stopped. Restart it with the command Perf Budget: Restart.';
const endedTwice = 'Perf Budget ended unexpectedly while it did this, twice. Perf Budget: Show Output has the reason.';
const notCaptured =
  'Perf Budget ended unexpectedly, so what it had measured for the baseline is gone. Capture the baseline again.';
