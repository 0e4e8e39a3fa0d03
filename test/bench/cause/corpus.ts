/** What a slowdown of the corpus is: a change of a module's text, and where the time goes that it costs. */
import { outline } from '../../../src/core/outline/index.js';

export const kinds = [
  'work',
  'allocation',
  'delete',
  'megamorphic',
  'regular expression',
  'sort',
  'other file',
  'package',
  'split',
  'renamed',
  'moved',
  'loop',
  'concatenation',
  'copy',
  'round trip',
  'closure',
  'getter or proxy',
] as const;
export type Kind = (typeof kinds)[number];

/** In a file of the module, `from` stands once and becomes `to`; a new file has no `from`. */
export interface Edit {
  readonly file: string;
  readonly from: string | null;
  readonly to: string;
}

export interface Answer {
  /** As the outline of the file names it. */
  readonly function: string;
  readonly file: string;
  /** Pieces of the lines of the new text that are right; each occurs once in the file. */
  readonly lines: readonly string[];
}

export interface Variant {
  readonly name: string;
  readonly kind: Kind;
  readonly edits: readonly Edit[];
  /** What is right: first what is expected, then what is as right, for the reason `why`. */
  readonly answers: readonly [Answer, ...Answer[]];
  readonly why?: string;
  /** How much longer a call takes, measured by `--sizes`: 0.25 is a quarter. */
  readonly size: number;
}

/** A change that costs nothing. */
export interface Control {
  readonly name: string;
  readonly edits: readonly Edit[];
}

export interface Module {
  readonly name: string;
  /** Where it is; absent for `test/fixtures/cause` and its name. */
  readonly folder?: string;
  readonly benchFile: string;
  readonly benchmark: string;
  readonly variants: readonly Variant[];
  readonly controls: readonly Control[];
}

export const edit = (file: string, from: string, to: string): Edit => ({ file, from, to });
export const create = (file: string, to: string): Edit => ({ file, from: null, to });
export const answer = (name: string, file: string, ...lines: string[]): Answer => ({ function: name, file, lines });

/** Returns the new texts of the files that edits change. Throws where an edit does not fit, which is a fault of the corpus. */
export function applied(edits: readonly Edit[], read: (file: string) => string): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { file, from, to } of edits) {
    if (from === null) {
      texts.set(file, to);
      continue;
    }
    const pieces = (texts.get(file) ?? read(file)).split(from);
    if (pieces.length !== 2) throw new Error(`${file} has ${pieces.length - 1} times: ${from}`);
    texts.set(file, pieces.join(to));
  }
  return texts;
}

/** The lines of an answer in the new text of its file, from one. */
export function linesOf({ file, lines }: Answer, text: string): number[] {
  return lines.map((piece) => {
    const before = text.split(piece);
    if (before.length !== 2) throw new Error(`${file} has ${before.length - 1} times: ${piece}`);
    return (before[0] ?? '').split('\n').length;
  });
}

/** All names that the outline has for the innermost function or class around a line: what is exported may have two. */
export function functionsAt(text: string, file: string, line: number): string[] {
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length;
  const around = outline(text, file)
    .map(({ path, range }) => ({ path, first: lineOf(range.start), last: lineOf(range.end) }))
    .filter(({ first, last }) => first <= line && line <= last);
  const smallest = Math.min(...around.map(({ first, last }) => last - first));
  return around.filter(({ first, last }) => last - first === smallest).map(({ path }) => path);
}
