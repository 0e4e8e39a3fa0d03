import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import { figuresOf, type BudgetFigures } from '../../core/judge/baseline.js';
import { heldAgainstKept } from '../../core/judge/baseline-policy.js';
import {
  graver,
  holdsForSameCode,
  judge,
  judgeFailure,
  standing,
  type Evidence,
  type Member,
  type Standing,
} from '../../core/judge/judge.js';
import type { Vanished } from '../../core/judge/judgement.js';
import type { BudgetResult, Measurement, RunFailure } from '../../core/results/measurement.js';
import { ok, type Result } from '../../core/result.js';
import { budgetResult } from '../../core/text/result.js';
import {
  leaves,
  memberOf,
  type ResolvedBudget,
  type ResolvedBenchmark,
  type SingleBenchmark,
} from '../discovery/resolve.js';
import { relativeTo, slashed } from '../util/paths.js';
import type { Job } from './plan.js';
import { isSameCode } from './target.js';

/** A budget that needs measuring, with the jobs that measure its benchmarks. */
export interface Planned {
  readonly resolved: ResolvedBudget;
  readonly jobs: ReadonlyMap<SingleBenchmark, Job>;
  /** What its pattern lost since the baseline; null if nothing, undefined if that is not known. */
  readonly vanished?: Vanished | null;
}

/** The result of each finished job; `cached` if it was known before the run. */
export type Results = Map<Job, Result<{ measurement: Measurement; cached: boolean }, RunFailure>>;

/** What each running job has measured so far. */
export type InterimResults = ReadonlyMap<Job, Measurement>;

export const noResults = (): Results => new Map();

/** A measurement that is older than this (milliseconds) may be from a machine that was busier than it is now. */
const oldMs = 10 * 60_000;

export const isOld = ({ at = 0 }: Measurement, now: number): boolean => now - at > oldMs;

export const isUndecided = (stands: Standing): boolean => stands === 'open' || stands === 'suspected';

/**
 * Adds a result without figures for the benchmarks that need not run: both sides are the same code, and all checks of all
 * budgets that need them are relative to the baseline. Those of `fresh` run in any case.
 */
export function addSameCode(all: readonly Planned[], results: Results, fresh: ReadonlySet<Job> = new Set()): void {
  const isAnswered = ({ resolved: { budget }, jobs }: Planned): boolean =>
    budget.checks.length > 0 &&
    budget.checks.every(holdsForSameCode) &&
    [...jobs.values()].every((job) => job.kind === 'bundle' && isSameCode(job.target));
  const needed = new Set([...fresh, ...all.flatMap((one) => (isAnswered(one) ? [] : [...one.jobs.values()]))]);
  for (const job of all.flatMap(({ jobs }) => [...jobs.values()])) {
    if (needed.has(job) || results.get(job)?.ok === true) continue;
    const none = { metrics: {} };
    const unseen = job.kind === 'bundle' ? job.target.unseen : undefined;
    const measurement: Measurement = {
      ...(unseen !== undefined && { unseen }),
      ...{ benchmark: job.target.name, current: none, baseline: none, unmeasured: true },
      comparison: { ratio: 1, low: 1, high: 1, processes: 0, clock: 'wall' },
      ...{ samples: 0, elapsedMs: 0, note: job.kind === 'bundle' ? job.target.note : null },
    };
    results.set(job, ok({ measurement, cached: false }));
  }
}

/** Returns the key under which a budget's result is kept: that of its benchmark, or a hash of all of theirs. */
export function keyOf({ jobs }: Planned): string {
  const keys = [...new Set(Array.from(jobs.values(), (job) => job.key))];
  const [first = ''] = keys;
  return keys.length === 1 ? first : createHash('sha256').update(keys.join('\n')).digest('hex');
}

/** Returns a failure with its file as results name it: relative to the folder of the configuration. */
export const placedIn = (root: string, failure: RunFailure): RunFailure =>
  failure.file === undefined ? failure : { ...failure, file: relativeTo(root, slashed(failure.file)) };

/** Returns the measurements of these benchmarks of a budget; null if one is not measured yet. */
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

/** Returns a budget's result once all of its benchmarks are measured or one has failed; null until then. */
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
  const baselineName = first?.old?.baseline.name ?? l10n.t('the baseline');
  return budgetResult(
    judge(budget, { members, references }, { cached, baselineName, vanished: planned.vanished ?? null }),
  );
}

/** Returns the figures that a capture keeps of a result. */
export function keptOf(planned: Planned, results: Results, { verdict }: BudgetResult): readonly BudgetFigures[] {
  const members = membersOf(planned.resolved.members, planned, results);
  const [first] = planned.jobs.values();
  if (members === null || first === undefined) return [];
  const { settings, cooldownMs = 0, timeMs } = first.target;
  const { warmup, runs } = settings;
  return figuresOf(planned.resolved.budget, members, verdict, { warmup, runs, cooldownMs, timeMs });
}

/** Returns the time for the history: of a family, that of its largest size. Null for several benchmarks, or if not measured. */
export function timeOf(planned: Planned, results: Results): { value: number; low: number; high: number } | null {
  const members = membersOf(planned.resolved.members, planned, results);
  const last = members?.at(-1);
  if (members === null || last === undefined || (members.length > 1 && last.size === null)) return null;
  const time = last.measurement.current.metrics['time'];
  return time === undefined ? null : { value: time.value, low: time.low, high: time.high };
}

/** Whether all checks that measuring this benchmark can answer are answered. `interim` is what was measured so far. */
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
      // Before the other phases of a sum are known, a phase can only tell whether it has become slower itself.
      const about = isMeasured(benchmark) ? (isWhole ? 'everything' : 'baseline') : 'reference';
      const checks = resolved.budget.checks.filter(({ bound }) => about === 'everything' || bound.kind === about);
      stands = graver(stands, standing({ ...resolved.budget, checks }, { members, references }));
    }
    const growth = resolved.budget.checks.filter(({ bound }) => bound.kind === 'growth');
    const family = growth.length === 0 ? [] : membersOf(resolved.members, planned, results, interim);
    // A growth curve needs all sizes.
    if (family === null) stands = graver(stands, 'open');
    else stands = graver(stands, standing({ ...resolved.budget, checks: growth }, { members: family, references }));
  }
  return stands;
}

/** Returns what is known of one member: all of it or, if it is an unfinished sum, the phase that `job` measures. */
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
