/** Returns the candidate nearest to a misspelt word, with at most a third of the letters different; null if there is none. */
export function closest(word: string, candidates: readonly string[]): string | null {
  const folded = word.toLowerCase();
  let best: string | null = null;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const distance = candidate.toLowerCase() === folded ? 0 : editDistance(folded, candidate.toLowerCase());
    if (distance < least && distance < candidate.length) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/**
 * Counts insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). Our own, because the libraries
 * (`fastest-levenshtein`) count a swap as two, and would not find `time` for `tmie`.
 */
function editDistance(a: string, b: string): number {
  let previous: number[] = [];
  let current = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a.charAt(i - 1) === b.charAt(j - 1);
      let cost = Math.min((current[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (current[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a.charAt(i - 1) === b.charAt(j - 2) && a.charAt(i - 2) === b.charAt(j - 1)) {
        cost = Math.min(cost, (previous[j - 2] ?? 0) + 1);
      }
      next.push(cost);
    }
    previous = current;
    current = next;
  }
  return current[b.length] ?? 0;
}
