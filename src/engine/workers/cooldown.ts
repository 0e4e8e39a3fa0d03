import pLimit from 'p-limit';

/**
 * Lets the machine rest before each process, and others have their turns between them. Has a clock that stands still
 * meanwhile: neither costs any time of a budget's.
 */
export class Cooldown {
  #waitedMs = 0;

  constructor(
    readonly ms: number,
    readonly signal: AbortSignal,
    readonly mutex = pLimit(1),
  ) {}

  /** Milliseconds, as `performance.now()` counts them, without the rests and the turns of others. */
  now(): number {
    return performance.now() - this.#waitedMs;
  }

  /** Does `work` when it is its turn and the machine has rested. */
  turn<T>(work: () => Promise<T>): Promise<T> {
    const came = performance.now();
    return this.mutex(async () => {
      await this.#rest();
      this.#waitedMs += performance.now() - came;
      return work();
    });
  }

  /** Ends early where the signal aborts. */
  async #rest(): Promise<void> {
    if (this.ms === 0 || this.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, this.ms);
      const { signal } = this;
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
    });
  }
}
