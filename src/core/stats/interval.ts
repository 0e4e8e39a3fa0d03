/**
 * The expected spread between fresh processes before any has run. Copies of the same code differ from process to process
 * (layout, JIT) however precisely each one is measured, and two or three processes cannot show by how much.
 */
export interface Prior {
  /** The standard deviation of one process's log-ratio. */
  readonly sigma: number;
  /** The number of observations that this expectation is worth. */
  readonly weight: number;
  /** The widest spread that is thought possible, in multiples of sigma; `usualReach` if absent. */
  readonly reach?: number;
}

const usualReach = 4.2;

/** Measured over eleven workloads on a noisy two-core machine; sigma is that of time. */
export const defaultPrior: Prior = { sigma: 0.018, weight: 4 };

/** The chance that the interval of one interim look misses the truth on one side. */
export const tailProbability = 0.005;

/** The shares of the posterior that lie below an interval and above it. */
export interface Tails {
  readonly low: number;
  readonly high: number;
}

/**
 * Now and then one copy of unchanged code is compiled worse than the other, and stays so for the life of its process: of a
 * thousand processes of eleven workloads under load, about fifty were further off, by about 12%, than any spread explains.
 */
const outliers = { share: 0.08, sigma: 0.12 };

/** The interval of a mean log-ratio, as plain ratios. */
export interface RatioInterval {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** The grid has a row for each of these multiples of the prior's spread, and a column for each cell of the centre. */
function spreadsTo(reach: number): readonly number[] {
  const least = 0.35;
  const rows = Math.ceil((8 * Math.log(reach / least)) / Math.log(usualReach / least) - 1e-9);
  return Array.from({ length: rows }, (_, index) => least * (reach / least) ** (index / (rows - 1)));
}
const usualSpreads = spreadsTo(usualReach);
const cells = 80;

/**
 * Estimates the true log-ratio μ from one observation x per process, with a credible interval that leaves out `tails`. The
 * model is a normal distribution with outliers:
 *
 *     p(μ, σ | x) ∝ p(σ) · ∏ᵢ [ (1 − ε) · N(xᵢ | μ, σ²) + ε · N(xᵢ | μ, σ² + τ²) ],   σ² ~ scaled inverse-χ²(weight, sigma²)
 *
 * with ε and τ from `outliers` and a flat prior for μ (Box & Tiao, A Bayesian approach to some outlier problems, Biometrika 55,
 * 1968; the prior for σ: Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.6). It is integrated on a grid twice: first
 * over the whole range, then where μ is plausible. The spread that counts is between processes, not within one; one outlier
 * among several processes hardly moves the estimate.
 */
export function interval(
  logRatios: readonly number[],
  prior: Prior = defaultPrior,
  tails: Tails = { low: tailProbability, high: tailProbability },
): RatioInterval {
  const seen = { low: Math.min(...logRatios), high: Math.max(...logRatios) };
  // Beyond this margin, even one process's posterior has no mass that counts.
  const margin = 8 * (prior.sigma + outliers.sigma / logRatios.length + (prior.reach ? seen.high - seen.low : 0));
  const coarse = posterior(logRatios, prior, seen.low - margin, seen.high + margin);
  const [from, to] = [quantile(coarse, tails.low / 100), quantile(coarse, 1 - tails.high / 100)];
  const fine = posterior(logRatios, prior, from, to);
  const [low, ratio, high] = [tails.low, 0.5, 1 - tails.high].map((share) => Math.exp(quantile(fine, share)));
  return { ratio: ratio ?? NaN, low: low ?? NaN, high: high ?? NaN };
}

/** The posterior of the centre between two ends: the mass of each cell, and the sum that normalises the masses. */
interface Posterior {
  readonly from: number;
  readonly to: number;
  readonly masses: Float64Array;
  readonly total: number;
}

function posterior(logRatios: readonly number[], prior: Prior, from: number, to: number): Posterior {
  return { from, to, ...marginal(logPosterior(logRatios, prior, from, to)) };
}

/** Returns log p(μ, σ | x), up to a constant, at the middle of each cell for each spread. */
function logPosterior(
  logRatios: readonly number[],
  { sigma, weight, reach }: Prior,
  from: number,
  to: number,
): Float64Array {
  const step = (to - from) / cells;
  const spreads = reach === undefined ? usualSpreads : spreadsTo(reach);
  const logs = new Float64Array(cells * spreads.length);
  const products = new Float64Array(cells);
  for (const [row, multiple] of spreads.entries()) {
    const spread = multiple * sigma;
    const wide = Math.hypot(spread, outliers.sigma);
    const usual = bell((1 - outliers.share) / spread, spread, step);
    const outlier = bell(outliers.share / wide, wide, step);
    // The density of the scaled inverse-χ² over log σ, because the spreads are evenly spaced in log σ.
    const logPrior = -weight * Math.log(multiple) - weight / (2 * multiple * multiple);
    const own = logs.subarray(row * cells, (row + 1) * cells).fill(logPrior);
    products.fill(1);
    for (const value of logRatios) {
      // Outwards from the cell that is nearest, so that what becomes too small for a number stays so.
      const nearest = Math.min(cells - 1, Math.max(0, Math.floor((value - from) / step)));
      const distance = from + (nearest + 0.5) * step - value;
      multiply(products, own, nearest, 1, begun(usual, distance, step), begun(outlier, distance, step));
      const before = distance - step;
      multiply(products, own, nearest - 1, -1, begun(usual, before, -step), begun(outlier, before, -step));
    }
    for (const [cell, product] of products.entries()) own[cell] = (own[cell] ?? 0) + Math.log(product);
  }
  return logs;
}

/** A normal density of the grid's cells: its height, −1 ÷ 2σ², and the factor by which the ratio of two neighbours changes. */
interface Bell {
  readonly height: number;
  readonly rate: number;
  readonly bend: number;
}

const bell = (height: number, sigma: number, step: number): Bell => {
  const rate = -1 / (2 * sigma * sigma);
  return { height, rate, bend: Math.exp(2 * rate * step * step) };
};

/** The density at a cell, and the ratio to it of the next one. */
interface At {
  density: number;
  ratio: number;
  readonly bend: number;
}

const begun = ({ height, rate, bend }: Bell, distance: number, step: number): At => ({
  density: height * Math.exp(rate * distance * distance),
  ratio: Math.exp(rate * step * (2 * distance + step)),
  bend,
});

/**
 * Multiplies the cells from one on by the sum of two densities. Of a normal density on an even grid, the ratio of neighbours changes
 * by the same factor from cell to cell, so that none needs an exponential of its own.
 */
function multiply(products: Float64Array, logs: Float64Array, first: number, way: 1 | -1, one: At, other: At): void {
  for (let cell = first; cell >= 0 && cell < cells; cell += way) {
    const product = (products[cell] ?? 0) * (one.density + other.density);
    one.density *= one.ratio;
    one.ratio *= one.bend;
    other.density *= other.ratio;
    other.ratio *= other.bend;
    if (product > 1e-200 && product < 1e200) {
      products[cell] = product;
      continue;
    }
    // One logarithm for many factors is faster; it is taken before the product leaves the range of a number.
    logs[cell] = (logs[cell] ?? 0) + Math.log(product + Number.MIN_VALUE);
    products[cell] = 1;
  }
}

/** Masses that are smaller than this, as a logarithm, do not change the sum of all. */
const leastLog = -50;

/** Returns the cells' masses over all spreads, relative to the greatest so that none overflows, and their sum. */
function marginal(logs: Float64Array): Pick<Posterior, 'masses' | 'total'> {
  let most = -Infinity;
  for (const log of logs) if (log > most) most = log;
  const masses = new Float64Array(cells);
  let total = 0;
  for (const [index, log] of logs.entries()) {
    if (log - most < leastLog) continue;
    const mass = Math.exp(log - most);
    masses[index % cells] = (masses[index % cells] ?? 0) + mass;
    total += mass;
  }
  return { masses, total };
}

/** Returns the log-ratio below which `share` of the posterior lies; mass is spread evenly within a cell. */
function quantile({ from, to, masses, total }: Posterior, share: number): number {
  const step = (to - from) / cells;
  let below = 0;
  for (const [cell, mass] of masses.entries()) {
    if (below + mass >= share * total) return from + (cell + (share * total - below) / mass) * step;
    below += mass;
  }
  return to;
}
