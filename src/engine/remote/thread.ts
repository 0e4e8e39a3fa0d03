import { Worker } from 'node:worker_threads';
import type { Log } from '../util/log.js';
import { usedTable } from '../../core/text/table.js';
import type { EngineData, FromEngine, ToEngine } from './protocol.js';

/** What a thread may use, and when one that ended is started again. */
export interface ThreadLimits {
  /** Megabytes. All of VS Code's extensions share an address space, so a thread that needs more than this ends alone. */
  readonly heapMb: number;
  /** The first wait, in milliseconds; each one in a row is four times as long. */
  readonly firstMs: number;
  /** A thread that lived so many milliseconds was well: what ends it later is a new outage. */
  readonly healthyMs: number;
  /** After so many ends in a row, it is only started when the user asks for it. */
  readonly most: number;
}

export const usualLimits: ThreadLimits = { heapMb: 2048, firstMs: 250, healthyMs: 300_000, most: 5 };

export interface ThreadEvents {
  readonly message: (message: FromEngine) => void;
  /** The thread ended by itself. `isFirst` for the first end of an outage, `isLast` if it is not started again by itself. */
  readonly ended: (outage: { readonly isFirst: boolean; readonly isLast: boolean }) => void;
  /** A new thread is there in place of the one that ended. */
  readonly restarted: () => void;
}

/** The thread that the engine runs in: starts when it is first needed, and again when it ends. */
export class EngineThread {
  #worker: Worker | null = null;
  #timer: NodeJS.Timeout | undefined;
  #healthy: NodeJS.Timeout | undefined;
  #ends = 0;
  /** Whether the thread has ended, and no other one is there yet. */
  #isDown = false;
  /** Whether it ends because the user wants a new one. */
  #isAsked = false;
  #isDisposed = false;

  constructor(
    /** `dist/engine.js`. */
    readonly path: string,
    readonly log: Log,
    readonly events: ThreadEvents,
    readonly limits: ThreadLimits,
  ) {}

  /** Whether it ended too often to be started again by itself. */
  get isStopped(): boolean {
    return this.#isDisposed || this.#ends >= this.limits.most;
  }

  /** Returns whether the message was sent: not while the thread waits to be started again. */
  post(message: ToEngine): boolean {
    if (this.#isDown) return false;
    this.#worker ??= this.#start();
    this.#worker.postMessage(message);
    return true;
  }

  /** Starts a new thread at once: in place of one that ended, however often, or of one that runs, as it may hang. */
  restart(): void {
    if (this.#isDisposed) return;
    clearTimeout(this.#timer);
    this.#ends = 0;
    if (this.#isDown) this.#startAgain();
    else if (this.#worker !== null) {
      this.#isAsked = true;
      void this.#worker.terminate();
    }
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    this.#isDown = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#healthy);
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const resourceLimits = { maxOldGenerationSizeMb: this.limits.heapMb };
    const options = { name: 'Perf Budget', stderr: true, stdout: true, resourceLimits };
    const worker = new Worker(this.path, { ...options, workerData: { table: usedTable() } satisfies EngineData });
    worker.on('message', (message: FromEngine) => this.events.message(message));
    worker.on('error', (error: Error) => this.log.error(error.stack ?? error.message));
    // A reply that cannot be read is lost, and its caller would wait for ever.
    worker.on('messageerror', () => void worker.terminate());
    worker.stderr.on('data', (text: Buffer) => this.log.warn(text.toString().trimEnd()));
    worker.on('exit', (code) => this.#exited(code));
    this.#healthy = setTimeout(() => (this.#ends = 0), this.limits.healthyMs).unref();
    return worker;
  }

  #startAgain(): void {
    this.#worker = this.#start();
    this.#isDown = false;
    this.events.restarted();
  }

  #exited(code: number): void {
    this.#worker = null;
    this.#isDown = true;
    clearTimeout(this.#healthy);
    if (this.#isDisposed) return;
    if (this.#isAsked) {
      this.#isAsked = false;
      this.events.ended({ isFirst: false, isLast: false });
      this.#startAgain();
      return;
    }
    this.#ends += 1;
    const { firstMs, most } = this.limits;
    const waitMs = firstMs * 4 ** (this.#ends - 1);
    const isLast = this.#ends >= most;
    const next = isLast ? 'It is not started again by itself.' : `It starts again in ${waitMs} ms.`;
    this.log.error(`The engine ended unexpectedly, with code ${code}. ${next}`);
    if (!isLast) this.#timer = setTimeout(() => this.#startAgain(), waitMs);
    this.events.ended({ isFirst: this.#ends === 1, isLast });
  }
}
