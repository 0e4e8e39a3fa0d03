import type { Budget, Check, RunSettings } from '../language/budget.js';
import { formatQuantity } from '../language/figures.js';
import type { CheckResult, Measurement } from '../results/measurement.js';
import { isAdditive, isLower, isMeasured, metricDimension, metricKey, samplesNeeded } from '../language/metric.js';
import { giveIt, noiseNote } from '../stats/noise.js';
import { countedBy, dimensionNames, freeUnit, isComparable, noUnit, unitOf, type Unit } from '../language/quantity.js';
import { unreachable } from '../result.js';
import type { Comparison, Estimate } from '../stats/estimate.js';

/** One benchmark of those that a budget is about, or one sum. */
export interface Member {
  readonly name: string;
  /** The number in the place of a family's placeholder; null where there is none. */
  readonly size: number | null;
  readonly measurement: Measurement;
  /** What one of its iterations is counted as. */
  readonly work: RunSettings['work'];
  /** What a sum is the sum of. */
  readonly parts?: readonly Pick<Member, 'name' | 'measurement'>[];
}

/** What checks are judged with besides the member. */
export interface Surroundings {
  readonly budget: Budget;
  /** What the names in `'scan/elixir' / 5` mean. */
  readonly references: ReadonlyMap<string, readonly Member[]>;
  readonly baselineName: string;
}

/** A number and its interval, to be held against a bound: in the base unit, or for a bound on another figure a ratio. */
export type Known = Pick<Estimate, 'value' | 'low' | 'high'>;

/** What a check is decided by, and what it is held against; a sentence where it cannot be. */
interface Held {
  readonly known: Known;
  readonly bound: number;
  /** The bound in the metric's base unit, as it is shown. */
  readonly shown: number;
  readonly samples: number;
}

/** Whether a measurement of this kind can answer a check at all, however long it takes. */
export function isAnswerable({ bound }: Check, { baseline }: Measurement): boolean {
  return bound.kind !== 'baseline' || baseline !== null;
}

/** A check's result, and the change against the old code that it is about: above 1 is worse. */
export interface CheckedMember {
  readonly result: CheckResult;
  readonly change: Known | null;
}

/** What one member says of a check that is not about growth. It passes when its whole interval is within the bound. */
export function judgeCheck(check: Check, member: Member, around: Surroundings): CheckedMember {
  const { text, level } = check;
  const unanswered = (measured: CheckResult['measured'], why: string): CheckedMember => {
    const result = { check: text, level, verdict: 'undecided' as const, measured, bound: null, used: null, note: why };
    return { result, change: null };
  };
  const current = estimateOf(check, member);
  if (typeof current === 'string') return unanswered(null, current);
  // Figures are told in the unit that the user wrote; against another figure nobody wrote one.
  const unit = check.bound.kind === 'quantity' ? check.bound.unit : readableUnit(check, current, member);
  const inUnit = (value: number): number => value / unit.scale;
  const measured = {
    value: inUnit(current.value),
    low: inUnit(current.low),
    high: inUnit(current.high),
    unit: unit.symbol,
  };
  const held = heldAgainst(check, current, member, around);
  if (typeof held === 'string') return unanswered(measured, held);
  const { known, bound, shown, samples } = held;
  const note = tooFew(check, samples, member.measurement);
  const allowed = check.bound.kind === 'quantity' ? bound * slack(check, around.budget) : bound;
  const used = isLower(check) ? bound / known.value : known.value / bound;
  const verdict = note === null ? compareWith(check, known, allowed) : 'undecided';
  const result = {
    check: text,
    level,
    verdict,
    measured,
    bound: { value: inUnit(shown), unit: unit.symbol },
    // No errors of none allowed use nothing; one uses more than can be said.
    used: Number.isFinite(used) ? used : known.value === bound ? 0 : null,
    note: note ?? (verdict === 'undecided' ? noiseOfPaired(check, member.measurement) : null),
  };
  const worse = isLower(check) ? { value: 1 / known.value, low: 1 / known.high, high: 1 / known.low } : known;
  return { result, change: check.bound.kind === 'baseline' ? worse : null };
}

/** The figure of a member that a check is about; a sentence where it has none. */
export function estimateOf(check: Check, member: Member): Estimate | string {
  const { metric, bound } = check;
  const { measurement, parts, work } = member;
  const key = metricKey(metric);
  const estimate = measurement.current.metrics[key];
  if (estimate === undefined) {
    if (parts !== undefined && !isAdditive(metric)) return `${key} does not add up: ask for time, mean or cpu of a sum`;
    if (metric.kind === 'value' && measurement.note !== null) return measurement.note;
    // Where nothing at all could be timed, the note says why.
    const failed = measurement.current.metrics['time'] === undefined ? measurement.note : null;
    if (metric.kind === 'reported') return notReported(metric.name, measurement);
    return failed === null ? `${key} was not measured` : `${key} was not measured: ${failed}`;
  }
  // A rate counts what is done in an iteration, unless the check asks for the iterations themselves.
  const counted = bound.kind === 'quantity' && bound.unit.dimension === 'rate' ? countedBy(bound.unit) : work.counts;
  if (metric.kind === 'throughput') return scaled(estimate, counted === work.counts ? work.amount : 1);
  if (bound.kind !== 'quantity') return estimate;
  const { dimension } = bound.unit;
  if (dimension === 'share' && metric.kind === 'errors') return scaled(estimate, 1 / Math.max(1, estimate.samples));
  if (metric.kind !== 'reported') return estimate;
  // A number that was reported without a unit may be called anything.
  const unit = estimate.unit === undefined ? null : freeUnit(estimate.unit);
  if (unit === null ? dimension === 'count' : isComparable(unit, bound.unit)) return estimate;
  const written = formatQuantity(bound.value, bound.unit);
  const reported = unit === null ? 'without a unit' : `in ${unit.symbol}`;
  return `${key} is reported ${reported}, and ${written} is ${dimensionNames[dimension]}`;
}

