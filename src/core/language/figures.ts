import * as l10n from '@vscode/l10n';
import { countedBy, type Dimension, type Unit } from './quantity.js';
import { unreachable } from '../result.js';

/** How exactly a number is known: between which values it lies. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The typographic minus, as wide as the plus beside it. */
export const minus = '\u2212';

const change = { finest: -1, coarsest: 0 };
const bounds = { finest: -2, coarsest: 0 };

/**
 * Formats a number known to `interval`, in a unit that reads well: `1.24 ms`, `8.1 µs`, `600k ops/s`, `83 MB/s`, `95%`.
 *
 * The last digit shown is the first one that half the interval's width touches; at most `digits` digits are shown. Without an
 * interval the number is exact (a bound that the user wrote): at least six digits may be shown, without trailing zeros. `value`
 * and `interval` are in the base unit (ns, 1/s, B, 1). A `Unit` keeps what a rate counts (`lines/s`) and the family of a size
 * (`KiB`); a `Dimension` stands for its usual unit.
 */
export function formatQuantity(value: number, kind: Unit | Dimension, interval?: Interval, digits = 3): string {
  if (!Number.isFinite(value)) return '–';
  const ladder = scalesOf(kind);
  const most = interval === undefined ? Math.max(digits, 6) : digits;
  // Twice, because 999.6 may round to a number with one more digit before the point.
  const place = lastPlace(roundAt(value, lastPlace(value, interval, most)), interval, most);
  const rounded = roundAt(value, place);
  const scale = ladder.find(({ from }) => Math.abs(rounded) >= from) ?? plain;
  // 60 s to a minute and 1024 B to a KiB are not powers of ten: take the smaller number of digits.
  const decimals = Math.max(0, Math.floor(Math.log10(scale.scale) - place + 1e-9));
  const places = Math.min(decimals, 20);
  return signed(written(rounded / scale.scale, interval === undefined ? 0 : places, places)) + scale.suffix;
}

/** Formats a time in nanoseconds: `1.24 ms`. */
export function formatTime(nanoseconds: number, interval?: Interval): string {
  return formatQuantity(nanoseconds, 'time', interval);
}

/** Formats a share of a whole or of a bound, given as a fraction: `87%`, `7.5%`. */
export function formatPercent(fraction: number, decimals: 0 | 1 | 2 = 0): string {
  return `${signed(written(fraction * 100, 0, decimals))}%`;
}

/**
 * Formats a ratio as a change: 1.14 is `+14%`, 0.97 is `−3%`. With an interval, it shows the digits that the interval supports,
 * 320 is `320 times slower`, and its inverse `320 times faster`.
 */
export function formatChange(ratio: number, interval?: Interval): string {
  if (interval !== undefined && isManyTimes(interval)) return manyTimesWords(ratio, interval);
  const percent = plus(percentOf(ratio), percentPlace(interval, 1, change));
  return `${percent === '0' ? '±0' : percent}%`;
}

/**
 * Formats both ends of a ratio's interval as changes in percent: `['+14.8', '+17.7']`, with up to one digit more than the change
 * itself.
 */
export function changeBounds(interval: Interval): readonly [low: string, high: string] {
  if (isManyTimes(interval)) {
    const { low, high } = interval.low > 1 ? interval : inverse(interval);
    const digits = (value: number): string => formatQuantity(Number(value.toPrecision(3)), 'count');
    return [digits(low), digits(high)];
  }
  const place = percentPlace(interval, 2, bounds);
  return [plus(percentOf(interval.low), place), plus(percentOf(interval.high), place)];
}

/** Formats the interval of a ratio: `+14.8 … +17.7%`; in running text `+11 to +17%`. */
export function formatInterval(interval: Interval, between: '…' | 'to' = '…'): string {
  const [low, high] = changeBounds(interval);
  const isMany = isManyTimes(interval);
  if (between === 'to') return isMany ? l10n.t`${low} to ${high} times` : l10n.t`${low} to ${high}%`;
  return isMany ? l10n.t`${low} … ${high} times` : `${low} … ${high}%`;
}

/** Formats an undecided ratio: `+4 ± 6%`. */
export function formatPlusMinus(ratio: number, interval: Interval): string {
  const place = percentPlace(interval, 1, change);
  const half = ((interval.high - interval.low) / 2) * 100;
  return `${plus(percentOf(ratio), place)} ± ${fixed(roundAt(half, place), place)}%`;
}

/** Puts a time ratio in words: `16% slower`, `3% faster`, `as fast`, `320 times slower`. */
export function formatSpeed(ratio: number, interval?: Interval): string {
  if (interval !== undefined && isManyTimes(interval)) return manyTimesWords(ratio, interval);
  const place = percentPlace(interval, 1, change);
  const percent = roundAt(percentOf(ratio), place);
  if (percent === 0) return asFast();
  const by = fixed(Math.abs(percent), place);
  return percent > 0 ? l10n.t`${by}% slower` : l10n.t`${by}% faster`;
}

/** The words for a ratio that cannot be told from 1. */
export const asFast = (): string => l10n.t('as fast');

/** From this factor on, "320 times" says more than a percentage. */
const manyFrom = 10;

/** `320 times slower` */
const manyTimesWords = (ratio: number, interval: Interval): string =>
  ratio > 1 ? l10n.t`${manyTimes(ratio, interval)} times slower` : l10n.t`${manyTimes(ratio, interval)} times faster`;

const isManyTimes = ({ low, high }: Interval): boolean => low >= manyFrom || high <= 1 / manyFrom;

const inverse = ({ low, high }: Interval): Interval => ({ low: 1 / high, high: 1 / low });

