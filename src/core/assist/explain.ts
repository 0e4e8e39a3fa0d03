import type { Check, Level, Metric, Relation, RunSettings } from '../language/budget.js';
import { formatPercent, formatQuantity } from '../language/figures.js';
import type { CheckResult } from '../results/measurement.js';
import { metricKey } from '../language/metric.js';
import { unreachable } from '../result.js';
import { lastResult, type BudgetState } from '../results/state.js';
import { figuresOf, formatShare } from '../text/figures.js';
import { shareOf } from '../text/check.js';

/** Describes a metric in a few words. */
export function metricMeaning(metric: Metric): string {
  switch (metric.kind) {
    case 'time':
      return 'the time per iteration, as used in comparisons';
    case 'mean':
      return 'the average time per iteration';
    case 'median':
      return 'half of the iterations take this time or less';
    case 'min':
      return 'the time of the fastest iteration';
    case 'max':
      return 'the time of the slowest iteration';
    case 'percentile': {
      const [some, all] = outOf(metric.percentile);
      return `${some} of ${all} iterations take this time or less`;
    }
    case 'throughput':
      return 'the work done per second';
    case 'cpu':
      return 'the CPU time per iteration';
    case 'allocated':
      return 'the bytes allocated per iteration';
    case 'retained':
      return 'the bytes still in use after all cycles';
    case 'heap':
      return 'the peak size of the JavaScript heap';
    case 'rss':
      return 'the peak memory use of the process';
    case 'errors':
      return 'the iterations that fail';
    case 'crashes':
      return 'the processes that crash';
    case 'value':
      return 'the value recorded by hand';
    case 'reported':
      return 'a metric that the benchmark reports';
    default:
      return unreachable(metric);
  }
}

/** p95 is 95 of 100, p99.9 is 999 of 1,000. */
function outOf(percentile: number): readonly [string, string] {
  const digits = String(percentile).split('.')[1]?.length ?? 0;
  const scale = 10 ** digits;
  const grouped = (value: number): string => formatQuantity(Math.round(value), 'count');
  return [grouped(percentile * scale), grouped(100 * scale)];
}

/** Explains a check in one sentence: "At least 95 of 100 iterations take 10 µs or less." `against` names the baseline. */
export function explainCheck(
  check: Pick<Check, 'metric' | 'relation' | 'bound'>,
  { cycles }: Pick<RunSettings, 'cycles'>,
  against: string,
): string {
  const { metric, relation, bound } = check;
  if (bound.kind === 'growth') return `${capital(nounOf(metric, cycles))} ${growthWords[bound.growth]}.`;
  const isZero = bound.kind === 'quantity' && bound.value === 0 && (relation === '=' || relation === '<=');
  if (isZero && metric.kind === 'errors') return 'No iteration fails.';
  if (isZero && metric.kind === 'crashes') return 'The process never crashes.';
  const amount = amountOf(check, against);
  switch (metric.kind) {
    case 'time':
      return `An iteration takes ${amount}.`;
    case 'mean':
      return `On average, an iteration takes ${amount}.`;
    case 'median':
      return `Half of the iterations take ${amount}.`;
    case 'min':
      return `The fastest iteration takes ${amount}.`;
    case 'max':
      return `The slowest iteration takes ${amount}.`;
    case 'percentile': {
      const isLeast = relation.startsWith('>');
      const [some, all] = outOf(isLeast ? Number((100 - metric.percentile).toFixed(10)) : metric.percentile);
      return `At least ${some} of ${all} iterations take ${amount}.`;
    }
    case 'throughput':
      return `The benchmark does ${amount}.`;
    case 'cpu':
      return `An iteration uses ${amount} of CPU time.`;
    case 'allocated':
      return `An iteration allocates ${amount}.`;
    case 'retained':
    case 'heap':
    case 'rss':
    case 'value':
    case 'reported':
      return `${capital(nounOf(metric, cycles))} is ${amount}.`;
    case 'errors': {
      const isShare = bound.kind === 'quantity' && bound.unit.dimension === 'share';
      return isShare ? `${capital(amount)} of the iterations fail.` : `The number of failed iterations is ${amount}.`;
    }
    case 'crashes':
      return `The number of crashes is ${amount}.`;
    default:
      return unreachable(metric);
  }
}

