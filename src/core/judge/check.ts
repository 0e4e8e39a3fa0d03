import type { Budget, Check } from '../language/budget.js';
import type { CheckResult, Measurement } from '../results/measurement.js';
import { isAdditive, isLower, isMeasured, metricDimension, metricKey, samplesNeeded } from '../language/metric.js';
import { noiseShortfall } from '../stats/noise.js';
import { countedBy, freeUnit, isComparable, noUnit, unitOf, type Unit } from '../language/quantity.js';
import { err, ok, unreachable, type Result } from '../result.js';
import type { Comparison, Estimate } from '../stats/estimate.js';
import type { ComparedEstimate, JudgedCheck, Member, Reason } from './judgement.js';

/** What a check is judged with, besides the member. */
export interface JudgeContext {
  readonly budget: Budget;
  /** The members that a name such as that in `'scan/elixir' / 5` refers to. */
  readonly references: ReadonlyMap<string, readonly Member[]>;
  readonly baselineName: string;
}

/** The figure that decides a check, and what it is compared with. */
interface Held {
  readonly known: ComparedEstimate;
  readonly bound: number;
  /** The bound in the metric's base unit, as it is shown. */
  readonly shown: number;
  readonly samples: number;
}

/** Whether a measurement of this kind can answer a check at all, however long it runs. */
export function isAnswerable({ bound }: Check, { baseline }: Measurement): boolean {
  return bound.kind !== 'baseline' || baseline !== null;
}

/**
 * Whether nobody can answer a check although it must be answered: someone wrote it, or there is a baseline to compare with. A
 * check that only the defaults imply asks for nothing where there is no baseline at all, as outside of git.
 */
function isOwed(check: Check, measurement: Measurement): boolean {
  if (isAnswerable(check, measurement)) return false;
  return check.location !== null || measurement.notCompared !== undefined;
}

/** Whether a check holds wherever both sides are the same code. What a benchmark reports may be missing on both. */
export const holdsForSameCode = (check: Check): boolean =>
  check.bound.kind === 'baseline' &&
  check.metric.kind !== 'reported' &&
  compareWith(check, { low: 1, high: 1 }, check.bound.factor) === 'pass';

/** Judges one member by a check that is not about growth. It passes if its whole interval is within the bound. */
export function judgeCheck(
  check: Check,
  member: Member,
  context: JudgeContext,
): JudgedCheck & { readonly member: Member } {
  const { level } = check;
  const about = {
    check,
    level,
    member,
    answerable: isAnswerable(check, member.measurement),
    isOwed: isOwed(check, member.measurement),
  };
  const unanswered = (measured: CheckResult['measured'], reason: Reason): ReturnType<typeof judgeCheck> => {
    return { ...about, verdict: 'undecided', measured, bound: null, used: null, reason, change: null };
  };
  if (member.measurement.unmeasured === true && check.bound.kind === 'baseline' && holdsForSameCode(check)) {
    const { factor } = check.bound;
    const used = isLower(check) ? factor : 1 / factor;
    const reason: Reason = { kind: 'same-code', baseline: context.baselineName };
    return { ...about, verdict: 'pass', measured: null, bound: null, used, reason, change: null };
  }
  const estimate = estimateOf(check, member);
  if (!estimate.ok) return unanswered(null, estimate.error);
  const current = estimate.value;
  // Figures are shown in the unit that the user wrote; a bound on another figure has none.
  const unit = check.bound.kind === 'quantity' ? check.bound.unit : readableUnit(check, current, member);
  const inUnit = (value: number): number => value / unit.scale;
  const measured = {
    value: inUnit(current.value),
    low: inUnit(current.low),
    high: inUnit(current.high),
    unit: unit.symbol,
  };
  const held = heldAgainst(check, current, member, context);
  if (!held.ok) return unanswered(measured, held.error);
  const { known, bound, shown, samples } = held.value;
  const reason = tooFew(check, samples, member.measurement);
  const allowed = check.bound.kind === 'quantity' ? bound * slack(check, context.budget) : bound;
  const used = isLower(check) ? bound / known.value : known.value / bound;
  const found = reason === null ? compareWith(check, known, allowed) : 'undecided';
  const isDoubted = found === 'fail' && isDoubtful(check, member.measurement);
  const verdict = isDoubted ? 'undecided' : found;
  const worse = isLower(check) ? { value: 1 / known.value, low: 1 / known.high, high: 1 / known.low } : known;
  return {
    ...about,
    verdict,
    measured,
    bound: { value: inUnit(shown), unit: unit.symbol },
    // If no errors are allowed, none uses nothing of the bound, and one has no finite share.
    used: Number.isFinite(used) ? used : known.value === bound ? 0 : null,
    reason: isDoubted
      ? { kind: 'unsettled', note: member.measurement.note ?? '' }
      : (reason ?? (verdict === 'undecided' ? tooNoisy(check, member.measurement) : null)),
    change: check.bound.kind === 'baseline' && !isDoubted ? worse : null,
  };
}

