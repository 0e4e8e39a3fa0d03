/** The statistics of the detection benchmark's table, and of the rivals' decisions. */

/**
 * The exact interval of a rate of which `hits` of `n` were seen (Clopper & Pearson, Biometrika 26, 1934): those rates under
 * which neither so few nor so many hits would be less likely than half of `1 − confidence`.
 */
export function clopperPearson(hits: number, n: number, confidence = 0.95): { low: number; high: number } {
  const tail = (1 - confidence) / 2;
  const low = hits === 0 ? 0 : root((rate) => 1 - atMost(hits - 1, n, rate) - tail);
  const high = hits === n ? 1 : root((rate) => tail - atMost(hits, n, rate));
  return { low, high };
}

/** The probability of at most `hits` of `n` at this rate, summed from the logarithms of the binomial terms. */
function atMost(hits: number, n: number, rate: number): number {
  let log = n * Math.log1p(-rate);
  let sum = Math.exp(log);
  for (let k = 1; k <= hits; k++) {
    log += Math.log((n - k + 1) / k) + Math.log(rate) - Math.log1p(-rate);
    sum += Math.exp(log);
  }
  return Math.min(1, sum);
}

/** Where an increasing function on (0, 1) is zero, by bisection. */
function root(f: (x: number) => number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (f(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * How many standard deviations the ranks of `b` lie above those of `a` if both were alike (Mann & Whitney 1947, the normal
 * approximation with the correction for ties): beyond ±2.576 the difference is significant at 1 %.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, of: 0 })), ...b.map((value) => ({ value, of: 1 }))];
  all.sort((x, y) => x.value - y.value);
  let rankSum = 0;
  let ties = 0;
  for (let from = 0; from < all.length;) {
    let to = from;
    while (all[to]?.value === all[from]?.value && to < all.length) to++;
    const rank = (from + 1 + to) / 2;
    for (const { of } of all.slice(from, to)) rankSum += of * rank;
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  const n = all.length;
  const u = rankSum - (b.length * (b.length + 1)) / 2;
  const variance = ((a.length * b.length) / 12) * (n + 1 - ties / (n * (n - 1)));
  return variance === 0 ? 0 : (u - (a.length * b.length) / 2) / Math.sqrt(variance);
}
