import type { Baseline, BudgetResult, Machine } from '../../core/results/measurement.js';
import type { Git } from '../git/repository.js';
import type { History } from '../history/history.js';
import { machineId } from '../workers/machine.js';
import type { MeasuredCommit } from './request.js';
import { keyOf, timeOf, type Planned, type Results } from './results.js';

export interface RecordParts {
  readonly history: History;
  readonly git: Git | null;
  readonly machine: Machine;
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
  { history, git, machine }: RecordParts,
  results: readonly { readonly result: BudgetResult; readonly key: string }[],
): Promise<void> {
  if (results.length === 0) return;
  const place = await placeOf(git, null);
  const rows = results.map(({ result, key }) => ({
    ...{ result, key, time: null, baseline: null, machine: machineId(machine) },
    ...place,
  }));
  history.recordAll(rows);
}

async function record(
  { history, git, machine }: RecordParts,
  result: BudgetResult,
  measured: {
    readonly key: string;
    readonly time: { readonly value: number; readonly low: number; readonly high: number } | null;
    readonly baseline: Baseline | null;
  },
  commit: MeasuredCommit | null,
): Promise<void> {
  history.record({ ...measured, machine: machineId(machine), ...(await placeOf(git, commit)), result });
}

/** Returns when and on which commit something is known. Git is asked twice. */
async function placeOf(
  git: Git | null,
  commit: MeasuredCommit | null,
): Promise<{ readonly at: number; readonly commit: string | null; readonly dirty: boolean }> {
  const head = commit ?? (await git?.head()) ?? null;
  const dirty = commit === null && ((await git?.isDirty()) ?? false);
  return { at: commit?.at ?? Date.now(), commit: head?.commit ?? null, dirty };
}
