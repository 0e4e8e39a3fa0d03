import { expect, it } from 'vitest';
import { inOneLine, isPattern, isWithin, patternOf, patternOfBoth } from '../../../src/core/language/name-pattern.js';

const names = [
  'index/100',
  'index/10,000',
  'index/10k',
  'index/1.5M',
  'index/many',
  'index/10 kinds',
  'index/1/2',
  'parser/large',
  'parser/deep/small',
  'parser+large',
  'a {n} b',
  'scan/4x8',
];

it.each([
  ['index/{files}', { 'index/100': 100, 'index/10,000': 10_000, 'index/10k': 10_000, 'index/1.5M': 1_500_000 }],
  ['scan/{rows}x{columns}', { 'scan/4x8': 4 }],
  ['parser/*', { 'parser/large': null }],
  ['parser/**', { 'parser/large': null, 'parser/deep/small': null }],
  ['*/large', { 'parser/large': null }],
  ['*/{n}', { 'index/100': 100, 'index/10,000': 10_000, 'index/10k': 10_000, 'index/1.5M': 1_500_000 }],
  ['parser+large', { 'parser+large': null }],
  ['a {n} b', {}],
  ['index/{}', {}],
])('%s means %o', (pattern, expected) => {
  const { match } = patternOf(pattern);
  const found = names.flatMap((name) => {
    const matched = match(name);
    return matched === null ? [] : [[name, matched.size]];
  });
  expect(Object.fromEntries(found)).toEqual(expected);
});

it('knows which names may mean several', () => {
  expect(['index/{files}', 'parser/*', 'parser/**', 'parser/large', 'a/{}', 'a/[b]?'].map(isPattern)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

it.each([
  ['emitter (v3.0.3)', 'emitter (v3.0.4)', 'emitter (v*)'],
  ['run 2026-11-29 a/100', 'run 2026-11-30 a/100', 'run * a/100'],
  ['a/1 and 2', 'a/3 and 4', 'a/* and *'],
  ['a/1', 'b/1', null],
  ['a/1', 'a/1', null],
  ['a', 'b', null],
])('the pattern of %s and %s is %s', (one, other, expected) => {
  expect(patternOfBoth(one, other)).toBe(expected);
  if (expected !== null) expect([one, other].map((name) => patternOf(expected).match(name))).not.toContain(null);
});

it('finds names with dates, versions and brackets as they are', () => {
  for (const name of ['emitter (v3.0.3)', 'at 2026-11-29T10:00', 'a#b [c]', '$1 + 2?', "{ a: 'x' } \\d"])
    expect(patternOf(name.replaceAll(/[{}]/g, '')).match(name.replaceAll(/[{}]/g, ''))).toEqual({ size: null });
  expect(inOneLine('two\n  lines\r\nthree')).toBe('two lines three');
});

it('knows what is in a suite', () => {
  expect(['a', 'a/b', 'ab', 'b/a'].map((name) => isWithin(name, 'a'))).toEqual([true, true, false, false]);
  expect(isWithin('a', '')).toBe(true);
});
