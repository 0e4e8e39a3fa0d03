/** Texts of a workload that are all different, and do exactly as much work as they say. */

/** A workload's source: `items` is how many items one call of `work` does, `total` a local of it. */
export interface Variant {
  readonly text: string;
  /** Items of this text ÷ items of the original: how many times as long it takes, by construction. */
  readonly factor: number;
}

const itemsLine = /^export const items = (\d+);$/m;
const functions = /^(?:\/\*\*[^]*?\*\/\n)?(?:export )?(?:async )?function [^]*?^\}\n/gm;

/**
 * The source with `change` (0.1: 10 %) more items of the same kind, and with differences that change no work: a local gets
 * another name, functions are moved, a comment is written. `id` makes the text unlike every other; `uniform` draws in [0, 1).
 */
export function variant(source: string, change: number, id: string, uniform: () => number): Variant {
  const before = Number(itemsLine.exec(source)?.[1]);
  const after = Math.round(before * (1 + change));
  if (!Number.isInteger(after)) throw new Error('the workload does not say how many items it has');
  let text = source
    .replace(itemsLine, `export const items = ${after};`)
    // Another program would not only differ in a name that nobody sees.
    .replace(/\btotal\b/g, `total_${id}`);
  if (uniform() < 0.5) text = moved(text, uniform);
  if (uniform() < 0.5) text = `// Edited: ${id}.\n${text}`;
  return { text, factor: after / before };
}

/** The same functions in another order; declarations are hoisted, so nothing else changes. */
function moved(source: string, uniform: () => number): string {
  const found = source.match(functions) ?? [];
  const rest = source.replace(functions, '');
  return `${rest}\n${shuffled(found, uniform).join('\n')}`;
}

/** Fisher and Yates (1938). */
export function shuffled<T>(values: readonly T[], uniform: () => number): T[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last--) {
    const [taken] = result.splice(Math.floor(uniform() * (last + 1)), 1);
    if (taken !== undefined) result.push(taken);
  }
  return result;
}