function scaled(estimate: Estimate, factor: number): Estimate {
  const { value, low, high } = estimate;
  return { ...estimate, value: value * factor, low: low * factor, high: high * factor };
}

function notReported(name: string, { current }: Measurement): string {
  const reported = Object.keys(current.metrics).filter((key) => !isMeasured(key));
  const others = reported.length === 0 ? 'it reports nothing' : `it reports ${reported.join(', ')}`;
  return `the benchmark does not report ${name}; ${others}`;
}

function heldAgainst(check: Check, current: Estimate, member: Member, around: Surroundings): Held | string {
  const { bound, metric } = check;
  const key = metricKey(metric);
  switch (bound.kind) {
    case 'quantity':
      return { known: current, bound: bound.value, shown: bound.value, samples: current.samples };
    case 'baseline': {
      const { measurement } = member;
      const old = measurement.baseline?.metrics[key];
      if (old === undefined) return measurement.note ?? `${around.baselineName} has no ${key} to compare with`;
      const samples = Math.min(current.samples, old.samples);
      const paired = pairedRatio(check, measurement.comparison);
      if (paired === null) return against(current, old, bound.factor, samples);
      // By the ratio that decides: of two separate figures the quotient is less well known.
      return { known: paired, bound: bound.factor, shown: (current.value / paired.value) * bound.factor, samples };
    }
    case 'reference': {
      const all = around.references.get(bound.name) ?? [];
      const other = all.length === 1 ? all[0] : all.find(({ size }) => size !== null && size === member.size);
      if (other === undefined) {
        return all.length === 0
          ? `"${bound.name}" was not measured`
          : `"${bound.name}" is ${all.length} benchmarks, and none of them has the size of ${member.name}`;
      }
      const there = estimateOf(check, other);
      if (typeof there === 'string') return `"${other.name}": ${there}`;
      return against(current, there, bound.factor, Math.min(current.samples, there.samples));
    }
    case 'growth':
      throw new Error('growth is judged on all sizes at once');
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
function pairedRatio({ metric }: Check, comparison: Comparison | null): Known | null {
  if (comparison === null) return null;
  // Nothing ran twice, for there is nothing to compare: both sides are one piece of code.
  if (comparison.forks === 0) return { value: 1, low: 1, high: 1 };
  if (metric.kind === 'time') return { ...comparison, value: comparison.ratio };
  // The same figure upside down.
  if (metric.kind === 'throughput') {
    return { value: 1 / comparison.ratio, low: 1 / comparison.high, high: 1 / comparison.low };
  }
  return null;
}

/** Where the machine was too noisy for a bound on the old code, what it can see and what time would do. */
function noiseOfPaired(check: Check, { comparison, current, elapsedMs }: Measurement): string | null {
  const { bound } = check;
  if (bound.kind !== 'baseline' || comparison === null || pairedRatio(check, comparison) === null) return null;
  const note = noiseNote(comparison, elapsedMs, Math.max(bound.factor, 1 / bound.factor) - 1);
  const time = current.metrics['time']?.value;
  return note === null || time === undefined || comparison.forks > 1
    ? note
    : `an iteration takes ${formatQuantity(Number(time.toPrecision(2)), 'time')}, and ${note}`;
}

/** Counts and sizes may be zero, and what is kept after a collection less than that: no logarithm of it is taken. */
const least = 1e-9;

/**
 * The ratio of two estimates, its interval recovered from theirs on the log scale (the MOVER of Zou & Donner, Statistics in
 * Medicine 27, 2008). It takes the two as independent; that they ran in the same processes can only make it too wide.
 */
function quotient(a: Known, b: Known): Known {
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
  { low, high }: Pick<Known, 'low' | 'high'>,
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
function tooFew({ metric }: Check, samples: number, { elapsedMs }: Measurement): string | null {
  const needed = metric.kind === 'percentile' ? samplesNeeded(metric.percentile) : 0;
  if (samples >= needed) return null;
  const count = (value: number): string => formatQuantity(value, 'count');
  const taken = `${count(samples)} ${samples === 1 ? 'was' : 'were'} taken`;
  // With some to spare, for not all processes are alike.
  const seconds = (1.25 * (elapsedMs / 1000) * needed) / Math.max(1, samples);
  return `${metricKey(metric)} needs ${count(needed)} samples; ${taken}${giveIt(seconds)}`;
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
