import * as l10n from '@vscode/l10n';
import { growths, type Metric, type Relation, type RunSettings, type Subject } from '../language/budget.js';
import { parseMetric } from '../language/check.js';
import { metricMeaning } from './explain.js';
import { proposedBound, type MeasuredFigure } from './measured-bound.js';
import { hasPlaceholder } from '../language/subject-fit.js';
import { isAdditive, isExact, metricDimension, metricDirection } from '../language/metric.js';
import type { Range } from '../problem.js';
import { freeUnit, readNumber, unitOf, unitSymbols, type Dimension } from '../language/quantity.js';
import { metricWords } from '../language/check-metric.js';

/** Something that may be written at the cursor. */
export interface Completion {
  readonly label: string;
  readonly kind:
    | 'metric'
    | 'relation'
    | 'bound'
    | 'baseline'
    | 'name'
    | 'growth'
    | 'unit'
    | 'operator'
    | 'level'
    | 'benchmark'
    | 'tag';
  /** What it is, in a few words. */
  readonly detail: string;
  /** The text that replaces `range`, which has the cursor in it or at its end. */
  readonly insert: string;
  readonly range: Range;
}

/** The names that may be written. */
export interface KnownNames {
  readonly benchmarks: readonly string[];
  readonly budgets: readonly string[];
  /** Those benchmarks that reach the code around, likeliest first. */
  readonly near?: readonly string[];
}

/** The context of a check that is being written. */
export interface About {
  readonly subject: Pick<Subject, 'kind'> & { readonly name?: string; readonly unit?: string };
  /** What the throughput of the subject counts. */
  readonly counts: RunSettings['work']['counts'];
  readonly names: KnownNames;
  /** The name of the budget itself, which its checks cannot refer to. */
  readonly self: string;
  /** What was measured of a metric of the subject; null if nothing was. */
  readonly measured: (metric: Metric) => MeasuredFigure | null;
}

/** Returns what may be written at `at` in one check; ranges are offsets in the check. */
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

const relationMeanings: Readonly<Record<Relation, () => string>> = {
  '<=': () => l10n.t('at most'),
  '<': () => l10n.t('less than'),
  '>=': () => l10n.t('at least'),
  '>': () => l10n.t('more than'),
  '=': () => l10n.t('exactly'),
};

