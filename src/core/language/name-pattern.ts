import { readNumber } from './quantity.js';

/** What a budget's name for its benchmarks means. */
export interface NamePattern {
  /** Whether it may mean several. */
  readonly isPattern: boolean;
  /** `{files}` of a family; null where there is none. */
  readonly placeholder: string | null;
  /** Null where a benchmark's name is none of those; `size` is the number in the place of the placeholder. */
  readonly match: (name: string) => { readonly size: number | null } | null;
}

/** `index/{files}`, `parser/*`. */
export const isPattern = (name: string): boolean => /\*|\{[^{}]+\}/.test(name);

/**
 * A placeholder in braces stands for a number (`index/100`, `index/10,000`, `index/10k`), a `*` for any text within one part
 * of the name between slashes, and `**` for any text at all. Everything else stands for itself.
 */
export function patternOf(text: string): NamePattern {
  const placeholder = /\{[^{}]+\}/.exec(text)?.[0] ?? null;
  const parts = text.split(/(\*\*|\*|\{[^{}]+\})/).map((part) => {
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return /^\{[^{}]+\}$/.test(part) ? '(\\d[\\d.,_]*[kMG]?)' : part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  });
  const pattern = new RegExp(`^${parts.join('')}$`, 's');
  return {
    isPattern: isPattern(text),
    placeholder,
    match: (name) => {
      const found = pattern.exec(name);
      if (found === null) return null;
      const sizes = found.slice(1).map(sizeOf);
      return sizes.includes(null) ? null : { size: sizes[0] ?? null };
    },
  };
}

/** `10k` is 10,000; null where the text is no number as a whole. */
function sizeOf(text: string): number | null {
  const number = readNumber(text, 0);
  return number?.end === text.length ? number.value : null;
}
