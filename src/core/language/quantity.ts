import * as l10n from '@vscode/l10n';
import type { Range } from '../problem.js';
import { err, ok, type Result } from '../result.js';
import { closest } from './spelling.js';

/** What a unit measures. */
export type Dimension = 'time' | 'rate' | 'size' | 'share' | 'count';

/** `symbol` is as the user wrote it (`us`, `ops/s`, `MB/s`); a value times `scale` is in the base unit (ns, 1/s, B, 1). */
export interface Unit {
  readonly symbol: string;
  readonly dimension: Dimension;
  readonly scale: number;
}

/** A number with its unit. `value` is in the base unit; `unit` is null for a number alone. */
export interface Quantity {
  readonly value: number;
  readonly unit: Unit | null;
  readonly range: Range;
}

/** What is wrong with a piece of text; `suggestion` would replace the range. */
export interface TextProblem {
  readonly range: Range;
  readonly message: string;
  readonly suggestion?: string;
}

const second = 1e9;

const timeScales: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3, // U+00B5, what keyboards write
  μs: 1e3, // U+03BC, the Greek letter
  ms: 1e6,
  s: second,
  min: 60 * second,
  h: 3600 * second,
};

const sizeScales: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

const magnitudes: Readonly<Record<string, number>> = { k: 1e3, K: 1e3, M: 1e6, G: 1e9 };

/** The units to offer for completion; a rate may count anything. */
export const unitSymbols = [
  'ns',
  'us',
  'ms',
  's',
  'min',
  'h',
  'B',
  'KB',
  'MB',
  'GB',
  'KiB',
  'MiB',
  'GiB',
  '%',
  'ops/s',
];

/** What a dimension is called in a sentence: "p95 is a time". */
export const dimensionNames: Readonly<Record<Dimension, () => string>> = {
  time: () => l10n.t('a time'),
  rate: () => l10n.t('a rate'),
  size: () => l10n.t('a size'),
  share: () => l10n.t('a percentage'),
  count: () => l10n.t('a count'),
};

const lookup = (table: Readonly<Record<string, number>>, key: string): number | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

const unitsOf = (dimension: Dimension, scales: Readonly<Record<string, number>>): readonly [string, Unit][] =>
  Object.entries(scales).map(([symbol, scale]) => [symbol, { symbol, dimension, scale }]);

const units: ReadonlyMap<string, Unit> = new Map([
  ...unitsOf('time', timeScales),
  ...unitsOf('size', sizeScales),
  ...unitsOf('share', { '%': 0.01 }),
]);

/** Returns the unit that `symbol` names; null if there is none. */
export function unitOf(symbol: string): Unit | null {
  const unit = units.get(symbol);
  if (unit !== undefined) return unit;
  const counted = /^([\p{L}_][\p{L}\p{N}_-]*)\/s$/u.exec(symbol)?.[1];
  if (counted === undefined) return null;
  const thousands = /^([kKMG])ops$/.exec(counted)?.[1];
  const scale = thousands === undefined ? lookup(sizeScales, counted) : lookup(magnitudes, thousands);
  return { symbol, dimension: 'rate', scale: scale ?? 1 };
}

/** The unit of a number alone: `errors = 0`. */
export const noUnit: Unit = { symbol: '', dimension: 'count', scale: 1 };

/** Returns the unit of something that people count or report as they like: `frames`, `%/h`. */
export const freeUnit = (symbol: string): Unit => unitOf(symbol) ?? { ...noUnit, symbol };

/** Whether figures in two units can be compared: times with times, `lines/s` with `lines/s`. */
export function isComparable(a: Unit, b: Unit): boolean {
  if (a.dimension !== b.dimension) return false;
  if (a.dimension === 'rate') return countedBy(a) === countedBy(b);
  return a.dimension !== 'count' || a.symbol === b.symbol;
}

/** Returns what a rate counts: `lines` of `lines/s`, `ops` of `kops/s`, `B` of `MB/s`. */
export function countedBy(unit: Unit): string {
  const counted = unit.symbol.slice(0, unit.symbol.lastIndexOf('/'));
  if (lookup(sizeScales, counted) !== undefined) return 'B';
  return counted.replace(/^[kKMG](?=ops$)/, '');
}

const space = /\s/;
const grouping = /[,_]/;
// Commas or underscores may separate groups of digits; "1,5" is not a number, so that nobody's 1.5 becomes 15.
const digits = /(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+(?:_\d+)*)?(?:\.\d+)?/y;
const exponent = /[eE][+-]?\d+/y;
const numeral = /[\d.,_]+/y;
const word = /(?:%|[\p{L}_][\p{L}\p{N}_-]*)(?:\/[\p{L}_]*)?/uy;

function match(pattern: RegExp, text: string, at: number): string {
  return text.slice(at, matchEnd(pattern, text, at));
}

/** Returns where the match of a sticky pattern at `at` ends; `at` if there is no match. */
export function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** Returns the first offset at or after `at` that is not white space. */
export function skipSpaces(text: string, at: number): number {
  while (at < text.length) {
    const code = text.charCodeAt(at);
    // ASCII has no white space above the space, and most text is ASCII.
    if (code !== 32 && ((code > 32 && code < 127) || !space.test(text.charAt(at)))) break;
    at += 1;
  }
  return at;
}