/** Formats how many times larger or smaller: `320`. */
const manyTimes = (ratio: number, interval: Interval): string =>
  ratio > 1 ? formatQuantity(ratio, 'count', interval) : formatQuantity(1 / ratio, 'count', inverse(interval));

interface Scale {
  /** The smallest number, in the base unit, that is written in this unit. */
  readonly from: number;
  readonly scale: number;
  readonly suffix: string;
}

const plain: Scale = { from: 0, scale: 1, suffix: '' };

/** The scales of a unit, largest first; the last one takes the rest. */
function scalesOf(kind: Unit | Dimension): readonly Scale[] {
  const dimension = typeof kind === 'string' ? kind : kind.dimension;
  const symbol = typeof kind === 'string' ? null : kind.symbol;
  switch (dimension) {
    case 'time':
      return times;
    case 'size':
      return symbol?.endsWith('iB') === true ? binarySizes : sizes;
    case 'rate': {
      const counted = typeof kind === 'string' ? 'ops' : countedBy(kind);
      if (counted === 'B') {
        const family = symbol?.endsWith('iB/s') === true ? binarySizes : sizes;
        return family.map((size) => ({ ...size, suffix: `${size.suffix}/s` }));
      }
      return rates.map((rate) => ({ ...rate, suffix: `${rate.suffix} ${counted}/s` }));
    }
    case 'share':
      return [{ from: 0, scale: 0.01, suffix: '%' }];
    case 'count':
      return symbol ? [{ ...plain, suffix: symbol.startsWith('%') ? symbol : ` ${symbol}` }] : [plain];
    default:
      return unreachable(dimension);
  }
}

const times: readonly Scale[] = [
  { from: 120 * 60e9, scale: 3600e9, suffix: ' h' },
  { from: 120e9, scale: 60e9, suffix: ' min' },
  { from: 1e9, scale: 1e9, suffix: ' s' },
  { from: 1e6, scale: 1e6, suffix: ' ms' },
  { from: 1e3, scale: 1e3, suffix: ' µs' },
  { from: 0, scale: 1, suffix: ' ns' },
];

const sizes: readonly Scale[] = [
  { from: 1e9, scale: 1e9, suffix: ' GB' },
  { from: 1e6, scale: 1e6, suffix: ' MB' },
  { from: 1e3, scale: 1e3, suffix: ' KB' },
  { from: 0, scale: 1, suffix: ' B' },
];

const binarySizes: readonly Scale[] = [
  { from: 2 ** 30, scale: 2 ** 30, suffix: ' GiB' },
  { from: 2 ** 20, scale: 2 ** 20, suffix: ' MiB' },
  { from: 2 ** 10, scale: 2 ** 10, suffix: ' KiB' },
  { from: 0, scale: 1, suffix: ' B' },
];

const rates: readonly Scale[] = [
  { from: 1e9, scale: 1e9, suffix: 'G' },
  { from: 1e6, scale: 1e6, suffix: 'M' },
  { from: 1e4, scale: 1e3, suffix: 'k' },
  plain,
];

/** Returns the power of ten of the last digit that may be shown. */
function lastPlace(value: number, interval: Interval | undefined, digits: number): number {
  const first = value === 0 ? 0 : powerOfTen(Math.abs(value));
  const finest = first - digits + 1;
  const half = interval === undefined ? 0 : (interval.high - interval.low) / 2;
  if (!(half > 0) || !Number.isFinite(half)) return finest;
  return Math.min(first, Math.max(finest, powerOfTen(half)));
}

/** The same for a percentage, between the places in `limits`; a `divisor` of 2 allows a finer place. */
function percentPlace(
  interval: Interval | undefined,
  divisor: number,
  limits: { readonly finest: number; readonly coarsest: number },
): number {
  const half = interval === undefined ? 0 : ((interval.high - interval.low) / 2 / divisor) * 100;
  if (interval === undefined) return limits.coarsest;
  if (!(half > 0)) return limits.finest;
  return Math.min(limits.coarsest, Math.max(limits.finest, powerOfTen(half)));
}

/** The nudge turns the 0.0099999… that a subtraction leaves into the 0.01 that it stands for. */
const powerOfTen = (value: number): number => Math.floor(Math.log10(value) + 1e-9);

const percentOf = (ratio: number): number => (ratio - 1) * 100;

/** Rounds halves away from zero, so that +0.5 and −0.5 read alike; the nudge undoes the error of a product like 1.005 × 100. */
function roundAt(value: number, place: number): number {
  const step = 10 ** place;
  return Math.sign(value) * Math.round((Math.abs(value) / step) * (1 + 1e-12)) * step;
}

function plus(percent: number, place: number): string {
  const rounded = roundAt(percent, place);
  if (rounded === 0) return '0';
  return (rounded > 0 ? '+' : minus) + fixed(Math.abs(rounded), place);
}

const signed = (text: string): string => text.replace(/^-/, minus);

const fixed = (value: number, place: number): string => written(value, -place, -place);

/** The language of the figures, as of the sentences around them. */
const locale = 'en-US';

/** By the least and the most digits after the point: to make one takes a hundred times as long as to use it. */
const formats = new Map<string, Intl.NumberFormat>();

/** Writes a number with its digits in groups, and with `least` to `most` of them after the point. */
function written(value: number, least: number, most: number): string {
  const key = `${least} ${most}`;
  const known = formats.get(key);
  const format = known ?? new Intl.NumberFormat(locale, { minimumFractionDigits: least, maximumFractionDigits: most });
  if (known === undefined) formats.set(key, format);
  return format.format(value);
}
