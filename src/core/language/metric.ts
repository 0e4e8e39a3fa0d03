import type { Check, Metric } from './budget.js';
import type { Dimension } from './quantity.js';
import { unreachable } from '../result.js';

/** The metrics of the language, as a check spells them; percentiles besides. */
export const metricNames = [
  ...(['time', 'mean', 'median', 'min', 'max', 'throughput', 'cpu', 'allocated', 'retained', 'heap', 'rss'] as const),
  ...(['errors', 'crashes', 'value'] as const),
] as const;

/** How `Side.metrics` and the history spell a metric: `time`, `p95`, `p99.9`, `throughput`. */
export function metricKey(metric: Metric): string {
  if (metric.kind === 'percentile') return `p${metric.percentile}`;
  return metric.kind === 'reported' ? metric.name : metric.kind;
}

/** What a metric measures; null where only its check or its benchmark says. */
export function metricDimension(metric: Metric): Dimension | null {
  switch (metric.kind) {
    case 'time':
    case 'mean':
    case 'median':
    case 'min':
    case 'max':
    case 'percentile':
    case 'cpu':
      return 'time';
    case 'throughput':
      return 'rate';
    case 'allocated':
    case 'retained':
    case 'heap':
    case 'rss':
      return 'size';
    case 'errors':
    case 'crashes':
      return 'count';
    case 'value':
    case 'reported':
      return null;
    default:
      return unreachable(metric);
  }
}

/** Which way is better; null where only a check's relation says. */
export function metricDirection(metric: Metric): 'lower' | 'higher' | null {
  if (metric.kind === 'value' || metric.kind === 'reported') return null;
  return metric.kind === 'throughput' ? 'higher' : 'lower';
}

/** Whether a check's bound is a lower one, which more is better than. */
export const isLower = ({ relation }: Pick<Check, 'relation'>): boolean => relation.startsWith('>');

/**
 * Whether a metric of a sum is the sum of its parts'. Percentiles, extremes and rates are not: the slowest of one phase and
 * the slowest of another do not meet in one run.
 */
export function isAdditive({ kind }: Metric): boolean {
  switch (kind) {
    case 'time':
    case 'mean':
    case 'cpu':
    case 'allocated':
    case 'retained':
    case 'heap':
    case 'rss':
    case 'errors':
    case 'crashes':
    case 'reported':
      return true;
    case 'median':
    case 'min':
    case 'max':
    case 'percentile':
    case 'throughput':
    case 'value':
      return false;
    default:
      return unreachable(kind);
  }
}

/** Whether a metric can be exactly a number: what is counted, and what people and benchmarks report. */
export function isExact({ kind }: Metric): boolean {
  return kind === 'errors' || kind === 'crashes' || kind === 'value' || kind === 'reported';
}

/**
 * How many samples a percentile (0 < p < 100) needs before it is claimed: ten of them expected beyond it, on its short side.
 *
 * The distribution-free interval of a percentile lies between the order statistics around its rank; the number of samples
 * beyond is binomial, with a standard deviation of about √k where k are expected (Conover, Practical Nonparametric
 * Statistics, 3rd ed., section 3.2). Only for k > 9 is k − 3 √k above zero: with fewer, the three-sigma interval
 * has no upper end inside the sample, and what is printed as p99.9 is in truth the maximum.
 */
export function samplesNeeded(percentile: number): number {
  const beyond = Math.min(percentile, 100 - percentile) / 100;
  // 100 − 99.9 is a little less than 0.1: the tenth digit decides nothing.
  return Math.ceil((10 / beyond) * (1 - 1e-10));
}

/** Whether a key of `Side.metrics` names something that is measured; the others are reported by benchmarks. */
export const isMeasured = (key: string): boolean =>
  metricNames.some((name) => name === key) || /^p\d+(?:\.\d+)?$/.test(key);
