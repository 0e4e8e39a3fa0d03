import type { Explanation } from '../../core/results/causes.js';
import type { BudgetResult, Measurement, RunFailure } from '../../core/results/measurement.js';
import type { Result } from '../../core/result.js';
import type { ResolvedBudget } from '../discovery/resolve.js';
import type { OldCode } from '../bundle/tree.js';
import type { Aborted } from '../workers/benchmark-workers.js';
import type { Job } from './plan.js';
import { isSameCode } from './target.js';

export type BundleJob = Extract<Job, { kind: 'bundle' }>;

export interface ExplainOptions {
  readonly metric: Explanation['metric'];
  /** The code of the commit that was measured; null for the working tree. */
  readonly current: OldCode | null;
  /** Whether to find out what keeps the memory that leaks. */
  readonly retainers: boolean;
  readonly signal: AbortSignal;
  /** Called whenever more is known: which lines, then what V8 says of them. */
  readonly onExplanation: (explanation: Explanation) => void;
  readonly onProgress?: (progress: ExplainProgress) => void;
}

/** What an explanation is waiting for. */
export type ExplainProgress = 'comparing' | 'profiling' | 'asking V8' | 'looking at the memory';

/** Finds out where the difference of a measured benchmark is. Runs its code, and changes nothing of its verdict. */
export type Explain = (
  job: BundleJob,
  measurement: Measurement,
  options: ExplainOptions,
) => Promise<Result<null, RunFailure | Aborted>>;

/** A failing benchmark suite is looked at, but not for an hour. */
export const mostExplained = 20;

/** Whether two versions of a benchmark were compared, so that there is a difference to look for. */
export function isExplainable(job: Job, { comparison, unmeasured }: Measurement): job is BundleJob {
  const isCompared = comparison !== null && comparison.processes > 0 && unmeasured !== true;
  return job.kind === 'bundle' && job.target.baseline !== null && !isSameCode(job.target) && isCompared;
}

/**
 * Returns what to explain of a benchmark to its budgets: what broke one of them; null if nothing did. If somebody `asked`, what
 * differs although nothing is broken.
 */
export function metricToExplain(
  { comparison }: Measurement,
  asking: readonly { readonly resolved: ResolvedBudget; readonly result: BudgetResult | null }[],
  asked: { readonly retainers: boolean } | undefined,
): Explanation['metric'] | null {
  const broken = asking.flatMap(({ resolved: { budget }, result }) =>
    result === null || (result.verdict !== 'fail' && result.verdict !== 'warn')
      ? []
      : result.checks
          .filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
          .map(({ check }) => budget.checks.find(({ text }) => text === check)?.metric.kind ?? 'time'),
  );
  const memory = broken.flatMap((kind) =>
    kind === 'retained' ? ['retained' as const] : kind === 'allocated' || kind === 'heap' ? ['allocated' as const] : [],
  );
  if (asked?.retainers === true && memory.includes('retained')) return 'retained';
  // Of what may be no difference, nothing is the cause.
  if (asking.every(({ result }) => result?.verdict === 'undecided')) return null;
  const isSlower = comparison !== null && comparison.low > 1;
  if (isSlower && broken.length > memory.length) return 'time';
  return memory[0] ?? (asked !== undefined ? 'time' : null);
}
