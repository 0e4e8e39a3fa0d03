import { createHash } from 'node:crypto';
import { figuresOf, type BudgetFigures } from '../../core/judge/baseline.js';
import { heldAgainstKept } from '../../core/judge/baseline-policy.js';
import {
  graver,
  judge,
  judgeFailure,
  standing,
  type Evidence,
  type Member,
  type Standing,
} from '../../core/judge/judge.js';
import type { BudgetResult, Measurement, RunFailure } from '../../core/results/measurement.js';
import type { Result } from '../../core/result.js';
import { budgetResult } from '../../core/text/result.js';
import {
  leaves,
  memberOf,
  type ResolvedBudget,
  type ResolvedBenchmark,
  type SingleBenchmark,
} from '../discovery/resolve.js';
import type { Job } from './plan.js';

/** A budget that needs measuring, with the jobs that measure its benchmarks. */
export interface Planned {
  readonly resolved: ResolvedBudget;
  readonly jobs: ReadonlyMap<SingleBenchmark, Job>;
}

/** What is known of each job, and whether it was before. */
export type Results = Map<Job, Result<{ measurement: Measurement; cached: boolean }, RunFailure>>;

/** What is known of each job that is being measured. */
export type InterimResults = ReadonlyMap<Job, Measurement>;

export const noResults = (): Results => new Map();

/** The key under which a budget's answer is known: that of its benchmark, or of all of them. */
export function keyOf({ jobs }: Planned): string {
  const keys = [...new Set(Array.from(jobs.values(), (job) => job.key))];
  const [first = ''] = keys;
  return keys.length === 1 ? first : createHash('sha256').update(keys.join('\n')).digest('hex');
}

/** What is known of a budget's benchmarks; null where one of them is not measured yet. */
function membersOf(
  benchmarks: readonly ResolvedBenchmark[],
  { resolved, jobs }: Planned,
  results: Results,
  interim: InterimResults = new Map(),
): readonly Member[] | null {
  const members = benchmarks.map((one) =>
    memberOf(one, (single) => {
      const job = jobs.get(single);
      if (job === undefined) return null;
      const known = results.get(job);
      return known?.ok === true ? known.value.measurement : (interim.get(job) ?? null);
    }),
  );
  const known = members.filter((member) => member !== null);
  if (known.length < members.length) return null;
  const [first] = jobs.values();
  const kept = first?.old?.kept ?? null;
  return known.map((member) => {
    const measurement = heldAgainstKept(resolved.budget.name, member.name, member.measurement, kept);
    return { ...member, measurement };
  });
}

/** A budget's result as soon as all of its benchmarks have answered, or one of them has failed; null before. */
export function resultOf(planned: Planned, results: Results): BudgetResult | null {
  const { resolved, jobs } = planned;
  const { budget } = resolved;
  for (const [{ name }, job] of jobs) {
    const known = results.get(job);
    if (known?.ok !== false) continue;
    const { error } = known;
    return judgeFailure(budget, jobs.size === 1 ? error : { ...error, message: `${name}: ${error.message}` });
  }
  const members = membersOf(resolved.members, planned, results);
  if (members === null) return null;
  const references = new Map<string, readonly Member[]>();
  for (const [name, benchmarks] of resolved.references) {
    const known = membersOf(benchmarks, planned, results);
    if (known === null) return null;
    references.set(name, known);
  }
  const all = Array.from(jobs.values(), (job) => results.get(job));
  const cached = all.every((known) => known?.ok === true && known.value.cached);
  const [first] = jobs.values();
  const baselineName = first?.old?.baseline.name ?? 'the baseline';
  return budgetResult(judge(budget, { members, references }, { cached, baselineName }));
}

/** What a capture keeps of a result. */
export function keptOf(planned: Planned, results: Results, { verdict }: BudgetResult): readonly BudgetFigures[] {
  const members = membersOf(planned.resolved.members, planned, results);
  const [first] = planned.jobs.values();
  if (members === null || first === undefined) return [];
  const { settings, cooldownMs = 0, timeMs } = first.target;
  const { warmup, runs } = settings;
  return figuresOf(planned.resolved.budget, members, verdict, { warmup, runs, cooldownMs, timeMs });
}

/** The time that the history keeps: of a family that of its largest size, of several none. Null where none was measured. */
export function timeOf(planned: Planned, results: Results): { value: number; low: number; high: number } | null {
  const members = membersOf(planned.resolved.members, planned, results);
  const last = members?.at(-1);
  if (members === null || last === undefined || (members.length > 1 && last.size === null)) return null;
  const time = last.measurement.current.metrics['time'];
  return time === undefined ? null : { value: time.value, low: time.low, high: time.high };
}

/** Whether the questions are answered that measuring this benchmark can answer. `interim` has what there is of it. */
export function outcome(job: Job, interim: InterimResults, asking: readonly Planned[], results: Results): Standing {
  let stands: Standing = 'passed';
  for (const planned of asking) {
    const { resolved, jobs } = planned;
    const isMeasured = (benchmark: ResolvedBenchmark): boolean =>
      leaves([benchmark]).some((one) => jobs.get(one) === job);
    const references = new Map<string, readonly Member[]>();
    for (const [name, benchmarks] of resolved.references) {
      const known = membersOf(benchmarks, planned, results, interim);
      if (known !== null) references.set(name, known);
    }
    const isReference = [...resolved.references.values()].flat().some(isMeasured);
    for (const benchmark of resolved.members) {
      if (!isMeasured(benchmark) && !isReference) continue;
      const { members, isWhole } = evidenceOf(job, benchmark, planned, results, interim);
      // While the other phases of a sum are unknown, a phase can tell whether it has become slower itself.
      const about = isMeasured(benchmark) ? (isWhole ? 'everything' : 'baseline') : 'reference';
      const checks = resolved.budget.checks.filter(({ bound }) => about === 'everything' || bound.kind === about);
      stands = graver(stands, standing({ ...resolved.budget, checks }, { members, references }));
    }
    const growth = resolved.budget.checks.filter(({ bound }) => bound.kind === 'growth');
    const family = growth.length === 0 ? [] : membersOf(resolved.members, planned, results, interim);
    // A curve takes all of its sizes.
    if (family === null) stands = graver(stands, 'open');
    else stands = graver(stands, standing({ ...resolved.budget, checks: growth }, { members: family, references }));
  }
  return stands;
}

/** What is known of one member: the whole of it, or of a sum the one phase that `job` measures. */
function evidenceOf(
  job: Job,
  benchmark: ResolvedBenchmark,
  planned: Planned,
  results: Results,
  interim: InterimResults,
): Pick<Evidence, 'members'> & { readonly isWhole: boolean } {
  const whole = membersOf([benchmark], planned, results, interim);
  if (whole !== null) return { members: whole, isWhole: true };
  const parts = leaves([benchmark]).filter((one) => planned.jobs.get(one) === job);
  return { members: membersOf(parts, planned, results, interim) ?? [], isWhole: false };
}
