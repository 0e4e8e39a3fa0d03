import type { Prior } from '../../core/stats/interval.js';
import { LearnedSpreads, noiseOf, type NoiseRow } from '../../core/stats/noise.js';
import type { History } from '../history/history.js';

const dayMs = 24 * 60 * 60 * 1000;
/** What other programs learn on this machine is read again after this long. */
const rereadMs = 60_000;

/** What the history of a project says about the spread between processes on this machine. */
export class Noise {
  /** What the rows say: there may be thousands, and each benchmark asks twice. */
  #known: { readonly spreads: LearnedSpreads; readonly until: number } | null = null;

  constructor(
    readonly history: History,
    /** `machineId`: another machine's noise says nothing about this one. */
    readonly machine: string,
    readonly now: () => number = Date.now,
  ) {}

  /** Returns the prior for a benchmark's spread, before its first process has run. */
  prior(benchmark: string): Prior {
    return this.#spreads().prior(benchmark);
  }

  /**
   * Learns from a finished comparison, with one log-ratio per process. Their spread is the same whether or not the code
   * changed; if the code was compared with itself (`same`), their mean counts, too. Fewer than two have no spread.
   */
  learn(benchmark: string, logRatios: readonly number[], kind: NoiseRow['kind'] = 'compared'): void {
    const spreads = this.#spreads();
    const row = noiseOf(benchmark, logRatios, kind, spreads.today, spreads.prior(benchmark));
    if (row === null) return;
    this.history.addNoise(this.machine, row);
    spreads.add(row);
  }

  #spreads(): LearnedSpreads {
    const [now, today] = [this.now(), this.#today()];
    if (this.#known === null || this.#known.spreads.today !== today || now >= this.#known.until) {
      const spreads = new LearnedSpreads(this.history.noise(this.machine), today);
      this.#known = { spreads, until: now + rereadMs };
    }
    return this.#known.spreads;
  }

  #today(): number {
    return Math.floor(this.now() / dayMs);
  }
}
