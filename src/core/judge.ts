import { severities, subjectText, type Budget, type Check, type Defaults, type Severity } from './budget.js';
import { formatQuantity } from './figures.js';
import type {
  BudgetResult,
  CheckResult,
  Comparison,
  Estimate,
  Measurement,
  RunFailure,
  Verdict,
} from './measurement.js';
import { resultMessage, type Judged } from './message.js';
import { metricDimension, metricKey, samplesNeeded } from './metric.js';
import { unitOf, type Unit } from './quantity.js';
import { unreachable } from './result.js';

export interface JudgeOptions {
  readonly cached: boolean;
  /** What the baseline is called: `HEAD`, `v3.0.0`. */
  readonly baselineName: string;
}

/**
 * What a measurement says of a budget. Each check is three-valued: it passes when its whole interval is within the bound, fails
 * when none of it is, and is undecided in between.
 *
 * The budget fails when a limit fails; else it is undecided when a limit is, for that may be a failure; else it warns when an
 * acceptable check fails; else it passes. A target decides nothing. Where no old code could be run, checks on the
 * baseline are undecided, no measuring can answer them, and the budget is what its other checks say: undecided if there are none.
 */
export function judge(
  budget: Budget,
  measurement: Measurement,
  defaults: Defaults,
  { cached, baselineName }: JudgeOptions,
): BudgetResult {
  const judged = budget.checks.map((check) => ({
    check,
    result: judgeCheck(check, measurement, defaults, baselineName),
  }));
  const { comparison } = measurement;
  const verdict = verdictOf(judged, measurement);
  return {
    name: budget.name,
    benchmark: subjectText(budget),
    verdict,
    severity: comparison === null ? null : severityOf(comparison, defaults),
    cached,
    elapsedMs: measurement.elapsedMs,
    samples: measurement.samples,
    comparison: comparison && { ratio: comparison.ratio, low: comparison.low, high: comparison.high },
    checks: judged.map(({ result }) => result),
    message: resultMessage(verdict, judged, measurement, baselineName),
  };
}

/** What a budget says whose benchmark could not run. */
export function judgeFailure(budget: Budget, failure: RunFailure): BudgetResult {
  return {
    name: budget.name,
    benchmark: subjectText(budget),
    verdict: 'error',
    severity: null,
    cached: false,
    elapsedMs: 0,
    samples: 0,
    comparison: null,
    checks: [],
    message: failure.message,
  };
}

/** Whether a measurement of this kind can answer a check at all, however long it takes. */
export function isAnswerable(check: Check, measurement: Measurement): boolean {
  return check.bound.kind === 'quantity' || (check.bound.kind === 'baseline' && measurement.baseline !== null);
}

function verdictOf(judged: readonly Judged[], measurement: Measurement): Verdict {
  const open = judged.filter(({ check }) => isAnswerable(check, measurement));
  const has = (level: Check['level'], verdict: Verdict): boolean =>
    open.some(({ result }) => result.level === level && result.verdict === verdict);
  if (has('limit', 'fail')) return 'fail';
  if (has('limit', 'undecided')) return 'undecided';
  if (has('acceptable', 'fail')) return 'warn';
  return open.some(({ result }) => result.verdict !== 'undecided') ? 'pass' : 'undecided';
}

/** The step of the ladder that a regression has reached; null where the code is not known to be slower. */
function severityOf({ ratio, low }: Comparison, { regression }: Defaults): Severity | null {
  if (low <= 1) return null;
  return severities.findLast((severity) => ratio >= 1 + regression[severity]) ?? null;
}

