import { createHash } from 'node:crypto';
import { random } from '../core/random.js';

/** Random choices that depend on the seed, the chapter and the number of the case only. */
export class Random {
  readonly #uniform: () => number;

  constructor(...parts: readonly (string | number)[]) {
    this.#uniform = random(createHash('sha256').update(parts.join('\0')).digest().readInt32LE()).uniform;
  }

  /** From 0 to 1. */
  uniform(): number {
    return this.#uniform();
  }

  /** A whole number from 0 to `count - 1`. */
  below(count: number): number {
    return Math.floor(this.#uniform() * count);
  }

  pick<T>(from: readonly T[]): T {
    const found = from[this.below(from.length)];
    if (from.length === 0) throw new Error('nothing to pick from');
    return found as T;
  }

  shuffle<T>(items: readonly T[]): readonly T[] {
    const all = [...items];
    for (let at = all.length - 1; at > 0; at--) {
      const other = this.below(at + 1);
      [all[at], all[other]] = [all[other] as T, all[at] as T];
    }
    return all;
  }
}
