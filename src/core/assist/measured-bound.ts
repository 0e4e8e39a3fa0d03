import type { Metric, RunSettings } from '../language/budget.js';
import { parseCheck } from '../language/check.js';
import { metricDimension, metricDirection, metricKey } from '../language/metric.js';
import { freeUnit, unitOf, type Unit } from '../language/quantity.js';
import type { BudgetResult, CheckResult } from '../results/measurement.js';
import { figure } from '../text/figures.js';
import { readCheck } from '../text/check.js';
import { plainNumber, roundedTo } from './round.js';

/** What was measured of a metric, in its base unit (ns, 1/s, B, 1); `unit` is the one of the figure. */
export interface MeasuredFigure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly unit: string;
}

/** Finds what was measured for a budget of this name or, if there is none, of this benchmark; null if nothing was. */
export type MeasuredFigures = (budget: string, benchmark: string | null, metric: Metric) => MeasuredFigure | null;

/** A bound that what was measured satisfies. */
export interface ProposedBound {
  readonly bound: string;
  /** The figure, as it is shown elsewhere. */
  readonly measured: string;
}

/** The room that a proposed bound leaves, as a fraction. */
const room = 0.1;

/** Returns the figure of a metric in a result; null if no check has it. The rate of work is known from its time, too. */
export function measuredIn(result: Pick<BudgetResult, 'checks'>, metric: Metric): MeasuredFigure | null {
  const of = (key: string): MeasuredFigure | null => {
    const check = result.checks.find((one) => metricOf(one) === key && one.measured !== null);
    const measured = check?.measured ?? null;
    if (measured === null) return null;
    const { value, low, high, unit } = measured;
    const { scale } = freeUnit(unit);
    return { value: value * scale, low: low * scale, high: high * scale, unit };
  };
  const own = of(metricKey(metric));
  if (own !== null || metric.kind !== 'throughput') return own;
  const time = of('time');
  if (time === null || !(time.low > 0)) return null;
  return { value: 1e9 / time.value, low: 1e9 / time.high, high: 1e9 / time.low, unit: 'ops/s' };
}

function metricOf(check: CheckResult): string | null {
  const parsed = readCheck(check);
  return parsed === null ? null : metricKey(parsed.metric);
}

const unitsOf = (...symbols: readonly string[]): readonly Unit[] => symbols.flatMap((symbol) => unitOf(symbol) ?? []);
const times = unitsOf('s', 'ms', 'us', 'ns');
const sizes = unitsOf('GB', 'MB', 'KB', 'B');

/**
 * Proposes a bound for a check of `metric` with `relation`, with some room over what was measured: `2.1 ms` for 1.9 ms. Null if the
 * relation asks for an exact value, or if the figure counts something else than the checks of this budget do.
 */
export function proposedBound(
  metric: Metric,
  relation: string,
  { value, low, high, unit }: MeasuredFigure,
  counts: RunSettings['work']['counts'],
): ProposedBound | null {
  const dimension = metricDimension(metric);
  if (!/^[<>]=?$/.test(relation) || dimension === null || !(value > 0)) return null;
  const isFloor = relation.startsWith('>');
  // Nobody wants a bound that only worse code satisfies.
  if (isFloor !== (metricDirection(metric) === 'higher')) return null;
  // What is counted has no noise.
  const isCount = dimension === 'count';
  const share = isCount ? 0 : room;
  const edge = isFloor ? Math.min(value * (1 - share), low) : Math.max(value * (1 + share), high);
  const bound = boundText(isCount ? edge : roundedTo(isFloor ? 'lower' : 'upper', edge), dimension, unit, counts);
  if (bound === null) return null;
  const scale = freeUnit(unit).scale;
  return { bound, measured: figure(value / scale, unit, { low: low / scale, high: high / scale }) };
}

function boundText(value: number, dimension: string, unit: string, counts: string): string | null {
  const within = (units: readonly Unit[]): string | null => {
    const found = units.find(({ scale }) => value >= scale) ?? units.at(-1);
    return found === undefined ? null : `${plainNumber(Number((value / found.scale).toPrecision(6)))} ${found.symbol}`;
  };
  switch (dimension) {
    case 'time':
      return within(times);
    case 'size':
      return within(sizes);
    case 'rate': {
      const counted = unit.slice(0, unit.lastIndexOf('/'));
      if (counted !== 'ops' && counted !== counts) return null;
      const [digits, magnitude] = value >= 1e7 ? [value / 1e6, 'M'] : value >= 1e4 ? [value / 1e3, 'k'] : [value, ''];
      return `${plainNumber(Number(digits.toPrecision(6)))}${magnitude} ${unit}`;
    }
    default:
      return plainNumber(value);
  }
}

/** Proposes the limits of a new budget: one on its time, if that was measured before. */
export function proposedLimits(time: Omit<MeasuredFigure, 'unit'> | null): readonly string[] {
  if (time === null) return [];
  const unit = times.find(({ scale }) => time.value >= scale)?.symbol ?? 'ns';
  const proposed = proposedBound({ kind: 'time' }, '<=', { ...time, unit }, 'ops');
  const check = proposed && `time <= ${proposed.bound}`;
  return check !== null && parseCheck(check).ok ? [check] : [];
}
