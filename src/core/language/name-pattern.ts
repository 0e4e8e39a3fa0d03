import { readNumber } from './quantity.js';

/** A name in a budget, which may stand for several benchmarks. */
export interface NamePattern {
  /** Whether it may stand for several. */
  readonly isPattern: boolean;
  /** `{files}` of a family; null if there is none. */
  readonly placeholder: string | null;
  /** Returns null if a benchmark's name does not match; `size` is the number in place of the placeholder. */
  readonly match: (name: string) => { readonly size: number | null } | null;
}

/** Whether a name may stand for several benchmarks: `index/{files}`, `parser/*`. */
export const isPattern = (name: string): boolean => /\*|\{[^{}]+\}/.test(name);

/**
 * Reads a name. A placeholder in braces stands for a number (`index/100`, `index/10,000`, `index/10k`), a `*` for any text
 * without a slash, and `**` for any text at all. Everything else stands for itself.
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

/** Reads a size: `10k` is 10,000; null if the text as a whole is not a number. */
function sizeOf(text: string): number | null {
  const number = readNumber(text, 0);
  return number?.end === text.length ? number.value : null;
}

/** Whether a name is that of a suite or of something in it; all names are in the suite without a name. */
export const isWithin = (name: string, suite: string): boolean =>
  suite === '' || name === suite || name.startsWith(`${suite}/`);

/** A name in one line: a budget may have a line break where its bench file has one, or a space. */
export const inOneLine = (name: string): string => name.replaceAll(/\s*[\r\n]+\s*/g, ' ').trim();

/** A version, a date, a time or a count. */
const number = /\d+(?:[.:,_-]\d+)*/g;

/** Returns the pattern of two names that differ only in numbers, such as versions and dates; null if they differ in more. */
export function patternOfBoth(one: string, other: string): string | null {
  const [numbers, others] = [one.match(number) ?? [], other.match(number) ?? []];
  if (one === other || one.replaceAll(number, '*') !== other.replaceAll(number, '*')) return null;
  let index = -1;
  return one.replaceAll(number, (found) => (numbers[++index] === others[index] ? found : '*'));
}
