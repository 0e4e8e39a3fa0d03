/** Lets the machine rest before each process, and has a clock that stands still meanwhile: rests cost no time of a budget's. */
export class Cooldown {
  #restedMs = 0;

  constructor(
    readonly ms: number,
    readonly signal: AbortSignal,
  ) {}

  /** Milliseconds, as `performance.now()` counts them, without the rests. */
  now(): number {
    return performance.now() - this.#restedMs;
  }

  /** Ends early where the signal aborts. */
  async rest(): Promise<void> {
    if (this.ms === 0 || this.signal.aborted) return;
    const started = performance.now();
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
    this.#restedMs += performance.now() - started;
  }
}
