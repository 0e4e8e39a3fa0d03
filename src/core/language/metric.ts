import type { Check, Metric } from './budget.js';
import type { Dimension } from './quantity.js';
import { unreachable } from '../result.js';

/** The built-in metrics as a check spells them, except percentiles. */
export const metricNames = [
  ...(['time', 'mean', 'median', 'min', 'max', 'throughput', 'cpu', 'allocated', 'retained', 'heap', 'rss'] as const),
  ...(['errors', 'crashes', 'value'] as const),
] as const;

/** Returns the name of a metric in `Side.metrics` and in the history: `time`, `p95`, `p99.9`, `throughput`. */
export function metricKey(metric: Metric): string {
  if (metric.kind === 'percentile') return `p${metric.percentile}`;
  return metric.kind === 'reported' ? metric.name : metric.kind;
}

/** Returns what a metric measures; null if only its check or its benchmark says. */
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

/** Returns which way is better; null if only a check's relation says. */
export function metricDirection(metric: Metric): 'lower' | 'higher' | null {
  if (metric.kind === 'value' || metric.kind === 'reported') return null;
  return metric.kind === 'throughput' ? 'higher' : 'lower';
}

/** Whether a check's bound is a lower bound: more is better. */
export const isLower = ({ relation }: Pick<Check, 'relation'>): boolean => relation.startsWith('>');

/**
 * Whether a metric of a sum is the sum over its parts. Percentiles, extremes and rates are not: the slowest sample of one phase
 * and the slowest of another do not meet in one run.
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

/** Whether a metric can equal a number exactly, as counts and reported figures can. */
export function isExact({ kind }: Metric): boolean {
  return kind === 'errors' || kind === 'crashes' || kind === 'value' || kind === 'reported';
}

/**
 * Returns how many samples a percentile (0 < p < 100) needs before it is claimed: ten expected beyond it, on its shorter side.
 *
 * The distribution-free interval of a percentile lies between the order statistics around its rank. The number of samples beyond
 * it is binomial, with a standard deviation of about √k if k are expected (Conover, Practical Nonparametric Statistics, 3rd ed.,
 * section 3.2). Only for k > 9 is k − 3 √k above zero: with fewer, the three-sigma interval has no upper end inside the sample,
 * and a printed p99.9 is really the maximum.
 */
export function samplesNeeded(percentile: number): number {
  const beyond = Math.min(percentile, 100 - percentile) / 100;
  // In floating point, 100 − 99.9 is a little less than 0.1: the tenth digit must not decide.
  return Math.ceil((10 / beyond) * (1 - 1e-10));
}

/** Whether a key of `Side.metrics` names a built-in metric; benchmarks report all others. */
export const isMeasured = (key: string): boolean =>
  metricNames.some((name) => name === key) || /^p\d+(?:\.\d+)?$/.test(key);
