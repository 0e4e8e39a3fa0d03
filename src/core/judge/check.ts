import type { Budget, Check } from '../language/budget.js';
import type { CheckResult, Measurement } from '../results/measurement.js';
import { isAdditive, isLower, isMeasured, metricDimension, metricKey, samplesNeeded } from '../language/metric.js';
import { noiseShortfall } from '../stats/noise.js';
import { countedBy, freeUnit, isComparable, noUnit, unitOf, type Unit } from '../language/quantity.js';
import { err, ok, unreachable, type Result } from '../result.js';
import type { Comparison, Estimate } from '../stats/estimate.js';
import type { ComparedEstimate, JudgedCheck, Member, Reason } from './judgement.js';

/** What checks are judged with besides the member. */
export interface JudgeContext {
  readonly budget: Budget;
  /** What the names in `'scan/elixir' / 5` mean. */
  readonly references: ReadonlyMap<string, readonly Member[]>;
  readonly baselineName: string;
}

/** What a check is decided by, and what it is compared with. */
interface Held {
  readonly known: ComparedEstimate;
  readonly bound: number;
  /** The bound in the metric's base unit, as it is shown. */
  readonly shown: number;
  readonly samples: number;
}

/** Whether a measurement of this kind can answer a check at all, however long it takes. */
export function isAnswerable({ bound }: Check, { baseline }: Measurement): boolean {
  return bound.kind !== 'baseline' || baseline !== null;
}

/** What one member says of a check that is not about growth. It passes when its whole interval is within the bound. */
export function judgeCheck(
  check: Check,
  member: Member,
  context: JudgeContext,
): JudgedCheck & { readonly member: Member } {
  const { level } = check;
  const about = { check, level, member, answerable: isAnswerable(check, member.measurement) };
  const unanswered = (measured: CheckResult['measured'], reason: Reason): ReturnType<typeof judgeCheck> => {
    return { ...about, verdict: 'undecided', measured, bound: null, used: null, reason, change: null };
  };
  const estimate = estimateOf(check, member);
  if (!estimate.ok) return unanswered(null, estimate.error);
  const current = estimate.value;
  // Figures are shown in the unit that the user wrote; against another figure nobody wrote one.
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
  const verdict = reason === null ? compareWith(check, known, allowed) : 'undecided';
  const worse = isLower(check) ? { value: 1 / known.value, low: 1 / known.high, high: 1 / known.low } : known;
  return {
    ...about,
    verdict,
    measured,
    bound: { value: inUnit(shown), unit: unit.symbol },
    // No errors of none allowed use nothing; one uses infinitely much.
    used: Number.isFinite(used) ? used : known.value === bound ? 0 : null,
    reason: reason ?? (verdict === 'undecided' ? tooNoisy(check, member.measurement) : null),
    change: check.bound.kind === 'baseline' ? worse : null,
  };
}

/** The figure of a member that a check is about; the reason where it has none. */
export function estimateOf(check: Check, member: Member): Result<Estimate, Reason> {
  const { metric, bound } = check;
  const { measurement, parts, work } = member;
  const key = metricKey(metric);
  const estimate = measurement.current.metrics[key];
  if (estimate === undefined) {
    if (parts !== undefined && !isAdditive(metric)) return err({ kind: 'not-additive', metric: key });
    if (metric.kind === 'value' && measurement.note !== null) return err({ kind: 'noted', note: measurement.note });
    // Where nothing at all could be timed, the note says why.
    const note = measurement.current.metrics['time'] === undefined ? measurement.note : null;
    if (metric.kind !== 'reported') return err({ kind: 'not-measured', metric: key, note });
    const reported = Object.keys(measurement.current.metrics).filter((name) => !isMeasured(name));
    return err({ kind: 'not-reported', metric: metric.name, reported });
  }
  // A rate counts what is done in an iteration, unless the check asks for the iterations themselves.
  const counted = bound.kind === 'quantity' && bound.unit.dimension === 'rate' ? countedBy(bound.unit) : work.counts;
  if (metric.kind === 'throughput') return ok(scaled(estimate, counted === work.counts ? work.amount : 1));
  if (bound.kind !== 'quantity') return ok(estimate);
  const { dimension } = bound.unit;
  if (dimension === 'share' && metric.kind === 'errors') return ok(scaled(estimate, 1 / Math.max(1, estimate.samples)));
  if (metric.kind !== 'reported') return ok(estimate);
  // A number that was reported without a unit may be called anything.
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
        const { note } = measurement;
        if (note !== null) return err({ kind: 'noted', note });
        return err({ kind: 'not-in-baseline', metric: key, baseline: context.baselineName });
      }
      const samples = Math.min(current.samples, old.samples);
      const paired = pairedRatio(check, measurement.comparison);
      if (paired === null) return ok(against(current, old, bound.factor, samples));
      // By the ratio that decides: of two separate figures the quotient is less well known.
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

/** The ratio to the old code that was measured in turns, where the metric has one. */
function pairedRatio({ metric }: Check, comparison: Comparison | null): ComparedEstimate | null {
  if (comparison === null) return null;
  // Nothing ran twice, for there is nothing to compare: both sides are one piece of code.
  if (comparison.processes === 0) return { value: 1, low: 1, high: 1 };
  if (metric.kind === 'time') return { ...comparison, value: comparison.ratio };
  // The same figure upside down.
  if (metric.kind === 'throughput') {
    return { value: 1 / comparison.ratio, low: 1 / comparison.high, high: 1 / comparison.low };
  }
  return null;
}

/** Where the machine was too noisy for a bound on the old code, how far the comparison fell short of it. */
function tooNoisy(check: Check, { comparison, current, elapsedMs }: Measurement): Reason | null {
  const { bound } = check;
  if (bound.kind !== 'baseline' || comparison === null || pairedRatio(check, comparison) === null) return null;
  const shortfall = noiseShortfall(comparison, elapsedMs, Math.max(bound.factor, 1 / bound.factor) - 1);
  if (shortfall === null) return null;
  const iterationNs = comparison.processes > 1 ? null : (current.metrics['time']?.value ?? null);
  return { kind: 'too-noisy', shortfall, iterationNs };
}

/** Counts and sizes may be zero, and what is kept after a collection less than that: no logarithm of it is taken. */
const least = 1e-9;

/**
 * The ratio of two estimates, its interval recovered from theirs on the log scale (the MOVER of Zou & Donner, Statistics in
 * Medicine 27, 2008). It takes the two as independent; that they ran in the same processes can only make it too wide.
 */
function quotient(a: ComparedEstimate, b: ComparedEstimate): ComparedEstimate {
  // Counts are exact, and 2,000 of 1,000,000 is a 500th of them, which the logarithms' last digit is not.
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

/** A percentile is not claimed with too few samples behind it; null where there are enough. */
function tooFew({ metric }: Check, taken: number, { elapsedMs }: Measurement): Reason | null {
  const needed = metric.kind === 'percentile' ? samplesNeeded(metric.percentile) : 0;
  if (taken >= needed) return null;
  // With some to spare, for not all processes are alike.
  const seconds = (1.25 * (elapsedMs / 1000) * needed) / Math.max(1, taken);
  return { kind: 'too-few-samples', metric: metricKey(metric), needed, taken, seconds };
}

const unitsOf = (...symbols: readonly string[]): readonly Unit[] => symbols.flatMap((symbol) => unitOf(symbol) ?? []);
const times = unitsOf('s', 'ms', 'us', 'ns');
const sizes = unitsOf('GB', 'MB', 'KB', 'B');

/** A unit in which a figure that nobody gave one reads well. */
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
