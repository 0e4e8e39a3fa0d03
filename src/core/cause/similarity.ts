/** Above this likeness of their texts, a function that is new may be one that is gone. */
export const alike = 0.4;

export const wordsOf = (text: string): readonly string[] => text.match(/[\p{L}\p{N}_$]+/gu) ?? [];

/** Returns how alike two texts are, by the Dice coefficient of their words: 1 for the same words, 0 for none in common. */
export function similarity(left: readonly string[], right: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const word of left) counts.set(word, (counts.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of right) {
    const count = counts.get(word) ?? 0;
    if (count > 0) common++;
    counts.set(word, count - 1);
  }
  return (2 * common) / Math.max(1, left.length + right.length);
}
