import * as l10n from '@vscode/l10n';
import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import { Lines, type Location, type Problem, type Range } from '../problem.js';
import { type TextProblem } from '../language/quantity.js';
import { closest } from '../language/spelling.js';

export type { Node };

/** After this many, the rest of the file is unreadable anyway. */
const mostSyntaxErrors = 100;
const mostProblems = 1_000;

/**
 * Reads JSON with comments and trailing commas, value by value. A wrong value becomes a problem with its place, and is returned
 * as null; its neighbours are still read, even while the file is half written.
 */
export class JsoncReader {
  /** Null if there is no value at all. */
  readonly root: Node | null;
  readonly #text: string;
  readonly #lines: Lines;
  readonly #syntax: readonly { readonly range: Range; readonly message: string }[];
  readonly #found: { readonly range: Range; readonly message: string; readonly suggestion?: string }[] = [];

  /** `file` is an absolute path with `/`. */
  constructor(file: string, text: string) {
    // An editor does not count a byte order mark in its columns.
    this.#text = text.startsWith('\ufeff') ? text.slice(1) : text;
    this.#lines = new Lines(file, this.#text);
    const errors: ParseError[] = [];
    const root = parse(this.#text, errors);
    this.#syntax = this.#syntaxErrors(errors);
    this.root =
      root === 'too deep'
        ? this.problem({ start: 0, end: 1 }, l10n.t('The file is nested too deeply to be read.'))
        : root;
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
   * Adds a problem, unless its range is half written: then only the syntax is wrong. `suggestion` would replace the range, with
   * its quotes and escapes. Returns null, for the caller to return.
   */
  problem(range: Range, message: string, suggestion: string | null = null): null {
    if (this.#isFull || this.#isBroken(range)) return null;
    this.#found.push({ range, message: shortened(message, 500), ...(suggestion !== null && { suggestion }) });
    return null;
  }

  /** Adds a problem inside a string; its range and its suggestion refer to the string's value. */
  inside(node: Node, { range, message, suggestion }: TextProblem): null {
    const found = this.within(node, range);
    // Something missing has no width: mark the character after it.
    if (found.start === found.end) return this.problem({ start: found.start, end: found.end + 1 }, message);
    return this.problem(found, message, suggestion === undefined ? null : JSON.stringify(suggestion).slice(1, -1));
  }

  /** Adds a problem about something that `node` lacks, unless it is half written: the rest may be yet to come. */
  missing(node: Node, range: Range, message: string): null {
    return this.#isBroken(rangeOf(node)) ? null : this.problem(range, message);
  }

  /** Returns the entries of an object by key, the first if a key is repeated. With `keys`, any other key is a problem. */
  object(node: Node | undefined, keys: readonly string[] | null, what: string): ReadonlyMap<string, Entry> | null {
    if (node === undefined) return null;
    if (node.type !== 'object') return this.problem(rangeOf(node), l10n.t`${what} must be an object: { … }.`);
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
        this.problem(rangeOf(key), l10n.t`"${name}" is already on line ${line}; this one is ignored.`);
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
    return this.problem(rangeOf(node), l10n.t`${what} must be a list: ${example}.`);
  }

  /** Reads a program and its arguments. */
  command(node: Node | undefined, what: string): readonly string[] | null {
    if (node?.type !== 'string') {
      const words = this.strings(node, what);
      // Without one of its arguments it would be another command.
      return words?.length === node?.children?.length ? words : null;
    }
    const words = String(node.value).trim().split(/\s+/);
    const example = `[${words.map((word) => JSON.stringify(word)).join(', ')}]`;
    return this.problem(rangeOf(node), l10n.t`${what} must be a list of a program and its arguments: ${example}.`);
  }

  string(node: Node | undefined, what: string): string | null {
    if (node === undefined) return null;
    const value: unknown = node.value;
    if (typeof value !== 'string')
      return this.problem(rangeOf(node), l10n.t`${what} must be a string in double quotes.`);
    if (value.includes('\0'))
      return this.problem(
        rangeOf(node),
        l10n.t('{0} has a NUL character ({1}), which the system does not allow.', what, String.raw`\u0000`),
      );
    return value.trim() === '' ? this.problem(rangeOf(node), l10n.t`${what} is empty.`) : value;
  }

  /** Reads a whole number, `least` or more. */
  count(node: Node | undefined, what: string, least: 0 | 1): number | null {
    if (node === undefined) return null;
    const value: unknown = node.value;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
    return this.problem(rangeOf(node), l10n.t`${what} must be a whole number, ${least} or more.`);
  }

  /** Reads one of a few words. */
  word<T extends string>(node: Node | undefined, what: string, words: readonly T[]): T | null {
    const text = this.string(node, what);
    if (text === null || node === undefined) return null;
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    const near = closest(text, words);
    const all = words.join(', ');
    const message =
      near === null
        ? l10n.t`${what} must be one of ${all}.`
        : l10n.t`${what} must be one of ${all}; did you mean "${near}"?`;
    return this.problem(rangeOf(node), message, near && JSON.stringify(near));
  }

  strings(node: Node | undefined, what: string): readonly string[] | null {
    return this.list(node, what)?.flatMap((one) => this.string(one, l10n.t`Each entry of ${what}`) ?? []) ?? null;
  }

  /** Converts a range of a string's value to a range of the file, where escapes are longer. */
  within(node: Node, { start, end }: Range): Range {
    const inside = node.offset + 1;
    // Without escapes, a string is as long as its value plus two quotes.
    if (String(node.value).length + 2 === node.length) return { start: inside + start, end: inside + end };
    const raw = this.#text.slice(inside, node.offset + node.length - 1);
    const units = [...raw.matchAll(/\\u[\da-f]{4}|\\.|[^]/gi)].map(({ index }) => inside + index);
    const after = inside + raw.length;
    return { start: units[start] ?? after, end: units[end] ?? after };
  }

  /** Keeps one error per line: the others mostly follow from the first. */
  #syntaxErrors(errors: readonly ParseError[]): readonly { range: Range; message: string }[] {
    const found: { range: Range; message: string }[] = [];
    let last = 0;
    const written = Math.max(1, this.#text.trimEnd().length);
    for (const { error, offset, length } of errors) {
      // At the end of the file, only the text before it can be underlined.
      const start = Math.min(offset, written - 1);
      const end = offset < written ? offset + Math.max(length, 1) : written;
      const { line } = this.#lines.position(start);
      if (line === last) continue;
      last = line;
      found.push({
        range: { start, end: Math.min(end, this.#text.length) },
        message: (syntaxMessages[printParseErrorCode(error)] ?? otherSyntax)(),
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
    // jsonc-parser is recursive, and a file of nothing but brackets exhausts the stack.
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
  if (near !== null) return l10n.t`"${name}" is not a key here; did you mean "${near}"?`;
  const known = keys.filter((key) => !key.startsWith('$')).join(', ');
  return l10n.t`"${shortened(name, 80)}" is not a key here. ${what} can have ${known}.`;
}

const shortened = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** Messages by the names of jsonc-parser's codes. */
const syntaxMessages: Readonly<Record<string, () => string>> = {
  InvalidNumberFormat: () => l10n.t('This is not a number.'),
  UnexpectedEndOfNumber: () => l10n.t('This is not a number.'),
  PropertyNameExpected: () => l10n.t('A key in double quotes is expected here.'),
  ValueExpected: () => l10n.t('A value is missing here.'),
  ColonExpected: () => l10n.t('A colon is missing before this.'),
  CommaExpected: () => l10n.t('A comma is missing before this.'),
  CloseBraceExpected: () => l10n.t('A closing } is missing.'),
  CloseBracketExpected: () => l10n.t('A closing ] is missing.'),
  EndOfFileExpected: () => l10n.t('There is text after the end of the object.'),
  UnexpectedEndOfComment: () => l10n.t('The closing */ of this comment is missing.'),
  UnexpectedEndOfString: () => l10n.t('The closing " of this string is missing.'),
  InvalidUnicode: () => l10n.t('This is not a valid JSON escape.'),
  InvalidEscapeCharacter: () => l10n.t('This is not a valid JSON escape.'),
};

const otherSyntax = (): string => l10n.t('This is not valid JSON. Put strings in double quotes.');
