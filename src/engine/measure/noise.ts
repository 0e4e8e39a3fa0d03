import type { Prior } from '../../core/stats/interval.js';
import { learnedPrior, noiseOf, type NoiseRow } from '../../core/stats/noise.js';
import type { History } from '../history/history.js';

const dayMs = 24 * 60 * 60 * 1000;

/** What this machine has learned of the spread between processes, in the history of one project. */
export class Noise {
  constructor(
    readonly history: History,
    /** `machineId`: what another machine saw says nothing of this one. */
    readonly machine: string,
    readonly now: () => number = Date.now,
  ) {}

  /** What to believe of a benchmark's spread before its first process is seen. */
  prior(benchmark: string): Prior {
    return learnedPrior(this.history.noise(this.machine), benchmark, this.#today());
  }

  /**
   * Learns from a comparison that is over: one log-ratio a process. Their spread is the same whether the code changed or
   * not; of code beside itself (`same`) their mean counts, too. Fewer than two have no spread.
   */
  learn(benchmark: string, logRatios: readonly number[], kind: NoiseRow['kind'] = 'compared'): void {
    const row = noiseOf(benchmark, logRatios, kind, this.#today(), this.prior(benchmark));
    if (row !== null) this.history.addNoise(this.machine, row);
  }

  #today(): number {
    return Math.floor(this.now() / dayMs);
  }
}
