import {
  severities,
  stepsOf,
  subjectText,
  type Budget,
  type Check,
  type Severity,
  type Steps,
} from '../language/budget.js';
import { concernsOf } from './concerns.js';
import { isAnswerable, judgeCheck, readableUnit, type JudgeContext } from './check.js';
import { judgeGrowthCheck } from './growth.js';
import type { ComparedEstimate, JudgedCheck, JudgedConcern, Judgement, Member, Vanished } from './judgement.js';
import type { BudgetResult, RunFailure, Verdict } from '../results/measurement.js';
import { metricKey } from '../language/metric.js';

/** Everything that was measured for one budget. */
export interface Evidence {
  /** The budget's benchmarks, at least one; a sum counts as one. */
  readonly members: readonly Member[];
  /** The members that a name such as that in `'scan/elixir' / 5` refers to. */
  readonly references: ReadonlyMap<string, readonly Member[]>;
}

export { holdsForSameCode, isAnswerable } from './check.js';
export type { Member } from './judgement.js';

export interface JudgeOptions {
  readonly cached: boolean;
  /** The baseline's name: `HEAD`, `v3.0.0`. */
  readonly baselineName: string;
  /** The benchmarks that the baseline has beyond those that were measured; null if there are none. */
  readonly vanished?: Vanished | null;
}

/**
 * Judges a budget by what was measured. Each check is three-valued: it passes if its whole interval is within the bound, fails
 * if none of it is, and is undecided in between. Of several benchmarks the worst one counts; growth is judged on all.
 *
 * The budget fails if a limit fails. Otherwise it is undecided if a limit is, because that may be a failure; otherwise it warns
 * if an acceptable check fails; otherwise it passes. A target decides nothing. If there is a baseline but no old code could run,
 * checks on it are undecided, and so is the budget unless another check fails: what nobody compared has not passed. A concern,
 * which no check expresses, makes the verdict at least as grave as itself.
 *
 * Intervals are taken as given: whoever makes them must see to it that many of them hold together.
 */
export function judge(budget: Budget, evidence: Evidence, options: JudgeOptions): Judgement {
  const { cached, baselineName, vanished = null } = options;
  const { members, references } = evidence;
  const context = { budget, references, baselineName };
  const judged = budget.checks.flatMap((check) => worstOf(check, members, context) ?? []);
  const shown = comparedMember(judged, members);
  const comparison = shown?.measurement.comparison ?? null;
  const parts = partsOf(members, judged);
  const concerns = concernsOf(budget, members, vanished);
  return {
    name: budget.name,
    benchmark: subjectText(budget),
    verdict: gravestOf(verdictOf(judged), concerns),
    severity: severityOf(budget, judged, members),
    cached,
    elapsedMs: total(members, (measurement) => measurement.elapsedMs),
    samples: total(members, (measurement) => measurement.samples),
    comparison: comparison && { ratio: comparison.ratio, low: comparison.low, high: comparison.high },
    ...comparedOf(members),
    checks: judged,
    concerns,
    ...(parts !== null && { parts }),
    ...causesOf(shown),
    shown,
    several: members.length > 1,
    against: baselineName,
  };
}

/** Returns what accounts for the difference of the benchmark that stands for a budget, to spread. */
function causesOf(shown: Member | null): Pick<BudgetResult, 'causes' | 'causesNote'> {
  const explanation = shown?.measurement.explanation;
  if (explanation === undefined) return {};
  const { causes, note } = explanation;
  return { causes, ...(note !== null && { causesNote: note }) };
}

/** Returns the result of a budget whose benchmark could not run; the failure brings its own sentence. */
export function judgeFailure(budget: Budget, failure: RunFailure): BudgetResult {
  const { file, line, column = 1, stack } = failure;
  return {
    name: budget.name,
    benchmark: subjectText(budget),
    verdict: 'error',
    severity: null,
    cached: false,
    elapsedMs: 0,
    samples: 0,
    comparison: null,
    compared: 'nothing',
    why: failure.message,
    checks: [],
    message: failure.message,
    ...(file !== undefined &&
      line !== undefined && { failure: { file, line, column, ...(stack !== undefined && { stack }) } }),
  };
}

/**
 * Whether a budget is decided, as far as more measuring of its members can decide it. `suspected` means open, with the
 * measurements so far over the bound.
 */
export type Standing = 'passed' | 'failed' | 'open' | 'suspected';

/**
 * Returns how far a budget is decided by the measurements so far. A missed target is reported but not worth more measuring, and
 * nothing waits for a check that no measuring of these members can answer (no old code, or nothing reports the metric).
 */
export function standing(budget: Budget, evidence: Evidence): Standing {
  const context = { budget, references: evidence.references, baselineName: '' };
  let stands: Standing = 'passed';
  for (const check of budget.checks) {
    const { bound, level } = check;
    if (level === 'target') continue;
    if (bound.kind === 'growth') {
      // More timing does not sharpen a metric that is observed in separate processes.
      const isTimed = check.metric.kind === 'time' || check.metric.kind === 'throughput';
      const { verdict, measured, reason } = judgeGrowthCheck(check, bound.growth, evidence.members);
      const open = reason?.kind === 'unsettled' ? 'suspected' : 'open';
      if (isTimed && verdict === 'undecided' && measured !== null) stands = graver(stands, open);
      continue;
    }
    if (bound.kind === 'reference' && !evidence.references.has(bound.name)) continue;
    for (const member of evidence.members) {
      if (!isAnswerable(check, member.measurement)) continue;
      if (member.measurement.current.metrics[metricKey(check.metric)] === undefined) continue;
      const { verdict, bound: held, used } = judgeCheck(check, member, context);
      if (verdict === 'fail') stands = graver(stands, 'failed');
      if (verdict === 'undecided' && held !== null) stands = graver(stands, (used ?? 0) > 1 ? 'suspected' : 'open');
    }
  }
  return stands;
}

