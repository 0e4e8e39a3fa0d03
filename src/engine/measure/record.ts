import type { Baseline, BudgetResult, Machine } from '../../core/results/measurement.js';
import { GitError, type Git } from '../git/repository.js';
import type { History } from '../history/history.js';
import { machineId } from '../workers/machine.js';
import type { MeasuredCommit } from './request.js';
import { keyOf, timeOf, type Planned, type Results } from './results.js';

export interface RecordParts {
  readonly history: History;
  readonly git: Git | null;
  readonly machine: Machine;
  /** Called if Git cannot say on which commit a result was measured. */
  readonly onUnplaced?: (error: GitError) => void;
}

/** Keeps a measured result in the history. */
export async function recordResult(
  parts: RecordParts,
  result: BudgetResult,
  planned: Planned,
  results: Results,
  commit: MeasuredCommit | null,
): Promise<void> {
  // An error of old code only means that it cannot run today's benchmarks, which says nothing about it.
  if (commit !== null && result.verdict === 'error') return;
  const [job] = planned.jobs.values();
  const measured = { key: keyOf(planned), time: timeOf(planned, results), baseline: job?.old?.baseline ?? null };
  await record(parts, result, measured, commit);
}

/** Keeps the results of budgets whose figures are recorded by hand, with their keys. There may be thousands of them. */
export async function recordManual(
  { history, machine, ...parts }: RecordParts,
  results: readonly { readonly result: BudgetResult; readonly key: string }[],
): Promise<void> {
  if (results.length === 0) return;
  const place = await placeOf(parts, null);
  const rows = results.map(({ result, key }) => ({
    ...{ result, key, time: null, baseline: null, machine: machineId(machine) },
    ...place,
  }));
  history.recordAll(rows);
}

async function record(
  { history, machine, ...parts }: RecordParts,
  result: BudgetResult,
  measured: {
    readonly key: string;
    readonly time: { readonly value: number; readonly low: number; readonly high: number } | null;
    readonly baseline: Baseline | null;
  },
  commit: MeasuredCommit | null,
): Promise<void> {
  history.record({ ...measured, machine: machineId(machine), ...(await placeOf(parts, commit)), result });
}

/** Returns when and on which commit something is known. Git is asked twice; if it fails, the run is kept without a commit. */
async function placeOf(
  { git, onUnplaced }: Pick<RecordParts, 'git' | 'onUnplaced'>,
  commit: MeasuredCommit | null,
): Promise<{ readonly at: number; readonly commit: string | null; readonly dirty: boolean }> {
  const at = commit?.at ?? Date.now();
  if (commit !== null || git === null) return { at, commit: commit?.commit ?? null, dirty: false };
  try {
    return { at, commit: (await git.head())?.commit ?? null, dirty: await git.isDirty() };
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    onUnplaced?.(error);
    return { at, commit: null, dirty: false };
  }
}
