import { diffArrays } from 'diff';

/** Which lines of two texts are the same. All lines count from one. */
export interface LineDiff {
  /** The line that this one was in the old text; null if it is new. */
  readonly oldOf: (newLine: number) => number | null;
  /** The line that this one is in the new text; null if it is gone. */
  readonly newOf: (oldLine: number) => number | null;
  /** The lines of the new text that the old text does not have. */
  readonly changed: ReadonlySet<number>;
}

/** How many changed lines between two anchors are compared in the best way, which takes the square of the number. */
const mostEdits = 400;

/**
 * Compares two texts line by line. How lines end and how far they are indented makes no difference, because code that moves into
 * a block is the same code. The lines that each text has only once are compared first, as `git diff --patience` does: that is fast
 * in long files, and keeps functions together that were moved apart by new code.
 */
export function diffLines(old: string, now: string): LineDiff {
  const [before, after] = [linesOf(old), linesOf(now)];
  const newOf = new Map<number, number>();
  const oldOf = new Map<number, number>();
  let [i, j] = [0, 0];
  for (const [nextOld, nextNew] of [...anchors(before, after), [before.length, after.length] as const]) {
    const parts = diffArrays(before.slice(i, nextOld), after.slice(j, nextNew), { maxEditLength: mostEdits });
    for (const { added, removed, count } of parts ?? []) {
      for (let k = 0; k < count && !added && !removed; k++) {
        newOf.set(i + k + 1, j + k + 1);
        oldOf.set(j + k + 1, i + k + 1);
      }
      if (!added) i += count;
      if (!removed) j += count;
    }
    if (nextOld < before.length && nextNew < after.length) {
      newOf.set(nextOld + 1, nextNew + 1);
      oldOf.set(nextNew + 1, nextOld + 1);
    }
    [i, j] = [nextOld + 1, nextNew + 1];
  }
  const lines = after.map((_, index) => index + 1);
  return {
    oldOf: (line) => oldOf.get(line) ?? null,
    newOf: (line) => newOf.get(line) ?? null,
    changed: new Set(lines.filter((line) => !oldOf.has(line))),
  };
}

const linesOf = (text: string): string[] => text.split(/\r\n?|\n/).map((line) => line.trim());

/** Returns the most lines that both texts have once and in the same order, as pairs of indexes that ascend. */
function anchors(before: readonly string[], after: readonly string[]): (readonly [number, number])[] {
  const old = onlyOnce(before);
  const pairs = [...onlyOnce(after)].flatMap(([line, now]) => {
    const was = old.get(line);
    return was === undefined ? [] : [[was, now] as const];
  });
  // The longest ascending subsequence, by patience sorting: each pile remembers the top of the pile before it.
  const tops: number[] = [];
  const previous: number[] = [];
  pairs.forEach(([was], index) => {
    let [low, high] = [0, tops.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[tops[middle] ?? 0]?.[0] ?? 0) < was) low = middle + 1;
      else high = middle;
    }
    previous[index] = tops[low - 1] ?? -1;
    tops[low] = index;
  });
  const found: (readonly [number, number])[] = [];
  for (let index = tops.at(-1) ?? -1; index >= 0; index = previous[index] ?? -1) {
    const pair = pairs[index];
    if (pair !== undefined) found.push(pair);
  }
  return found.reverse();
}

/** Returns the lines that occur once, in their order, with their indexes. */
function onlyOnce(lines: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  const again = new Set<string>();
  lines.forEach((line, index) => {
    if (found.has(line)) again.add(line);
    else found.set(line, index);
  });
  for (const line of again) found.delete(line);
  return found;
}
