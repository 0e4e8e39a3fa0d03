import type { Prior } from '../../core/stats/interval.js';
import { learnedPrior, noiseOf, type NoiseRow } from '../../core/stats/noise.js';
import type { History } from '../history/history.js';

const dayMs = 24 * 60 * 60 * 1000;

/** What the history of a project says about the spread between processes on this machine. */
export class Noise {
  constructor(
    readonly history: History,
    /** `machineId`: another machine's noise says nothing about this one. */
    readonly machine: string,
    readonly now: () => number = Date.now,
  ) {}

  /** Returns the prior for a benchmark's spread, before its first process has run. */
  prior(benchmark: string): Prior {
    return learnedPrior(this.history.noise(this.machine), benchmark, this.#today());
  }

  /**
   * Learns from a finished comparison, with one log-ratio per process. Their spread is the same whether or not the code
   * changed; if the code was compared with itself (`same`), their mean counts, too. Fewer than two have no spread.
   */
  learn(benchmark: string, logRatios: readonly number[], kind: NoiseRow['kind'] = 'compared'): void {
    const row = noiseOf(benchmark, logRatios, kind, this.#today(), this.prior(benchmark));
    if (row !== null) this.history.addNoise(this.machine, row);
  }

  #today(): number {
    return Math.floor(this.now() / dayMs);
  }
}
