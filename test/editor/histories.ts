import type { BudgetResult } from '../../src/core/results/measurement.js';
import { History, type KeptRow } from '../../src/engine/history/history.js';

/** A run to put into a history: when, at which commit, and how many microseconds it took. */
export interface Run {
  readonly hoursAgo: number;
  readonly commit: string;
  readonly dirty?: boolean;
  readonly us: number;
  readonly verdict?: BudgetResult['verdict'];
}

/** Puts runs of a budget, which allows 10 µs, into the history of a folder. */
export async function keepRuns(folder: string, name: string, benchmark: string, runs: readonly Run[]): Promise<void> {
  const now = Date.now();
  const rows = runs.map(({ hoursAgo, commit, dirty = false, us, verdict = 'pass' }, at): KeptRow => {
    const interval = { value: us, low: us * 0.99, high: us * 1.01 };
    const result: BudgetResult = {
      ...{ name, benchmark, verdict, severity: verdict === 'fail' ? 'medium' : null },
      ...{ cached: false, elapsedMs: 840, samples: 96 },
      comparison: { ratio: us / 8, low: (us / 8) * 0.98, high: (us / 8) * 1.02 },
      checks: [
        {
          ...{ check: 'time <= 10 us', level: 'limit', verdict, used: us / 10, note: null },
          measured: { ...interval, unit: 'us' },
          bound: { value: 10, unit: 'us' },
        },
      ],
      message: verdict === 'fail' ? 'over 10 µs' : 'within 10 µs',
    };
    return {
      ...{ at: now - hoursAgo * 3_600_000, commit, dirty, key: `run ${at}`, machine: null, result },
      baseline: { name: 'HEAD', commit: null },
      time: { value: us * 1000, low: us * 990, high: us * 1010 },
    };
  });
  const history = await History.open(folder);
  history.recordAll(rows);
  if (history.warning !== null) throw new Error(history.warning);
  history.close();
}
