import { expect, test } from 'vitest';
import type { Cause } from '../../../src/core/results/causes.js';
import {
  causeLine,
  causeLines,
  causeShort,
  causesText,
  causeSubject,
  causeWords,
  explainCommand,
  shareWithInterval,
} from '../../../src/core/text/cause.js';
import { exampleCauses } from '../results/example-causes.js';

const [deleted, collected] = exampleCauses;

/** A function that accounts for most of a slowdown, with what it has besides. */
function cause(part: Partial<Cause> = {}): Cause {
  return {
    ...{
      kind: 'time',
      function: 'buildValues',
      file: 'src/diff.ts',
      line: 120,
      column: 5,
      text: 'delete last.previous;',
    },
    ...{ changed: true, baseline: { value: 770, unit: 'ns' }, current: { value: 4.67, unit: 'us' } },
    ...{ share: 0.97, low: 0.91, high: 1.03 },
    ...part,
  };
}

const line = (part: Partial<Cause>, all: readonly Cause[] = []): string => {
  const one = cause(part);
  return causeLine(causeWords(one, [one, ...all]));
};

test('a line for each cause, with what V8 reported below it', () => {
  const all = [...exampleCauses, cause({ function: 'b' }), cause({ function: 'c' }), cause({ function: 'd' })];
  const text = causesText({ name: 'registry lookup', causes: all, causesNote: 'They explain 31% of the difference.' });
  expect(text === null ? [] : causeLines(text)).toEqual([
    '+3.9 µs of +4.0 µs (97%): delete last.previous; in diff: buildValues (values before), src/diff.ts:120',
    '  V8: `delete` turned the object into a dictionary. Set the property to undefined instead.',
    'garbage collection +120 ns of +4.0 µs (3%): allocates 8.9 KB a call, 5.0 KB before, in encode, src/encode.ts:12',
    '+3.9 µs of +4.0 µs (97%): delete last.previous; in b, src/diff.ts:120',
    'and 2 more: perf-budget explain "registry lookup"',
    'They explain 31% of the difference.',
  ]);
  expect(causesText({ name: 'parse' })).toBeNull();
  expect(causesText({ name: 'parse', causes: [] })).toBeNull();
  expect(causesText({ name: 'parse', causes: [], causesNote: 'The time is spent waiting.' })).toEqual({
    ...{ causes: [], more: null, note: 'The time is spent waiting.' },
  });
});

test.each<[string, Partial<Cause>, string]>([
  [
    'a package',
    { package: 'lodash', function: 'merge', file: 'node_modules/lodash/merge.js', line: 20, text: '' },
    '+3.9 µs of +4.0 µs (97%) in lodash: merge, node_modules/lodash/merge.js:20',
  ],
  [
    'a function whose line is not known',
    { text: '', line: null, column: null },
    '+3.9 µs of +4.0 µs (97%) in buildValues, src/diff.ts',
  ],
  [
    'code outside of functions',
    { function: null },
    '+3.9 µs of +4.0 µs (97%): delete last.previous; outside of functions, src/diff.ts:120',
  ],
  [
    'a part of a package that has no name',
    { function: null, package: 'lodash', text: '' },
    '+3.9 µs of +4.0 µs (97%) in lodash, src/diff.ts:120',
  ],
  [
    'faster code',
    { baseline: { value: 4.67, unit: 'us' }, current: { value: 0.77, unit: 'us' } },
    '−3.9 µs of −4.0 µs (97%): delete last.previous; in buildValues, src/diff.ts:120',
  ],
  [
    'the collector, where nothing more is known',
    { kind: 'garbage collection', function: null, file: null, line: null, column: null, text: '' },
    'garbage collection +3.9 µs of +4.0 µs (97%)',
  ],
  [
    'the collector, with a place only',
    { kind: 'garbage collection' },
    'garbage collection +3.9 µs of +4.0 µs (97%) for what is allocated in buildValues, src/diff.ts:120',
  ],
  [
    'the collector, where nothing was allocated before',
    { kind: 'garbage collection', allocated: { baseline: 0, current: 72 } },
    'garbage collection +3.9 µs of +4.0 µs (97%): allocates 72 B a call, nothing before, in buildValues, src/diff.ts:120',
  ],
  [
    'memory',
    {
      kind: 'allocated',
      baseline: { value: 3674, unit: 'bytes' },
      current: { value: 10265, unit: 'bytes' },
      share: 0.94,
    },
    '+6.6 KB of +7.0 KB a call (94%): delete last.previous; in buildValues, src/diff.ts:120',
  ],
  [
    'memory that is kept',
    {
      kind: 'retained',
      ...{ baseline: { value: 0, unit: 'bytes' }, current: { value: 1.1e6, unit: 'bytes' } },
      retainer: { constructor: 'Map', path: ['Window.cache', 'Cache.entries'] },
    },
    '+1.1 MB of +1.1 MB (97%): kept by Window.cache → Cache.entries → Map, allocated in buildValues, src/diff.ts:120',
  ],
  [
    'memory that is kept at the end of a long path',
    { kind: 'retained', function: null, retainer: { constructor: 'Map', path: Array.from('abcdefghij') } },
    '+3.9 µs of +4.0 µs (97%): kept by a → b → c → … → i → j → Map, outside of functions, src/diff.ts:120',
  ],
  [
    'a line of a bundle',
    { text: `a(${'0123456789,'.repeat(1e5)})`, function: 'f'.repeat(100) },
    `+3.9 µs of +4.0 µs (97%): a(${'0123456789,'.repeat(7)}… in ${'f'.repeat(79)}…, src/diff.ts:120`,
  ],
])('the line of %s', (_, part, expected) => {
  expect(line(part)).toBe(expected);
});

