import { defaultPrior, interval, type Prior } from './interval.js';
import { mean, percentile } from './stats.js';
import type { Comparison } from './estimate.js';

/** One benchmark's spread between processes, on one machine and one day. */
export interface NoiseRow {
  readonly benchmark: string;
  /** Days since the epoch. */
  readonly day: number;
  /** Comparisons of old code with new, or of code with itself. */
  readonly kind: 'compared' | 'same';
  /** The number of comparisons. */
  readonly runs: number;
  /** The sum of their mean log-ratios; for `same` it is pure bias. */
  readonly total: number;
  /** The sum of squared deviations of the processes' log-ratios, and its degrees of freedom. */
  readonly squares: number;
  readonly df: number;
}

/** One process counts towards the spread up to this many standard deviations. */
const clip = 2.5;

/**
 * Returns what one comparison shows of the spread; null for fewer than two processes or a log-ratio that is not finite. A process
 * further off than `clip` times the `believed` spread counts as if it were exactly there (proposal 2 of Huber, Annals of
 * Mathematical Statistics 35, 1964): now and then one copy of the same code is compiled worse than the other. `interval` allows
 * for that; it is not the usual spread.
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
  // For code compared with itself the truth is 0, so an offset that all processes share counts too.
  const truth = kind === 'same' ? 0 : centre;
  const df = kind === 'same' ? n : n - 1;
  // Deviations from the processes' own mean are smaller than those from the truth by this factor.
  const shrunk = Math.sqrt(df / n);
  const squares = logRatios.reduce((sum, value) => sum + (shrunk * clipped((value - truth) / shrunk, 0)) ** 2, 0);
  return { benchmark, day, kind, runs: 1, total: centre, squares, df };
}

/** A row from a week ago counts half, because machines get updates and other programs come and go. */
const halfLifeDays = 7;
/** The most degrees of freedom that one benchmark may contribute to the estimate of all others. */
const mostFromOther = 12;
/** A benchmark's own past counts half, at most this much, because it lacks the noise of the day (see the simulation). */
const ownShare = 0.5;
const mostOfOwn = 8;
/** No machine's copies of the same code agree better than this for long. */
const leastSigma = 0.008;
const mostSigma = 0.25;

/** The sum of squared deviations, and its degrees of freedom. */
interface Spread {
  readonly squares: number;
  readonly df: number;
}

const noSpread: Spread = { squares: 0, df: 0 };

/** What one benchmark's spread adds to the estimate of all others. */
function shareOf({ squares, df }: Spread): Spread {
  const share = df > 0 ? Math.min(1, mostFromOther / df) : 0;
  return { squares: share * squares, df: share * df };
}

/**
 * The spread between processes to expect before the first has run, learned from one machine's rows. It is empirical Bayes, as
 * Smyth does for thousands of genes (Statistical Applications in Genetics and Molecular Biology 3, 2004, section 3): each
 * benchmark has its own variance, shrunk towards the one that the machine shows over all others, which itself starts at
 * `defaultPrior`. Rows decay with age. The weight is 4 for a benchmark without a past, and at most 12. A row or a question costs
 * the same however many benchmarks there are.
 */
export class LearnedSpreads {
  readonly #own = new Map<string, Spread>();
  #all: Spread = noSpread;

  constructor(
    rows: readonly NoiseRow[],
    /** Days since the epoch. */
    readonly today: number,
  ) {
    for (const row of rows) this.add(row);
  }

  add(row: NoiseRow): void {
    const share = 0.5 ** (Math.max(0, this.today - row.day) / halfLifeDays);
    const before = this.#own.get(row.benchmark) ?? noSpread;
    const after = { squares: before.squares + share * row.squares, df: before.df + share * row.df };
    this.#own.set(row.benchmark, after);
    this.#all = sumOf(this.#all, shareOf(after), shareOf(before));
  }

