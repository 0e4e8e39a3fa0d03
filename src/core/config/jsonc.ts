import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import { Lines, type Location, type Problem, type Range } from '../problem.js';
import { type TextProblem } from '../language/quantity.js';
import { closest } from '../language/spelling.js';

export type { Node };

/** After so many the rest of the file is unreadable anyway. */
const mostSyntaxErrors = 100;
const mostProblems = 1_000;

/**
 * JSON with comments and trailing commas, read value by value. Whatever is not as it should be becomes a problem with its
 * place, and the value is null: its neighbours are read all the same, also while the file is half written.
 */
export class JsoncReader {
  /** Null where there is no value at all. */
  readonly root: Node | null;
  readonly #text: string;
  readonly #lines: Lines;
  readonly #syntax: readonly { readonly range: Range; readonly message: string }[];
  readonly #found: { readonly range: Range; readonly message: string; readonly suggestion?: string }[] = [];

  /** `file` is an absolute path with `/`. */
  constructor(file: string, text: string) {
    // A byte order mark is not part of the text that an editor counts columns in.
    this.#text = text.startsWith('\ufeff') ? text.slice(1) : text;
    this.#lines = new Lines(file, this.#text);
    const errors: ParseError[] = [];
    const root = parse(this.#text, errors);
    this.#syntax = this.#syntaxErrors(errors);
    this.root =
      root === 'too deep' ? this.problem({ start: 0, end: 1 }, 'The file is nested too deeply to be read.') : root;
  }

  /** In the order of the file. */
  get problems(): readonly Problem[] {
    return [...this.#syntax, ...this.#found]
      .toSorted((a, b) => a.range.start - b.range.start)
      .map(({ range, ...problem }) => ({ location: this.location(range), ...problem }));
  }

  get whole(): Range {
    return { start: 0, end: this.#text.length };
  }

  location(range: Range): Location {
    return this.#lines.location(range);
  }

  /**
   * Notes what is wrong there, unless it is half written: then only the syntax is wrong. `suggestion` would stand in its
   * place, quotes and escapes included. Null, to be returned.
   */
  problem(range: Range, message: string, suggestion: string | null = null): null {
    if (this.#isFull || this.#isBroken(range)) return null;
    this.#found.push({ range, message: shortened(message, 500), ...(suggestion !== null && { suggestion }) });
    return null;
  }

  /** Notes what is wrong inside a string, whose problems and suggestions are about its value. */
  inside(node: Node, { range, message, suggestion }: TextProblem): null {
    const found = this.within(node, range);
    // Something that is missing has no width; the quote beside it has.
    if (found.start === found.end) return this.problem({ start: found.start, end: found.end + 1 }, message);
    return this.problem(found, message, suggestion === undefined ? null : JSON.stringify(suggestion).slice(1, -1));
  }

  /** The same for something that `node` lacks: while it is half written it may be yet to come. */
  missing(node: Node, range: Range, message: string): null {
    return this.#isBroken(rangeOf(node)) ? null : this.problem(range, message);
  }

  /** The values of an object by key, the first of several. With `keys`, any other key is a problem. */
  object(node: Node | undefined, keys: readonly string[] | null, what: string): ReadonlyMap<string, Entry> | null {
    if (node === undefined) return null;
    if (node.type !== 'object') return this.problem(rangeOf(node), `${what} must be an object: { … }.`);
    const entries = new Map<string, Entry>();
    for (const { children } of node.children ?? []) {
      const key = children?.[0];
      const value = children?.[1];
      if (key === undefined || value === undefined) continue;
      const name = String(key.value);
      const first = entries.get(name);
      if (first !== undefined) {
        if (this.#isFull) continue;
        const { line } = this.location(rangeOf(first.key)).start;
        this.problem(rangeOf(key), `"${name}" is already on line ${line}; this one is ignored.`);
        continue;
      }
      entries.set(name, { key, value });
      if (keys === null || keys.includes(name)) continue;
      const near = closest(name, keys);
      this.problem(rangeOf(key), unknownKey(name, near, keys, what), near && JSON.stringify(near));
    }
    return entries;
  }

  list(node: Node | undefined, what: string): readonly Node[] | null {
    if (node === undefined) return null;
    if (node.type === 'array') return node.children ?? [];
    const written = this.#text.slice(node.offset, node.offset + node.length);
    const example = node.type === 'string' && node.length <= 40 ? `[${written}]` : '[ … ]';
    return this.problem(rangeOf(node), `${what} must be a list: ${example}.`);
  }

  string(node: Node | undefined, what: string): string | null {
    if (node === undefined) return null;
    const value: unknown = node.value;
    if (typeof value !== 'string') return this.problem(rangeOf(node), `${what} must be a string in double quotes.`);
    return value.trim() === '' ? this.problem(rangeOf(node), `${what} is empty.`) : value;
  }

  /** A whole number, `least` or more. */
  count(node: Node | undefined, what: string, least: 0 | 1): number | null {
    if (node === undefined) return null;
    const value: unknown = node.value;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
    return this.problem(rangeOf(node), `${what} must be a whole number, ${least} or more.`);
  }

  /** One of a few words. */
  word<T extends string>(node: Node | undefined, what: string, words: readonly T[]): T | null {
    const text = this.string(node, what);
    if (text === null || node === undefined) return null;
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    const near = closest(text, words);
    const meant = near === null ? '' : `; did you mean "${near}"?`;
    const message = `${what} must be one of ${words.join(', ')}${meant === '' ? '.' : meant}`;
    return this.problem(rangeOf(node), message, near && JSON.stringify(near));
  }

  strings(node: Node | undefined, what: string): readonly string[] | null {
    return this.list(node, what)?.flatMap((one) => this.string(one, `Each entry of ${what}`) ?? []) ?? null;
  }

  /** Where a range of a string's value stands in the file; escapes are longer there than in the value. */
  within(node: Node, { start, end }: Range): Range {
    const inside = node.offset + 1;
    // Without escapes it is as long as its value and two quotes.
    if (String(node.value).length + 2 === node.length) return { start: inside + start, end: inside + end };
    const raw = this.#text.slice(inside, node.offset + node.length - 1);
    const units = [...raw.matchAll(/\\u[\da-f]{4}|\\.|[^]/gi)].map(({ index }) => inside + index);
    const after = inside + raw.length;
    return { start: units[start] ?? after, end: units[end] ?? after };
  }

  /** One a line: what follows the first is mostly its echo. */
  #syntaxErrors(errors: readonly ParseError[]): readonly { range: Range; message: string }[] {
    const found: { range: Range; message: string }[] = [];
    let last = 0;
    const written = Math.max(1, this.#text.trimEnd().length);
    for (const { error, offset, length } of errors) {
      // At the end of the file there is nothing to underline but what stands before it.
      const start = Math.min(offset, written - 1);
      const end = offset < written ? offset + Math.max(length, 1) : written;
      const { line } = this.#lines.position(start);
      if (line === last) continue;
      last = line;
      found.push({
        range: { start, end: Math.min(end, this.#text.length) },
        message: syntaxMessages[printParseErrorCode(error)] ?? otherSyntax,
      });
      if (found.length === mostSyntaxErrors) break;
    }
    return found;
  }

  get #isFull(): boolean {
    return this.#found.length >= mostProblems;
  }

  #isBroken({ start, end }: Range): boolean {
    return this.#syntax.some(({ range }) => range.start <= end && start <= range.end);
  }
}

function parse(text: string, errors: ParseError[]): Node | null | 'too deep' {
  const options = { allowTrailingComma: true, disallowComments: false, allowEmptyContent: true };
  try {
    return parseTree(text, errors, options) ?? null;
  } catch (thrown) {
    // jsonc-parser descends recursively, and a file of brackets alone exhausts the stack.
    if (thrown instanceof RangeError) return 'too deep';
    throw thrown;
  }
}

export interface Entry {
  readonly key: Node;
  readonly value: Node;
}

export const rangeOf = (node: Node): Range => ({ start: node.offset, end: node.offset + node.length });

function unknownKey(name: string, near: string | null, keys: readonly string[], what: string): string {
  if (near !== null) return `"${name}" is not a key here; did you mean "${near}"?`;
  const known = keys.filter((key) => !key.startsWith('$')).join(', ');
  return `"${shortened(name, 80)}" is not a key here. ${what} can have ${known}.`;
}

const shortened = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** By the names of jsonc-parser's codes. */
const syntaxMessages: Readonly<Record<string, string>> = {
  InvalidNumberFormat: 'This is not a number.',
  UnexpectedEndOfNumber: 'This is not a number.',
  PropertyNameExpected: 'A key in double quotes is expected here.',
  ValueExpected: 'A value is missing here.',
  ColonExpected: 'A colon is missing before this.',
  CommaExpected: 'A comma is missing before this.',
  CloseBraceExpected: 'A closing } is missing.',
  CloseBracketExpected: 'A closing ] is missing.',
  EndOfFileExpected: 'There is text after the end of the object.',
  UnexpectedEndOfComment: 'The closing */ of this comment is missing.',
  UnexpectedEndOfString: 'The closing " of this string is missing.',
  InvalidUnicode: 'This is not a valid JSON escape.',
  InvalidEscapeCharacter: 'This is not a valid JSON escape.',
};

const otherSyntax = 'This is not valid JSON. Put strings in double quotes.';
