import type { Bound, Check, Growth, Metric, Relation } from './budget.js';
import { isExact, isLower, metricDimension, metricDirection, metricKey, metricNames } from './metric.js';
import type { Range } from '../problem.js';
import {
  dimensionNames,
  matchEnd,
  noUnit,
  readNumber,
  readQuantity,
  readUnit,
  skipSpaces,
  type Dimension,
  type Quantity,
  type TextProblem,
} from './quantity.js';
import { err, ok, unreachable, type Result } from '../result.js';
import { closest } from './spelling.js';

/** What stands in one string of a budget. */
export interface ParsedCheck extends Pick<Check, 'metric' | 'relation' | 'bound' | 'text'> {
  /** Where its parts stand in what was parsed; `name` is a reference's, with its quotes. */
  readonly ranges: {
    readonly metric: Range;
    readonly relation: Range;
    readonly bound: Range;
    readonly name: Range | null;
  };
}

/** `range` is in the check's text; `suggestion` would stand in its place. */
export type CheckProblem = TextProblem;

const commonPercentiles = ['p50', 'p75', 'p90', 'p95', 'p99', 'p99.9'];

/** Everything a check may begin with, for completion and for "did you mean". */
export const metricWords: readonly string[] = [...metricNames, ...commonPercentiles];

const plainMetrics: ReadonlyMap<string, Metric> = new Map(metricNames.map((kind) => [kind, { kind }]));

/** What other tools call our metrics. */
const otherNames: Readonly<Record<string, string>> = {
  avg: 'mean',
  average: 'mean',
  minimum: 'min',
  maximum: 'max',
  error: 'errors',
  crash: 'crashes',
};

const relations: readonly Relation[] = ['<=', '<', '>=', '>', '='];

const misspeltRelations: Readonly<Record<string, Relation>> = {
  '==': '=',
  '===': '=',
  '=<': '<=',
  '=>': '>=',
  '≤': '<=',
  '≥': '>=',
  '⩽': '<=',
  '⩾': '>=',
};

/** Growths without their white space, parentheses and signs of multiplication, in lower case. */
const growthForms: Readonly<Record<string, Growth>> = {
  '1': 'O(1)',
  logn: 'O(log n)',
  n: 'O(n)',
  'n^1': 'O(n)',
  nlogn: 'O(n log n)',
  'n^2': 'O(n^2)',
  nn: 'O(n^2)',
};

