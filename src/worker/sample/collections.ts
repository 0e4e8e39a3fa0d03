import { PerformanceObserver } from 'node:perf_hooks';
import { turn } from './garbage.js';

/** Counts garbage collections. */
export class Collections {
  #count = 0;
  #ns = 0;
  readonly #observer = new PerformanceObserver((list) => this.#add(list.getEntries()));

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /** Returns how many there were since the last call, and the nanoseconds that they took. Node tells of each a turn later. */
  async read(): Promise<{ readonly collections: number; readonly collecting: number }> {
    await turn();
    this.#add(this.#observer.takeRecords());
    const found = { collections: this.#count, collecting: this.#ns };
    this.#count = 0;
    this.#ns = 0;
    return found;
  }

  close(): void {
    this.#observer.disconnect();
  }

  #add(entries: readonly { readonly duration: number }[]): void {
    this.#count += entries.length;
    for (const { duration } of entries) this.#ns += duration * 1e6;
  }
}
