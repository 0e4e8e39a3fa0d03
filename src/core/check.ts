import type { Bound, Check, Metric, Relation } from './budget.js';
import { metricDimension, metricDirection, metricKey, metricNames } from './metric.js';
import type { Range } from './problem.js';
import {
  closest,
  dimensionNames,
  readNumber,
  readQuantity,
  readUnit,
  skipSpaces,
  type Quantity,
  type TextProblem,
} from './quantity.js';
import { err, ok, type Result } from './result.js';

/** What stands in one string of a budget. */
export type ParsedCheck = Pick<Check, 'metric' | 'relation' | 'bound' | 'text'>;

/** `range` is in the check's text; `suggestion` would stand in its place. */
export type CheckProblem = TextProblem;

/** Metrics of the language that nothing measures yet. */
const laterMetrics = ['cpu', 'allocated', 'retained', 'heap', 'rss', 'errors', 'crashes', 'value'];

const commonPercentiles = ['p50', 'p75', 'p90', 'p95', 'p99', 'p99.9'];

/** Everything a check may begin with, for completion and for "did you mean". */
export const metricWords: readonly string[] = [...metricNames, ...commonPercentiles];

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

const uneven = /^\s|\s$|[^\S ]| {2}/;

/** Reads one check, `metric relation bound`. The message of a problem begins with the check itself. */
export function parseCheck(text: string): Result<ParsedCheck, CheckProblem> {
  const folded = uneven.test(text) ? text.trim().replaceAll(/\s+/g, ' ') : text;
  const parser = new Parser(text);
  const read = parser.check();
  if (read !== null) return ok({ ...read, text: folded });
  const { problem } = parser;
  const shown = folded.length > 80 ? `${folded.slice(0, 79)}…` : folded;
  return err(folded === '' ? problem : { ...problem, message: `"${shown}": ${problem.message}` });
}

/** A recursive descent; a production that cannot be read sets `problem` and is null. */
class Parser {
  #at = 0;
  problem: CheckProblem = { range: { start: 0, end: 0 }, message: '' };

  constructor(readonly text: string) {}

  check(): Omit<ParsedCheck, 'text'> | null {
    const metric = this.#metric();
    if (metric === null) return null;
    const relation = this.#relation(metric);
    if (relation === null) return null;
    const bound = this.#bound(metric, relation);
    if (bound === null) return null;
    this.#skip();
    if (this.#at < this.text.length) {
      const rest = this.#rest();
      return this.#fail(rest, `nothing may follow the bound, and ${this.#slice(rest)} does.`);
    }
    return { metric, relation, bound };
  }

