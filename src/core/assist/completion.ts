import * as l10n from '@vscode/l10n';
import { findNodeAtOffset, getNodePath, parseTree, type Node } from 'jsonc-parser';
import { levels } from '../language/budget.js';
import { completeCheck, nameItems, type About, type Completion, type KnownNames } from './complete-check.js';
import { tag } from '../config/inline.js';
import type { MeasuredFigures } from './measured-bound.js';
import type { Range } from '../problem.js';
import { readQuantity } from '../language/quantity.js';

/** Nobody writes a longer check. */
const longest = 2_000;

/** Completes checks and the names of benchmarks at `offset` of a `perf-budget.jsonc`. Empty anywhere else. */
export function completeConfig(
  text: string,
  offset: number,
  names: KnownNames,
  figures: MeasuredFigures = () => null,
): readonly Completion[] {
  const found = stringAt(text, offset);
  if (found === null) return [];
  const { node, path, raw, start } = found;
  const [root, self, key] = path;
  if (root !== 'budgets' || typeof self !== 'string' || typeof key !== 'string') return [];
  const whole = { start, end: start + raw.length };
  const json = (items: readonly Completion[]): readonly Completion[] =>
    items.map((item) => ({ ...item, insert: JSON.stringify(item.insert).slice(1, -1) }));
  if (path.length === 3 && key === 'benchmark') return json(benchmarkItems(names, whole));
  if (path.length !== 4) return [];
  if (key === 'sum') {
    const budgets = names.budgets.filter((name) => name !== self);
    return json(nameItems({ ...names, budgets }).map((item) => ({ ...item, range: whole })));
  }
  if (!levels.some((level) => level === key) || raw.length > longest) return [];
  const { value, offsets } = unescaped(raw);
  const at = offsets.indexOf(offset - start);
  // Nothing can be written inside an escape.
  if (at === -1) return [];
  const items = completeCheck(value, at, aboutOf(node, self, names, figures));
  const placed = items.map((item) => ({
    ...item,
    range: {
      start: start + (offsets[item.range.start] ?? raw.length),
      end: start + (offsets[item.range.end] ?? raw.length),
    },
  }));
  return json(placed);
}

/** Returns the value of `code` around `offset` of a `perf-budget.jsonc`; null if there is none. `range` excludes the quotes. */
export function codeAt(text: string, offset: number): { readonly text: string; readonly range: Range } | null {
  const found = stringAt(text, offset);
  if (found?.path[0] !== 'budgets' || found.path.length !== 3 || found.path[2] !== 'code') return null;
  const { raw, start } = found;
  return { text: unescaped(raw).value, range: { start, end: start + raw.length } };
}

