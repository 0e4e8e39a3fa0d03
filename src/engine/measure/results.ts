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
import { leaves, memberOf, type Ask, type Asked, type OneBenchmark } from '../discovery/resolve.js';
import type { Job } from './plan.js';

/** A budget that needs measuring, with the jobs that measure its benchmarks. */
export interface Planned {
  readonly ask: Ask;
  readonly jobs: ReadonlyMap<OneBenchmark, Job>;
}

/** What is known of each job, and whether it was before. */
export type Answers = Map<Job, Result<{ measurement: Measurement; cached: boolean }, RunFailure>>;

/** What is known of each job that is being measured. */
export type SoFar = ReadonlyMap<Job, Measurement>;

export const noAnswers = (): Answers => new Map();

/** The key under which a budget's answer is known: that of its benchmark, or of all of them. */
export function keyOf({ jobs }: Planned): string {
  const keys = [...new Set(Array.from(jobs.values(), (job) => job.key))];
  const [first = ''] = keys;
  return keys.length === 1 ? first : createHash('sha256').update(keys.join('\n')).digest('hex');
}

/** What is known of a budget's benchmarks; null where one of `asked` is not measured yet. */
function membersOf(
  asked: readonly Asked[],
  { ask, jobs }: Planned,
  answers: Answers,
  soFar: SoFar = new Map(),
): readonly Member[] | null {
  const members = asked.map((one) =>
    memberOf(one, (benchmark) => {
      const job = jobs.get(benchmark);
      if (job === undefined) return null;
      const known = answers.get(job);
      return known?.ok === true ? known.value.measurement : (soFar.get(job) ?? null);
    }),
  );
  const known = members.filter((member) => member !== null);
  if (known.length < members.length) return null;
  const [first] = jobs.values();
  const kept = first?.old?.kept ?? null;
  return known.map((member) => {
    const measurement = heldAgainstKept(ask.budget.name, member.name, member.measurement, kept);
    return { ...member, measurement };
  });
}

/** A budget's result as soon as all of its benchmarks have answered, or one of them has failed; null before. */
export function resultOf(planned: Planned, answers: Answers): BudgetResult | null {
  const { ask, jobs } = planned;
  const { budget } = ask;
  for (const [{ name }, job] of jobs) {
    const known = answers.get(job);
    if (known?.ok !== false) continue;
    const { error } = known;
    return judgeFailure(budget, jobs.size === 1 ? error : { ...error, message: `${name}: ${error.message}` });
  }
  const members = membersOf(ask.members, planned, answers);
  if (members === null) return null;
  const references = new Map<string, readonly Member[]>();
  for (const [name, asked] of ask.references) {
    const known = membersOf(asked, planned, answers);
    if (known === null) return null;
    references.set(name, known);
  }
  const all = Array.from(jobs.values(), (job) => answers.get(job));
  const cached = all.every((known) => known?.ok === true && known.value.cached);
  const [first] = jobs.values();
  const baselineName = first?.old?.baseline.name ?? 'the baseline';
  return budgetResult(judge(budget, { members, references }, { cached, baselineName }));
}

/** What a capture keeps of a result. */
export function keptOf(planned: Planned, answers: Answers, { verdict }: BudgetResult): readonly BudgetFigures[] {
  const members = membersOf(planned.ask.members, planned, answers);
  const [first] = planned.jobs.values();
  if (members === null || first === undefined) return [];
  const { settings, cooldownMs = 0, timeMs } = first.target;
  const { warmup, runs } = settings;
  return figuresOf(planned.ask.budget, members, verdict, { warmup, runs, cooldownMs, timeMs });
}

/** The time that the history keeps: of a family that of its largest size, of several none. Null where none was measured. */
export function timeOf(planned: Planned, answers: Answers): { value: number; low: number; high: number } | null {
  const members = membersOf(planned.ask.members, planned, answers);
  const last = members?.at(-1);
  if (members === null || last === undefined || (members.length > 1 && last.size === null)) return null;
  const time = last.measurement.current.metrics['time'];
  return time === undefined ? null : { value: time.value, low: time.low, high: time.high };
}

/** Whether the questions are answered that measuring this benchmark can answer. `soFar` has what there is of it. */
export function outcome(job: Job, soFar: SoFar, asking: readonly Planned[], answers: Answers): Standing {
  let stands: Standing = 'passed';
  for (const planned of asking) {
    const { ask, jobs } = planned;
    const isMeasured = (asked: Asked): boolean => leaves([asked]).some((one) => jobs.get(one) === job);
    const references = new Map<string, readonly Member[]>();
    for (const [name, asked] of ask.references) {
      const known = membersOf(asked, planned, answers, soFar);
      if (known !== null) references.set(name, known);
    }
    const isReference = [...ask.references.values()].flat().some(isMeasured);
    for (const asked of ask.members) {
      if (!isMeasured(asked) && !isReference) continue;
      const { members, isWhole } = evidenceOf(job, asked, planned, answers, soFar);
      // While the other phases of a sum are unknown, a phase can tell whether it has become slower itself.
      const about = isMeasured(asked) ? (isWhole ? 'everything' : 'baseline') : 'reference';
      const checks = ask.budget.checks.filter(({ bound }) => about === 'everything' || bound.kind === about);
      stands = graver(stands, standing({ ...ask.budget, checks }, { members, references }));
    }
    const growth = ask.budget.checks.filter(({ bound }) => bound.kind === 'growth');
    const family = growth.length === 0 ? [] : membersOf(ask.members, planned, answers, soFar);
    // A curve takes all of its sizes.
    if (family === null) stands = graver(stands, 'open');
    else stands = graver(stands, standing({ ...ask.budget, checks: growth }, { members: family, references }));
  }
  return stands;
}

/** What is known of one member: the whole of it, or of a sum the one phase that `job` measures. */
function evidenceOf(
  job: Job,
  asked: Asked,
  planned: Planned,
  answers: Answers,
  soFar: SoFar,
): Pick<Evidence, 'members'> & { readonly isWhole: boolean } {
  const whole = membersOf([asked], planned, answers, soFar);
  if (whole !== null) return { members: whole, isWhole: true };
  const parts = leaves([asked]).filter((one) => planned.jobs.get(one) === job);
  return { members: membersOf(parts, planned, answers, soFar) ?? [], isWhole: false };
}
