import { benchmarkjs } from './benchmarkjs.js';
import type { StandIns } from './collector.js';
import { mitata } from './mitata.js';
import { tinybench } from './tinybench.js';
import { Vitest } from './vitest.js';

/** Every benchmark library that a bench file may import. */
export const standIns: StandIns = {
  vitest: (collector) => {
    const vitest = new Vitest(collector);
    return {
      exports: vitest.exports,
      declarative: true,
      settle: () => vitest.collect(),
      end: () => vitest.end(),
    };
  },
  tinybench: (collector) => ({ exports: tinybench(collector) }),
  mitata: (collector) => ({ exports: mitata(collector) }),
  benchmark: (collector) => ({ exports: benchmarkjs(collector) }),
};