const oneWord = /[\p{L}\p{N}_][\p{L}\p{N}_.-]*/uy;
const severalWords = /[\p{L}_][\p{L}\p{N}_.-]*(?:\s+[\p{L}\p{N}_][\p{L}\p{N}_.-]*)+(?=\s*[<>=≤≥⩽⩾!~])/uy;
const relationSigns = /[<>=≤≥⩽⩾!~]+/y;
const boundWord = /[\p{L}_][\p{L}\p{N}_]*/uy;
const operators = /[-+*/\u2212×÷]/y;
const growthStart = /[oO0θΘΩ]\s*\(/y;

const uneven = /^\s|\s$|[^\S ]| {2}/;
/** Nobody writes longer ones, and the patterns below need not bear more. */
const longest = 2_000;
const shortened = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/**
 * Reads one check, `metric relation bound`. The message of a problem begins with the check itself. Whether it fits its
 * budget is another question: `misfit` answers it.
 */
export function parseCheck(text: string): Result<ParsedCheck, CheckProblem> {
  if (text.length > longest) {
    const message = `"${shortened(text, 80)}": a check is one short line, such as p95 <= 10 ms.`;
    return err({ range: { start: 0, end: text.length }, message });
  }
  const folded = uneven.test(text)
    ? text.trim().replaceAll(/("[^"]*"|'[^']*')|\s+/g, (_, quoted?: string) => quoted ?? ' ')
    : text;
  const parser = new Parser(text);
  const read = parser.check(folded);
  if (read !== null) return ok(read);
  const { problem } = parser;
  return err(folded === '' ? problem : { ...problem, message: `"${shortened(folded, 80)}": ${problem.message}` });
}

/** Reads a metric alone, as the steps of a regression name it. */
export function parseMetric(text: string): Result<Metric, CheckProblem> {
  const parser = new Parser(shortened(text, longest));
  const metric = parser.metricAlone();
  return metric === null ? err(parser.problem) : ok(metric);
}

const noProblem: CheckProblem = { range: { start: 0, end: 0 }, message: '' };

/** A recursive descent; a production that cannot be read sets `problem` and is null. */
class Parser {
  #at = 0;
  problem = noProblem;

  constructor(readonly text: string) {}

  /** `text` is the check as it is told. */
  check(text: string): ParsedCheck | null {
    this.#skip();
    const start = this.#at;
    const metric = this.#metric();
    if (metric === null) return null;
    const metricRange = { start, end: this.#at };
    const relation = this.#relation(metric);
    if (relation === null) return null;
    this.#skip();
    const bound = this.#bound(metric, relation);
    if (bound === null) return null;
    const boundRange = { start: bound.start, end: this.#at };
    this.#skip();
    if (this.#at < this.text.length) {
      const rest = this.#rest();
      return this.#fail(rest, `nothing may follow the bound, and ${this.#slice(rest)} does.`);
    }
    const ranges = { metric: metricRange, relation: relation.range, bound: boundRange, name: bound.name };
    return { text, metric, relation: relation.word, bound: bound.bound, ranges };
  }

  metricAlone(): Metric | null {
    this.#skip();
    const range = this.#take(oneWord);
    const metric = this.#word(range);
    this.#skip();
    if (metric !== null && this.#at < this.text.length) return this.#fail(this.#rest(), 'one metric is enough.');
    return metric;
  }

  #metric(): Metric | null {
    const first = this.text.charAt(this.#at);
    if (first === "'" || first === '"') return this.#quotedMetric();
    // What a benchmark reports may have several words; they end at the relation.
    const words = this.#take(severalWords);
    if (words.end > words.start) return { kind: 'reported', name: this.#slice(words).replaceAll(/\s+/g, ' ') };
    const range = this.#take(oneWord);
    if (range.end === range.start) {
      const rest = this.#rest();
      if (rest.start === rest.end) return this.#fail(rest, 'A check is missing, such as p95 <= 10 ms.');
      return this.#fail(rest, 'a check begins with a metric, such as time, p95 or throughput.');
    }
    return this.#word(range);
  }

  /** A single word: a metric of the language, or nearly one, or one that the benchmark reports. */
  #word(range: Range): Metric | null {
    const word = this.#slice(range);
    const plain = plainMetrics.get(word);
    if (plain !== undefined) return plain;
    const percent = /^p(\d+(?:\.\d+)?)$/.exec(word)?.[1];
    if (percent !== undefined) return this.#percentile(percent, range);
    const folded = word.toLowerCase();
    const meant = /^p(?:[1-9]|[1-9]\d)(?:\.\d+)?(?!\d)/.exec(folded)?.[0];
    const other = Object.hasOwn(otherNames, folded) ? otherNames[folded] : undefined;
    const near = meant ?? other ?? closest(word, metricWords);
    if (near === null && /^[\p{L}_]/u.test(word) && /^\s*[<>=≤≥⩽⩾!~]/.test(this.text.slice(this.#at))) {
      return { kind: 'reported', name: word };
    }
    return this.#fail(
      range,
      `${word} is not a metric${near === null ? ', such as time, p95 or throughput.' : `; did you mean ${near}?`}`,
      near,
    );
  }

  #quotedMetric(): Metric | null {
    const quoted = this.#quoted();
    if (quoted === null) return null;
    const name = quoted.name.trim().replaceAll(/\s+/g, ' ');
    const known = metricNames.some((one) => one === name) || /^p\d+(\.\d+)?$/.test(name);
    if (known) return this.#fail(quoted.range, `${name} is a metric of its own: write it without quotes.`, name);
    return { kind: 'reported', name };
  }

  /** A name in single or double quotes; its own quote stands in it twice. */
  #quoted(): { name: string; range: Range } | null {
    const start = this.#at;
    const quote = this.text.charAt(start);
    let end = start + 1;
    for (;;) {
      end = this.text.indexOf(quote, end);
      if (end === -1) return this.#fail(this.#rest(), `this name does not end: a ${quote} is missing.`);
      if (this.text.charAt(end + 1) !== quote) break;
      end += 2;
    }
    this.#at = end + 1;
    const range = { start, end: this.#at };
    const name = this.text.slice(start + 1, end).replaceAll(quote + quote, quote);
    return name.trim() === '' ? this.#fail(range, 'a name must stand between the quotes.') : { name, range };
  }

  #percentile(digits: string, range: Range): Metric | null {
    const percentile = Number(digits);
    if (percentile > 0 && percentile < 100) return { kind: 'percentile', percentile };
    const word = this.#slice(range);
    if (percentile === 100) return this.#fail(range, 'p100 is the maximum: write max.', 'max');
    if (percentile === 0) return this.#fail(range, `${word} is the minimum: write min.`, 'min');
    const suggestion = /^99\d+$/.test(digits) ? `p99.${digits.slice(2)}` : null;
    return this.#fail(
      range,
      `a percentile lies between p0 and p100, and ${word} does not${suggestion === null ? '.' : `; did you mean ${suggestion}?`}`,
      suggestion,
    );
  }

  #relation(metric: Metric): Related | null {
    this.#skip();
    const range = this.#take(relationSigns);
    const word = this.#slice(range);
    const relation = relations.find((known) => known === word);
    if (relation === '=' && !isExact(metric)) return this.#neverExact(metric, range);
    if (relation !== undefined) return { word: relation, range };
    const all = isExact(metric) ? '<, <=, =, > or >=' : '<, <=, > or >=';
    if (word === '') return this.#fail(this.#rest(), `a relation must follow ${metricKey(metric)}: ${all}.`);
    const meant = Object.hasOwn(misspeltRelations, word) ? misspeltRelations[word] : undefined;
    return this.#fail(
      range,
      `${word} is not a relation${meant === undefined ? `: write ${all}.` : `; did you mean ${meant}?`}`,
      meant ?? null,
    );
  }

  #neverExact(metric: Metric, relation: Range): null {
    return this.#fail(relation, `a measured ${metricKey(metric)} is never exactly a number: write <= or >=.`);
  }

  #bound(metric: Metric, relation: Related): Bounded | null {
    const start = this.#at;
    const first = this.text.charAt(start);
    if (first === '') {
      const message = `a bound must follow ${relation.word}, such as ${exampleOf(metric)}.`;
      return this.#fail({ start, end: start }, message);
    }
    if (first === "'" || first === '"') return this.#reference(relation);
    if (matchEnd(growthStart, this.text, start) > start) return this.#growth(metric, relation);
    if (matchEnd(boundWord, this.text, start) > start) return this.#baseline(metric, relation);
    const dimension = metricDimension(metric);
    const read = readQuantity(this.text, start, dimension === null ? 'free' : 'known');
    if (!read.ok) {
      this.problem = read.error;
      return null;
    }
    this.#at = read.value.range.end;
    const bound =
      dimension === null
        ? this.#freeQuantity(metric, relation, read.value)
        : dimension === 'count'
          ? this.#count(metric, relation, read.value)
          : this.#quantity(metric, dimension, read.value);
    return bound && { bound, start, name: null };
  }

  #quantity(metric: Metric, dimension: Dimension, { value, unit, range }: Quantity): Bound | null {
    const written = this.#slice(range);
    const name = metricKey(metric);
    if (unit === null) {
      const units = dimension === 'rate' ? 'ops/s' : dimension === 'size' ? 'B, KB, MB or MiB' : 'ns, us, ms or s';
      return this.#fail(range, `${name} is ${dimensionNames[dimension]}, and ${written} has no unit: write ${units}.`);
    }
    if (unit.dimension !== dimension) return this.#otherDimension(name, dimension, written, unit.dimension, range);
    if (value > 0) return { kind: 'quantity', value, unit };
    if (dimension !== 'size') return this.#fail(range, `${name} is always above zero, and ${written} is not.`);
    return this.#fail(range, `no ${name} is measured to the byte, and ${written} leaves no room: write 1 KB, say.`);
  }

  /** `errors = 0`, `errors <= 1 %` of the iterations. */
  #count(metric: Metric, relation: Related, { value, unit, range }: Quantity): Bound | null {
    const written = this.#slice(range);
    const name = metricKey(metric);
    const isShare = unit?.dimension === 'share';
    if (unit !== null && !(isShare && metric.kind === 'errors')) {
      return this.#otherDimension(name, 'count', written, unit.dimension, range);
    }
    if (value < 0) return this.#fail(range, `there are never fewer than no ${name}, and ${written} is below zero.`);
    if (isShare && value > 1) return this.#fail(range, `all of the iterations are 100 %, and ${written} is more.`);
    if (value === 0 && relation.word === '<') {
      return this.#fail(relation.range, `there are never fewer than no ${name}: write =.`, '=');
    }
    return { kind: 'quantity', value, unit: unit ?? noUnit };
  }

  /** What people and benchmarks report may be anything, below zero too. */
  #freeQuantity(metric: Metric, relation: Related, { value, unit }: Quantity): Bound | null {
    const measured = unit?.dimension === 'time' || unit?.dimension === 'rate';
    if (relation.word === '=' && measured && metric.kind === 'reported')
      return this.#neverExact(metric, relation.range);
    return { kind: 'quantity', value, unit: unit ?? noUnit };
  }

  #otherDimension(name: string, dimension: Dimension, written: string, found: Dimension, range: Range): null {
    return this.#fail(range, `${name} is ${dimensionNames[dimension]}, and ${written} is ${dimensionNames[found]}.`);
  }

  #baseline(metric: Metric, relation: Related): Bounded | null {
    const start = this.#at;
    const range = this.#take(boundWord);
    const word = this.#slice(range);
    if (word !== 'baseline') return this.#notABound(metric, range);
    const factor = this.#factor('baseline', start, relation);
    if (factor === null) return null;
    const direction = metricDirection(metric);
    if (
      direction !== null &&
      relation.word !== '=' &&
      isLower({ relation: relation.word }) !== (direction === 'higher')
    ) {
      const name = metricKey(metric);
      const better = `${name} ${direction === 'higher' ? '>=' : '<='} ${this.#slice({ start, end: this.#at })}`;
      return this.#fail(
        { start: 0, end: this.text.length },
        `${name} is better when it is ${direction}: write ${better}.`,
        better,
      );
    }
    return { bound: { kind: 'baseline', factor }, start, name: null };
  }

  #notABound(metric: Metric, { start, end }: Range): null {
    const word = this.text.slice(start, end);
    const near = closest(word, ['baseline']);
    if (near !== null) return this.#fail({ start, end }, `${word} is not a bound; did you mean ${near}?`, near);
    this.#at = start;
    const path = this.#take(/[^\s'"]+/y);
    const name = this.#slice(path);
    if (!name.includes('/')) {
      return this.#fail({ start, end }, `${word} is not a bound, such as ${exampleOf(metric)} or baseline + 10%.`);
    }
    return this.#fail(path, `${name} is not a bound; did you mean '${name}'?`, `'${name}'`);
  }

  /** Another benchmark or budget: `'scan/elixir' / 5`. */
  #reference(relation: Related): Bounded | null {
    const start = this.#at;
    const quoted = this.#quoted();
    if (quoted === null) return null;
    const factor = this.#factor(this.#slice(quoted.range), start, relation);
    if (factor === null) return null;
    return { bound: { kind: 'reference', name: quoted.name.trim(), factor }, start, name: quoted.range };
  }

  /** `O(n log n)`, with some of the ways in which people write it. */
  #growth(metric: Metric, relation: Related): Bounded | null {
    const start = this.#at;
    const open = this.text.indexOf('(', start);
    let depth = 1;
    let close = open + 1;
    for (; close < this.text.length && depth > 0; close += 1) {
      const char = this.text.charAt(close);
      depth += char === '(' ? 1 : char === ')' ? -1 : 0;
    }
    if (depth > 0) return this.#fail(this.#rest(), `${this.#slice(this.#rest())} does not end: a ) is missing.`);
    this.#at = close;
    const range = { start, end: close };
    const written = this.#slice(range);
    const { growth, isCertain } = growthOf(this.text.slice(open + 1, close - 1));
    if (growth === null) {
      const message = `${written} is not a growth that can be told: write O(1), O(log n), O(n), O(n log n) or O(n^2).`;
      return this.#fail(range, message);
    }
    if (!isCertain || this.text.charAt(start) !== 'O') {
      return this.#fail(range, `${written} is not a growth; did you mean ${growth}?`, growth);
    }
    const name = metricKey(metric);
    if (metric.kind === 'throughput') {
      return this.#fail(
        { start: 0, end: this.text.length },
        `throughput does not grow with the size: hold time to ${growth}.`,
      );
    }
    if (relation.word === '<' || relation.word === '<=')
      return { bound: { kind: 'growth', growth }, start, name: null };
    return this.#fail(relation.range, `${growth} is an upper bound: write ${name} <= ${growth}.`, '<=');
  }

  /** `+ 20%`, `- 10%`, `* 3`, `/ 2`, or nothing, after what begins at `start`. */
  #factor(scaled: string, start: number, relation: Related): number | null {
    const factor = this.#scaling(scaled);
    if (factor === null) return null;
    const whole = { start, end: this.#at };
    if (!(factor > 0)) return this.#fail(whole, `${this.#slice(whole)} is zero or less, which nothing can be held to.`);
    if (!Number.isFinite(factor)) return this.#fail(whole, `${this.#slice(whole)} is no finite bound.`);
    if (relation.word === '=' && factor !== 1) {
      return this.#fail(relation.range, `nothing is exactly ${this.#slice(whole)}: write <= or >=.`);
    }
    return factor;
  }

  #scaling(scaled: string): number | null {
    const before = this.#at;
    this.#skip();
    const operator = this.#slice(this.#take(operators));
    if (operator === '') {
      this.#at = before;
      return 1;
    }
    this.#skip();
    const start = this.#at;
    const number = readNumber(this.text, start);
    const additive = operator === '+' || operator === '-' || operator === '\u2212';
    if (number === null) {
      return this.#fail(
        this.#rest(),
        `${operator} takes ${additive ? 'a percentage, such as 10%' : 'a number, such as 2'}.`,
      );
    }
    const unitStart = skipSpaces(this.text, number.end);
    const unit = readUnit(this.text, unitStart);
    const range = { start, end: unit === '' ? number.end : unitStart + unit.length };
    const written = this.#slice(range);
    this.#at = range.end;
    if (additive) {
      if (unit === '%') return 1 + (operator === '+' ? number.value : -number.value) / 100;
      const suggestion = unit === '' ? `${written}%` : null;
      return this.#fail(
        range,
        `${scaled} ${operator} takes a percentage, and ${written} is none${suggestion === null ? '.' : `; did you mean ${suggestion}?`}`,
        suggestion,
      );
    }
    if (unit !== '') return this.#fail(range, `${scaled} ${operator} takes a plain number, and ${written} has a unit.`);
    return operator === '*' || operator === '×' ? number.value : 1 / number.value;
  }

  #skip(): void {
    this.#at = skipSpaces(this.text, this.#at);
  }

  /** Consumes what `pattern` (sticky) matches here; an empty range where it does not. */
  #take(pattern: RegExp): Range {
    const start = this.#at;
    this.#at = matchEnd(pattern, this.text, start);
    return { start, end: this.#at };
  }

  /** From here to the end, without the white space around it. */
  #rest(): Range {
    const end = this.text.trimEnd().length;
    return { start: Math.min(this.#at, end), end };
  }

  #slice({ start, end }: Range): string {
    return this.text.slice(start, end);
  }

  #fail(range: Range, message: string, suggestion: string | null = null): null {
    this.problem = { range, message, ...(suggestion === null ? {} : { suggestion }) };
    return null;
  }
}

