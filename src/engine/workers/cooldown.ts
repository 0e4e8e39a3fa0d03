import pLimit from 'p-limit';

/**
 * Lets the machine rest before each process, and lets others take their turns in between. Its clock stands still meanwhile,
 * so neither uses up a budget's time.
 */
export class Cooldown {
  #waitedMs = 0;

  constructor(
    readonly ms: number,
    readonly signal: AbortSignal,
    readonly mutex = pLimit(1),
  ) {}

  /** Returns milliseconds as `performance.now()` counts them, without the rests and the turns of others. */
  now(): number {
    return performance.now() - this.#waitedMs;
  }

  /** Runs `work` when it is its turn and the machine has rested. */
  turn<T>(work: () => Promise<T>): Promise<T> {
    const came = performance.now();
    return this.mutex(async () => {
      await this.#rest();
      this.#waitedMs += performance.now() - came;
      return work();
    });
  }

  /** Ends early if the signal aborts. */
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