function judgeCheck(check: Check, measurement: Measurement, defaults: Defaults, baselineName: string): CheckResult {
  const { metric, bound, text, level } = check;
  const key = metricKey(metric);
  const current = measurement.current.metrics[key];
  const unanswered = { check: text, level, verdict: 'undecided' as const, measured: null, bound: null, used: null };
  if (current === undefined) return { ...unanswered, note: `${key} was not measured` };
  if (bound.kind === 'reference' || bound.kind === 'growth')
    return { ...unanswered, note: `${text} is not judged yet` };
  // Figures are told in the unit that the user wrote; against the baseline nobody wrote one.
  const unit = bound.kind === 'quantity' ? bound.unit : readableUnit(check, current.value);
  const inUnit = (value: number): number => value / unit.scale;
  const measured = {
    value: inUnit(current.value),
    low: inUnit(current.low),
    high: inUnit(current.high),
    unit: unit.symbol,
  };
  const old = measurement.baseline?.metrics[key];
  const known = knownOf(check, current, old, measurement.comparison);
  if (known === null) {
    const note = measurement.note ?? `${baselineName} has no ${key} to compare with`;
    return { ...unanswered, measured, note };
  }
  const value = bound.kind === 'quantity' ? bound.value : bound.factor;
  const allowed = bound.kind === 'quantity' ? value * slack(check, defaults) : value;
  const samples =
    bound.kind === 'baseline' && old !== undefined ? Math.min(current.samples, old.samples) : current.samples;
  const note = tooFew(check, samples);
  return {
    check: text,
    level,
    verdict: note === null ? compareWith(check, known, allowed) : 'undecided',
    measured,
    // What the old code allows, by the ratio that decides: of two separate figures the quotient is less well known.
    bound: {
      value: bound.kind === 'quantity' ? inUnit(value) : (measured.value / known.value) * value,
      unit: unit.symbol,
    },
    used: isUpper(check) ? known.value / value : value / known.value,
    note,
  };
}

/** A number and its interval, to be held against a bound: in the base unit, or for a bound on the baseline a ratio. */
type Known = Pick<Estimate, 'value' | 'low' | 'high'>;

/** What a check is decided by: the metric itself, or its ratio to the old code's. Null where there is no old code. */
function knownOf(
  check: Check,
  current: Estimate,
  old: Estimate | undefined,
  comparison: Comparison | null,
): Known | null {
  if (check.bound.kind === 'quantity') return current;
  if (old === undefined) return null;
  // Nothing ran twice, for there is nothing to compare: both sides are one piece of code.
  if (comparison?.forks === 0) return { value: 1, low: 1, high: 1 };
  if (comparison !== null && check.metric.kind === 'time') return { ...comparison, value: comparison.ratio };
  // The same figure upside down.
  if (comparison !== null && check.metric.kind === 'throughput') {
    return { value: 1 / comparison.ratio, low: 1 / comparison.high, high: 1 / comparison.low };
  }
  return quotient(current, old);
}

/**
 * The ratio of two estimates, its interval recovered from theirs on the log scale (the MOVER of Zou & Donner, Statistics in
 * Medicine 27, 2008). It takes the two as independent; that they ran in the same processes can only make it too wide.
 */
function quotient(a: Known, b: Known): Known {
  const value = a.value / b.value;
  const down = Math.hypot(Math.log(a.value / a.low), Math.log(b.high / b.value));
  const up = Math.hypot(Math.log(a.high / a.value), Math.log(b.value / b.low));
  return { value, low: value * Math.exp(-down), high: value * Math.exp(up) };
}

const isUpper = ({ relation }: Check): boolean => relation === '<' || relation === '<=';

function slack(check: Check, { tolerance }: Defaults): number {
  return isUpper(check) ? 1 + tolerance : 1 - tolerance;
}

function compareWith({ relation }: Check, { low, high }: Known, bound: number): 'pass' | 'fail' | 'undecided' {
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
function tooFew({ metric }: Check, samples: number): string | null {
  const needed = metric.kind === 'percentile' ? samplesNeeded(metric.percentile) : 0;
  if (samples >= needed) return null;
  const count = (value: number): string => formatQuantity(value, 'count');
  return `${metricKey(metric)} needs ${count(needed)} samples; ${count(samples)} were taken`;
}

/** A unit in which a figure that nobody gave one reads well. */
function readableUnit({ metric }: Check, value: number): Pick<Unit, 'symbol' | 'scale'> {
  if (metricDimension(metric) === 'rate') return { symbol: 'ops/s', scale: 1 };
  const symbol = value >= 1e9 ? 's' : value >= 1e6 ? 'ms' : value >= 1e3 ? 'us' : 'ns';
  return unitOf(symbol) ?? { symbol: 'ns', scale: 1 };
}