interface Related {
  readonly word: Relation;
  readonly range: Range;
}

interface Bounded {
  readonly bound: Bound;
  readonly start: number;
  readonly name: Range | null;
}

/** The growth that `n·log(n)`, `N²` and the like are; uncertain where the size has another name. */
function growthOf(written: string): { growth: Growth | null; isCertain: boolean } {
  const form = written
    .toLowerCase()
    .replaceAll('**', '^')
    .replaceAll('²', '^2')
    .replaceAll(/log[2₂]|lg|ln/g, 'log')
    .replaceAll(/[\s*·⋅×()]/g, '');
  const known = (text: string): Growth | null =>
    Object.hasOwn(growthForms, text) ? (growthForms[text] ?? null) : null;
  const growth = known(form);
  if (growth !== null) return { growth, isCertain: true };
  const names = new Set(
    written
      .toLowerCase()
      .match(/\p{L}+/gu)
      ?.filter((name) => !/^(?:log|lg|ln)$/.test(name)),
  );
  const [name] = names;
  return { growth: name === undefined || names.size > 1 ? null : known(form.replaceAll(name, 'n')), isCertain: false };
}

function exampleOf(metric: Metric): string {
  const dimension = metricDimension(metric);
  switch (dimension) {
    case 'time':
      return '10 ms';
    case 'rate':
      return '600k ops/s';
    case 'size':
      return '1 MB';
    case 'count':
    case 'share':
    case null:
      return '0';
    default:
      return unreachable(dimension);
  }
}
