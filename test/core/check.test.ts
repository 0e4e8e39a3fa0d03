import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metricWords, parseCheck } from '../../src/core/check.js';
import { unitSymbols } from '../../src/core/quantity.js';

const us = { symbol: 'us', dimension: 'time', scale: 1_000 };

describe('a check', () => {
  it.each([
    ['p95 <= 10 us', { kind: 'percentile', percentile: 95 }, '<=', { kind: 'quantity', value: 10_000, unit: us }],
    ['p99.9<10us', { kind: 'percentile', percentile: 99.9 }, '<', { kind: 'quantity', value: 10_000, unit: us }],
    ['time >= 10 us', { kind: 'time' }, '>=', { kind: 'quantity', value: 10_000, unit: us }],
    [
      'throughput > 10,000 lines/s',
      { kind: 'throughput' },
      '>',
      { kind: 'quantity', value: 10_000, unit: { symbol: 'lines/s', dimension: 'rate', scale: 1 } },
    ],
    ['mean <= baseline', { kind: 'mean' }, '<=', { kind: 'baseline', factor: 1 }],
    ['median <= baseline + 20%', { kind: 'median' }, '<=', { kind: 'baseline', factor: 1.2 }],
    ['min < baseline - 10 %', { kind: 'min' }, '<', { kind: 'baseline', factor: 0.9 }],
    ['max <= baseline * 3', { kind: 'max' }, '<=', { kind: 'baseline', factor: 3 }],
    ['time <= baseline/2', { kind: 'time' }, '<=', { kind: 'baseline', factor: 0.5 }],
    ['throughput >= baseline - 10%', { kind: 'throughput' }, '>=', { kind: 'baseline', factor: 0.9 }],
    ['throughput >= baseline + 10%', { kind: 'throughput' }, '>=', { kind: 'baseline', factor: 1.1 }],
  ])('%s', (text, metric, relation, bound) => {
    expect(parseCheck(text)).toEqual({ ok: true, value: { text, metric, relation, bound } });
  });

  it('keeps its text with white space folded', () => {
    expect(parseCheck('  p95   <=\t10 us ')).toMatchObject({ ok: true, value: { text: 'p95 <= 10 us' } });
  });
});

