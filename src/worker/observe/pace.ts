import { now } from '../sample/now.js';

/** Milliseconds of warm-up, because well-compiled code allocates less; of warm-up after a collection; and of one reading. */
const warmMs = 150;
const againMs = 40;
const readingMs = 8;
/** The calls that V8's last compiler needs, and how many milliseconds of warm-up they may take. */
const hotCalls = 2500;
const mostWarmMs = 800;
/** A reading that takes more than so many times as long as expected contains a stall. */
const stall = 4;
/** What happens more often is no stall of the machine: some iterations take that long. */
const mostStalls = 2;

type Reading = (iterations: number) => Promise<unknown>;

/**
 * How long an iteration takes, and how much time is left for more. When the machine stalls (because it swaps, or is a virtual machine
 * that is paused), one iteration seems to take very long. If that used up the time, a few cold iterations would stand for all of them.
 * So a reading that takes many times as long as those before it counts only in part, and the deadline moves.
 */
export class Pace {
  readonly #started = now();
  #iterationMs = 0;
  #stalls = 0;
  #stalledMs = 0;

  /** `deadlineMs`: milliseconds from now; stalls move it. */
  constructor(readonly deadlineMs: number) {}

  get iterationMs(): number {
    return Math.max(this.#iterationMs, 1e-6);
  }

  /** Milliseconds since the start, without stalls. */
  elapsed(): number {
    return now() - this.#started - this.#stalledMs;
  }

  left(): number {
    return this.deadlineMs - this.elapsed();
  }

  /** Returns how many iterations fit into so many milliseconds, and into what is left; one at least. */
  fits(ms = readingMs): number {
    return Math.max(1, Math.floor(Math.min(ms, this.left()) / this.iterationMs));
  }

  /** Runs a reading of so many iterations. */
  async time<T>(iterations: number, reading: () => Promise<T>): Promise<T> {
    const from = now();
    const result = await reading();
    let ms = now() - from;
    const expected = this.#iterationMs === 0 ? Infinity : iterations * this.#iterationMs;
    const most = stall * Math.max(readingMs, expected);
    if (ms > most && this.#stalls++ < mostStalls) {
      this.#stalledMs += ms - most;
      ms = most;
    }
    this.#iterationMs = ms / iterations;
    return result;
  }

  /** Repeats readings, of ever more iterations, until V8 has had the calls and the time that it needs, or too much time is over. */
  async warmUp(reading: Reading): Promise<void> {
    await this.#repeat(warmMs, hotCalls, reading);
  }

  /** After a collection, which takes compiled code and its feedback with it: `new Array(n).fill(1.5)` would allocate twice. */
  async warmUpAgain(reading: Reading): Promise<void> {
    if (this.#iterationMs < readingMs) await this.#repeat(againMs, 0, reading);
  }

  async #repeat(ms: number, calls: number, reading: Reading): Promise<void> {
    const from = this.elapsed();
    const most = Math.min(mostWarmMs, this.left() / 3);
    const isOver = (done: number): boolean => {
      const spent = this.elapsed() - from;
      return spent >= most || (spent >= ms && done >= calls);
    };
    for (let n = 1, done = 0; !isOver(done); done += n, n = Math.min(2 * n, this.fits())) await reading(n);
  }
}
