import { defaultPrior, interval, type Prior } from './interval.js';
import { mean, percentile } from './stats.js';
import type { Comparison } from './estimate.js';

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

/** What one process says of the spread is believed up to so many standard deviations. */
const clip = 2.5;

/**
 * What one comparison says of the spread; null of fewer than two processes. A process that is further off than `clip` times
 * what is `believed` counts as if it were just there (proposal 2 of Huber, Annals of Mathematical Statistics 35, 1964): now and
 * then one copy of the same code is compiled worse than the other, which `interval` knows of, and is not the usual spread.
 */
export function noiseOf(
  benchmark: string,
  logRatios: readonly number[],
  kind: NoiseRow['kind'],
  day: number,
  believed: Prior,
): NoiseRow | null {
  const n = logRatios.length;
  if (n < 2 || !logRatios.every(Number.isFinite)) return null;
  const most = clip * believed.sigma;
  const clipped = (value: number, at: number): number => Math.min(most, Math.max(-most, value - at));
  const middle = percentile(
    logRatios.toSorted((a, b) => a - b),
    50,
  );
  const centre = middle + mean(logRatios.map((value) => clipped(value, middle)));
  // Of code beside itself the truth is known to be 0, so that what all processes share counts, too.
  const truth = kind === 'same' ? 0 : centre;
  const df = kind === 'same' ? n : n - 1;
  // Deviations from a mean of their own are smaller than those from the truth, by this.
  const shrunk = Math.sqrt(df / n);
  const squares = logRatios.reduce((sum, value) => sum + (shrunk * clipped((value - truth) / shrunk, 0)) ** 2, 0);
  return { benchmark, day, kind, runs: 1, total: centre, squares, df };
}

/** What was seen a week ago counts half: machines get updates, and other programs come and go. */
const halfLifeDays = 7;
/** How many degrees of freedom one benchmark may contribute to the estimate of all others. */
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
    let sum = seen.get(row.benchmark);
    if (sum === undefined) seen.set(row.benchmark, (sum = { squares: 0, df: 0 }));
    sum.squares += share * row.squares;
    sum.df += share * row.df;
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
const leastProcesses = 2;
/** From here on twice the processes are √2 times as good, whatever the prior. */
const manyProcesses = 48;

/** Half the width of `interval`, as a log-ratio, of so many processes whose spread is just what the prior believes. */
function halfWidth(prior: Prior, processes: number): number {
  const count = Math.min(processes, manyProcesses);
  // As many to one side as to the other.
  const scores = Array.from({ length: count }, (_, index) => Math.sign(index - (count - 1) / 2));
  const scale = prior.sigma / Math.sqrt(scores.reduce((sum, score) => sum + score ** 2, 0) / (count - 1));
  const { low, high } = interval(
    scores.map((score) => scale * score),
    prior,
  );
  return (Math.log(high / low) / 2) * Math.sqrt(count / processes);
}

/**
 * The least change that this machine can tell from none in so many seconds, as a ratio: 1.06 is 6%. It is the typical half
 * width of `interval`; a run in worse weather sees less. `processesPerSecond` is how many log-ratios a second of measuring gives.
 */
export function resolvable(prior: Prior, processesPerSecond: number, seconds: number): number {
  const processes = Math.max(leastProcesses, Math.floor(processesPerSecond * seconds + 1e-9));
  return Math.exp(halfWidth(prior, processes));
}

/** How many seconds it takes to tell a change of `tightness` (0.03 is 3%) from none; infinite where that is over an hour. */
export function secondsFor(prior: Prior, processesPerSecond: number, tightness: number): number {
  const wanted = Math.log1p(tightness);
  const most = Math.ceil(3600 * processesPerSecond);
  let [low, high] = [leastProcesses - 1, leastProcesses];
  while (high < most && halfWidth(prior, high) > wanted) [low, high] = [high, 2 * high];
  if (halfWidth(prior, high) > wanted) return Infinity;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (halfWidth(prior, middle) > wanted) low = middle;
    else high = middle;
  }
  return high / processesPerSecond;
}

/** How far a comparison falls short of what a bound on the baseline asks for. `needed` seconds should do; infinite over an hour. */
export type NoiseShortfall =
  | { readonly kind: 'one-process'; readonly seconds: number; readonly needed: number }
  /** The least change that can be seen in so many seconds, and the one that the bound is away from no change, as fractions. */
  | {
      readonly kind: 'too-wide';
      readonly seen: number;
      readonly seconds: number;
      readonly tightness: number;
      readonly needed: number;
    };

/**
 * The shortfall of a comparison that was made, from its own interval: what it saw in the `elapsedMs` that it took, and how long
 * the spread that it met would need. Null where it is not the noise that leaves a check open. `tightness` is how far the bound
 * is from no change.
 */
export function noiseShortfall(comparison: Comparison, elapsedMs: number, tightness: number): NoiseShortfall | null {
  const { low, high, processes } = comparison;
  const seconds = elapsedMs / 1000;
  if (!(seconds > 0) || !(tightness > 0)) return null;
  // A process that has the time calls the code twice.
  if (processes < leastProcesses) {
    return { kind: 'one-process', seconds, needed: secondsFor(defaultPrior, processes / seconds / 2, tightness) };
  }
  const half = Math.log(high / low) / 2;
  // Intervals shrink in much the same way whatever the spread is.
  const shrink = halfWidth(defaultPrior, processes) / half;
  const needed = secondsFor(defaultPrior, processes / seconds, Math.expm1(Math.log1p(tightness) * shrink));
  return shortfallOf(Math.expm1(half), seconds, tightness, needed);
}

/** What `seen` in so many seconds lacks of `tightness`; null where it is enough. */
export function shortfallOf(seen: number, seconds: number, tightness: number, needed: number): NoiseShortfall | null {
  if (!(tightness > 0) || seen <= tightness) return null;
  return { kind: 'too-wide', seen, seconds, tightness, needed };
}