describe('a problem with a check', () => {
  it.each([
    ['p95 <= 3 MB', '3 MB', 'p95 is a time, and 3 MB is a size.', undefined],
    ['throughput >= 3 ms', '3 ms', 'throughput is a rate, and 3 ms is a time.', undefined],
    ['p95 <= 20%', '20%', 'p95 is a time, and 20% is a percentage.', undefined],
    ['p95 <= 10', '10', 'p95 is a time, and 10 has no unit: write ns, us, ms or s.', undefined],
    ['throughput >= 600k', '600k', 'throughput is a rate, and 600k has no unit: write ops/s.', undefined],
    ['tiem <= 3 ms', 'tiem', 'tiem is not a metric; did you mean time?', 'time'],
    ['P95 <= 3 ms', 'P95', 'P95 is not a metric; did you mean p95?', 'p95'],
    ['speed <= 3 ms', 'speed', 'speed is not a metric, such as time, p95 or throughput.', undefined],
    ['p100 < 3 s', 'p100', 'p100 is the maximum: write max.', 'max'],
    ['p0 < 3 s', 'p0', 'p0 is the minimum: write min.', 'min'],
    ['p999 < 3 s', 'p999', 'a percentile lies between p0 and p100, and p999 does not; did you mean p99.9?', 'p99.9'],
    ['p101 < 3 s', 'p101', 'a percentile lies between p0 and p100, and p101 does not.', undefined],
    ['<= 3 ms', '<= 3 ms', 'a check begins with a metric, such as time, p95 or throughput.', undefined],
    ['p95 3 ms', '3 ms', 'a relation must follow p95: <, <=, > or >=.', undefined],
    ['p95 =< 3 ms', '=<', '=< is not a relation; did you mean <=?', '<='],
    ['p95 ≤ 3 ms', '≤', '≤ is not a relation; did you mean <=?', '<='],
    ['p95 != 3 ms', '!=', '!= is not a relation: write <, <=, > or >=.', undefined],
    ['time = 3 ms', '=', 'a measured time is never exactly a number: write <= or >=.', undefined],
    ['p95 <=', '', 'a bound must follow <=, such as 10 ms.', undefined],
    ['throughput >=', '', 'a bound must follow >=, such as 600k ops/s.', undefined],
    ['p95 <= 3 mss', 'mss', 'mss is not a unit; did you mean ms?', 'ms'],
    ['p95 <= 3 ms sharp', 'sharp', 'nothing may follow the bound, and sharp does.', undefined],
    ['time <= 0 ms', '0 ms', 'time is always above zero, and 0 ms is not.', undefined],
    ['time <= -3 ms', '-3 ms', 'time is always above zero, and -3 ms is not.', undefined],
    ['time <= fast', 'fast', 'fast is not a bound, such as 10 ms or baseline + 10%.', undefined],
    ['time <= basline + 3%', 'basline', 'basline is not a bound; did you mean baseline?', 'baseline'],
    ['time <= baseline + 10', '10', 'baseline + takes a percentage, and 10 is none; did you mean 10%?', '10%'],
    ['time <= baseline + 10 ms', '10 ms', 'baseline + takes a percentage, and 10 ms is none.', undefined],
    ['time <= baseline +', '', '+ takes a percentage, such as 10%.', undefined],
    ['time <= baseline * 20%', '20%', 'baseline * takes a plain number, and 20% has a unit.', undefined],
    [
      'time <= baseline - 100%',
      'baseline - 100%',
      'baseline - 100% is zero or less, which nothing can be held to.',
      undefined,
    ],
    ['time <= baseline / 0', 'baseline / 0', 'baseline / 0 is no finite bound.', undefined],
    [
      'time >= baseline',
      'time >= baseline',
      'time is better when it is lower: write time <= baseline.',
      'time <= baseline',
    ],
    [
      'throughput < baseline + 5%',
      'throughput < baseline + 5%',
      'throughput is better when it is higher: write throughput >= baseline + 5%.',
      'throughput >= baseline + 5%',
    ],
    ['retained <= 1 MB', 'retained', 'retained is not supported yet.', undefined],
    ["time <= 'scan/elixir' / 5", "'scan/elixir' / 5", 'a bound by another benchmark is not supported yet.', undefined],
    ['time <= O(n log n)', 'O(n log n)', 'a bound on growth is not supported yet.', undefined],
  ])('%s', (text, at, message, suggestion) => {
    const start = at === '' ? text.length : text.lastIndexOf(at);
    expect(parseCheck(text)).toEqual({
      ok: false,
      error: {
        range: { start, end: start + at.length },
        message: `"${text}": ${message}`,
        ...(suggestion === undefined ? {} : { suggestion }),
      },
    });
  });

  it.each(['', '   '])('is one of a missing check in %j', (text) => {
    expect(parseCheck(text)).toEqual({
      ok: false,
      error: { range: { start: 0, end: 0 }, message: 'A check is missing, such as p95 <= 10 ms.' },
    });
  });

  it('quotes no more of a long check than a line can hold', () => {
    const read = parseCheck(`time <= ${'9'.repeat(1_000)} ms`);
    expect(read.ok ? '' : read.error.message).toBe(
      `"time <= ${'9'.repeat(71)}…": ${'9'.repeat(1_000)} ms is too large.`,
    );
  });
});

const word = fc.constantFrom(
  ...metricWords,
  ...unitSymbols,
  'baseline',
  '<=',
  '>',
  '=',
  '+',
  '-',
  '*',
  '/',
  '10',
  '1.5k',
  "'a/b'",
  'O(n)',
  ' ',
);

describe('any text', () => {
  it.each<[string, fc.Arbitrary<string>]>([
    ['of arbitrary characters', fc.string({ unit: 'binary', maxLength: 60 })],
    ['of the words of the language', fc.array(word, { maxLength: 8 }).map((words) => words.join(''))],
    ['of the same words, apart', fc.array(word, { maxLength: 8 }).map((words) => words.join(' '))],
  ])('%s is a check or a problem with a range inside the text', (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        const read = parseCheck(text);
        if (read.ok) {
          const { bound } = read.value;
          if (bound.kind !== 'growth')
            expect(bound.kind === 'quantity' ? bound.value : bound.factor).toBeGreaterThan(0);
        } else {
          const { range, message } = read.error;
          expect(message).not.toBe('');
          expect(0 <= range.start && range.start <= range.end && range.end <= text.length).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('that corrects one character of a check never throws', () => {
    const edit = fc.tuple(fc.nat(30), fc.constantFrom('', 'x', ' ', '%', '-', '"', 'e', '9', '\u0000'));
    fc.assert(
      fc.property(fc.constantFrom('p99.9 <= baseline + 20%', 'throughput >= 600k ops/s'), edit, (text, [at, put]) => {
        parseCheck(text.slice(0, at) + put + text.slice(at + 1));
      }),
      { numRuns: 2_000 },
    );
  });
});
