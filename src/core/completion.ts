import { findNodeAtOffset, getNodePath, parseTree, type Node } from 'jsonc-parser';
import { growths, levels, type Metric, type Relation, type RunSettings, type Subject } from './budget.js';
import { metricWords, parseMetric } from './check.js';
import { metricMeaning } from './explain.js';
import { hasPlaceholder } from './fit.js';
import { tag } from './inline.js';
import { isAdditive, isExact, metricDimension, metricDirection } from './metric.js';
import type { Range } from './problem.js';
import { freeUnit, readNumber, readQuantity, unitOf, unitSymbols, type Dimension } from './quantity.js';

/** Something that may be written at the cursor. */
export interface Completion {
  readonly label: string;
  readonly kind:
    'metric' | 'relation' | 'baseline' | 'name' | 'growth' | 'unit' | 'operator' | 'level' | 'benchmark' | 'tag';
  /** What it is, in a few words. */
  readonly detail: string;
  /** The text that takes the place of `range`, which has the cursor in it or at its end. */
  readonly insert: string;
  readonly range: Range;
}

/** The names that may be written. */
export interface KnownNames {
  readonly benchmarks: readonly string[];
  readonly budgets: readonly string[];
}

/** What a check would be about. */
interface About {
  readonly subject: Pick<Subject, 'kind'> & { readonly name?: string; readonly unit?: string };
  /** What its throughput counts. */
  readonly counts: RunSettings['work']['counts'];
  readonly names: KnownNames;
  /** The name of the budget itself: nothing is held against itself. */
  readonly self: string;
}

/** Nobody writes longer checks. */
const longest = 2_000;

/** What may stand at `offset` of a `perf-budget.jsonc`: in checks, and as the names of benchmarks. Empty anywhere else. */
export function completeConfig(text: string, offset: number, names: KnownNames): readonly Completion[] {
  const found = stringAt(text, offset);
  if (found === null) return [];
  const { node, path, raw, start } = found;
  const [root, self, key] = path;
  if (root !== 'budgets' || typeof self !== 'string' || typeof key !== 'string') return [];
  const whole = { start, end: start + raw.length };
  const json = (items: readonly Completion[]): readonly Completion[] =>
    items.map((item) => ({ ...item, insert: JSON.stringify(item.insert).slice(1, -1) }));
  if (path.length === 3 && key === 'benchmark') return json(benchmarkItems(names.benchmarks, whole));
  if (path.length !== 4) return [];
  if (key === 'sum') {
    const budgets = names.budgets.filter((name) => name !== self);
    return json(nameItems({ ...names, budgets }).map((item) => ({ ...item, range: whole })));
  }
  if (!levels.some((level) => level === key) || raw.length > longest) return [];
  const { value, offsets } = unescaped(raw);
  const at = offsets.indexOf(offset - start);
  // Within an escape there is nothing to write.
  if (at === -1) return [];
  const items = completeCheck(value, at, aboutOf(node, self, names));
  const placed = items.map((item) => ({
    ...item,
    range: {
      start: start + (offsets[item.range.start] ?? raw.length),
      end: start + (offsets[item.range.end] ?? raw.length),
    },
  }));
  return json(placed);
}

/** The path that stands as `code` around `offset` of a `perf-budget.jsonc`; null where none does. `range` is without the quotes. */
export function codeAt(text: string, offset: number): { readonly text: string; readonly range: Range } | null {
  const found = stringAt(text, offset);
  if (found?.path[0] !== 'budgets' || found.path.length !== 3 || found.path[2] !== 'code') return null;
  const { raw, start } = found;
  return { text: unescaped(raw).value, range: { start, end: start + raw.length } };
}

