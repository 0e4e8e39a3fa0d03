import { Worker } from 'node:worker_threads';
import type { Log } from '../util/log.js';
import type { FromEngine, ToEngine } from './protocol.js';

/** When a thread that ended is started again, in milliseconds. */
export interface RestartTimes {
  /** The first wait; each one in a row is four times as long. */
  readonly firstMs: number;
  /** A thread that lived this long was well: what ends it later is a new outage. */
  readonly healthyMs: number;
  /** After so many ends in a row, it is only started when the user asks for it. */
  readonly most: number;
}

export const usualTimes: RestartTimes = { firstMs: 250, healthyMs: 300_000, most: 5 };

/** In megabytes. All of VS Code's extensions share an address space, so a thread that needs more than this ends alone. */
const resourceLimits = { maxOldGenerationSizeMb: 2048 };

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
  #isDisposed = false;

  constructor(
    /** `dist/engine.js`. */
    readonly path: string,
    readonly log: Log,
    readonly events: ThreadEvents,
    readonly times: RestartTimes,
  ) {}

  /** Whether it ended too often to be started again by itself. */
  get isStopped(): boolean {
    return this.#isDisposed || this.#ends >= this.times.most;
  }

  /** Returns whether the message was sent: not while the thread waits to be started again. */
  post(message: ToEngine): boolean {
    if (this.#ends === 0 && !this.#isDisposed) this.#worker ??= this.#start();
    this.#worker?.postMessage(message);
    return this.#worker !== null;
  }

  /** Starts the thread at once if it has ended, however often; otherwise does nothing. */
  restart(): void {
    if (this.#worker !== null || this.#isDisposed) return;
    clearTimeout(this.#timer);
    this.#ends = 0;
    this.#worker = this.#start();
    this.events.restarted();
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#healthy);
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.path, { name: 'Perf Budget', stderr: true, stdout: true, resourceLimits });
    worker.on('message', (message: FromEngine) => this.events.message(message));
    worker.on('error', (error: Error) => this.log.error(error.stack ?? error.message));
    // A reply that cannot be read is lost, and its caller would wait for ever.
    worker.on('messageerror', () => void worker.terminate());
    worker.stderr.on('data', (text: Buffer) => this.log.warn(text.toString().trimEnd()));
    worker.on('exit', (code) => this.#exited(code));
    this.#healthy = setTimeout(() => (this.#ends = 0), this.times.healthyMs).unref();
    return worker;
  }

  #exited(code: number): void {
    this.#worker = null;
    clearTimeout(this.#healthy);
    if (this.#isDisposed) return;
    this.#ends += 1;
    const { firstMs, most } = this.times;
    const waitMs = firstMs * 4 ** (this.#ends - 1);
    const isLast = this.#ends >= most;
    const next = isLast ? 'It is not started again by itself.' : `It starts again in ${waitMs} ms.`;
    this.log.error(`The engine ended unexpectedly, with code ${code}. ${next}`);
    const again = (): void => {
      this.#worker = this.#start();
      this.events.restarted();
    };
    if (!isLast) this.#timer = setTimeout(again, waitMs);
    this.events.ended({ isFirst: this.#ends === 1, isLast });
  }
}