test('code that became faster while all became slower offsets a part', () => {
  const faster = { baseline: { value: 640, unit: 'ns' }, current: { value: 400, unit: 'ns' } };
  expect(line({ ...faster, share: -0.06, low: -0.08, high: -0.04 }, [cause()])).toBe(
    '−240 ns (offsets 6%): delete last.previous; in buildValues, src/diff.ts:120',
  );
});

test('no more digits than the interval of the share supports', () => {
  const of = (low: number, high: number): readonly string[] => [
    line({ low, high, text: '' }),
    causeShort(cause({ low, high })),
    shareWithInterval(cause({ low, high })),
  ];
  expect(of(0.969, 0.971)).toEqual([
    '+3.9 µs of +4.0 µs (97%) in buildValues, src/diff.ts:120',
    '+3.9 µs, 97%',
    '97 ± 0.1%',
  ]);
  expect(of(0.6, 1.34)).toEqual([
    '+4 µs of +4 µs (about 100%) in buildValues, src/diff.ts:120',
    '+4 µs, about 100%',
    '100 ± 40%',
  ]);
  expect(of(0.97, 0.97)[2]).toBe('97%');
  expect(causeShort(cause({ share: 1.02, low: 0.96, high: 1.08 }))).toBe('+3.9 µs, 102%');
});

test('what V8 reported elsewhere brings its place', () => {
  const [reason] = deleted.reasons ?? [];
  if (reason === undefined) throw new Error('the example has a reason');
  expect(causeWords(cause({ reasons: [{ ...reason, line: 7 }] }), []).reasons).toEqual([
    'V8, src/diff.ts:7: `delete` turned the object into a dictionary. Set the property to undefined instead.',
  ]);
});

test('the subject of a cause', () => {
  expect([deleted, collected, cause({ text: '' }), cause({ text: '', function: null })].map(causeSubject)).toEqual([
    ...['delete last.previous;', 'garbage collection', 'buildValues', 'code outside of functions'],
  ]);
});

test('a command has a name only if every shell takes it as one', () => {
  expect(
    ['parse', 'parser/large', 'registry lookup', 'index/{files}', '$(rm -rf ~)', '-x', 'a"b', 'a; b', 'C:\\x'].map(
      explainCommand,
    ),
  ).toEqual([
    'perf-budget explain parse',
    'perf-budget explain parser/large',
    'perf-budget explain "registry lookup"',
    'perf-budget explain "index/{files}"',
    ...Array<string>(5).fill('perf-budget explain'),
  ]);
});
