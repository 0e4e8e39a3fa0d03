import { isMeasured } from '../language/metric.js';
import { freeUnit } from '../language/quantity.js';
import { defaultPrior, interval, tailProbability, type Prior, type RatioInterval } from './interval.js';
import { mean, percentile, percentileInterval } from './stats.js';

/** A number and the interval that decides its checks. Times are in ns, throughput in 1/s, sizes in bytes. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** The number of observations behind it; a percentile needs enough of them. */
  readonly samples: number;
  /** The unit in which a benchmark reported its own metric; absent if the metric implies it. */
  readonly unit?: string;
}

/** The ratio of current to baseline time per iteration, measured in turns. */
export interface Comparison {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** The number of fresh processes behind it; 0 if both sides are the same code and nothing had to run. */
  readonly processes: number;
  readonly clock: 'cpu' | 'wall';
}

/** The metrics of one side of a run. */
export interface Side {
  /** Keyed by `metricKey`: `time`, `p95`, `throughput`, …; a reported metric by its own name. */
  readonly metrics: Readonly<Record<string, Estimate>>;
}

/** The samples that one process took of one side. */
export interface ProcessSamples {
  /** Nanoseconds per iteration, and the number of iterations behind it. */
  readonly time: number;
  readonly iterations: number;
  /** Nanoseconds of single iterations, or the means of batches of `batch` iterations; ascending. */
  readonly latencies: Float64Array;
  readonly batch: number;
}

/** The normal deviate for percentile intervals: 99%, like the intervals between processes. */
const z = 2.576;

/** Returns the geometric mean of one figure per process, with its interval. */
function between(values: readonly number[], samples: number): Estimate {
  const { ratio, low, high } = interval(values.map((value) => Math.log(Math.max(value, Number.MIN_VALUE))));
  return { value: ratio, low, high, samples };
}

/**
 * Returns the bounds that batches prove for the `p`-th percentile of their iterations, given the batches' means, ascending. In a
 * batch that took T, at most T ÷ x iterations took x or more; if its mean is above x, at least one did. With one iteration per
 * batch, the bounds are the percentile itself; the longer the batches, the wider the bounds.
 */
export function percentileOfBatches(means: Float64Array, batch: number, p: number): { low: number; high: number } {
  const beyond = 1 - p / 100;
  const most = (x: number): number =>
    means.reduce((sum, mean) => sum + Math.min(batch, Math.floor((batch * mean) / x)), 0) / (batch * means.length);
  let low = percentile(means, 0);
  let high = batch * percentile(means, 100) * (1 + 1e-9);
  while (high - low > 1e-4 * high) {
    const middle = (low + high) / 2;
    if (most(middle) <= beyond) high = middle;
    else low = middle;
  }
  const share = batch * beyond;
  return { low: share >= 1 ? 0 : percentile(means, 100 * (1 - share)), high };
}

/** Estimates a percentile of all processes' iterations; its interval covers the spread of order statistics and of processes. */
function percentileEstimate(processes: readonly ProcessSamples[], pooled: Float64Array, p: number): Estimate {
  const batch = Math.max(...processes.map((one) => one.batch));
  if (batch > 1)
    return { value: percentile(pooled, p), ...percentileOfBatches(pooled, batch, p), samples: pooled.length };
  const within = percentileInterval(pooled, p, z);
  const across = between(
    processes.map((one) => percentile(one.latencies, p)),
    pooled.length,
  );
  const value = percentile(pooled, p);
  return {
    value,
    low: Math.min(within.low, (across.low / across.value) * value),
    high: Math.max(within.high, (across.high / across.value) * value),
    samples: pooled.length,
  };
}

/**
 * Returns one side's metrics, in nanoseconds and 1/s, from the processes that ran it (at least one). The distribution's metrics
 * (`mean`, `median`, `min`, `max`, `pN`) are there only if iterations were timed singly or in batches.
 */
export function estimateSide(processes: readonly ProcessSamples[], percentiles: readonly number[]): Side {
  const iterations = processes.reduce((sum, one) => sum + one.iterations, 0);
  const time = between(
    processes.map((one) => one.time),
    iterations,
  );
  const metrics: Record<string, Estimate> = {
    time,
    throughput: { value: 1e9 / time.value, low: 1e9 / time.high, high: 1e9 / time.low, samples: iterations },
  };
  const timed = processes.filter((one) => one.latencies.length > 0);
  if (timed.length > 0) {
    const pooled = Float64Array.from(timed.flatMap((one) => [...one.latencies])).sort();
    const means = timed.map((one) => mean([...one.latencies]));
    const fact = (value: number): Estimate => ({ value, low: value, high: value, samples: pooled.length });
    metrics['mean'] = between(means, pooled.length);
    metrics['median'] = percentileEstimate(timed, pooled, 50);
    const batch = Math.max(...timed.map((one) => one.batch));
    const [min = NaN, max = NaN] = [pooled[0], pooled[pooled.length - 1]];
    // The extremes are observations, not estimates of what is possible, and batches hide them.
    metrics['min'] = { ...fact(min), low: batch > 1 ? 0 : min };
    metrics['max'] = { ...fact(max), high: batch * max };
    for (const p of percentiles) metrics[`p${p}`] = percentileEstimate(timed, pooled, p);
  }
  return { metrics };
}

/** How much wider the spread is taken to be if only one process has run. */
const single = 3;

/**
 * Returns the comparison of these processes' log-ratios. Each of `comparisons` made at once gets its share of the chance of a
 * false alarm (Dunn, Multiple comparisons among means, JASA 56, 1961), so that a hundred budgets raise no more false alarms than
 * one. Only `low` is lowered, because an alarm rests on it; a claim that nothing is slower needs no such care.
 */
export function compare(
  logRatios: readonly number[],
  clock: 'cpu' | 'wall',
  { prior = defaultPrior, comparisons = 1 }: { readonly prior?: Prior; readonly comparisons?: number } = {},
): Comparison {
  const tails = { low: tailProbability / Math.max(1, comparisons), high: tailProbability };
  // A single one shows no spread at all, so it proves no more than a gross change.
  const believed = logRatios.length === 1 ? { ...prior, sigma: single * prior.sigma } : prior;
  return {
    ...withDisagreement(interval(logRatios, believed, tails), logRatios, believed),
    processes: logRatios.length,
    clock,
  };
}

/** Processes disagree if their log-ratios, without one at each end, lie further apart than this, and than this many spreads. */
const apart = { least: 0.3, spreads: 8 };

/**
 * Widens an interval to hold what processes say that disagree about which of two speeds the code has: in some, V8 may not have
 * finished. `interval` knows no such spread, and would be certain of a middle that none of them has seen.
 */
function withDisagreement(found: RatioInterval, logRatios: readonly number[], { sigma }: Prior): RatioInterval {
  const sorted = logRatios.toSorted((a, b) => a - b);
  const inner = sorted.length < 4 ? sorted : sorted.slice(1, -1);
  const [low = NaN, high = NaN] = [inner[0], inner.at(-1)];
  if (!(high - low > Math.max(apart.least, apart.spreads * sigma))) return found;
  return { ...found, low: Math.min(found.low, Math.exp(low)), high: Math.max(found.high, Math.exp(high)) };
}

/** Converts a metric that only the tool defines from the tool's `unit` to the base unit, which bounds use. */
export function inBaseUnit(key: string, unit: string, estimate: Estimate): Estimate {
  if (isMeasured(key) || unit === '') return estimate;
  const { scale } = freeUnit(unit);
  const { value, low, high } = estimate;
  return { ...estimate, value: value * scale, low: low * scale, high: high * scale, unit };
}