/** The likelier ones first. */
function relationItems(metric: Metric, range: Range): readonly Completion[] {
  const usual: readonly Relation[] =
    metricDirection(metric) === 'higher' ? ['>=', '>', '<=', '<'] : ['<=', '<', '>=', '>'];
  const all: readonly Relation[] = isExact(metric) ? ['=', ...usual] : usual;
  return all.map((relation) => ({
    label: relation,
    kind: 'relation',
    detail: relationMeanings[relation](),
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
    // A name without a closing quote takes the rest of the check, except trailing space.
    const end = close === null ? Math.max(text.trimEnd().length, at) : close + 1;
    if (close === null || close >= at) return quotedItems({ start, end }, quote, about);
    return operatorItems(text.slice(close + 1, at), at, metric);
  }
  if (/^baseline\b/.test(bound)) return operatorItems(bound.slice('baseline'.length), at, metric);
  if (/^[oO]\s*\(/.test(bound)) {
    const rest = /^[^)'"]*\)?/.exec(text.slice(at))?.[0].length ?? 0;
    return growthItems(about, { start, end: at + rest });
  }
  return unitItems(bound, at, start, text, metric, about);
}

/** Returns what a bound may begin with. */
function wordItems(
  metric: Metric | null,
  relation: string,
  about: About,
  range: Range,
  space: string,
): readonly Completion[] {
  const isManual = about.subject.kind === 'manual';
  const isExactly = relation === '=';
  const baseline = l10n.t('its value in the old code');
  const step = metric !== null && metricDirection(metric) === 'higher' ? '- 10%' : '+ 10%';
  const words = isManual
    ? []
    : [
        { label: 'baseline', kind: 'baseline' as const, detail: baseline },
        ...(isExactly
          ? []
          : [
              {
                label: `baseline ${step}`,
                kind: 'baseline' as const,
                detail: step.startsWith('-')
                  ? l10n.t('10% less than in the old code')
                  : l10n.t('10% more than in the old code'),
              },
            ]),
      ];
  const growth = isManual || isExactly || metric?.kind === 'throughput' ? [] : growthItems(about, range);
  const names = isManual
    ? []
    : nameItems(others(about)).map((item) => ({
        ...item,
        label: quoted(item.label, "'"),
        insert: quoted(item.insert, "'"),
      }));
  const figure = metric === null ? null : about.measured(metric);
  const proposed = metric === null || figure === null ? null : proposedBound(metric, relation, figure, about.counts);
  const bounds =
    proposed === null
      ? []
      : [{ label: proposed.bound, kind: 'bound' as const, detail: l10n.t`measured ${proposed.measured}` }];
  const relative = bounds.length === 0 ? words : words.toReversed();
  return [...[...bounds, ...relative].map((word) => ({ ...word, insert: word.label })), ...growth, ...names].map(
    (item) => ({
      ...item,
      insert: space + item.insert,
      range,
    }),
  );
}

const quoted = (name: string, quote: string): string => quote + name.replaceAll(quote, quote + quote) + quote;

/** Returns the index of the quote that closes a name; null if there is none. */
function closing(text: string, start: number, quote: string): number | null {
  for (let at = text.indexOf(quote, start + 1); at !== -1; at = text.indexOf(quote, at + 2)) {
    if (text.charAt(at + 1) !== quote) return at;
  }
  return null;
}

function quotedItems(range: Range, quote: string, about: About): readonly Completion[] {
  return nameItems(others(about)).map((item) => ({
    ...item,
    label: quoted(item.label, quote),
    insert: quoted(item.insert, quote),
    range,
  }));
}

const others = ({ names, self, subject }: About): KnownNames => ({
  benchmarks: names.benchmarks.filter((name) => name !== subject.name),
  budgets: names.budgets.filter((name) => name !== self),
});

function growthItems({ subject }: About, range: Range): readonly Completion[] {
  if (subject.kind !== 'benchmark' || !hasPlaceholder(subject.name ?? '')) return [];
  return growths.map((growth) => ({
    label: growth,
    kind: 'growth',
    detail: l10n.t('growth with the size'),
    insert: growth,
    range,
  }));
}

/** Completes after `baseline` or a name: ` + 10%`, and the % of a number after + or -. */
function operatorItems(rest: string, at: number, metric: Metric | null): readonly Completion[] {
  const scaled = /^\s*([-+])\s*(.+)$/.exec(rest);
  if (scaled?.[2] !== undefined) {
    const number = readNumber(scaled[2], 0);
    if (number === null || scaled[2].slice(number.end).trim() !== '') return [];
    return [{ label: '%', kind: 'unit', detail: l10n.t('a percentage'), insert: '%', range: { start: at, end: at } }];
  }
  if (!/^\s*[-+*/]?$/.test(rest)) return [];
  const written = /[-+*/]$/.exec(rest) === null ? 0 : 1;
  const range = { start: at - written, end: at };
  const space = rest === '' ? ' ' : '';
  const signs = metric !== null && metricDirection(metric) === 'higher' ? (['-', '+'] as const) : (['+', '-'] as const);
  const examples = [
    [`${signs[0]} 10%`, signs[0] === '+' ? l10n.t('10% more') : l10n.t('10% less')],
    [`${signs[1]} 10%`, signs[1] === '+' ? l10n.t('10% more') : l10n.t('10% less')],
    ['* 2', l10n.t('twice as much')],
    ['/ 2', l10n.t('half as much')],
  ] as const;
  return examples.map(([label, detail]) => ({ label, kind: 'operator', detail, insert: space + label, range }));
}

const dimensionDetails: Readonly<Record<Dimension, () => string>> = {
  time: () => l10n.t('a time'),
  rate: () => l10n.t('a second'),
  size: () => l10n.t('a size'),
  share: () => l10n.t('a percentage'),
  count: () => l10n.t('a count'),
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
  // The k of `600k` may start a unit, so everything after the digits counts as being written.
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
    detail: dimensionDetails[freeUnit(symbol).dimension](),
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

export function nameItems({ benchmarks, budgets }: KnownNames): readonly Completion[] {
  const range = { start: 0, end: 0 };
  const names = new Map(benchmarks.map((name) => [name, 'benchmark']));
  // If a budget and a benchmark share a name, it means the budget.
  for (const name of budgets) names.set(name, 'budget');
  return Array.from(names, ([name, detail]) => ({ label: name, kind: 'name', detail, insert: name, range }));
}

function metricOf(written: string): Metric | null {
  const word = written.trim();
  if (word === '') return null;
  const name = /^(['"])(.*)\1$/s.exec(word)?.[2];
  if (name !== undefined) return { kind: 'reported', name };
  const metric = parseMetric(word);
  return metric.ok ? metric.value : { kind: 'reported', name: word };
}
