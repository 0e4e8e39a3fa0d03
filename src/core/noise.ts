import { formatPercent } from './figures.js';
import { defaultPrior, tail, type Prior } from './interval.js';
import type { Comparison } from './measurement.js';
import { mean, studentT } from './stats.js';

/** What one machine saw of one benchmark's spread between processes on one day. */
export interface NoiseRow {
  readonly benchmark: string;
  /** Days since the epoch. */
  readonly day: number;
  /** Comparisons of old code with new, or of code with itself. */
  readonly kind: 'compared' | 'same';
  /** How many comparisons. */
  readonly runs: number;
  /** The sum of their mean log-ratios: of `same` ones it is bias alone. */
  readonly total: number;
  /** The sum of squared deviations of the processes' log-ratios, and its degrees of freedom. */
  readonly squares: number;
  readonly df: number;
}

/** What one comparison says of the spread; null of fewer than two processes. */
export function noiseOf(
  benchmark: string,
  logRatios: readonly number[],
  kind: NoiseRow['kind'],
  day: number,
): NoiseRow | null {
  if (logRatios.length < 2 || !logRatios.every(Number.isFinite)) return null;
  const centre = mean(logRatios);
  // Of code beside itself the truth is known to be 0, so that what all processes share counts, too.
  const truth = kind === 'same' ? 0 : centre;
  const squares = logRatios.reduce((sum, value) => sum + (value - truth) ** 2, 0);
  const df = logRatios.length - (kind === 'same' ? 0 : 1);
  return { benchmark, day, kind, runs: 1, total: centre, squares, df };
}

/** What was seen a week ago counts half: machines get updates, and other programs come and go. */
const halfLifeDays = 7;
/** How many degrees of freedom one benchmark may bring to what is said of all others. */
const mostFromOther = 12;
/** A benchmark's own past counts half and never more than this, for the weather of a day is not in it (see the simulation). */
const ownShare = 0.5;
const mostOfOwn = 8;
/** Nobody's copies of the same code agree better than this for long. */
const leastSigma = 0.008;
const mostSigma = 0.25;

/**
 * What to believe of the spread between processes before the first is seen, from this machine's rows. Empirical Bayes as Smyth
 * does for thousands of genes (Statistical Applications in Genetics and Molecular Biology 3, 2004, section 3): a variance of
 * its own for every benchmark, shrunk towards the one that the machine shows over all others, which itself starts at
 * `defaultPrior`. Each row decays; the weight is 4 without a past of its own, and 12 at the most.
 */
export function learnedPrior(rows: readonly NoiseRow[], benchmark: string, today: number): Prior {
  const seen = new Map<string, { squares: number; df: number }>();
  for (const row of rows) {
    const share = 0.5 ** (Math.max(0, today - row.day) / halfLifeDays);
    const sum = seen.get(row.benchmark) ?? { squares: 0, df: 0 };
    seen.set(row.benchmark, { squares: sum.squares + share * row.squares, df: sum.df + share * row.df });
  }
  let [squares, df] = [defaultPrior.weight * defaultPrior.sigma ** 2, defaultPrior.weight];
  for (const [name, other] of seen) {
    if (name === benchmark) continue;
    const share = Math.min(1, mostFromOther / other.df);
    squares += share * other.squares;
    df += share * other.df;
  }
  const own = seen.get(benchmark) ?? { squares: 0, df: 0 };
  const weight = Math.min(ownShare * own.df, mostOfOwn);
  const ownVariance = own.df > 0 ? own.squares / own.df : 0;
  const total = defaultPrior.weight + weight;
  const variance = ((defaultPrior.weight * squares) / df + weight * ownVariance) / total;
  return { sigma: Math.min(mostSigma, Math.max(leastSigma, Math.sqrt(variance))), weight: total };
}

/** The fewest processes that show a spread. */
const leastForks = 2;

/** Half the width of the interval, as a log-ratio, that `forks` processes have whose spread is what the prior believes. */
function halfWidth({ sigma, weight }: Prior, forks: number): number {
  return (studentT(tail, weight + forks - 1) * sigma) / Math.sqrt(forks);
}

/**
 * The least change that this machine can tell from none in so many seconds, as a ratio: 1.06 is 6 %. It is the typical half
 * width of `interval`; a run in worse weather sees less. `forksPerSecond` is how many log-ratios a second of measuring gives.
 */
export function resolvable(prior: Prior, forksPerSecond: number, seconds: number): number {
  const forks = Math.max(leastForks, Math.floor(forksPerSecond * seconds + 1e-9));
  return Math.exp(halfWidth(prior, forks));
}

/** How many seconds it takes to tell a change of `tightness` (0.03 is 3 %) from none; infinite where that is over an hour. */
export function secondsFor(prior: Prior, forksPerSecond: number, tightness: number): number {
  const wanted = Math.log1p(tightness);
  const most = Math.ceil(3600 * forksPerSecond);
  let [low, high] = [leastForks - 1, leastForks];
  while (high < most && halfWidth(prior, high) > wanted) [low, high] = [high, 2 * high];
  if (halfWidth(prior, high) > wanted) return Infinity;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (halfWidth(prior, middle) > wanted) low = middle;
    else high = middle;
  }
  return high / forksPerSecond;
}

/**
 * Why a check on the baseline cannot be decided in its time, and what would do: `this machine can see 6 % in 2 s; the budget
 * asks for 3 %: give it 8 s`. Null where the time should do. `tightness` is how far the bound is from no change.
 */
export function tooNoisy(prior: Prior, forksPerSecond: number, seconds: number, tightness: number): string | null {
  const seen = resolvable(prior, forksPerSecond, seconds) - 1;
  if (!(tightness > 0) || !(forksPerSecond > 0) || seen <= tightness) return null;
  const needed = secondsFor(prior, forksPerSecond, tightness);
  const sees = `this machine can see ${percent(seen)} in ${duration(seconds)}; the budget asks for ${percent(tightness)}`;
  return Number.isFinite(needed) ? `${sees}: give it ${duration(roundUp(needed))}` : `${sees}, which no time gives`;
}

/**
 * The same for a comparison that was made, from its own interval: what it saw in the `elapsedMs` that it took, and how long
 * the spread that it met would need. Null where it is not the noise that leaves a check open.
 */
export function noiseNote(comparison: Comparison, elapsedMs: number, tightness: number): string | null {
  const { low, high, forks } = comparison;
  const seconds = elapsedMs / 1000;
  if (forks < leastForks || !(seconds > 0)) return null;
  const { weight } = defaultPrior;
  const sigma = ((Math.log(high / low) / 2) * Math.sqrt(forks)) / studentT(tail, weight + forks - 1);
  return tooNoisy({ sigma, weight }, forks / seconds, seconds, tightness);
}

const percent = (fraction: number): string => formatPercent(fraction, fraction < 0.0995 ? 1 : 0);

/** Seconds as a budget's `time` would say them. */
const duration = (seconds: number): string =>
  seconds < 120 ? `${Number(seconds.toPrecision(2))} s` : `${Math.ceil(seconds / 60)} min`;

/** Up to what a person would write: whole seconds, then tens. */
const roundUp = (seconds: number): number => (seconds <= 10 ? Math.ceil(seconds) : Math.ceil(seconds / 10) * 10);
