import { isMeasured } from '../../core/language/metric.js';
import type { ReportedFigure } from '../../core/results/observations.js';

interface Sums {
  /** The name as checks spell it. */
  readonly name: string;
  unit: string | null;
  count: number;
  mean: number;
  /** Sum of the squared distances from the mean. */
  squares: number;
}

/** The figures that a bench file reports through the stand-in for `perf-budget`. */
export class Reports {
  #earlier: readonly Sums[] = [];
  readonly #now = new Map<unknown, Sums>();

  /** Adds a value by Welford's update (Technometrics 4, 1962). A list of values would count as the benchmark's memory. */
  readonly report = (name: unknown, value: unknown, unit?: unknown): void => {
    const sums = this.#now.get(name) ?? this.#begin(name);
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw new TypeError(`report(): "${sums.name}" needs a finite number, not ${String(value)}`);
    sums.unit = typeof unit === 'string' && unit !== '' ? unit : null;
    const distance = value - sums.mean;
    sums.mean += distance / ++sums.count;
    sums.squares += distance * (value - sums.mean);
  };

  #begin(given: unknown): Sums {
    const name = typeof given === 'string' ? given.trim().replaceAll(/\s+/g, ' ') : '';
    if (name === '') throw new TypeError('report() needs the name of a metric');
    if (isMeasured(name)) throw new RangeError(`report(): "${name}" is a built-in metric; use another name`);
    const sums = { name, unit: null, count: 0, mean: 0, squares: 0 };
    this.#now.set(given, sums);
    return sums;
  }

  /** Starts again: what was reported so far counts only for names that are never reported again. */
  restart(): void {
    this.#earlier = this.#all();
    this.#now.clear();
  }

  get figures(): readonly ReportedFigure[] {
    return this.#all().map(({ name, unit, count, mean, squares }) => ({
      ...{ name, unit, count, mean },
      standardError: count < 2 ? 0 : Math.sqrt(squares / (count - 1) / count),
    }));
  }

  #all(): Sums[] {
    const all = [...this.#earlier, ...this.#now.values()].filter(({ count }) => count > 0);
    return [...new Map(all.map((sums) => [sums.name, sums])).values()];
  }
}
