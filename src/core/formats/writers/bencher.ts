import { jsonText } from '../../text/escape.js';
import type { WrittenRun } from './run.js';

/** Writes the last run of each budget on this machine in the Bencher Metric Format; a time is Bencher's measure `latency`. */
export function writeBencher(runs: readonly WrittenRun[]): string {
  const last = new Map<string, WrittenRun>();
  for (const run of runs) {
    if (!run.here || Object.keys(run.figures).length === 0) continue;
    if (run.at >= (last.get(run.budget)?.at ?? -Infinity)) last.set(run.budget, run);
  }
  const budgets = Array.from(last, ([name, { figures }]) => {
    const measures = Object.entries(figures).map(([key, { value, low, high }]) => {
      const ends = low === undefined || high === undefined ? {} : { lower_value: low, upper_value: high };
      return [key === 'time' ? 'latency' : key, { value, ...ends }];
    });
    return [name, Object.fromEntries(measures)] as const;
  });
  return `${jsonText(Object.fromEntries(budgets), 2)}\n`;
}