/** Reads a number such as `1.5`, `10,000`, `1_000` or `600k` at `at`; null if there is none. Never negative. */
export function readNumber(text: string, at: number): { value: number; end: number } | null {
  let end = matchEnd(digits, text, at);
  if (end === at) return null;
  end = matchEnd(exponent, text, end);
  const written = text.slice(at, end);
  let value = Number(grouping.test(written) ? written.replaceAll(/[,_]/g, '') : written);
  const magnitude = lookup(magnitudes, text.charAt(end));
  // `600k ops/s` and `600k`, but not the k of `600kB` or the M of `3 MB`.
  if (magnitude !== undefined && !/[\p{L}\p{N}_%/]/u.test(text.charAt(end + 1))) {
    value *= magnitude;
    end += 1;
  }
  return { value, end };
}

/** Reads the word at `at`, where a unit may stand; empty if there is none. */
export function readUnit(text: string, at: number): string {
  return match(word, text, at);
}

/**
 * Reads a quantity such as `1.5 us` at `at`; white space may separate number and unit. Problems have ranges in `text`. If the
 * units are free, any word is one: `3 frames`, `1%/h`.
 */
export function readQuantity(
  text: string,
  at: number,
  kind: 'known' | 'free' = 'known',
): Result<Quantity, TextProblem> {
  const start = at;
  const sign = text.charAt(at);
  const negative = sign === '-' || sign === '\u2212';
  if (negative) at = skipSpaces(text, at + 1);
  const number = readNumber(text, at);
  if (number === null) {
    const rest = text.slice(start).trimEnd();
    return err({
      range: { start, end: start + rest.length },
      message:
        rest === ''
          ? l10n.t('A quantity is missing, such as 1.5 ms.')
          : l10n.t`${rest} is not a quantity such as 1.5 ms.`,
    });
  }
  const end = matchEnd(numeral, text, number.end);
  if (end > number.end) {
    const message = l10n.t`${text.slice(at, end)} is not a number: write 1.5, 1500, 1,500 or 1_500.`;
    return err({ range: { start: at, end }, message });
  }
  const unitStart = skipSpaces(text, number.end);
  const symbol = readUnit(text, unitStart);
  const range = { start, end: symbol === '' ? number.end : unitStart + symbol.length };
  const unit = symbol === '' ? null : kind === 'free' ? freeUnit(symbol) : unitOf(symbol);
  if (symbol !== '' && unit === null) return err(unknownUnit(symbol, { start: unitStart, end: range.end }));
  const value = (negative ? -1 : 1) * inBase(number.value, unit);
  if (!Number.isFinite(value)) return err({ range, message: l10n.t`${text.slice(start, range.end)} is too large.` });
  return ok({ value, unit, range });
}

/** Converts `value` from `unit` to the base unit. Divides if that is exact: 95 × 0.01 is not 0.95. */
function inBase(value: number, unit: Unit | null): number {
  const scale = unit?.scale ?? 1;
  return scale < 1 ? value / Math.round(1 / scale) : value * scale;
}

/** What people call units whose symbols are too short for a guess by spelling. */
const aliases: readonly (readonly [RegExp, string])[] = [
  [/^(n|nano)(sec|second)s?$/i, 'ns'],
  [/^(u|µ|μ|micro)(sec|second)s?$/i, 'us'],
  [/^(m|milli)(sec|second)s?$/i, 'ms'],
  [/^sec(ond)?s?$/i, 's'],
  [/^min(ute)?s?$/i, 'min'],
  [/^(hr|hour)s?$/i, 'h'],
  [/^bytes?$/i, 'B'],
  [/^percent$/i, '%'],
  [/^ops(\/sec)?$/i, 'ops/s'],
  [/^hz$/i, 'ops/s'],
];

function unknownUnit(symbol: string, range: Range): TextProblem {
  const alias = aliases.find(([pattern]) => pattern.test(symbol))?.[1];
  const suggestion = alias ?? closest(symbol, [...unitSymbols, 'MB/s']);
  if (suggestion !== null)
    return { range, message: l10n.t`${symbol} is not a unit; did you mean ${suggestion}?`, suggestion };
  const isRate = /\/\p{L}*$/u.test(symbol);
  return {
    range,
    message: isRate
      ? l10n.t`${symbol} is not a unit; a rate is per second, such as ops/s.`
      : l10n.t`${symbol} is not a unit.`,
  };
}

/** Reads the whole of `text` as one quantity: `2 s`, `10%`. */
export function parseQuantity(text: string): Result<Quantity, TextProblem> {
  const read = readQuantity(text, skipSpaces(text, 0));
  if (!read.ok) return read;
  const rest = skipSpaces(text, read.value.range.end);
  if (rest < text.length) {
    return err({
      range: { start: rest, end: text.trimEnd().length },
      message: l10n.t`There is text after ${text.slice(read.value.range.start, read.value.range.end)}.`,
    });
  }
  return read;
}