/** Returns the member's figure for a check, or the reason why it has none. */
export function estimateOf(check: Check, member: Member): Result<Estimate, Reason> {
  const { metric, bound } = check;
  const { measurement, parts, work } = member;
  const key = metricKey(metric);
  const estimate = measurement.current.metrics[key];
  if (estimate === undefined) {
    if (parts !== undefined && !isAdditive(metric)) return err({ kind: 'not-additive', metric: key });
    if (metric.kind === 'value' && measurement.note !== null) return err({ kind: 'noted', note: measurement.note });
    // If nothing at all could be timed, the note says why.
    const note = measurement.current.metrics['time'] === undefined ? measurement.note : null;
    if (metric.kind !== 'reported') return err({ kind: 'not-measured', metric: key, note });
    const reported = Object.keys(measurement.current.metrics).filter((name) => !isMeasured(name));
    return err({ kind: 'not-reported', metric: metric.name, reported });
  }
  // A rate counts the work done in an iteration, unless the check asks for the iterations themselves.
  const counted = bound.kind === 'quantity' && bound.unit.dimension === 'rate' ? countedBy(bound.unit) : work.counts;
  if (metric.kind === 'throughput') return ok(scaled(estimate, counted === work.counts ? work.amount : 1));
  if (bound.kind !== 'quantity') return ok(estimate);
  const { dimension } = bound.unit;
  if (dimension === 'share' && metric.kind === 'errors') return ok(scaled(estimate, 1 / Math.max(1, estimate.samples)));
  if (metric.kind !== 'reported') return ok(estimate);
  // A number reported without a unit may be a count of anything.
  const unit = estimate.unit === undefined ? null : freeUnit(estimate.unit);
  if (unit === null ? dimension === 'count' : isComparable(unit, bound.unit)) return ok(estimate);
  const { value, unit: wanted } = bound;
  return err({ kind: 'unit-mismatch', metric: key, unit: unit?.symbol ?? null, bound: { value, unit: wanted } });
}

function scaled(estimate: Estimate, factor: number): Estimate {
  const { value, low, high } = estimate;
  return { ...estimate, value: value * factor, low: low * factor, high: high * factor };
}

function heldAgainst(check: Check, current: Estimate, member: Member, context: JudgeContext): Result<Held, Reason> {
  const { bound, metric } = check;
  const key = metricKey(metric);
  switch (bound.kind) {
    case 'quantity':
      return ok({ known: current, bound: bound.value, shown: bound.value, samples: current.samples });
    case 'baseline': {
      const { measurement } = member;
      const old = measurement.baseline?.metrics[key];
      if (old === undefined) {
        const { note, notCompared } = measurement;
        if (notCompared !== undefined && measurement.baseline === null)
          return err({ kind: 'not-compared', why: notCompared });
        if (note !== null) return err({ kind: 'noted', note });
        return err({ kind: 'not-in-baseline', metric: key, baseline: context.baselineName });
      }
      const samples = Math.min(current.samples, old.samples);
      const paired = pairedRatio(check, measurement.comparison);
      if (paired === null) return ok(against(current, old, bound.factor, samples));
      // By the ratio that decides, because the quotient of two separate figures is less certain.
      const shown = (current.value / paired.value) * bound.factor;
      return ok({ known: paired, bound: bound.factor, shown, samples });
    }
    case 'reference': {
      const all = context.references.get(bound.name) ?? [];
      const other = all.length === 1 ? all[0] : all.find(({ size }) => size !== null && size === member.size);
      if (other === undefined) {
        const [reference, count] = [bound.name, all.length];
        if (count === 0) return err({ kind: 'reference-not-measured', reference });
        return err({ kind: 'reference-without-size', reference, count, member: member.name });
      }
      const there = estimateOf(check, other);
      if (!there.ok) return err({ kind: 'reference-unanswered', reference: other.name, reason: there.error });
      const samples = Math.min(current.samples, there.value.samples);
      return ok(against(current, there.value, bound.factor, samples));
    }
    case 'growth':
      throw new Error('growth needs all sizes together');
    default:
      return unreachable(bound);
  }
}

const against = (current: Estimate, other: Estimate, factor: number, samples: number): Held => ({
  known: quotient(current, other),
  bound: factor,
  shown: other.value * factor,
  samples,
});

/** Returns the ratio to the old code, measured in turns; null if the metric has none. */
function pairedRatio({ metric }: Check, comparison: Comparison | null): ComparedEstimate | null {
  if (comparison === null) return null;
  // Nothing ran twice because both sides are the same code.
  if (comparison.processes === 0) return { value: 1, low: 1, high: 1 };
  if (metric.kind === 'time') return { ...comparison, value: comparison.ratio };
  // Throughput is the inverse of time.
  if (metric.kind === 'throughput') {
    return { value: 1 / comparison.ratio, low: 1 / comparison.high, high: 1 / comparison.low };
  }
  return null;
}

