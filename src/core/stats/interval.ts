/**
 * What is believed of the spread between fresh processes before any was seen: copies of the same code differ from process
 * to process (layout, JIT), however precisely each one is measured, and two or three processes cannot show by how much.
 */
export interface Prior {
  /** Standard deviation of one process's log-ratio. */
  readonly sigma: number;
  /** How many observations that belief is worth. */
  readonly weight: number;
}

/** Over eleven workloads on a noisy two-core machine; sigma is of time. */
export const defaultPrior: Prior = { sigma: 0.018, weight: 4 };

/** The chance that one look's interval misses the truth on one side. */
export const tail = 0.005;

/** How much of the truth's posterior lies below an interval, and above it. */
export interface Tails {
  readonly low: number;
  readonly high: number;
}

/**
 * Now and then one copy of unchanged code is compiled worse than the other, and stays so for the life of its process: of a
 * thousand processes of eleven workloads under load, some fifty were further off than any spread explains, by 12 % or so.
 */
const strays = { share: 0.08, sigma: 0.12 };

/** The interval of a mean log-ratio, as plain ratios. */
export interface RatioInterval {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** Spreads that are tried, as multiples of the prior's; and places of the truth: first everywhere, then where it may be. */
const spreads = Array.from({ length: 8 }, (_, index) => 0.35 * 12 ** (index / 7));
const places = 80;

/**
 * The true log-ratio behind one a process, and what it lies between but for the `tails`: the posterior of
 * the centre of a contaminated normal (Box & Tiao, A Bayesian approach to some outlier problems, Biometrika 55, 1968), flat
 * in the centre, scaled inverse-χ² in the variance (Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.6), by
 * quadrature. The spread that counts is between processes, not within one; a stray process among several moves it little.
 */
export function interval(
  logRatios: readonly number[],
  prior: Prior = defaultPrior,
  tails: Tails = { low: tail, high: tail },
): RatioInterval {
  const seen = { low: Math.min(...logRatios), high: Math.max(...logRatios) };
  // Further out than this the posterior of even one process has no mass that counts.
  const margin = 8 * (prior.sigma + strays.sigma / logRatios.length);
  const coarse = cumulative(logRatios, prior, seen.low - margin, seen.high + margin);
  const fine = cumulative(logRatios, prior, coarse.at(tails.low / 100), coarse.at(1 - tails.high / 100));
  const [low, ratio, high] = [tails.low, 0.5, 1 - tails.high].map((share) => Math.exp(fine.at(share)));
  return { ratio: ratio ?? NaN, low: low ?? NaN, high: high ?? NaN };
}

/** The posterior between two ends: `at` is the log-ratio below which lies this share of it. */
function cumulative(
  logRatios: readonly number[],
  { sigma, weight }: Prior,
  from: number,
  to: number,
): { at: (share: number) => number } {
  const step = (to - from) / places;
  const logs = new Float64Array(places * spreads.length);
  let most = -Infinity;
  for (const [index, multiple] of spreads.entries()) {
    const spread = multiple * sigma;
    const wide = Math.hypot(spread, strays.sigma);
    const near = { height: (1 - strays.share) / spread, rate: -1 / (2 * spread * spread) };
    const stray = { height: strays.share / wide, rate: -1 / (2 * wide * wide) };
    // The density of the scaled inverse-χ² on the scale of log σ, on which the spreads are equally far apart.
    const before = -weight * Math.log(multiple) - weight / (2 * multiple * multiple);
    for (let place = 0; place < places; place++) {
      const centre = from + (place + 0.5) * step;
      let log = before;
      let product = 1;
      for (const value of logRatios) {
        const distance = (value - centre) ** 2;
        product *= near.height * Math.exp(near.rate * distance) + stray.height * Math.exp(stray.rate * distance);
        if (product > 1e-200 && product < 1e200) continue;
        log += Math.log(product + Number.MIN_VALUE);
        product = 1;
      }
      log += Math.log(product);
      logs[index * places + place] = log;
      if (log > most) most = log;
    }
  }
  const masses = new Float64Array(places);
  let total = 0;
  for (const [index, log] of logs.entries()) {
    const mass = Math.exp(log - most);
    masses[index % places] = (masses[index % places] ?? 0) + mass;
    total += mass;
  }
  return {
    at(share) {
      let below = 0;
      for (const [place, mass] of masses.entries()) {
        if (below + mass >= share * total) return from + (place + (share * total - below) / mass) * step;
        below += mass;
      }
      return to;
    },
  };
}