const gravity: readonly Standing[] = ['passed', 'failed', 'open', 'suspected'];

/** Returns the standing on which more measuring is better spent: a failure is already known. */
export const graver = (a: Standing, b: Standing): Standing => (gravity.indexOf(a) > gravity.indexOf(b) ? a : b);

/** Returns the result of a check: of several benchmarks, that of the one furthest from holding. */
function worstOf(check: Check, members: readonly Member[], context: JudgeContext): JudgedCheck | null {
  if (members.length > 0 && check.bound.kind === 'growth') return judgeGrowthCheck(check, check.bound.growth, members);
  const all = members.map((member) => judgeCheck(check, member, context));
  const isOpen = ({ answerable, isOwed }: JudgedCheck): number => Number(answerable || isOwed);
  return all.toSorted((a, b) => isOpen(b) - isOpen(a) || byBadness(a, b))[0] ?? null;
}

const badness: readonly Verdict[] = ['error', 'fail', 'undecided', 'warn', 'pass'];

function gravestOf(verdict: Verdict, concerns: readonly JudgedConcern[]): Verdict {
  const all = [verdict, ...concerns.map((concern) => concern.verdict)];
  return badness.find((one) => all.includes(one)) ?? verdict;
}

const byBadness = (a: JudgedCheck, b: JudgedCheck): number =>
  badness.indexOf(a.verdict) - badness.indexOf(b.verdict) || (b.used ?? 0) - (a.used ?? 0);

function verdictOf(judged: readonly JudgedCheck[]): Verdict {
  const open = judged.filter(({ answerable, isOwed }) => answerable || isOwed);
  const has = (level: Check['level'], verdict: Verdict): boolean =>
    open.some((one) => one.level === level && one.verdict === verdict);
  if (has('limit', 'fail')) return 'fail';
  if (has('limit', 'undecided')) return 'undecided';
  if (has('acceptable', 'fail')) return 'warn';
  if (open.some(({ isOwed, level }) => isOwed && level === 'acceptable')) return 'undecided';
  return open.some(({ verdict }) => verdict !== 'undecided') ? 'pass' : 'undecided';
}

/** Returns what the budget's verdict on the change rests on. */
function comparedOf(members: readonly Member[]): Pick<BudgetResult, 'compared' | 'why'> {
  const isSame = ({ measurement: { comparison } }: Member): boolean => comparison?.processes === 0;
  const without = members.filter(({ measurement }) => measurement.baseline === null);
  const [first] = without;
  const compared =
    without.length === members.length ? 'nothing' : members.every((one) => isSame(one)) ? 'same code' : 'measured';
  const unseen = members.flatMap(({ measurement }) => measurement.unseen ?? [])[0];
  const why = first?.measurement.notCompared ?? first?.measurement.note ?? unseen;
  if (why === undefined) return { compared };
  const some = without.length > 0 && members.length > 1;
  return { compared, why: some ? `${first?.name ?? ''}: ${why}` : why };
}

/** Returns the member whose comparison stands for the budget: the one that decides its gravest check on speed. */
function comparedMember(judged: readonly JudgedCheck[], members: readonly Member[]): Member | null {
  const speed = judged.findLast(
    ({ check, member }) =>
      check.bound.kind === 'baseline' &&
      (check.metric.kind === 'time' || check.metric.kind === 'throughput') &&
      member !== null,
  );
  const ratio = ({ measurement }: Member): number => measurement.comparison?.ratio ?? 0;
  return speed?.member ?? members.toSorted((a, b) => ratio(b) - ratio(a))[0] ?? null;
}

/** Returns the parts of a sum in the metric and unit of its first measured check; their time if none was measured. */
function partsOf(
  [first]: readonly Member[],
  judged: readonly JudgedCheck[],
): NonNullable<BudgetResult['parts']> | null {
  if (first?.parts === undefined) return null;
  const { metric, bound } = judged.find(({ measured }) => measured !== null)?.check ?? {
    metric: { kind: 'time' },
  };
  const total = first.measurement.current.metrics[metricKey(metric)];
  if (total === undefined) return null;
  const unit = bound?.kind === 'quantity' ? bound.unit : readableUnit({ metric }, total, first);
  return first.parts.map(({ name, measurement }) => {
    const value = measurement.current.metrics[metricKey(metric)]?.value ?? 0;
    return { name, value: value / unit.scale, unit: unit.symbol };
  });
}

/** Returns the gravest step of the ladder that a regression has reached; null if nothing is known to be worse. */
function severityOf(
  { regression }: Budget,
  judged: readonly JudgedCheck[],
  members: readonly Member[],
): Severity | null {
  const speeds = members.map(({ measurement: { comparison, unsettled } }) =>
    comparison === null || unsettled === true
      ? null
      : step({ ...comparison, value: comparison.ratio }, stepsOf(regression, 'time')),
  );
  const others = judged.map(({ check, change }) => {
    const isSpeed = check.metric.kind === 'time' || check.metric.kind === 'throughput';
    return change === null || isSpeed ? null : step(change, stepsOf(regression, metricKey(check.metric)));
  });
  const reached = [...speeds, ...others];
  return severities.findLast((severity) => reached.includes(severity)) ?? null;
}

function step({ value, low }: ComparedEstimate, steps: Steps): Severity | null {
  if (low <= 1) return null;
  return severities.findLast((severity) => value >= 1 + steps[severity]) ?? null;
}

const total = (members: readonly Member[], of: (measurement: Member['measurement']) => number): number =>
  members.reduce((sum, { measurement }) => sum + of(measurement), 0);
