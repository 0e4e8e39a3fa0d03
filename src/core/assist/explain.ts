import * as l10n from '@vscode/l10n';
import type { Check, Level, Metric, Relation, RunSettings } from '../language/budget.js';
import { formatPercent, formatQuantity } from '../language/figures.js';
import type { CheckResult } from '../results/measurement.js';
import { metricKey } from '../language/metric.js';
import { unreachable } from '../result.js';
import { lastResult, type BudgetState } from '../results/state.js';
import { figuresOf, formatShare } from '../text/figures.js';
import { shareOf } from '../text/check.js';
import { ended } from '../text/words.js';

/** Describes a metric in a few words. */
export function metricMeaning(metric: Metric): string {
  switch (metric.kind) {
    case 'time':
      return l10n.t('the time per iteration, as used in comparisons');
    case 'mean':
      return l10n.t('the average time per iteration');
    case 'median':
      return l10n.t('half of the iterations take this time or less');
    case 'min':
      return l10n.t('the time of the fastest iteration');
    case 'max':
      return l10n.t('the time of the slowest iteration');
    case 'percentile': {
      const [some, all] = outOf(metric.percentile);
      return l10n.t`${some} of ${all} iterations take this time or less`;
    }
    case 'throughput':
      return l10n.t('the work done per second');
    case 'cpu':
      return l10n.t('the CPU time per iteration');
    case 'allocated':
      return l10n.t('the bytes allocated per iteration');
    case 'retained':
      return l10n.t('the bytes still in use after all cycles');
    case 'heap':
      return l10n.t('the peak size of the JavaScript heap');
    case 'rss':
      return l10n.t('the peak memory use of the process');
    case 'errors':
      return l10n.t('the iterations that fail');
    case 'crashes':
      return l10n.t('the processes that crash');
    case 'value':
      return l10n.t('the value recorded by hand');
    case 'reported':
      return l10n.t('a metric that the benchmark reports');
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
  if (bound.kind === 'growth') return `${capital(nounOf(metric, cycles))} ${growthWords[bound.growth]()}.`;
  const isZero = bound.kind === 'quantity' && bound.value === 0 && (relation === '=' || relation === '<=');
  if (isZero && metric.kind === 'errors') return l10n.t('No iteration fails.');
  if (isZero && metric.kind === 'crashes') return l10n.t('The process never crashes.');
  const amount = amountOf(check, against);
  switch (metric.kind) {
    case 'time':
      return l10n.t`An iteration takes ${amount}.`;
    case 'mean':
      return l10n.t`On average, an iteration takes ${amount}.`;
    case 'median':
      return l10n.t`Half of the iterations take ${amount}.`;
    case 'min':
      return l10n.t`The fastest iteration takes ${amount}.`;
    case 'max':
      return l10n.t`The slowest iteration takes ${amount}.`;
    case 'percentile': {
      const isLeast = relation.startsWith('>');
      const [some, all] = outOf(isLeast ? Number((100 - metric.percentile).toFixed(10)) : metric.percentile);
      return l10n.t`At least ${some} of ${all} iterations take ${amount}.`;
    }
    case 'throughput':
      return l10n.t`The benchmark does ${amount}.`;
    case 'cpu':
      return l10n.t`An iteration uses ${amount} of CPU time.`;
    case 'allocated':
      return l10n.t`An iteration allocates ${amount}.`;
    case 'retained':
    case 'heap':
    case 'rss':
    case 'value':
    case 'reported':
      return capital(l10n.t`${nounOf(metric, cycles)} is ${amount}.`);
    case 'errors': {
      const isShare = bound.kind === 'quantity' && bound.unit.dimension === 'share';
      return isShare
        ? capital(l10n.t`${amount} of the iterations fail.`)
        : l10n.t`The number of failed iterations is ${amount}.`;
    }
    case 'crashes':
      return l10n.t`The number of crashes is ${amount}.`;
    default:
      return unreachable(metric);
  }
}

function nounOf(metric: Metric, cycles: number | null): string {
  switch (metric.kind) {
    case 'time':
      return l10n.t('the time per iteration');
    case 'mean':
      return l10n.t('the mean time per iteration');
    case 'median':
      return l10n.t('the median time per iteration');
    case 'min':
    case 'max':
      return metric.kind === 'min'
        ? l10n.t('the time of the fastest iteration')
        : l10n.t('the time of the slowest iteration');
    case 'percentile':
      return l10n.t`the ${metricKey(metric)} time`;
    case 'throughput':
      return l10n.t('the work done per second');
    case 'cpu':
      return l10n.t('the CPU time per iteration');
    case 'allocated':
      return l10n.t('the memory allocated per iteration');
    case 'retained':
      return cycles === null
        ? l10n.t('the memory still in use after all cycles')
        : l10n.t`the memory still in use after ${formatQuantity(cycles, 'count')} cycles`;
    case 'heap':
      return l10n.t('the peak size of the JavaScript heap');
    case 'rss':
      return l10n.t('the peak memory use of the process');
    case 'errors':
      return l10n.t('the number of failed iterations');
    case 'crashes':
      return l10n.t('the number of crashes');
    case 'value':
      return l10n.t('the value recorded by hand');
    case 'reported':
      return l10n.t`“${metric.name}”, which the benchmark reports,`;
    default:
      return unreachable(metric);
  }
}

const growthWords = {
  'O(1)': () => l10n.t('does not grow with the size'),
  'O(log n)': () => l10n.t('grows no faster than the logarithm of the size'),
  'O(n)': () => l10n.t('grows at most in proportion to the size: twice the size, at most twice as much'),
  'O(n log n)': () => l10n.t('grows no faster than n log n: a little more than in proportion to the size'),
  'O(n^2)': () => l10n.t('grows no faster than the square of the size: twice the size, at most four times as much'),
} as const;

/** `10 µs or less`, `at most 10% more than at HEAD`. */
function amountOf({ relation, bound }: Pick<Check, 'relation' | 'bound'>, against: string): string {
  switch (bound.kind) {
    case 'quantity':
      return related(formatQuantity(bound.value, bound.unit), relation);
    case 'baseline':
      return `${relationWords[relation]()} ${scaled(bound.factor, l10n.t`at ${against}`)}`;
    case 'reference':
      return `${relationWords[relation]()} ${scaled(bound.factor, l10n.t`in “${bound.name}”`)}`;
    case 'growth':
      return bound.growth;
    default:
      return unreachable(bound);
  }
}

const relationWords: Readonly<Record<Relation, () => string>> = {
  '<=': () => l10n.t('at most'),
  '<': () => l10n.t('less than'),
  '>=': () => l10n.t('at least'),
  '>': () => l10n.t('more than'),
  '=': () => l10n.t('exactly'),
};

function related(quantity: string, relation: Relation): string {
  if (relation === '<=') return l10n.t`${quantity} or less`;
  if (relation === '>=') return l10n.t`${quantity} or more`;
  return `${relationWords[relation]()} ${quantity}`;
}

/** `as much as at HEAD`, `10% more than at HEAD`, `3 times as much as …`, `1/5 of …`. */
function scaled(factor: number, where: string): string {
  const inverse = 1 / factor;
  if (factor === 1) return l10n.t`as much as ${where}`;
  if (factor >= 2) return l10n.t`${formatQuantity(factor, 'count')} times as much as ${where}`;
  const whole = Math.round(inverse);
  if (whole >= 2 && Math.abs(inverse - whole) < 1e-9) return l10n.t`1/${whole} of what it is ${where}`;
  const percent = formatPercent(Math.abs(factor - 1), 1);
  return factor > 1 ? l10n.t`${percent} more than ${where}` : l10n.t`${percent} less than ${where}`;
}

/** Says what a missed check of a level does. */
export function explainLevel(level: Level): string {
  switch (level) {
    case 'target':
      return l10n.t('Target: a miss is shown as information.');
    case 'acceptable':
      return l10n.t('Acceptable: a miss is a warning.');
    case 'limit':
      return l10n.t('Limit: a miss fails the budget.');
    default:
      return unreachable(level);
  }
}

/** Says what was measured for a check: "Now: 8.1 µs, 81% used." */
export function explainState(check: Pick<Check, 'text' | 'level'>, state: BudgetState): string {
  const result = lastResult(state);
  const found = result?.checks.find((one) => one.check === check.text && one.level === check.level);
  if (result?.verdict === 'error') return l10n.t`Not measured: ${ended(result.message)}`;
  if (found === undefined) return state.kind === 'measuring' ? l10n.t('Measuring…') : l10n.t('Not measured yet.');
  return `${state.kind === 'known' ? l10n.t('Now') : l10n.t('Before the last save')}: ${foundWords(found)}`;
}

function foundWords(found: CheckResult): string {
  const figures = figuresOf(found);
  const of = found.benchmark === undefined ? '' : `${found.benchmark}: `;
  if (figures === null) return ended(of + (found.note ?? l10n.t('undecided')));
  const words = of + figuresWords(figures.measured, shareOf(found), found.verdict === 'undecided');
  return ended(found.note === null ? words : `${words}; ${found.note}`);
}

function figuresWords(measured: string, share: number | null, isOpen: boolean): string {
  if (share === null) return isOpen ? l10n.t`${measured}, undecided` : measured;
  const used = formatShare(share);
  return isOpen ? l10n.t`${measured}, ${used} used, undecided` : l10n.t`${measured}, ${used} used`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
