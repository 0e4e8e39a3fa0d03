import { mean, studentT } from './stats.js';

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

/** Over six workloads on a noisy two-core machine; sigma is of time. */
export const defaultPrior: Prior = { sigma: 0.025, weight: 4 };

/** The chance that one look's interval misses the truth on one side. */
export const tail = 0.005;

/** The interval of a mean log-ratio, as plain ratios. */
export interface RatioInterval {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The mean of one log-ratio a process, with a t-interval whose variance is the posterior one under a scaled inverse-χ² prior
 * (Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.6): the spread that counts is between processes, not within one.
 */
export function interval(logRatios: readonly number[], prior: Prior = defaultPrior): RatioInterval {
  const n = logRatios.length;
  const centre = mean(logRatios);
  let squares = prior.weight * prior.sigma ** 2;
  for (const value of logRatios) squares += (value - centre) ** 2;
  const df = prior.weight + n - 1;
  const half = studentT(tail, df) * Math.sqrt(squares / df / n);
  return { ratio: Math.exp(centre), low: Math.exp(centre - half), high: Math.exp(centre + half) };
}