  #metric(): Metric | null {
    this.#skip();
    const range = this.#take(/[\p{L}\p{N}_][\p{L}\p{N}_.-]*/uy);
    const word = this.#slice(range);
    if (word === '') {
      const rest = this.#rest();
      if (rest.start === rest.end) return this.#fail(rest, 'A check is missing, such as p95 <= 10 ms.');
      return this.#fail(rest, 'a check begins with a metric, such as time, p95 or throughput.');
    }
    const plain = metricNames.find((name) => name === word);
    if (plain !== undefined) return { kind: plain };
    const percent = /^p(\d+(?:\.\d+)?)$/.exec(word)?.[1];
    if (percent !== undefined) return this.#percentile(percent, range);
    if (laterMetrics.includes(word)) return this.#fail(range, notYet(word));
    const near = closest(word, metricWords);
    return this.#fail(
      range,
      `${word} is not a metric${near === null ? ', such as time, p95 or throughput.' : `; did you mean ${near}?`}`,
      near,
    );
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

  #relation(metric: Metric): Relation | null {
    this.#skip();
    const range = this.#take(/[<>=≤≥⩽⩾!~]+/y);
    const word = this.#slice(range);
    const relation = relations.find((known) => known === word);
    if (relation === '=')
      return this.#fail(range, `a measured ${metricKey(metric)} is never exactly a number: write <= or >=.`);
    if (relation !== undefined) return relation;
    if (word === '') return this.#fail(this.#rest(), `a relation must follow ${metricKey(metric)}: <, <=, > or >=.`);
    const meant = Object.hasOwn(misspeltRelations, word) ? misspeltRelations[word] : undefined;
    return this.#fail(
      range,
      `${word} is not a relation${meant === undefined ? ': write <, <=, > or >=.' : `; did you mean ${meant}?`}`,
      meant ?? null,
    );
  }

  #bound(metric: Metric, relation: Relation): Bound | null {
    this.#skip();
    const start = this.#at;
    const first = this.text.charAt(start);
    if (first === '')
      return this.#fail({ start, end: start }, `a bound must follow ${relation}, such as ${exampleOf(metric)}.`);
    if (first === "'" || first === '"') return this.#fail(this.#rest(), notYet('a bound by another benchmark'));
    if (/O\s*\(/y.test(this.text.slice(start))) return this.#fail(this.#rest(), notYet('a bound on growth'));
    if (/[\p{L}_]/u.test(first)) return this.#baseline(metric, relation);
    const read = readQuantity(this.text, start);
    if (!read.ok) {
      this.problem = read.error;
      return null;
    }
    this.#at = read.value.range.end;
    return this.#quantity(metric, read.value);
  }

  #quantity(metric: Metric, { value, unit, range }: Quantity): Bound | null {
    const written = this.#slice(range);
    const dimension = metricDimension(metric) ?? 'count';
    const name = metricKey(metric);
    if (unit === null) {
      const units = dimension === 'rate' ? 'ops/s' : 'ns, us, ms or s';
      return this.#fail(range, `${name} is ${dimensionNames[dimension]}, and ${written} has no unit: write ${units}.`);
    }
    if (unit.dimension !== dimension) {
      return this.#fail(
        range,
        `${name} is ${dimensionNames[dimension]}, and ${written} is ${dimensionNames[unit.dimension]}.`,
      );
    }
    if (value <= 0) return this.#fail(range, `${name} is always above zero, and ${written} is not.`);
    return { kind: 'quantity', value, unit };
  }

  #baseline(metric: Metric, relation: Relation): Bound | null {
    const start = this.#at;
    const range = this.#take(/[\p{L}_][\p{L}\p{N}_]*/uy);
    const word = this.#slice(range);
    if (word !== 'baseline') {
      const near = closest(word, ['baseline']);
      const hint = near === null ? `, such as ${exampleOf(metric)} or baseline + 10%.` : `; did you mean ${near}?`;
      return this.#fail(range, `${word} is not a bound${hint}`, near);
    }
    const factor = this.#scaling();
    if (factor === null) return null;
    const whole = { start, end: this.#at };
    if (!(factor > 0)) return this.#fail(whole, `${this.#slice(whole)} is zero or less, which nothing can be held to.`);
    if (!Number.isFinite(factor)) return this.#fail(whole, `${this.#slice(whole)} is no finite bound.`);
    const higher = metricDirection(metric) === 'higher';
    if (relation.startsWith(higher ? '<' : '>')) {
      const name = metricKey(metric);
      return this.#fail(
        { start: 0, end: this.text.length },
        `${name} is better when it is ${higher ? 'higher' : 'lower'}: write ${name} ${higher ? '>=' : '<='} ${this.#slice(whole)}.`,
        `${name} ${higher ? '>=' : '<='} ${this.#slice(whole)}`,
      );
    }
    return { kind: 'baseline', factor };
  }

  /** `+ 20%`, `- 10%`, `* 3`, `/ 2`, or nothing. */
  #scaling(): number | null {
    const before = this.#at;
    this.#skip();
    const operator = this.#slice(this.#take(/[-+*/\u2212×÷]/y));
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
        `baseline ${operator} takes a percentage, and ${written} is none${suggestion === null ? '.' : `; did you mean ${suggestion}?`}`,
        suggestion,
      );
    }
    if (unit !== '') return this.#fail(range, `baseline ${operator} takes a plain number, and ${written} has a unit.`);
    return operator === '*' || operator === '×' ? number.value : 1 / number.value;
  }

  #skip(): void {
    this.#at = skipSpaces(this.text, this.#at);
  }

  /** Consumes what `pattern` (sticky) matches here; an empty range where it does not. */
  #take(pattern: RegExp): Range {
    const start = this.#at;
    pattern.lastIndex = start;
    this.#at = start + (pattern.exec(this.text)?.[0].length ?? 0);
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

const exampleOf = (metric: Metric): string => (metricDimension(metric) === 'rate' ? '600k ops/s' : '10 ms');

/** The one sentence about what the language has and this version does not read. */
export const notYet = (what: string): string => `${what} is not supported yet.`;