function nounOf(metric: Metric, cycles: number | null): string {
  switch (metric.kind) {
    case 'time':
    case 'mean':
    case 'median':
      return `the ${metric.kind === 'time' ? '' : `${metric.kind} `}time per iteration`;
    case 'min':
    case 'max':
      return `the time of the ${metric.kind === 'min' ? 'fastest' : 'slowest'} iteration`;
    case 'percentile':
      return `the ${metricKey(metric)} time`;
    case 'throughput':
      return 'the work done per second';
    case 'cpu':
      return 'the CPU time per iteration';
    case 'allocated':
      return 'the memory allocated per iteration';
    case 'retained':
      return `the memory still in use after ${cycles === null ? 'all cycles' : `${formatQuantity(cycles, 'count')} cycles`}`;
    case 'heap':
      return 'the peak size of the JavaScript heap';
    case 'rss':
      return 'the peak memory use of the process';
    case 'errors':
      return 'the number of failed iterations';
    case 'crashes':
      return 'the number of crashes';
    case 'value':
      return 'the value recorded by hand';
    case 'reported':
      return `“${metric.name}”, which the benchmark reports,`;
    default:
      return unreachable(metric);
  }
}

const growthWords = {
  'O(1)': 'does not grow with the size',
  'O(log n)': 'grows no faster than the logarithm of the size',
  'O(n)': 'grows at most in proportion to the size: twice the size, at most twice as much',
  'O(n log n)': 'grows no faster than n log n: a little more than in proportion to the size',
  'O(n^2)': 'grows no faster than the square of the size: twice the size, at most four times as much',
} as const;

/** `10 µs or less`, `at most 10% more than at HEAD`. */
function amountOf({ relation, bound }: Pick<Check, 'relation' | 'bound'>, against: string): string {
  switch (bound.kind) {
    case 'quantity':
      return related(formatQuantity(bound.value, bound.unit), relation);
    case 'baseline':
      return `${relationWords[relation]} ${scaled(bound.factor, `at ${against}`)}`;
    case 'reference':
      return `${relationWords[relation]} ${scaled(bound.factor, `in “${bound.name}”`)}`;
    case 'growth':
      return bound.growth;
    default:
      return unreachable(bound);
  }
}

const relationWords: Readonly<Record<Relation, string>> = {
  '<=': 'at most',
  '<': 'less than',
  '>=': 'at least',
  '>': 'more than',
  '=': 'exactly',
};

function related(quantity: string, relation: Relation): string {
  if (relation === '<=') return `${quantity} or less`;
  if (relation === '>=') return `${quantity} or more`;
  return `${relationWords[relation]} ${quantity}`;
}

/** `as much as at HEAD`, `10% more than at HEAD`, `3 times as much as …`, `1/5 of …`. */
function scaled(factor: number, where: string): string {
  const inverse = 1 / factor;
  if (factor === 1) return `as much as ${where}`;
  if (factor >= 2) return `${formatQuantity(factor, 'count')} times as much as ${where}`;
  const whole = Math.round(inverse);
  if (whole >= 2 && Math.abs(inverse - whole) < 1e-9) return `1/${whole} of what it is ${where}`;
  const percent = formatPercent(Math.abs(factor - 1), 1);
  return `${percent} ${factor > 1 ? 'more' : 'less'} than ${where}`;
}

/** Says what a missed check of a level does. */
export function explainLevel(level: Level): string {
  switch (level) {
    case 'target':
      return 'Target: a miss is shown as information.';
    case 'acceptable':
      return 'Acceptable: a miss is a warning.';
    case 'limit':
      return 'Limit: a miss fails the budget.';
    default:
      return unreachable(level);
  }
}

/** Says what was measured for a check: "Now: 8.1 µs, 81% used." */
export function explainState(check: Pick<Check, 'text' | 'level'>, state: BudgetState): string {
  const result = lastResult(state);
  const found = result?.checks.find((one) => one.check === check.text && one.level === check.level);
  if (result?.verdict === 'error') return `Not measured: ${ended(result.message)}`;
  if (found === undefined) return state.kind === 'measuring' ? 'Measuring…' : 'Not measured yet.';
  return `${state.kind === 'known' ? 'Now' : 'Before the last save'}: ${foundWords(found)}`;
}

function foundWords(found: CheckResult): string {
  const figures = figuresOf(found);
  const of = found.benchmark === undefined ? '' : `${found.benchmark}: `;
  if (figures === null) return ended(of + (found.note ?? 'undecided'));
  const share = shareOf(found);
  const used = share === null ? '' : `, ${formatShare(share)} used`;
  const note = found.note === null ? '' : `; ${found.note}`;
  const verdict = found.verdict === 'undecided' ? ', undecided' : '';
  return ended(`${of}${figures.measured}${used}${verdict}${note}`);
}

const ended = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