/** Completes the tag, and what follows it in a comment, at `offset` of source code. Empty anywhere else. */
export function completeComment(
  text: string,
  offset: number,
  names: KnownNames,
  figures: MeasuredFigures = () => null,
): readonly Completion[] {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const newline = text.indexOf('\n', offset);
  const line = text.slice(lineStart, newline === -1 ? undefined : newline).replace(/\r$/, '');
  if (line.length > longest) return [];
  const at = offset - lineStart;
  const opened = /^.*?(?:\/\/+!?|\/\*+!?|#+!?|--+(?:\[\[)?|<!--|"""|^\s*\**)\s*(@[\w-]*)/.exec(line.slice(0, at));
  if (opened?.[1] === undefined) return [];
  const start = opened[0].length - opened[1].length;
  // An @ may be a decorator if nothing opens a comment before it.
  const isSurely = line.slice(0, start).trim() !== '';
  if (isSurely && start + opened[1].length === at && tag.startsWith(opened[1])) {
    const range = { start: lineStart + start, end: offset };
    return [{ label: tag, kind: 'tag', detail: l10n.t('a budget for the function below'), insert: `${tag} `, range }];
  }
  if (opened[1] !== tag) return [];
  const ending = /\s*(?:\*\/|-->|\]\]|""").*$/.exec(line.slice(at))?.index ?? line.length - at;
  const rest = line.slice(0, at + ending);
  const body = start + tag.length;
  const colon = rest.slice(0, at).search(/:\s(?!.*:\s)/);
  if (colon < body) {
    const name = body + (/^\s*/.exec(rest.slice(body))?.[0].length ?? 0);
    const end = /:\s/.exec(rest.slice(at))?.index ?? rest.length - at;
    const range = { start: lineStart + Math.min(name, at), end: offset + end };
    const isFollowed = rest.charAt(at + end) === ':';
    return benchmarkItems(names, range).map((item) => ({
      ...item,
      insert: isFollowed ? item.insert : `${item.insert}: `,
    }));
  }
  const benchmark = rest.slice(body, colon).trim();
  const piece = pieceAt(rest, colon + 1, at);
  const levelled = /^\s*(?:target|acceptable|limit)\s+/.exec(piece.text);
  const from = levelled?.[0].length ?? 0;
  const inside = at - piece.start - from;
  if (inside < 0) return [];
  const about: About = {
    ...{ subject: { kind: 'benchmark', name: benchmark }, counts: 'ops', names, self: benchmark },
    measured: (metric) => figures(benchmark, benchmark, metric),
  };
  const items = completeCheck(piece.text.slice(from), inside, about);
  const word = /^\s*(\p{L}*)$/u.exec(piece.text.slice(0, at - piece.start));
  const levelItems =
    levelled !== null || word?.[1] === undefined
      ? []
      : levels.map((level): Completion => {
          const range = { start: at - piece.start - (word[1]?.length ?? 0), end: at - piece.start };
          return { label: level, kind: 'level', detail: levelMeanings[level](), insert: `${level} `, range };
        });
  const place = (by: number) => (item: Completion) => ({
    ...item,
    range: {
      start: lineStart + piece.start + by + item.range.start,
      end: lineStart + piece.start + by + item.range.end,
    },
  });
  return [...items.map(place(from)), ...levelItems.map(place(0))];
}

const levelMeanings = {
  target: () => l10n.t('a miss is shown as information'),
  acceptable: () => l10n.t('a miss is a warning'),
  limit: () => l10n.t('a miss fails the budget'),
} as const;

/**
 * Lists all benchmarks, first those that reach the code around, and the families that their sizes form: `index/100` and `index/1000` are
 * `index/{n}`.
 */
function benchmarkItems({ benchmarks: names, near = [] }: KnownNames, range: Range): readonly Completion[] {
  const sizes = new Map<string, number>();
  for (const name of names) {
    const family = name.replace(/(^|\/)\d[\d.,_]*[kMG]?(?=\/|$)/, '$1{n}');
    if (family !== name) sizes.set(family, (sizes.get(family) ?? 0) + 1);
  }
  const item = (name: string, detail: string): Completion => ({
    label: name,
    kind: 'benchmark',
    detail,
    insert: name,
    range,
  });
  const families = [...sizes].filter(([, count]) => count > 1);
  const first = new Set(near);
  return [
    ...Array.from(first, (name) => item(name, l10n.t('runs this code'))),
    ...families.map(([name, count]) => item(name, l10n.t`${count} sizes`)),
    ...[...new Set(names)].filter((name) => !first.has(name)).map((name) => item(name, 'benchmark')),
  ];
}

/** Finds the string around an offset: its raw text between the quotes, even if its closing quote is not written yet. */
function stringAt(
  text: string,
  offset: number,
): { node: Node; path: readonly (string | number)[]; raw: string; start: number } | null {
  const root = parseTree(text, [], { allowTrailingComma: true, allowEmptyContent: true });
  const node = root && findNodeAtOffset(root, offset, true);
  if (node?.type !== 'string' || node.parent === undefined) return null;
  const isKey = node.parent.type === 'property' && node.parent.children?.[0] === node;
  // A backslash at the end of a line makes the parser go on to the next, where no string may go.
  const [written = ''] = text.slice(node.offset, node.offset + node.length).split('\n', 1);
  const isEnded = /^"(?:[^"\\]|\\.)*"$/s.test(written);
  const start = node.offset + 1;
  const raw = isEnded ? written.slice(1, -1) : written.slice(1).replace(/\r$/, '');
  if (isKey || offset < start || offset > start + raw.length) return null;
  return { node, path: getNodePath(node), raw, start };
}

/** Returns the value of raw JSON text, and the offset in the raw text of each of its code units and of its end. */
function unescaped(raw: string): { value: string; offsets: readonly number[] } {
  const units = [...raw.matchAll(/\\u[\da-f]{4}|\\.|[^]/gi)];
  const value = units.map(([unit]) => (unit.length === 1 ? unit : unescapedUnit(unit))).join('');
  return { value, offsets: [...units.map(({ index }) => index), raw.length] };
}

function unescapedUnit(unit: string): string {
  try {
    return String(JSON.parse(`"${unit}"`));
  } catch {
    return unit.charAt(1);
  }
}

function aboutOf(node: Node, self: string, names: KnownNames, figures: MeasuredFigures): About {
  const budget = node.parent?.parent?.parent;
  const values = new Map(
    (budget?.children ?? []).map(({ children: [key, value] = [] }) => [String(key?.value), value?.value as unknown]),
  );
  const text = (key: string): string | null => {
    const value = values.get(key);
    return typeof value === 'string' ? value : null;
  };
  const work = readQuantity(text('work') ?? '', 0, 'free');
  const unit = work.ok ? work.value.unit : null;
  const counts = unit === null ? 'ops' : unit.dimension === 'size' ? 'B' : unit.symbol;
  const subject = values.has('benchmark')
    ? { kind: 'benchmark' as const, name: text('benchmark') ?? '' }
    : values.has('sum')
      ? { kind: 'sum' as const }
      : values.has('manual')
        ? { kind: 'manual' as const, unit: text('manual') ?? '' }
        : { kind: 'benchmark' as const };
  const benchmark = text('benchmark');
  return { subject, counts, names, self, measured: (metric) => figures(self, benchmark, metric) };
}

/** Returns the check around `at` in a comment: between commas, except for those in numbers and in quotes. */
function pieceAt(line: string, start: number, at: number): { readonly text: string; readonly start: number } {
  let from = start;
  let quote = '';
  for (let index = start; index < line.length; index += 1) {
    const char = line.charAt(index);
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === "'" || char === '"') quote = char;
    else if (char === ',' && !/\d,\d/.test(line.slice(index - 1, index + 2))) {
      if (index >= at) return { text: line.slice(from, index), start: from };
      from = index + 1;
    }
  }
  return { text: line.slice(from), start: from };
}
