import { findNodeAtLocation, modify, parseTree, type Node, type ParseError } from 'jsonc-parser';
import type { Defaults, Waiver } from '../language/budget.js';
import { parseCheck } from '../language/check.js';
import { inlineBudgets } from '../config/inline.js';
import { Lines, type Range } from '../problem.js';
import type { Loosened } from './loosen.js';
import { budgetEntry, type ProposedBudget } from './propose.js';

/** A replacement in a text; ranges of several are in the text before all of them, and do not touch. */
export interface TextEdit {
  readonly range: Range;
  readonly text: string;
}

/** Returns the text after its edits. */
export function applied(text: string, edits: readonly TextEdit[]): string {
  const backwards = edits.toSorted((a, b) => b.range.start - a.range.start);
  return backwards.reduce((now, { range, text }) => now.slice(0, range.start) + text + now.slice(range.end), text);
}

/** Returns where the new texts of edits are in the text after them, in its order. */
export function placesOf(edits: readonly TextEdit[]): readonly Range[] {
  let shift = 0;
  return edits
    .toSorted((a, b) => a.range.start - b.range.start)
    .map(({ range, text }) => {
      const start = range.start + shift;
      shift += text.length - (range.end - range.start);
      return { start, end: start + text.length };
    });
}

/**
 * Replaces checks of an entry in a `perf-budget.jsonc`. Those that the entry only implies are added to its limits, all of
 * `implied` with them, because a written one ends that they are implied. Returns the edits, and which checks were found.
 */
export function loosenInConfig(
  text: string,
  budget: string,
  changes: readonly Loosened[],
  implied: readonly string[],
): { readonly edits: readonly TextEdit[]; readonly found: readonly Loosened[] } {
  const root = treeOf(text);
  const entry = root && findNodeAtLocation(root, ['budgets', budget]);
  if (entry?.type !== 'object') return { edits: [], found: [] };
  const edits: TextEdit[] = [];
  const found: Loosened[] = [];
  for (const change of changes) {
    const list = findNodeAtLocation(entry, [change.level])?.children ?? [];
    const index = list.findIndex((node) => typeof node.value === 'string' && isCheck(node.value, change.from));
    if (index === -1) continue;
    found.push(change);
    edits.push(...modified(text, ['budgets', budget, change.level, index], change.to));
  }
  const ofImplied = changes.filter(({ from }) => implied.includes(from));
  if (ofImplied.length > 0) {
    const added = implied.map((one) => ofImplied.find(({ from }) => from === one)?.to ?? one);
    const list = findNodeAtLocation(entry, ['limit']);
    if (list?.type === 'array') edits.push(...appended(text, list, added));
    else edits.push(...keySet(text, entry, 'limit', `[${added.map((one) => JSON.stringify(one)).join(', ')}]`));
    found.push(...ofImplied);
  }
  return { edits, found };
}

/** Replaces checks in the comments of a source text; `known` has its comments, as for `inlineBudgets`. */
export function loosenInComments(
  text: string,
  budget: string,
  changes: readonly Loosened[],
  implied: readonly string[],
  { defaults, known }: { readonly defaults: Defaults; readonly known: readonly Range[] | null },
): { readonly edits: readonly TextEdit[]; readonly found: readonly Loosened[] } {
  const own = inlineBudgets('', text, defaults, known).budgets.find(({ name }) => name === budget);
  const lines = new Lines('', text);
  const found: Loosened[] = [];
  const edits = changes.flatMap((change): readonly TextEdit[] => {
    const check = own?.checks.find((one) => one.text === change.from && one.level === change.level);
    if (check === undefined || check.location === null) return [];
    found.push(change);
    const { start, end } = check.location;
    return [{ range: { start: lines.offset(start), end: lines.offset(end) }, text: change.to }];
  });
  const ofImplied = changes.filter(({ from }) => implied.includes(from));
  if (own === undefined || ofImplied.length === 0) return { edits, found };
  // Behind the last check of the comment, or behind the colon.
  const ends = own.checks.flatMap(({ location }) => (location === null ? [] : [lines.offset(location.end)]));
  const at = ends.length === 0 ? lines.offset(own.location.end) : Math.max(...ends);
  const added = implied.map((one) => ofImplied.find(({ from }) => from === one)?.to ?? one).join(', ');
  const written = `${ends.length === 0 ? ' ' : ', '}${added}`;
  const isReplaced = edits.some(({ range }) => range.end === at);
  return {
    // Edits do not touch: behind a check that is replaced, both are one.
    edits: isReplaced
      ? edits.map(({ range, text }) => ({ range, text: range.end === at ? text + written : text }))
      : [...edits, { range: { start: at, end: at }, text: written }],
    found: [...found, ...ofImplied],
  };
}

/**
 * Gives a budget a waiver, in place of one that it may have. `benchmark` is what an entry is about that has to be added, because the
 * budget is in a comment. Null if the text cannot be read.
 */
export function waiveInConfig(
  text: string,
  budget: string,
  { until, reason }: Waiver,
  benchmark: string,
): readonly TextEdit[] | null {
  const root = treeOf(text);
  const budgets = root && findNodeAtLocation(root, ['budgets']);
  if (budgets?.type !== 'object') return null;
  const entry = findNodeAtLocation(budgets, [budget]);
  const waiver = `{ "until": ${JSON.stringify(until)}, "reason": ${JSON.stringify(reason)} }`;
  if (entry === undefined) {
    const added = `{ "benchmark": ${JSON.stringify(benchmark)}, "waived": ${waiver} }`;
    return keySet(text, budgets, budget, added);
  }
  return entry.type === 'object' ? keySet(text, entry, 'waived', waiver) : null;
}

