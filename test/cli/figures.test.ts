import { expect, test } from 'vitest';
import type { BudgetResult } from '../../src/core/results/measurement.js';
import { maskFigures } from './figures.js';

const budget = (name: string, value: number, ratio: number): BudgetResult => ({
  name,
  benchmark: name,
  verdict: 'pass',
  severity: null,
  cached: false,
  elapsedMs: 1000,
  samples: 10,
  comparison: { ratio, low: ratio - 0.02, high: ratio + 0.02 },
  checks: [
    {
      check: 'time <= 1 ms',
      level: 'limit',
      verdict: 'pass',
      measured: { value, low: value - 0.002, high: value + 0.002, unit: 'ms' },
      bound: { value: 1, unit: 'ms' },
      used: value,
      note: null,
    },
  ],
  message: '',
});

const masked = (text: string): string =>
  maskFigures(text, { budgets: [budget('parse', 0.125, 1.5), budget('print', 0.25, 1)], elapsedMs: 3210 });

test.each([
  ['✓ parse   125 µs   +50% (+48 … +52)   allowed 1 ms', '✓ parse   TIME   CHANGE   allowed 1 ms'],
  ['parse is 50% slower than HEAD (+48 to +52%)', 'parse is SHARE slower than HEAD (INTERVAL)'],
  ['parse takes 125 µs (123 to 127 µs)', 'parse takes TIME (TIME to TIME)'],
  ['2 passed in 3.21 s vs HEAD', '2 passed in TIME vs HEAD'],
])('what the document has is a word: %s', (text, words) => {
  expect(masked(text)).toBe(words);
});

test.each([
  'parse   126 µs   +51% (+48 … +53)',
  'parse   250 µs',
  'parse   1125 µs',
  'parse   125 µs/s',
  '2 passed in 3.22 s vs HEAD',
])('what it does not have stays: %s', (text) => {
  expect(masked(text)).toBe(text);
});
