import type { Budget, Check, Defaults, Severity } from './budget.js';
import { severities } from './budget.js';
import {
  formatChange,
  formatInterval,
  formatPercent,
  formatPlusMinus,
  formatQuantity,
  formatSpeed,
} from './figures.js';
import type { BudgetResult, CheckResult, Estimate, Measurement, RunFailure, Verdict } from './measurement.js';
import { metricDimension, metricDirection, metricKey, samplesNeeded } from './metric.js';
import { unitOf } from './quantity.js';

export interface JudgeOptions {
  readonly cached: boolean;
  /** What the baseline is called: `HEAD`, `v3.0.0`. */
  readonly baselineName: string;
}

type Answer = 'pass' | 'fail' | 'undecided';

/** A bound as a share of itself: 1 is all of it. `low` and `high` as the check's direction has them: more is worse. */
interface Use {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * What a measurement says of a budget. Three-valued: a check passes when its whole interval is within the bound, fails when
 * none of it is, and is undecided in between.
 *
 * A missed `limit` fails the budget, a missed `acceptable` warns, a missed `target` is only told. An undecided limit is worse
 * than a warning, since it may be a failure. Without an old side, checks on the baseline are undecided, and the
 * budget is what its other checks say.
 */
export function judge(
  budget: Budget,
  measurement: Measurement,
  defaults: Defaults,
  options: JudgeOptions,
): BudgetResult {
  const checks = budget.checks.map((check) => judgeCheck(check, measurement, defaults, options));
  const { comparison } = measurement;
  const severity = comparison === null ? null : severityOf(comparison, defaults);
  const verdict = budgetVerdict(budget.checks, checks, measurement);
  return {
    name: budget.name,
    benchmark: budget.benchmark,
    verdict,
    severity,
    cached: options.cached,
    elapsedMs: measurement.elapsedMs,
    samples: measurement.samples,
    comparison: comparison && { ratio: comparison.ratio, low: comparison.low, high: comparison.high },
    checks,
    message: message(verdict, budget.checks, checks, measurement, options),
  };
}

/** What a budget says whose benchmark could not run. */
export function judgeFailure(budget: Budget, failure: RunFailure): BudgetResult {
  return {
    name: budget.name,
    benchmark: budget.benchmark,
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

function judgeCheck(check: Check, measurement: Measurement, defaults: Defaults, options: JudgeOptions): CheckResult {
  const key = metricKey(check.metric);
  const current = measurement.current.metrics[key];
  const baseline = measurement.baseline?.metrics[key];
  const { bound } = check;
  const base = { check: check.text, level: check.level };
  const none = { ...base, verdict: 'undecided' as const, measured: null, bound: null, used: null };
  if (current === undefined) return { ...none, note: `${key} was not measured` };
  // Times are told in the unit that the user wrote; against the baseline nobody wrote one.
  const unit = bound.kind === 'quantity' ? bound.unit : readableUnit(check, current.value);
  const inUnit = (value: number): number => value / unit.scale;
  const measured = {
    value: inUnit(current.value),
    low: inUnit(current.low),
    high: inUnit(current.high),
    unit: unit.symbol,
  };
  if (bound.kind === 'baseline' && baseline === undefined) {
    return { ...none, measured, note: measurement.note ?? `${options.baselineName} has no figures to compare with` };
  }
  // A bound that was measured is not known to six digits.
  const limit =
    bound.kind === 'quantity' ? bound.value : Number(((baseline?.value ?? NaN) * bound.factor).toPrecision(3));
  const use = useOf(check, current, baseline, measurement, defaults);
  const { metric } = check;
  const needed = metric.kind === 'percentile' ? samplesNeeded(metric.percentile) : 0;
  const enough = current.samples >= needed;
  const samples = (count: number): string => formatQuantity(count, 'count');
  const note = enough ? null : `${key} needs ${samples(needed)} samples; ${samples(current.samples)} were taken`;
  return {
    ...base,
    verdict: enough ? answer(check, use) : 'undecided',
    measured,
    bound: { value: inUnit(limit), unit: unit.symbol },
    used: use.value,
    note,
  };
}

/** How much of the bound is used, whichever way the check points. */
function useOf(
  check: Check,
  current: Estimate,
  baseline: Estimate | undefined,
  measurement: Measurement,
  defaults: Defaults,
): Use {
  const { bound, metric, relation } = check;
  const reverse = relation === '>' || relation === '>=';
  const turned = (low: number, value: number, high: number): Use =>
    reverse ? { value: 1 / value, low: 1 / high, high: 1 / low } : { value, low, high };
  if (bound.kind === 'quantity') {
    const allowed = bound.value * (reverse ? 1 - defaults.tolerance : 1 + defaults.tolerance);
    return turned(current.low / allowed, current.value / allowed, current.high / allowed);
  }
  const { comparison } = measurement;
  if (comparison !== null && (metric.kind === 'time' || metric.kind === 'throughput')) {
    // Time and throughput are the same figure, and the paired ratio knows it better than two separate ones.
    const { ratio, low, high } = comparison;
    const [a, b, c] = metricDirection(metric) === 'higher' ? [1 / high, 1 / ratio, 1 / low] : [low, ratio, high];
    return turned(a / bound.factor, b / bound.factor, c / bound.factor);
  }
  const old = baseline ?? current;
  return turned(
    current.low / (old.high * bound.factor),
    current.value / (old.value * bound.factor),
    current.high / (old.low * bound.factor),
  );
}

function answer({ relation }: Check, { low, high }: Use): Answer {
  switch (relation) {
    case '<':
    case '>':
      return high < 1 ? 'pass' : low >= 1 ? 'fail' : 'undecided';
    case '<=':
    case '>=':
      return high <= 1 ? 'pass' : low > 1 ? 'fail' : 'undecided';
    case '=':
      return low > 1 || high < 1 ? 'fail' : low === high ? 'pass' : 'undecided';
  }
}

/** The step of the ladder that a regression has reached; null where the code is not known to be slower. */
function severityOf({ ratio, low }: { ratio: number; low: number }, { regression }: Defaults): Severity | null {
  if (low <= 1) return null;
  return severities.findLast((severity) => ratio >= 1 + regression[severity]) ?? null;
}

function budgetVerdict(checks: readonly Check[], results: readonly CheckResult[], measurement: Measurement): Verdict {
  const at = (level: Check['level'], verdict: Verdict): boolean =>
    results.some((result, index) => {
      // What no measuring could answer is not held against the budget.
      const answerable = measurement.baseline !== null || checks[index]?.bound.kind !== 'baseline';
      return result.level === level && result.verdict === verdict && (answerable || verdict !== 'undecided');
    });
  if (at('limit', 'fail')) return 'fail';
  if (at('limit', 'undecided')) return 'undecided';
  if (at('acceptable', 'fail')) return 'warn';
  if (at('acceptable', 'undecided')) return 'undecided';
  return results.some((result) => result.verdict !== 'undecided') ? 'pass' : 'undecided';
}

function message(
  verdict: Verdict,
  checks: readonly Check[],
  results: readonly CheckResult[],
  measurement: Measurement,
  { baselineName }: JudgeOptions,
): string {
  const { comparison } = measurement;
  const speed =
    comparison === null
      ? null
      : `${formatSpeed(comparison.ratio, comparison)}${comparison.ratio > 1 || comparison.ratio < 1 ? ' than' : ' as'} ${baselineName}`;
  const wanted: Verdict = verdict === 'warn' ? 'fail' : verdict;
  const levels: readonly Check['level'][] = ['limit', 'acceptable', 'target'];
  const index = levels
    .flatMap((level) =>
      results.flatMap((result, at) => (result.level === level && result.verdict === wanted ? [at] : [])),
    )
    .at(0);
  const check = index === undefined ? undefined : checks[index];
  const result = index === undefined ? undefined : results[index];
  const isSpeed =
    check?.bound.kind === 'baseline' && (check.metric.kind === 'time' || check.metric.kind === 'throughput');
  if (verdict === 'undecided') {
    if (isSpeed && comparison !== null) {
      return `${formatPlusMinus(comparison.ratio, comparison)} against ${baselineName}: not enough to tell whether ${check.text} holds`;
    }
    if (result !== undefined && result.note !== null) return result.note;
    return result === undefined
      ? (measurement.note ?? 'nothing could be told')
      : `${result.check} is not decided: ${figure(result)}`;
  }
  if ((verdict === 'fail' || verdict === 'warn') && check !== undefined && result !== undefined) {
    if (isSpeed && comparison !== null) {
      const allowed = check.metric.kind === 'throughput' ? 1 / check.bound.factor - 1 : check.bound.factor - 1;
      return `${speed ?? ''} (${formatInterval(comparison)}); the budget allows ${formatPercent(allowed, 1)}`;
    }
    const bound = result.bound === null ? '' : quantity(result.bound.value, result.bound.unit);
    return `${metricKey(check.metric)} is ${figure(result)}; the ${check.level} is ${bound}`;
  }
  const parts: string[] = [];
  const absolute = results.find((_, at) => checks[at]?.bound.kind === 'quantity' && results[at]?.measured !== null);
  const time = measurement.current.metrics['time'];
  if (absolute !== undefined && absolute.bound !== null)
    parts.push(`${figure(absolute)} of ${quantity(absolute.bound.value, absolute.bound.unit)}`);
  else if (time !== undefined) parts.push(formatQuantity(time.value, 'time', time));
  if (comparison !== null) parts.push(`${formatChange(comparison.ratio, comparison)} against ${baselineName}`);
  else if (measurement.note !== null) parts.push(measurement.note);
  return parts.join(' · ');
}

function figure({ measured }: CheckResult): string {
  return measured === null ? 'not measured' : quantity(measured.value, measured.unit, measured);
}

function quantity(value: number, symbol: string, interval?: { low: number; high: number }): string {
  const unit = unitOf(symbol);
  const scale = unit?.scale ?? 1;
  const scaled = interval && { low: interval.low * scale, high: interval.high * scale };
  return formatQuantity(value * scale, unit ?? 'count', scaled);
}

/** A unit in which a figure that nobody gave one reads well. */
function readableUnit({ metric }: Check, value: number): { symbol: string; scale: number } {
  if (metricDimension(metric) === 'rate') return { symbol: 'ops/s', scale: 1 };
  const symbol = value >= 1e9 ? 's' : value >= 1e6 ? 'ms' : value >= 1e3 ? 'us' : 'ns';
  return { symbol, scale: unitOf(symbol)?.scale ?? 1 };
}