/** What may stand at `offset` of source code: in a comment with the tag, and the tag itself. Empty anywhere else. */
export function completeComment(text: string, offset: number, names: KnownNames): readonly Completion[] {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const newline = text.indexOf('\n', offset);
  const line = text.slice(lineStart, newline === -1 ? undefined : newline).replace(/\r$/, '');
  if (line.length > longest) return [];
  const at = offset - lineStart;
  const opened = /^.*?(?:\/\/+!?|\/\*+!?|#+!?|--+(?:\[\[)?|<!--|"""|^\s*\**)\s*(@[\w-]*)/.exec(line.slice(0, at));
  if (opened?.[1] === undefined) return [];
  const start = opened[0].length - opened[1].length;
  // Where nothing opens a comment, an @ is a decorator.
  const isSurely = line.slice(0, start).trim() !== '';
  if (isSurely && start + opened[1].length === at && tag.startsWith(opened[1])) {
    const range = { start: lineStart + start, end: offset };
    return [{ label: tag, kind: 'tag', detail: 'a budget for the function below', insert: `${tag} `, range }];
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
    return benchmarkItems(names.benchmarks, range).map((item) => ({
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
  const about = { subject: { kind: 'benchmark' as const, name: benchmark }, counts: 'ops', names, self: benchmark };
  const items = completeCheck(piece.text.slice(from), inside, about);
  const word = /^\s*(\p{L}*)$/u.exec(piece.text.slice(0, at - piece.start));
  const levelItems =
    levelled !== null || word?.[1] === undefined
      ? []
      : levels.map((level): Completion => {
          const range = { start: at - piece.start - (word[1]?.length ?? 0), end: at - piece.start };
          return { label: level, kind: 'level', detail: levelMeanings[level], insert: `${level} `, range };
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
  target: 'missed, it is told',
  acceptable: 'missed, it is a warning',
  limit: 'missed, it breaks the budget',
} as const;

/** What may stand at `at` of one check; ranges are in the check. */
export function completeCheck(text: string, at: number, about: About): readonly Completion[] {
  const left = text.slice(0, at);
  const split = /^\s*('(?:[^']|'')*'|"(?:[^"]|"")*"|[^<>=≤≥⩽⩾!~'"]*?)\s*([<>=≤≥⩽⩾!~]+)\s*/.exec(left);
  if (split === null) return beforeRelation(text, at, about);
  const [before, written = '', relation = ''] = split;
  const metric = metricOf(written);
  const bound = left.slice(before.length);
  const isRelationOpen = bound === '' && !/\s$/.test(before);
  const relations = isRelationOpen && metric !== null ? relationItems(metric, relationAround(text, at)) : [];
  return [...relations, ...boundItems(text, at, before.length, metric, relation, about)];
}

function beforeRelation(text: string, at: number, about: About): readonly Completion[] {
  const left = text.slice(0, at);
  const word = /[\p{L}\p{N}_.-]*$/u.exec(left)?.[0] ?? '';
  const end = at + (/^[\p{L}\p{N}_.-]*/u.exec(text.slice(at))?.[0].length ?? 0);
  if (left.slice(0, at - word.length).trim() === '') {
    return metricWords.flatMap((name): readonly Completion[] => {
      const metric = metricOf(name);
      if (metric === null || !canBeAsked(metric, about.subject.kind)) return [];
      const range = { start: at - word.length, end };
      return [{ label: name, kind: 'metric', detail: metricMeaning(metric), insert: name, range }];
    });
  }
  const metric = metricOf(left);
  return metric === null || !/\s$/.test(left) ? [] : relationItems(metric, relationAround(text, at));
}

function canBeAsked(metric: Metric, kind: Subject['kind']): boolean {
  if (kind === 'manual') return metric.kind === 'value';
  return metric.kind !== 'value' && (kind !== 'sum' || isAdditive(metric));
}

/** The relation that the cursor is in, or an empty range. */
function relationAround(text: string, at: number): Range {
  const before = /[<>=]*$/.exec(text.slice(0, at))?.[0].length ?? 0;
  const after = /^[<>=]*/.exec(text.slice(at))?.[0].length ?? 0;
  return { start: at - before, end: at + after };
}

const relationMeanings: Readonly<Record<Relation, string>> = {
  '<=': 'at most',
  '<': 'less than',
  '>=': 'at least',
  '>': 'more than',
  '=': 'exactly',
};

/** The likelier ones first. */
function relationItems(metric: Metric, range: Range): readonly Completion[] {
  const usual: readonly Relation[] =
    metricDirection(metric) === 'higher' ? ['>=', '>', '<=', '<'] : ['<=', '<', '>=', '>'];
  const all: readonly Relation[] = isExact(metric) ? ['=', ...usual] : usual;
  return all.map((relation) => ({
    label: relation,
    kind: 'relation',
    detail: relationMeanings[relation],
    insert: relation,
    range,
  }));
}

function boundItems(
  text: string,
  at: number,
  start: number,
  metric: Metric | null,
  relation: string,
  about: About,
): readonly Completion[] {
  const bound = text.slice(start, at);
  const space = /[<>=]$/.test(text.slice(0, start)) && bound === '' ? ' ' : '';
  const range = { start, end: at + (/^[\p{L}\p{N}_]*/u.exec(text.slice(at))?.[0].length ?? 0) };
  if (/^\p{L}*$/u.test(bound)) return wordItems(metric, relation, about, range, space);
  const quote = bound.charAt(0);
  if (quote === "'" || quote === '"') {
    const close = closing(text, start, quote);
    if (close === null || close >= at) return quotedItems(text, start, close, quote, about);
    return operatorItems(text.slice(close + 1, at), at, metric);
  }
  if (/^baseline\b/.test(bound)) return operatorItems(bound.slice('baseline'.length), at, metric);
  if (/^[oO]\s*\(/.test(bound)) {
    const rest = /^[^)'"]*\)?/.exec(text.slice(at))?.[0].length ?? 0;
    return growthItems(about, { start, end: at + rest });
  }
  return unitItems(bound, at, start, text, metric, about);
}

/** What a bound may begin with. */
function wordItems(
  metric: Metric | null,
  relation: string,
  about: About,
  range: Range,
  space: string,
): readonly Completion[] {
  const isManual = about.subject.kind === 'manual';
  const isExactly = relation === '=';
  const baseline = 'what it was in the old code';
  const step = metric !== null && metricDirection(metric) === 'higher' ? '- 10%' : '+ 10%';
  const words = isManual
    ? []
    : [
        { label: 'baseline', kind: 'baseline' as const, detail: baseline },
        ...(isExactly
          ? []
          : [{ label: `baseline ${step}`, kind: 'baseline' as const, detail: `${baseline}, and some` }]),
      ];
  const growth = isManual || isExactly || metric?.kind === 'throughput' ? [] : growthItems(about, range);
  const names = isManual
    ? []
    : nameItems(others(about)).map((item) => ({
        ...item,
        label: quoted(item.label, "'"),
        insert: quoted(item.insert, "'"),
      }));
  return [...words.map((word) => ({ ...word, insert: word.label })), ...growth, ...names].map((item) => ({
    ...item,
    insert: space + item.insert,
    range,
  }));
}

const quoted = (name: string, quote: string): string => quote + name.replaceAll(quote, quote + quote) + quote;

/** Where a name in quotes ends; null where it does not. */
function closing(text: string, start: number, quote: string): number | null {
  for (let at = text.indexOf(quote, start + 1); at !== -1; at = text.indexOf(quote, at + 2)) {
    if (text.charAt(at + 1) !== quote) return at;
  }
  return null;
}

function quotedItems(
  text: string,
  start: number,
  close: number | null,
  quote: string,
  about: About,
): readonly Completion[] {
  const range = { start, end: close === null ? text.trimEnd().length : close + 1 };
  const end = Math.max(range.end, start + 1);
  return nameItems(others(about)).map((item) => ({
    ...item,
    label: quoted(item.label, quote),
    insert: quoted(item.insert, quote),
    range: { start, end },
  }));
}

const others = ({ names, self, subject }: About): KnownNames => ({
  benchmarks: names.benchmarks.filter((name) => name !== subject.name),
  budgets: names.budgets.filter((name) => name !== self),
});

function growthItems({ subject }: About, range: Range): readonly Completion[] {
  if (subject.kind !== 'benchmark' || !hasPlaceholder(subject.name ?? '')) return [];
  return growths.map((growth) => ({ label: growth, kind: 'growth', detail: 'over the size', insert: growth, range }));
}

/** After `baseline` or a name: ` + 10%`, and the % of a number after + or -. */
function operatorItems(rest: string, at: number, metric: Metric | null): readonly Completion[] {
  const scaled = /^\s*([-+])\s*(.+)$/.exec(rest);
  if (scaled?.[2] !== undefined) {
    const number = readNumber(scaled[2], 0);
    if (number === null || scaled[2].slice(number.end).trim() !== '') return [];
    return [{ label: '%', kind: 'unit', detail: 'a percentage', insert: '%', range: { start: at, end: at } }];
  }
  if (!/^\s*[-+*/]?$/.test(rest)) return [];
  const written = /[-+*/]$/.exec(rest) === null ? 0 : 1;
  const range = { start: at - written, end: at };
  const space = rest === '' ? ' ' : '';
  const signs = metric !== null && metricDirection(metric) === 'higher' ? (['-', '+'] as const) : (['+', '-'] as const);
  const examples = [
    [`${signs[0]} 10%`, signs[0] === '+' ? 'and a tenth more' : 'and a tenth less'],
    [`${signs[1]} 10%`, signs[1] === '+' ? 'and a tenth more' : 'and a tenth less'],
    ['* 2', 'twice as much'],
    ['/ 2', 'half as much'],
  ] as const;
  return examples.map(([label, detail]) => ({ label, kind: 'operator', detail, insert: space + label, range }));
}

const dimensionDetails: Readonly<Record<Dimension, string>> = {
  time: 'a time',
  rate: 'a second',
  size: 'a size',
  share: 'a percentage',
  count: 'a count',
};

function unitItems(
  bound: string,
  at: number,
  start: number,
  text: string,
  metric: Metric | null,
  about: About,
): readonly Completion[] {
  const number = readNumber(bound, /^[-\u2212]/.test(bound) ? 1 : 0);
  if (number === null) return [];
  // The k of `600k` may be the start of a unit: what follows the digits is what is being written.
  const digits = /^[-\u2212]?[\d.,_]+(?:[eE][+-]?\d+)?/.exec(bound)?.[0].length ?? number.end;
  const unit = bound.slice(digits);
  const isMagnitude = number.end > digits;
  const word = (isMagnitude ? bound.slice(number.end) : unit).trimStart();
  if (!/^(?:[\p{L}_%][\p{L}\p{N}_%-]*(?:\/\p{L}*)?)?$/u.test(word)) return [];
  const rest = /^[\p{L}\p{N}_%/-]*/u.exec(text.slice(at))?.[0].length ?? 0;
  const range = { start: at - word.length, end: at + rest };
  const isAttached = word === '' ? /[\d.kKMG]$/.test(bound) : !/\s/.test(bound.charAt(bound.length - word.length - 1));
  return unitsOf(metric, about).map((symbol) => ({
    label: symbol,
    kind: 'unit',
    detail: dimensionDetails[freeUnit(symbol).dimension],
    insert: isAttached && symbol !== '%' && range.start > start ? ` ${symbol}` : symbol,
    range,
  }));
}

function unitsOf(metric: Metric | null, { subject, counts }: About): readonly string[] {
  if (subject.kind === 'manual') return subject.unit === undefined || subject.unit === '' ? [] : [subject.unit];
  const dimension = metric === null ? null : metricDimension(metric);
  const of = (wanted: Dimension): readonly string[] =>
    unitSymbols.filter((symbol) => unitOf(symbol)?.dimension === wanted);
  if (dimension === null) return unitSymbols;
  if (dimension === 'count') return metric?.kind === 'errors' ? ['%'] : [];
  if (dimension !== 'rate') return of(dimension);
  const counted = counts === 'ops' ? [] : counts === 'B' ? ['MB/s', 'KB/s', 'GB/s'] : [`${counts}/s`];
  return [...counted, ...of('rate')];
}

function nameItems({ benchmarks, budgets }: KnownNames): readonly Completion[] {
  const range = { start: 0, end: 0 };
  const names = new Map(benchmarks.map((name) => [name, 'benchmark']));
  // A name means the budget where there is one of that name.
  for (const name of budgets) names.set(name, 'budget');
  return Array.from(names, ([name, detail]) => ({ label: name, kind: 'name', detail, insert: name, range }));
}

/** All benchmarks, and the families that their sizes make: `index/100` and `index/1000` are `index/{n}`. */
function benchmarkItems(names: readonly string[], range: Range): readonly Completion[] {
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
  return [
    ...families.map(([name, count]) => item(name, `${count} sizes`)),
    ...Array.from(new Set(names), (name) => item(name, 'benchmark')),
  ];
}

function metricOf(written: string): Metric | null {
  const word = written.trim();
  if (word === '') return null;
  const name = /^(['"])(.*)\1$/s.exec(word)?.[2];
  if (name !== undefined) return { kind: 'reported', name };
  const metric = parseMetric(word);
  return metric.ok ? metric.value : { kind: 'reported', name: word };
}

/** The string around an offset: its raw text between the quotes, also where its end is not written yet. */
function stringAt(
  text: string,
  offset: number,
): { node: Node; path: readonly (string | number)[]; raw: string; start: number } | null {
  const root = parseTree(text, [], { allowTrailingComma: true, allowEmptyContent: true });
  const node = root && findNodeAtOffset(root, offset, true);
  if (node?.type !== 'string' || node.parent === undefined) return null;
  const isKey = node.parent.type === 'property' && node.parent.children?.[0] === node;
  const written = text.slice(node.offset, node.offset + node.length);
  const isEnded = /^"(?:[^"\\]|\\.)*"$/s.test(written);
  const start = node.offset + 1;
  const raw = isEnded ? written.slice(1, -1) : written.slice(1).replace(/\r$/, '');
  if (isKey || offset < start || offset > start + raw.length) return null;
  return { node, path: getNodePath(node), raw, start };
}

/** The value of a raw JSON text, and for each of its code units, and its end, where it stands in the raw one. */
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

function aboutOf(node: Node, self: string, names: KnownNames): About {
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
  return { subject, counts, names, self };
}

/** The check around `at` in a comment: between commas, but for those in numbers and in quotes. */
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
