import fc from 'fast-check';
import { expect, test } from 'vitest';
import { importNames } from '../../../../src/core/formats/readers/import-names.js';
import { readPast } from '../../../../src/core/formats/readers/past.js';
import { isTime } from '../../../../src/core/results/time.js';

const length = 60_000;
const many = (text: string): string => text.repeat(Math.ceil(length / text.length));
const list = (each: (index: number) => unknown): unknown[] => Array.from({ length: length / 60 }, (_, at) => each(at));
const csv = 'at,budget,metric,value\n';
const range = (text: string): string => JSON.stringify([{ name: 'a', value: 1, unit: 'x', range: text }]);

/** What took a reader hours, as the square of its length, and what overflowed its stack. */
const junk: Readonly<Record<string, string>> = {
  'open lists': many('['),
  'open lists, one a line': many('[\n'),
  'open objects': many('{"a":'),
  'lists in lists': '['.repeat(length / 2) + ']'.repeat(length / 2),
  'objects in objects': `${'{"a":'.repeat(length / 6)}NaN${'}'.repeat(length / 6)}`,
  'a string that never ends': `{"a": NaN, "${many('\\"')}`,
  'a string in lines': `NaN${many('"\\\n')}`,
  'a range of spaces': range(`1${many(' ')}x`),
  'a range that begins with spaces': range(`${many(' ')}x`),
  'a line of Go of spaces': `BenchmarkA 1 ${many(' ')}\u2028x`,
  'a benchmark of Go, often': many('BenchmarkA 1 2 ns/op\n'),
  'a line of Go with many figures': `BenchmarkA 1 ${many('1 ns/op ')}`,
  'benchmarks of Go': list((at) => `BenchmarkA${at} 1 2 ns/op`).join('\n'),
  'a cell that never ends': `${csv}2026-01-01,"${many('a""')}`,
  'figures of one budget': csv + list((at) => `2026-01-01,steady,m${at},1`).join('\n'),
  'tests of pytest': JSON.stringify({
    machine_info: {},
    benchmarks: list((at) => ({ name: `a${at}`, fullname: 'b', stats: { mean: 1, rounds: 1 } })),
  }),
  'a benchmark of Google, often': JSON.stringify({
    context: {},
    benchmarks: list(() => ({ name: 'a', real_time: 0, time_unit: 'ns', counter: 1 })),
  }),
  'figures in a store': `window.BENCHMARK_DATA = ${JSON.stringify({
    entries: {
      a: [
        {
          commit: { id: 'x' },
          date: 1.5,
          benches: list((at) => ({ name: 'a', value: 1, unit: 'x', extra: `budget: a\nmetric: m${at}\n` })),
        },
      ],
    },
  })}`,
};

test.each(Object.entries(junk))(
  '%s: much of it is read by every reader, and what is said of it is short',
  (_, text) => {
    for (const format of importNames) {
      const read = readPast(format, text);
      if (!read.ok) expect(read.error.length).toBeLessThan(1000);
      else for (const { at } of read.value) expect(at === null || isTime(at)).toBe(true);
    }
  },
);

test('no text makes a reader throw', () => {
  const words = fc.constantFrom(
    '{',
    '[',
    '"',
    'NaN',
    '\n',
    ',',
    ':',
    '}',
    ']',
    '\\',
    'Benchmark',
    '1',
    ' ',
    'at,budget,metric,value',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words).map((all) => all.join('')),
    fc.json(),
  );
  fc.assert(
    fc.property(fc.constantFrom(...importNames), text, (format, one) => {
      expect(readPast(format, one)).toHaveProperty('ok');
    }),
    { numRuns: 1000 },
  );
});

test.each(['2026-02-31T10:00:00Z', '2026-02-31', '2026-04-31 10:00', '2026-02-29T10:00Z', '+275760-09-13T00:00:00Z'])(
  '%s is no date',
  (date) => {
    expect(readPast('csv', `${csv}${date},a,time,1\n`)).toEqual({
      ok: false,
      error: `Line 2: "${date}" is not a date such as 2026-11-21T10:00:00Z.`,
    });
  },
);

test('a commit that is none is not kept, and neither is an end that is no number', () => {
  const read = readPast(
    'csv',
    `at,budget,metric,value,low,high,unit,commit\n2026-02-28,a,time,1,1e308,1e309,s,--all\n`,
  );
  expect(read).toEqual({
    ok: true,
    value: [
      {
        at: Date.UTC(2026, 1, 28),
        commit: null,
        benchmarks: [{ name: 'a', metrics: { time: { value: 1, unit: 's' } } }],
      },
    ],
  });
});
