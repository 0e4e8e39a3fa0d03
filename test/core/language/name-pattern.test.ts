import { expect, it } from 'vitest';
import { isPattern, patternOf } from '../../../src/core/language/name-pattern.js';

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