  prior(benchmark: string): Prior {
    const own = this.#own.get(benchmark) ?? noSpread;
    const start = { squares: defaultPrior.weight * defaultPrior.sigma ** 2, df: defaultPrior.weight };
    const others = sumOf(this.#all, start, shareOf(own));
    const weight = Math.min(ownShare * own.df, mostOfOwn);
    const ownVariance = own.df > 0 ? own.squares / own.df : 0;
    const total = defaultPrior.weight + weight;
    const variance = ((defaultPrior.weight * others.squares) / others.df + weight * ownVariance) / total;
    return { sigma: Math.min(mostSigma, Math.max(leastSigma, Math.sqrt(Math.max(0, variance)))), weight: total };
  }
}

const sumOf = (all: Spread, added: Spread, taken: Spread): Spread => ({
  squares: all.squares + added.squares - taken.squares,
  df: all.df + added.df - taken.df,
});

/** Returns the spread to expect of one benchmark: see `LearnedSpreads`. */
export const learnedPrior = (rows: readonly NoiseRow[], benchmark: string, today: number): Prior =>
  new LearnedSpreads(rows, today).prior(benchmark);

/** The fewest processes that show a spread. */
const leastProcesses = 2;
/** From here on, twice the processes are √2 times as precise, whatever the prior. */
const manyProcesses = 48;

/** Returns half the width of `interval`, as a log-ratio, for this many processes with exactly the spread of the prior. */
function halfWidth(prior: Prior, processes: number): number {
  const count = Math.min(processes, manyProcesses);
  // As many on one side as on the other.
  const scores = Array.from({ length: count }, (_, index) => Math.sign(index - (count - 1) / 2));
  const scale = prior.sigma / Math.sqrt(scores.reduce((sum, score) => sum + score ** 2, 0) / (count - 1));
  const { low, high } = interval(
    scores.map((score) => scale * score),
    prior,
  );
  return (Math.log(high / low) / 2) * Math.sqrt(count / processes);
}

/**
 * Returns the smallest change that this machine can tell from none in `seconds`, as a ratio: 1.06 is 6%. It is the typical half
 * width of `interval`; a noisier run resolves less. `processesPerSecond` is how many log-ratios a second of measuring gives.
 */
export function resolvable(prior: Prior, processesPerSecond: number, seconds: number): number {
  const processes = Math.max(leastProcesses, Math.floor(processesPerSecond * seconds + 1e-9));
  return Math.exp(halfWidth(prior, processes));
}

/** Returns the seconds needed to tell a change of `tightness` (0.03 is 3%) from none; infinite if over an hour. */
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

/** How far a comparison falls short of a bound on the baseline. `needed` seconds should be enough; infinite if over an hour. */
export type NoiseShortfall =
  | { readonly kind: 'one-process'; readonly seconds: number; readonly needed: number }
  /** `seen` is the smallest change visible in `seconds`, `tightness` how far the bound is from no change; both are fractions. */
  | {
      readonly kind: 'too-wide';
      readonly seen: number;
      readonly seconds: number;
      readonly tightness: number;
      readonly needed: number;
    };

/**
 * Returns the shortfall of a comparison by its own interval: what it resolved in the `elapsedMs` it took, and how long its
 * spread would need. Null if noise is not what leaves the check open. `tightness` is how far the bound is from no change.
 */
export function noiseShortfall(comparison: Comparison, elapsedMs: number, tightness: number): NoiseShortfall | null {
  const { low, high, processes } = comparison;
  const seconds = elapsedMs / 1000;
  if (!(seconds > 0) || !(tightness > 0)) return null;
  // Given the time, a process calls the code twice, and so takes twice as long.
  if (processes < leastProcesses) {
    return { kind: 'one-process', seconds, needed: secondsFor(defaultPrior, processes / seconds / 2, tightness) };
  }
  const half = Math.log(high / low) / 2;
  // Intervals shrink in much the same way whatever the spread.
  const shrink = halfWidth(defaultPrior, processes) / half;
  const needed = secondsFor(defaultPrior, processes / seconds, Math.expm1(Math.log1p(tightness) * shrink));
  return shortfallOf(Math.expm1(half), seconds, tightness, needed);
}

/** Returns the shortfall of `seen` against `tightness`; null if there is none. */
export function shortfallOf(seen: number, seconds: number, tightness: number, needed: number): NoiseShortfall | null {
  if (!(tightness > 0) || seen <= tightness) return null;
  return { kind: 'too-wide', seen, seconds, tightness, needed };
}
