import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { paint } from '../../../src/requests/lines/paint.js';
import { table, wrapped } from '../../../src/requests/lines/table.js';
import { linesText } from '../../../src/cli/terminal/terminal.js';

beforeAll(() => vi.stubEnv('NO_COLOR', undefined).stubEnv('FORCE_COLOR', '1'));
afterAll(() => vi.unstubAllEnvs());

test('aligns columns by the width that a terminal shows', () => {
  const rows = [
    { cells: ['✗ parse', '8.1 µs', 'src/parse.ts:1'] },
    { cells: ['✓ 解析する', '120 ms', 'src/two.ts:22'] },
    { cells: ['✓ cafe\u0301', '', '👩‍👩‍👧.ts'] },
    { cells: [`${paint('red', '✗')} red`, '1 s', 'red.ts'] },
  ];
  expect(table(rows, ['left', 'right', 'left'])).toEqual([
    '✗ parse      8.1 µs   src/parse.ts:1',
    '✓ 解析する   120 ms   src/two.ts:22',
    '✓ cafe\u0301                👩‍👩‍👧.ts',
    `${paint('red', '✗')} red           1 s   red.ts`,
  ]);
});

test('the rest of a row has no part in the columns', () => {
  const rows = [
    { cells: ['! broken'], rest: 'the benchmark threw: a long story   src/broken.ts:3' },
    { cells: ['✓ a', '1 ms', 'src/a.ts:1'] },
  ];
  expect(table(rows, ['left', 'right', 'left'])).toEqual([
    '! broken   the benchmark threw: a long story   src/broken.ts:3',
    '✓ a        1 ms   src/a.ts:1',
  ]);
});

test('a column that nobody fills takes no room', () => {
  const rows = [{ cells: ['a', '', 'c'] }, { cells: ['bb', '', 'd'] }];
  expect(table(rows, ['left', 'left', 'left'])).toEqual(['a    c', 'bb   d']);
  expect(table([], ['left'])).toEqual([]);
});

test('a name that reads as a command to a build service is as wide as it is shown', () => {
  const rows = [
    { cells: ['✓ a##vso[bcd', '1 ms', 'a.ts:1'] },
    { cells: ['✓ c', '120 ms', 'c.ts:1'] },
    { cells: ['###[d', '1 s', '##x['] },
  ];
  expect(linesText(table(rows, ['left', 'right', 'left'])).split('\n')).toEqual([
    '✓ a# #vso[bcd     1 ms   a.ts:1',
    '✓ c             120 ms   c.ts:1',
    '## #[d             1 s   # #x[',
    '',
  ]);
});

test('a sentence with a command is broken where it still fits', () => {
  const lines = linesText(wrapped('a ##vso[b c', 11)).trimEnd().split('\n');
  expect(lines).toEqual(['a # #vso[b', 'c']);
});