/**
 * Adds a budget as the last one, under a name that neither the text nor `taken` has. Null if the text has a mistake.
 */
export function addToConfig(
  text: string,
  budget: ProposedBudget,
  limits: readonly string[],
  taken: readonly string[],
): readonly TextEdit[] | null {
  const root = treeOf(text);
  if (root?.type !== 'object') return null;
  const budgets = findNodeAtLocation(root, ['budgets']);
  if (budgets !== undefined && budgets.type !== 'object') return null;
  const written = (budgets?.children ?? []).map(({ children }) => String(children?.[0]?.value));
  const name = freeName(budget.name, new Set([...taken, ...written]));
  const entry = (indent: string | null): string => budgetEntry({ ...budget, name }, limits, indent);
  if (budgets === undefined) return keySet(text, root, 'budgets', `{ ${JSON.stringify(name)}: ${entry(null)} }`);
  return keySet(text, budgets, name, entry(indentOf(text, budgets)));
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let count = 1; ; count++) {
    const free = count === 1 ? name : `${name} ${count}`;
    if (!taken.has(free)) return free;
  }
}

/** Null if the text has a mistake: it could not be said what an edit changes. */
function treeOf(text: string): Node | null {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  return errors.length > 0 ? null : (root ?? null);
}

function isCheck(written: string, text: string): boolean {
  const parsed = parseCheck(written);
  return parsed.ok && parsed.value.text === text;
}

const modified = (text: string, path: readonly (string | number)[], value: string): readonly TextEdit[] =>
  modify(text, [...path], value, {}).map(({ offset, length, content }) => ({
    range: { start: offset, end: offset + length },
    text: content,
  }));

/** Sets a key of an object; `value` is JSON. A new key is the last. */
function keySet(text: string, object: Node, key: string, value: string): readonly TextEdit[] {
  const existing = findNodeAtLocation(object, [key]);
  if (existing !== undefined) {
    return [{ range: { start: existing.offset, end: existing.offset + existing.length }, text: value }];
  }
  return appendedTo(text, object, [`${JSON.stringify(key)}: ${value}`]);
}

/** Adds strings to a list. */
const appended = (text: string, list: Node, values: readonly string[]): readonly TextEdit[] =>
  appendedTo(
    text,
    list,
    values.map((value) => JSON.stringify(value)),
  );

/**
 * Adds parts at the end of an object or a list, as it is laid out: on lines of their own, or on its line. jsonc-parser's `modify` would put
 * them before the comment at the end of the last line, and formats whole lines.
 */
function appendedTo(text: string, parent: Node, parts: readonly string[]): readonly TextEdit[] {
  const close = parent.offset + parent.length - 1;
  const last = parent.children?.at(-1);
  const lineStart = text.lastIndexOf('\n', close - 1) + 1;
  const isOnLines = lineStart > parent.offset && text.slice(lineStart, close).trim() === '';
  const after = last === undefined ? parent.offset + 1 : last.offset + last.length;
  const comma = last === undefined ? null : commaAfter(text, after, close);
  if (isOnLines) {
    const indent = indentOf(text, parent);
    const eol = text.slice(0, lineStart).endsWith('\r\n') ? '\r\n' : '\n';
    const isTrailing = comma !== null || last === undefined;
    const lines = parts.map(
      (part, index) => `${indent}${part}${index < parts.length - 1 || isTrailing ? ',' : ''}${eol}`,
    );
    const added = lines.join('').replaceAll(/\r?\n/g, eol);
    if (isTrailing) return [{ range: { start: lineStart, end: lineStart }, text: added }];
    // One edit, of which no half can be ticked in a refactor preview: the comma that is missing, what follows, and the lines.
    return [{ range: { start: after, end: lineStart }, text: `,${text.slice(after, lineStart)}${added}` }];
  }
  if (last === undefined) {
    const range = { start: parent.offset + 1, end: close };
    return [{ range, text: parent.type === 'array' ? parts.join(', ') : ` ${parts.join(', ')} ` }];
  }
  // Behind the comma that is there already, or behind one of its own.
  if (comma === null) return [{ range: { start: after, end: after }, text: `, ${parts.join(', ')}` }];
  return [{ range: { start: comma, end: comma }, text: `, ${parts.join(', ')}` }];
}

/** Returns the offset of a comma that follows the last part; null if there is none. Commas in comments do not count. */
function commaAfter(text: string, start: number, end: number): number | null {
  const rest = text.slice(start, end).replaceAll(/\/\*[^]*?\*\/|\/\/[^\n]*/g, (comment) => ' '.repeat(comment.length));
  const comma = rest.indexOf(',');
  return comma === -1 ? null : start + comma;
}

/** Returns the white space before the parts of an object or a list. */
function indentOf(text: string, parent: Node): string {
  const spaceBefore = (offset: number): string => /[^\S\n]*$/.exec(text.slice(0, offset))?.[0] ?? '';
  const first = parent.children?.[0];
  if (first !== undefined && text.slice(parent.offset, first.offset).includes('\n')) return spaceBefore(first.offset);
  const line = text.slice(text.lastIndexOf('\n', parent.offset) + 1);
  const own = /^[^\S\n]*/.exec(line)?.[0] ?? '';
  return own + (own.includes('\t') ? '\t' : '  ');
}
