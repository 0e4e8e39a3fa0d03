/** A baseline's name is what people type, a file's name on every system, and stands where a git revision could stand. */

/** Why a new baseline cannot have a name. `text/baseline-name.ts` has a sentence for each. */
export type NameRefusal =
  | { readonly kind: 'empty' }
  | { readonly kind: 'too-long'; readonly length: number }
  | { readonly kind: 'unseen' }
  | { readonly kind: 'character'; readonly part: string }
  | { readonly kind: 'begins' | 'ends'; readonly part: string }
  /** It has a meaning of its own where a baseline's name can stand. */
  | { readonly kind: 'word'; readonly word: 'auto' | 'none' }
  | { readonly kind: 'revision'; readonly of: 'last commit' | 'commit' | 'branch' }
  | { readonly kind: 'device' }
  /** A file system that ignores case takes it for this other one. */
  | { readonly kind: 'case'; readonly other: string };

/** As many characters as the name of its file keeps. */
export const longestName = 80;

/** What file names on Windows, or names in git, cannot contain. */
const impossible = /[<>:"\\|?*~^[\]]|\.\.|@\{/;
/** Controls, separators and overrides that change how the rest of a line reads, and halves of characters. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const pseudoRevision =
  /^(?:(?:FETCH|ORIG|MERGE|REBASE|REVERT|CHERRY_PICK|BISECT|AUTO_MERGE)_?HEAD|[0-9a-f]{40}|[0-9a-f]{64})$/i;

/** Returns why a new baseline cannot have this name beside those that there are (`others`); null if it can. */
export function refusedName(name: string, others: readonly string[]): NameRefusal | null {
  if (name.trim() === '') return { kind: 'empty' };
  if (unseen.test(name)) return { kind: 'unseen' };
  if (name.length > longestName) return { kind: 'too-long', length: name.length };
  const [part] = impossible.exec(name) ?? [];
  if (part !== undefined) return { kind: 'character', part };
  const [first] = /^[-./\s]/.exec(name) ?? [];
  if (first !== undefined) return { kind: 'begins', part: first };
  const [last] = /(?:[./\s]|\.lock)$/i.exec(name) ?? [];
  if (last !== undefined) return { kind: 'ends', part: last };
  const lower = name.toLowerCase();
  if (lower === 'auto' || lower === 'none') return { kind: 'word', word: lower };
  if (lower === 'head' || name === '@') return { kind: 'revision', of: 'last commit' };
  if (pseudoRevision.test(name)) return { kind: 'revision', of: 'commit' };
  // Windows ignores what follows the first dot.
  if (/^(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(?:\.|$)/i.test(name)) return { kind: 'device' };
  const other = others.find((one) => one !== name && isSameFile(one, name));
  return other === undefined ? null : { kind: 'case', other };
}

/** Whether file systems that ignore case, or how a letter with an accent is written, take two names for one. */
const isSameFile = (a: string, b: string): boolean => folded(a) === folded(b);
const folded = (name: string): string => name.normalize('NFC').toLowerCase();
