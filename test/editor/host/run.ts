import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import type { CheckResult } from '../inHost.js';

/** Runs inside VS Code: every check in turn, and their results into the file that a variable names. */
export async function run(checks: Readonly<Record<string, () => unknown>>): Promise<void> {
  const results: CheckResult[] = [];
  for (const [name, check] of Object.entries(checks)) {
    let error: string | null = null;
    try {
      await check();
    } catch (thrown) {
      error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    }
    results.push({ name, error });
  }
  await writeFile(process.env['PERF_BUDGET_RESULTS'] ?? '', JSON.stringify(results));
}
