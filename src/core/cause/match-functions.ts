import type { Code } from './code.js';
import { alike, similarity, wordsOf } from './similarity.js';

/** A function, method or class of one side. */
export interface Named {
  readonly file: string;
  /** As the outline names it; null for code outside of functions. */
  readonly path: string | null;
  readonly package: string | null;
}

export const keyOf = ({ file, path }: Pick<Named, 'file' | 'path'>): string => `${file}\n${path ?? ''}`;

/**
 * Returns the function of the current code that each old one is, by `keyOf`: the one of the same file and name; of what is gone, a
 * new one, of the same name elsewhere, or else the one whose text is most like it. What is not in the result is gone.
 */
export function matchFunctions<Old extends Named, Now extends Named>(
  olds: readonly Old[],
  news: readonly Now[],
  code: { readonly old: Code; readonly now: Code },
): Map<Old, Now> {
  const found = new Map<Old, Now>();
  const byKey = new Map(news.map((one) => [keyOf(one), one]));
  for (const old of olds) {
    const same = byKey.get(keyOf(old));
    if (same !== undefined) found.set(old, same);
  }
  const gone = olds.filter((one) => !found.has(one) && !isIn(one, code.now));
  const added = news.filter((one) => !isIn(one, code.old));
  const ranked = gone.flatMap((old) => {
    const words = wordsOf(textOf(old, code.old));
    return added.map((now) => {
      const sameName = nameOf(old) === nameOf(now) ? 1 : 0;
      return { old, now, rank: sameName + similarity(words, wordsOf(textOf(now, code.now))) };
    });
  });
  const taken = new Set<Now>();
  for (const { old, now, rank } of ranked.toSorted((a, b) => b.rank - a.rank)) {
    if (rank <= alike || found.has(old) || taken.has(now)) continue;
    found.set(old, now);
    taken.add(now);
  }
  return found;
}

/** Whether a function is in this code. Packages, and code outside of functions, are on both sides. */
export const isIn = ({ file, path, package: owner }: Named, code: Code): boolean =>
  owner !== null || path === null || code.has(file, path);

const nameOf = ({ path }: Named): string | undefined => path?.split('.').at(-1);

const textOf = ({ file, path }: Named, code: Code): string => (path === null ? '' : code.functionText(file, path));
