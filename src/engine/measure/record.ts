import type { BudgetResult, Machine } from '../../core/results/measurement.js';
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
  place: Place,
): Promise<void> {
  // An error of old code only means that it cannot run today's benchmarks, which says nothing about it.
  if (place.past !== null && result.verdict === 'error') return;
  const [job] = planned.jobs.values();
  const measured = { key: keyOf(planned), time: timeOf(planned, results), baseline: job?.old?.baseline ?? null };
  const { history, machine } = parts;
  history.record({ ...measured, machine: machineId(machine), ...(await place.now()), result });
}

/** Keeps the results of budgets whose figures are recorded by hand, with their keys. There may be thousands of them. */
export async function recordManual(
  parts: RecordParts,
  results: readonly { readonly result: BudgetResult; readonly key: string }[],
): Promise<void> {
  if (results.length === 0) return;
  const place = await new Place(parts, null).now();
  const { history, machine } = parts;
  const rows = results.map(({ result, key }) => ({
    ...{ result, key, time: null, baseline: null, machine: machineId(machine) },
    ...place,
  }));
  history.recordAll(rows);
}

/** When and on which commit the results of one run are known. */
export class Place {
  #head: Promise<{ readonly commit: string | null; readonly dirty: boolean }> | null = null;

  constructor(
    readonly parts: Pick<RecordParts, 'git' | 'onUnplaced'>,
    /** The commit that is measured in place of the working tree. */
    readonly past: MeasuredCommit | null,
  ) {}

  /** Returns the time, and the commit as of the run's first result: what it measures was read before that. */
  async now(): Promise<{ readonly at: number; readonly commit: string | null; readonly dirty: boolean }> {
    if (this.past !== null) return { at: this.past.at, commit: this.past.commit, dirty: false };
    // Each question starts git, which takes longer than everything else about a result. There may be thousands.
    this.#head ??= this.#ask();
    return { at: Date.now(), ...(await this.#head) };
  }

  /** If Git fails, the run is kept without a commit. */
  async #ask(): Promise<{ readonly commit: string | null; readonly dirty: boolean }> {
    const { git, onUnplaced } = this.parts;
    if (git === null) return { commit: null, dirty: false };
    try {
      return { commit: (await git.head())?.commit ?? null, dirty: await git.isDirty() };
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      onUnplaced?.(error);
      return { commit: null, dirty: false };
    }
  }
}
