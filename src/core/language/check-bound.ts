import * as l10n from '@vscode/l10n';
import type { Bound, Growth, Metric, Relation } from './budget.js';
import { isLower, metricDimension, metricDirection, metricKey } from './metric.js';
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
} from './quantity.js';
import type { Scanner } from './check-scanner.js';
import { closest } from './spelling.js';
import { unreachable } from '../result.js';

/** A relation, and where it stands. */
export interface Related {
  readonly word: Relation;
  readonly range: Range;
}

/** A bound, where it begins, and where the name in it stands. */
export interface Bounded {
  readonly bound: Bound;
  readonly start: number;
  readonly name: Range | null;
}

/** Growths in lower case, without white space, parentheses and multiplication signs. */
const growthForms: Readonly<Record<string, Growth>> = {
  '1': 'O(1)',
  logn: 'O(log n)',
  n: 'O(n)',
  'n^1': 'O(n)',
  nlogn: 'O(n log n)',
  'n^2': 'O(n^2)',
  nn: 'O(n^2)',
};

const boundWord = /[\p{L}_][\p{L}\p{N}_]*/uy;
const operators = /[-+*/\u2212×÷]/y;
const growthStart = /[oO0θΘΩ]\s*\(/y;

/** Reads the bound after the relation. */
export function readBound(scanner: Scanner, metric: Metric, relation: Related): Bounded | null {
  const start = scanner.at;
  const first = scanner.text.charAt(start);
  if (first === '') {
    const message = l10n.t`write a bound after ${relation.word}, such as ${exampleOf(metric)}.`;
    return scanner.fail({ start, end: start }, message);
  }
  if (first === "'" || first === '"') return referenceBound(scanner, relation);
  if (matchEnd(growthStart, scanner.text, start) > start) return growthBound(scanner, metric, relation);
  if (matchEnd(boundWord, scanner.text, start) > start) return baselineBound(scanner, metric, relation);
  const dimension = metricDimension(metric);
  const read = readQuantity(scanner.text, start, dimension === null ? 'free' : 'known');
  if (!read.ok) {
    scanner.problem = read.error;
    return null;
  }
  scanner.at = read.value.range.end;
  const bound =
    dimension === null
      ? freeBound(scanner, metric, relation, read.value)
      : dimension === 'count'
        ? countBound(scanner, metric, relation, read.value)
        : quantityBound(scanner, metric, dimension, read.value);
  return bound && { bound, start, name: null };
}

function quantityBound(
  scanner: Scanner,
  metric: Metric,
  dimension: Dimension,
  { value, unit, range }: Quantity,
): Bound | null {
  const written = scanner.slice(range);
  const name = metricKey(metric);
  if (unit === null) {
    const units =
      dimension === 'rate' ? 'ops/s' : dimension === 'size' ? l10n.t('B, KB, MB or MiB') : l10n.t('ns, us, ms or s');
    return scanner.fail(
      range,
      l10n.t`${name} is ${dimensionNames[dimension]()}, but ${written} has no unit: write ${units}.`,
    );
  }
  if (unit.dimension !== dimension) return otherDimension(scanner, name, dimension, written, unit.dimension, range);
  if (value > 0) return { kind: 'quantity', value, unit };
  if (dimension !== 'size') return scanner.fail(range, l10n.t`${name} is always above zero, but ${written} is not.`);
  return scanner.fail(
    range,
    l10n.t`${name} is never measured to the byte, so ${written} leaves no room: allow some, such as 1 KB.`,
  );
}

/** Reads `errors = 0`, or `errors <= 1 %` of the iterations. */
function countBound(
  scanner: Scanner,
  metric: Metric,
  relation: Related,
  { value, unit, range }: Quantity,
): Bound | null {
  const written = scanner.slice(range);
  const name = metricKey(metric);
  const isShare = unit?.dimension === 'share';
  if (unit !== null && !(isShare && metric.kind === 'errors')) {
    return otherDimension(scanner, name, 'count', written, unit.dimension, range);
  }
  if (value < 0) return scanner.fail(range, l10n.t`the number of ${name} cannot be below zero, but ${written} is.`);
  if (isShare && value > 1)
    return scanner.fail(range, l10n.t`no more than 100% of the iterations can fail, but ${written} is more.`);
  if (value === 0 && relation.word === '<') {
    return scanner.fail(relation.range, l10n.t`the number of ${name} cannot be below zero: write =.`, '=');
  }
  return { kind: 'quantity', value, unit: unit ?? noUnit };
}

/** A figure that people or benchmarks report may have any value, even below zero. */
function freeBound(scanner: Scanner, metric: Metric, relation: Related, { value, unit }: Quantity): Bound | null {
  const measured = unit?.dimension === 'time' || unit?.dimension === 'rate';
  if (relation.word === '=' && measured && metric.kind === 'reported')
    return neverExact(scanner, metric, relation.range);
  return { kind: 'quantity', value, unit: unit ?? noUnit };
}

export function neverExact(scanner: Scanner, metric: Metric, relation: Range): null {
  return scanner.fail(relation, l10n.t`a measured ${metricKey(metric)} never equals a number exactly: write <= or >=.`);
}

function otherDimension(
  scanner: Scanner,
  name: string,
  dimension: Dimension,
  written: string,
  found: Dimension,
  range: Range,
): null {
  return scanner.fail(
    range,
    l10n.t`${name} is ${dimensionNames[dimension]()}, but ${written} is ${dimensionNames[found]()}.`,
  );
}

function baselineBound(scanner: Scanner, metric: Metric, relation: Related): Bounded | null {
  const start = scanner.at;
  const range = scanner.take(boundWord);
  const word = scanner.slice(range);
  if (word !== 'baseline') return notABound(scanner, metric, range);
  const factor = readFactor(scanner, 'baseline', start, relation);
  if (factor === null) return null;
  const direction = metricDirection(metric);
  if (
    direction !== null &&
    relation.word !== '=' &&
    isLower({ relation: relation.word }) !== (direction === 'higher')
  ) {
    const name = metricKey(metric);
    const better = `${name} ${direction === 'higher' ? '>=' : '<='} ${scanner.slice({ start, end: scanner.at })}`;
    return scanner.fail(
      { start: 0, end: scanner.text.length },
      direction === 'higher'
        ? l10n.t`a higher ${name} is better: write ${better}.`
        : l10n.t`a lower ${name} is better: write ${better}.`,
      better,
    );
  }
  return { bound: { kind: 'baseline', factor }, start, name: null };
}

function notABound(scanner: Scanner, metric: Metric, { start, end }: Range): null {
  const word = scanner.text.slice(start, end);
  const near = closest(word, ['baseline']);
  if (near !== null) return scanner.fail({ start, end }, l10n.t`${word} is not a bound; did you mean ${near}?`, near);
  scanner.at = start;
  const path = scanner.take(/[^\s'"]+/y);
  const name = scanner.slice(path);
  if (!name.includes('/')) {
    return scanner.fail({ start, end }, l10n.t`${word} is not a bound; try ${exampleOf(metric)} or baseline + 10%.`);
  }
  return scanner.fail(path, l10n.t`${name} is not a bound; did you mean '${name}'?`, `'${name}'`);
}

/** Reads the name of another benchmark or budget: `'scan/elixir' / 5`. */
function referenceBound(scanner: Scanner, relation: Related): Bounded | null {
  const start = scanner.at;
  const quoted = scanner.quoted();
  if (quoted === null) return null;
  const factor = readFactor(scanner, scanner.slice(quoted.range), start, relation);
  if (factor === null) return null;
  return { bound: { kind: 'reference', name: quoted.name.trim(), factor }, start, name: quoted.range };
}

/** Reads `O(n log n)`, in some of the spellings that people use. */
function growthBound(scanner: Scanner, metric: Metric, relation: Related): Bounded | null {
  const start = scanner.at;
  const open = scanner.text.indexOf('(', start);
  let depth = 1;
  let close = open + 1;
  for (; close < scanner.text.length && depth > 0; close += 1) {
    const char = scanner.text.charAt(close);
    depth += char === '(' ? 1 : char === ')' ? -1 : 0;
  }
  if (depth > 0)
    return scanner.fail(scanner.rest(), l10n.t`the closing ) of ${scanner.slice(scanner.rest())} is missing.`);
  scanner.at = close;
  const range = { start, end: close };
  const written = scanner.slice(range);
  const { growth, isCertain } = growthOf(scanner.text.slice(open + 1, close - 1));
  if (growth === null) {
    const message = l10n.t`${written} is not a supported growth: write O(1), O(log n), O(n), O(n log n) or O(n^2).`;
    return scanner.fail(range, message);
  }
  if (!isCertain || scanner.text.charAt(start) !== 'O') {
    return scanner.fail(range, l10n.t`${written} is not a supported growth; did you mean ${growth}?`, growth);
  }
  const name = metricKey(metric);
  if (metric.kind === 'throughput') {
    return scanner.fail(
      { start: 0, end: scanner.text.length },
      l10n.t`throughput does not grow with the size: write time <= ${growth}.`,
    );
  }
  if (relation.word === '<' || relation.word === '<=') return { bound: { kind: 'growth', growth }, start, name: null };
  return scanner.fail(relation.range, l10n.t`${growth} is an upper bound: write ${name} <= ${growth}.`, '<=');
}

/** Reads `+ 20%`, `- 10%`, `* 3`, `/ 2` or nothing; what it scales begins at `start`. */
function readFactor(scanner: Scanner, scaled: string, start: number, relation: Related): number | null {
  const factor = readScaling(scanner, scaled);
  if (factor === null) return null;
  const whole = { start, end: scanner.at };
  if (!(factor > 0))
    return scanner.fail(whole, l10n.t`${scanner.slice(whole)} is zero or less: a bound must be above zero.`);
  if (!Number.isFinite(factor))
    return scanner.fail(whole, l10n.t`${scanner.slice(whole)} is not finite: a bound must be a finite number.`);
  if (relation.word === '=' && factor !== 1) {
    return scanner.fail(relation.range, l10n.t`no measurement equals ${scanner.slice(whole)} exactly: write <= or >=.`);
  }
  return factor;
}

function readScaling(scanner: Scanner, scaled: string): number | null {
  const before = scanner.at;
  scanner.skipSpaces();
  const operator = scanner.slice(scanner.take(operators));
  if (operator === '') {
    scanner.at = before;
    return 1;
  }
  scanner.skipSpaces();
  const start = scanner.at;
  const number = readNumber(scanner.text, start);
  const additive = operator === '+' || operator === '-' || operator === '\u2212';
  if (number === null) {
    return scanner.fail(
      scanner.rest(),
      l10n.t`${operator} needs ${additive ? l10n.t('a percentage, such as 10%') : l10n.t('a number, such as 2')}.`,
    );
  }
  const unitStart = skipSpaces(scanner.text, number.end);
  const unit = readUnit(scanner.text, unitStart);
  const range = { start, end: unit === '' ? number.end : unitStart + unit.length };
  const written = scanner.slice(range);
  scanner.at = range.end;
  if (additive) {
    if (unit === '%') return 1 + (operator === '+' ? number.value : -number.value) / 100;
    const suggestion = unit === '' ? `${written}%` : null;
    return scanner.fail(
      range,
      suggestion === null
        ? l10n.t`${scaled} ${operator} needs a percentage, not ${written}.`
        : l10n.t`${scaled} ${operator} needs a percentage, not ${written}; did you mean ${suggestion}?`,
      suggestion,
    );
  }
  if (unit !== '')
    return scanner.fail(range, l10n.t`${scaled} ${operator} needs a number without a unit, not ${written}.`);
  return operator === '*' || operator === '×' ? number.value : 1 / number.value;
}

/** Recognizes the growth in `n·log(n)`, `N²` and the like; not certain if the size has another name than n. */
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
