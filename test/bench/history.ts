import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { BudgetResult } from '../../src/core/results/measurement.js';
import { History } from '../../src/engine/history/history.js';

const hour = 60 * 60 * 1000;
const start = Date.UTC(2025, 0, 1);

const result = (name: string): BudgetResult => ({
  name,
  benchmark: 'tokenizer/large',
  verdict: 'pass',
  severity: null,
  cached: false,
  elapsedMs: 840,
  samples: 96,
  comparison: { ratio: 1.002, low: 0.991, high: 1.013 },
  checks: [
    {
      check: 'p95 <= 2 ms',
      level: 'limit',
      verdict: 'pass',
      measured: { value: 1.24, low: 1.22, high: 1.26, unit: 'ms' },
      bound: { value: 2, unit: 'ms' },
      used: 0.62,
      note: null,
    },
  ],
  message: 'as fast as HEAD (−0.9 to +1.3 %); the budget allows 10 %',
});

/** Fills the history of a folder with runs, one an hour, of `budget 0`, `budget 1` and so on in turns. */
export async function fillHistory(folder: string, rows: number, budgets = 100): Promise<void> {
  const history = await History.open(folder);
  if (history.warning !== null) throw new Error(history.warning);
  history.close();
  const db = new DatabaseSync(join(folder, '.perf-budget', 'history.db'));
  db.exec('PRAGMA synchronous = OFF');
  db.prepare(
    `WITH RECURSIVE run (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM run WHERE n < ? - 1)
     INSERT INTO runs (budget, at, key, commit_id, dirty, baseline, result, time, time_low, time_high)
     SELECT 'budget ' || (n % ?), ? + n * ?, 'key ' || n, printf('%040x', n), n % 2, '{"name":"HEAD","commit":null}',
            replace(?, '<budget>', 'budget ' || (n % ?)), 1e6 + n % 1000, 0.99e6, 1.01e6
     FROM run`,
    // Numbers are bound as REAL, and would name `budget 7.0`.
  ).run(BigInt(rows), BigInt(budgets), start, hour, JSON.stringify(result('<budget>')), BigInt(budgets));
  db.close();
}
