import { parse, type ParserOptions } from '@babel/parser';
import type { Node, Statement } from '@babel/types';
import type { Range } from '../problem.js';

/** How many times a broken piece is repaired before it is given up. */
const repairs = 12;
/** How many characters of one file are parsed again for repairs: a few hundred milliseconds' worth. */
const patience = 2_000_000;

/**
 * Returns the top-level statements of a file, with offsets into `text`. Never throws: if the text is not a program, it parses the
 * text in pieces (a piece begins where a word begins a line), and broken pieces without the lines that break them.
 */
export function statementsOf(text: string, filename: string): Statement[] {
  const options = optionsFor(filename);
  const whole = attempt(text, 0, options);
  if (whole.statements !== null) return whole.statements;
  const spent = { characters: 0 };
  return pieces(text).flatMap(({ start, end }) => repair(text.slice(start, end), start, options, spent));
}

/** Returns the comments of a file, in order; null if the file does not parse. */
export function commentsOf(text: string, filename: string): Range[] | null {
  try {
    const { comments } = parse(text, optionsFor(filename));
    return (comments ?? []).map(({ start, end }) => ({ start: start ?? 0, end: end ?? 0 }));
  } catch {
    return null;
  }
}

function optionsFor(filename: string): ParserOptions {
  const extension = /\.([cm]?[jt]sx?)$/i.exec(filename)?.[1]?.toLowerCase() ?? 'ts';
  return {
    sourceType: 'unambiguous',
    errorRecovery: true,
    allowAwaitOutsideFunction: true,
    allowImportExportEverywhere: true,
    allowNewTargetOutsideFunction: true,
    allowReturnOutsideFunction: true,
    allowSuperOutsideMethod: true,
    allowUndeclaredExports: true,
    plugins: [
      ...(extension.includes('t') ? (['typescript'] as const) : []),
      // Outside TypeScript, and in .tsx, `<` before a value can only open an element.
      ...(!extension.includes('t') || extension.endsWith('x') ? (['jsx'] as const) : []),
      'decorators-legacy',
      'decoratorAutoAccessors',
      'explicitResourceManagement',
    ],
  };
}

interface Attempt {
  readonly statements: Statement[] | null;
  /** The line where parsing failed; null if it did not fail, or if the line is unknown. */
  readonly failedIn: Range | null;
}

function attempt(text: string, start: number, options: ParserOptions): Attempt {
  try {
    return { statements: parse(text, { ...options, startIndex: start }).program.body, failedIn: null };
  } catch (error) {
    // The parser is recursive: text nested ten thousand deep overflows the stack, and that error has no position.
    // Lines, because `pos` ignores `startIndex` in the errors of strings (7.29).
    return { statements: null, failedIn: isPlaced(error) ? lineNumber(text, error.loc.line) : null };
  }
}

function isPlaced(error: unknown): error is { readonly loc: { readonly line: number } } {
  return error instanceof SyntaxError && 'loc' in error;
}

/** Returns the range of a line, counted from 1 as JavaScript counts lines. */
function lineNumber(text: string, number: number): Range {
  let start = 0;
  for (const { index, 0: lineBreak } of text.matchAll(/\r\n?|[\n\u2028\u2029]/g)) {
    if (--number === 0) return { start, end: index };
    start = index + lineBreak.length;
  }
  return { start, end: text.length };
}

function pieces(text: string): Range[] {
  const starts = [0, ...Array.from(text.matchAll(/^[\p{ID_Start}$_@]/gmu), (match) => match.index)];
  return starts.map((start, i) => ({ start, end: starts[i + 1] ?? text.length }));
}

function repair(piece: string, start: number, options: ParserOptions, spent: { characters: number }): Statement[] {
  let text = piece;
  for (let tries = 0; ; tries++) {
    const { statements, failedIn } = attempt(text, start, options);
    if (statements !== null) return statements;
    if (failedIn === null || tries === repairs || spent.characters > patience) return [];
    const candidates = brokenLines(text, failedIn).map((line) => blank(text, line));
    const [first] = candidates;
    spent.characters += (candidates.length + 1) * text.length;
    if (first === undefined) return [];
    text = candidates.find((candidate) => attempt(candidate, start, options).statements !== null) ?? first;
  }
}

/** Returns where the mistake may be: on the line before the failure, on the line of the failure, or on both. */
function brokenLines(text: string, here: Range): Range[] {
  const before = lastLineBefore(text, here.start);
  const ranges = before === null ? [here] : [before, here, { start: before.start, end: here.end }];
  return ranges.filter(({ start, end }) => text.slice(start, end).trim() !== '');
}

/** Returns the last line before `at` that is not empty. */
function lastLineBefore(text: string, at: number): Range | null {
  const end = text.slice(0, at).trimEnd().length;
  return end === 0 ? null : { start: text.lastIndexOf('\n', end - 1) + 1, end };
}

/** Replaces a range by spaces, so that every other offset stays the same. */
function blank(text: string, { start, end }: Range): string {
  return text.slice(0, start) + text.slice(start, end).replace(/[^\r\n]/g, ' ') + text.slice(end);
}

/** Returns the direct children of a node. */
export function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  for (const [key, value] of Object.entries(node) as [string, unknown][]) {
    if (key === 'loc' || key === 'extra' || key.endsWith('Comments')) continue;
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) if (isNode(child)) children.push(child);
  }
  return children;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Removes what changes neither the value nor its name: type assertions, `await`, parentheses. */
export function unwrap(node: Node): Node {
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
    case 'TSInstantiationExpression':
    case 'ParenthesizedExpression':
      return unwrap(node.expression);
    case 'AwaitExpression':
      return unwrap(node.argument);
    default:
      return node;
  }
}

export function isFunction(node: Node): boolean {
  return node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression';
}

export function rangeOf(node: Node): Range {
  return { start: node.start ?? 0, end: node.end ?? 0 };
}

/** Returns the name after the dot or in the brackets: `a.b`, `a['b']`, `a[Symbol.iterator]`, `a.#b`; null if it is computed. */
export function keyName(key: Node, computed: boolean): string | null {
  switch (key.type) {
    case 'Identifier':
      return computed ? null : key.name;
    case 'PrivateName':
      return `#${key.id.name}`;
    case 'StringLiteral':
      return key.value;
    case 'NumericLiteral':
      return String(key.value);
    case 'MemberExpression':
      return key.object.type === 'Identifier' && key.object.name === 'Symbol' && key.property.type === 'Identifier'
        ? `[Symbol.${key.property.name}]`
        : null;
    default:
      return null;
  }
}
