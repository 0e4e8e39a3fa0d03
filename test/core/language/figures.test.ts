import { describe, expect, it } from 'vitest';
import {
  changeBounds,
  formatChange,
  formatInterval,
  formatPercent,
  formatPlusMinus,
  formatQuantity,
  formatSpeed,
  formatTime,
} from '../../../src/core/language/figures.js';
import type { Dimension, Unit } from '../../../src/core/language/quantity.js';

const within = (value: number, half: number) => ({ low: value - half, high: value + half });

describe('a time', () => {
  it.each([
    [1_240_000, within(1_240_000, 20_000), '1.24 ms'],
    [8_100, { low: 8_000, high: 8_300 }, '8.1 µs'],
    [8_123, within(8_123, 1), '8.12 µs'],
    [999_600, within(999_600, 2_000), '1.00 ms'],
    [12_100, within(12_100, 25_000), '10 µs'],
    [0.31, within(0.31, 0.02), '0.31 ns'],
    [2_000_000, undefined, '2 ms'],
    [1_234_500, undefined, '1.2345 ms'],
    [90e9, undefined, '90 s'],
    [150e9, within(150e9, 3e9), '2.5 min'],
    [3 * 3600e9, undefined, '3 h'],
    [-1_500, undefined, '−1.5 µs'],
    [0, undefined, '0 ns'],
    [NaN, undefined, '–'],
  ])('of %d ns, known to %o, is %s', (value, interval, expected) => {
    expect(formatTime(value, interval)).toBe(expected);
  });
});

describe('a quantity', () => {
  it.each<[number, Unit | Dimension, { low: number; high: number } | undefined, string]>([
    [600_123, 'rate', within(600_123, 4_000), '600k ops/s'],
    [1_240_000, 'rate', within(1_240_000, 20_000), '1.24M ops/s'],
    [8_234, 'rate', within(8_234, 40), '8,230 ops/s'],
    [10_000, { symbol: 'lines/s', dimension: 'rate', scale: 1 }, undefined, '10k lines/s'],
    [83.2e6, { symbol: 'MB/s', dimension: 'rate', scale: 1e6 }, within(83.2e6, 4e6), '83 MB/s'],
    [2 ** 21, { symbol: 'KiB/s', dimension: 'rate', scale: 1024 }, undefined, '2 MiB/s'],
    [36_000, 'size', undefined, '36 KB'],
    [36 * 1024, { symbol: 'KiB', dimension: 'size', scale: 1024 }, undefined, '36 KiB'],
    [0.95, 'share', undefined, '95%'],
    [0.07, 'share', undefined, '7%'],
    [12_500, 'count', undefined, '12,500'],
  ])('%d of %o, known to %o, is %s', (value, kind, interval, expected) => {
    expect(formatQuantity(value, kind, interval)).toBe(expected);
  });

  it('shows more digits only where the interval has them', () => {
    expect(formatQuantity(10_041, 'time', within(10_041, 3), 5)).toBe('10.041 µs');
    expect(formatQuantity(10_041, 'time', within(10_041, 300), 5)).toBe('10.0 µs');
  });
});

describe('a change', () => {
  it.each([
    [1.162, { low: 1.148, high: 1.177 }, '+16%', '+14.8 … +17.7%', '+16 ± 1%', '16% slower'],
    [1.14, { low: 1.11, high: 1.17 }, '+14%', '+11 … +17%', '+14 ± 3%', '14% slower'],
    [0.97, { low: 0.94, high: 1 }, '−3%', '−6 … 0%', '−3 ± 3%', '3% faster'],
    [1.04, { low: 0.98, high: 1.1 }, '+4%', '−2 … +10%', '+4 ± 6%', '4% slower'],
    [1.0004, { low: 0.999, high: 1.0018 }, '±0%', '−0.10 … +0.18%', '0 ± 0.1%', 'as fast'],
    [1, { low: 1, high: 1 }, '±0%', '0 … 0%', '0 ± 0.0%', 'as fast'],
    [13.4, { low: 12.9, high: 13.8 }, '13.4 times slower', '12.9 … 13.8 times', '+1,240 ± 45%', '13.4 times slower'],
    [0.004, { low: 0.0038, high: 0.0042 }, '250 times faster', '238 … 263 times', '−99.6 ± 0.0%', '250 times faster'],
  ])('of %d, known to %o', (ratio, interval, change, ends, plusMinus, speed) => {
    expect([
      formatChange(ratio, interval),
      formatInterval(interval),
      formatPlusMinus(ratio, interval),
      formatSpeed(ratio, interval),
    ]).toEqual([change, ends, plusMinus, speed]);
  });

  it('reads in running text', () => {
    expect(formatInterval({ low: 1.11, high: 1.17 }, 'to')).toBe('+11 to +17%');
    expect(changeBounds({ low: 1.11, high: 1.17 })).toEqual(['+11', '+17']);
    expect(formatChange(1.055)).toBe('+6%');
    expect(formatChange(0.945)).toBe('−6%');
  });
});

it('writes shares as whole percents unless asked for more', () => {
  expect([formatPercent(0.875), formatPercent(0.1), formatPercent(0.075, 2), formatPercent(12.5)]).toEqual([
    '88%',
    '10%',
    '7.5%',
    '1,250%',
  ]);
});