/** Returns how far a comparison on a noisy machine fell short of a bound on the old code; null if it did not. */
function tooNoisy(check: Check, { comparison, current, elapsedMs, disturbed }: Measurement): Reason | null {
  const { bound, metric } = check;
  if (disturbed === true && (metric.kind === 'time' || metric.kind === 'throughput')) return { kind: 'disturbed' };
  if (bound.kind !== 'baseline' || comparison === null || pairedRatio(check, comparison) === null) return null;
  const shortfall = noiseShortfall(comparison, elapsedMs, Math.max(bound.factor, 1 / bound.factor) - 1);
  if (shortfall === null) return null;
  const iterationNs = comparison.processes > 1 ? null : (current.metrics['time']?.value ?? null);
  return { kind: 'too-noisy', shortfall, iterationNs };
}

/** The least value whose logarithm is taken: counts and sizes may be zero, and retained bytes even negative. */
const least = 1e-9;

/**
 * Returns the ratio of two estimates, with its interval recovered from theirs on the log scale (the MOVER of Zou & Donner,
 * Statistics in Medicine 27, 2008). It assumes that the two are independent; if they ran in the same processes, the interval can
 * only be too wide.
 */
function quotient(a: ComparedEstimate, b: ComparedEstimate): ComparedEstimate {
  // Counts are exact: 2,000 of 1,000,000 is exactly a 500th, which logarithms would round.
  if (a.low === a.high && b.low === b.high && b.value > 0) {
    const ratio = a.value / b.value;
    return { value: ratio, low: ratio, high: ratio };
  }
  const log = (value: number): number => Math.log(Math.max(value, least));
  const centre = log(a.value) - log(b.value);
  const down = Math.hypot(log(a.value) - log(a.low), log(b.high) - log(b.value));
  const up = Math.hypot(log(a.high) - log(a.value), log(b.value) - log(b.low));
  return { value: Math.exp(centre), low: Math.exp(centre - down), high: Math.exp(centre + up) };
}

function slack(check: Check, { tolerance }: Budget): number {
  if (check.relation === '=') return 1;
  return isLower(check) ? 1 - tolerance : 1 + tolerance;
}

export function compareWith(
  { relation }: Pick<Check, 'relation'>,
  { low, high }: Pick<ComparedEstimate, 'low' | 'high'>,
  bound: number,
): 'pass' | 'fail' | 'undecided' {
  switch (relation) {
    case '<=':
      return high <= bound ? 'pass' : low > bound ? 'fail' : 'undecided';
    case '<':
      return high < bound ? 'pass' : low >= bound ? 'fail' : 'undecided';
    case '>=':
      return low >= bound ? 'pass' : high < bound ? 'fail' : 'undecided';
    case '>':
      return low > bound ? 'pass' : high <= bound ? 'fail' : 'undecided';
    case '=':
      return low === bound && high === bound ? 'pass' : high < bound || low > bound ? 'fail' : 'undecided';
    default:
      return unreachable(relation);
  }
}

/** Whether a measurement of this metric may be of code that still becomes faster, which is no proof that it is slow. */
export function isDoubtful({ metric }: Check, { unsettled }: Measurement): boolean {
  // Processor time is observed in processes of their own.
  if (unsettled !== true || metric.kind === 'cpu') return false;
  const dimension = metricDimension(metric);
  return dimension === 'time' || dimension === 'rate';
}

/** Returns why a percentile cannot be claimed from too few samples; null if there are enough. */
function tooFew({ metric }: Check, taken: number, { elapsedMs }: Measurement): Reason | null {
  const needed = metric.kind === 'percentile' ? samplesNeeded(metric.percentile) : 0;
  if (taken >= needed) return null;
  // With some to spare, because processes differ.
  const seconds = (1.25 * (elapsedMs / 1000) * needed) / Math.max(1, taken);
  return { kind: 'too-few-samples', metric: metricKey(metric), needed, taken, seconds };
}

const unitsOf = (...symbols: readonly string[]): readonly Unit[] => symbols.flatMap((symbol) => unitOf(symbol) ?? []);
const times = unitsOf('s', 'ms', 'us', 'ns');
const sizes = unitsOf('GB', 'MB', 'KB', 'B');

/** Returns a unit that reads well for a figure whose bound has none. */
export function readableUnit(
  { metric }: Pick<Check, 'metric'>,
  { value, unit }: Pick<Estimate, 'value' | 'unit'>,
  { work }: Pick<Member, 'work'>,
): Pick<Unit, 'symbol' | 'scale'> {
  if (unit !== undefined) return freeUnit(unit);
  const step = (units: readonly Unit[]): Unit =>
    units.find(({ scale }) => Math.abs(value) >= scale) ?? units.at(-1) ?? noUnit;
  switch (metricDimension(metric)) {
    case 'time':
      return step(times);
    case 'rate':
      return { symbol: `${work.counts}/s`, scale: 1 };
    case 'size':
      return step(sizes);
    case 'share':
    case 'count':
    case null:
      return noUnit;
  }
}
