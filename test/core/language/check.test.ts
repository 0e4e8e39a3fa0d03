import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCheck, parseMetric } from '../../../src/core/language/check.js';
import { isExact } from '../../../src/core/language/metric.js';
import { noUnit, unitSymbols } from '../../../src/core/language/quantity.js';
import { metricWords } from '../../../src/core/language/check-metric.js';

const p95 = { kind: 'percentile', percentile: 95 };
const reported = (name: string) => ({ kind: 'reported', name });
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
    ['cpu <= 3 us', { kind: 'cpu' }, '<=', { kind: 'quantity', value: 3_000, unit: us }],
    [
      'retained <= 36 KiB',
      { kind: 'retained' },
      '<=',
      { kind: 'quantity', value: 36_864, unit: { symbol: 'KiB', dimension: 'size', scale: 1_024 } },
    ],
    ['errors = 0', { kind: 'errors' }, '=', { kind: 'quantity', value: 0, unit: noUnit }],
    [
      'errors <= 1 %',
      { kind: 'errors' },
      '<=',
      { kind: 'quantity', value: 0.01, unit: { symbol: '%', dimension: 'share', scale: 0.01 } },
    ],
    ['crashes <= 3', { kind: 'crashes' }, '<=', { kind: 'quantity', value: 3, unit: noUnit }],
    ['crashes = baseline', { kind: 'crashes' }, '=', { kind: 'baseline', factor: 1 }],
    ['value < 1 %/h', { kind: 'value' }, '<', { kind: 'quantity', value: 1, unit: { ...noUnit, symbol: '%/h' } }],
    ['value >= -5', { kind: 'value' }, '>=', { kind: 'quantity', value: -5, unit: noUnit }],
    ['lost messages = 0', reported('lost messages'), '=', { kind: 'quantity', value: 0, unit: noUnit }],
    [
      'frames <= 3 frames',
      reported('frames'),
      '<=',
      { kind: 'quantity', value: 3, unit: { ...noUnit, symbol: 'frames' } },
    ],
    [
      'time to first paint <= 10 us',
      reported('time to first paint'),
      '<=',
      { kind: 'quantity', value: 10_000, unit: us },
    ],
    ["'tiem' <= 10 us", reported('tiem'), '<=', { kind: 'quantity', value: 10_000, unit: us }],
    ["'it''s < 3' >= baseline", reported("it's < 3"), '>=', { kind: 'baseline', factor: 1 }],
    ["time <= 'scan/elixir' / 5", { kind: 'time' }, '<=', { kind: 'reference', name: 'scan/elixir', factor: 0.2 }],
    ['p95 <= "a ""b"" {c} 🚀" + 20%', p95, '<=', { kind: 'reference', name: 'a "b" {c} 🚀', factor: 1.2 }],
    ["errors = 'a'", { kind: 'errors' }, '=', { kind: 'reference', name: 'a', factor: 1 }],
    ['time <= O(n log n)', { kind: 'time' }, '<=', { kind: 'growth', growth: 'O(n log n)' }],
    ['rss < O(1)', { kind: 'rss' }, '<', { kind: 'growth', growth: 'O(1)' }],
  ])('%s', (text, metric, relation, bound) => {
    expect(parseCheck(text)).toMatchObject({ ok: true, value: { text, metric, relation, bound } });
  });

  it('keeps its text with white space folded, but for that of names', () => {
    expect(parseCheck("  p95   <=\t'a  b' ")).toMatchObject({ ok: true, value: { text: "p95 <= 'a  b'" } });
  });
});

it.each([
  ['O(1)', ['O(1)', 'O( 1 )']],
  ['O(log n)', ['O(log n)', 'O(log(n))', 'O(LOG N)', 'O(log2 n)', 'O(lg n)', 'O(ln n)']],
  ['O(n)', ['O(n)', 'O(N)', 'O (n)']],
  ['O(n log n)', ['O(n log n)', 'O(nlogn)', 'O(n*log n)', 'O(n·log(n))', 'O(N × log₂ N)', 'O((n) (log n))']],
  ['O(n^2)', ['O(n^2)', 'O(n²)', 'O(n**2)', 'O(n * n)', 'O(n ^ 2)']],
])('reads %s in all its spellings', (growth, spellings) => {
  expect(spellings.map((spelling) => parseCheck(`time <= ${spelling}`))).toMatchObject(
    spellings.map(() => ({ ok: true, value: { bound: { kind: 'growth', growth } } })),
  );
});

it('says where the parts of a check stand', () => {
  const text = " 'a b'  <= 'c/d' / 5 ";
  const read = parseCheck(text);
  if (!read.ok) throw new Error(read.error.message);
  const { metric, relation, bound, name } = read.value.ranges;
  const slices = [metric, relation, bound, name].map((range) => range && text.slice(range.start, range.end));
  expect(slices).toEqual(["'a b'", '<=', "'c/d' / 5", "'c/d'"]);
});

it.each([
  ['p99', { ok: true, value: { kind: 'percentile', percentile: 99 } }],
  [' throughput ', { ok: true, value: { kind: 'throughput' } }],
  [
    'tiem',
    {
      ok: false,
      error: { range: { start: 0, end: 4 }, message: 'tiem is not a metric; did you mean time?', suggestion: 'time' },
    },
  ],
  ['time p95', { ok: false, error: { range: { start: 5, end: 8 }, message: 'write a single metric.' } }],
  [
    'frames',
    {
      ok: false,
      error: { range: { start: 0, end: 6 }, message: 'frames is not a metric; try time, p95 or throughput.' },
    },
  ],
])('reads %s as a metric alone', (text, expected) => {
  expect(parseMetric(text)).toEqual(expected);
});

describe('a problem with a check', () => {
  it.each([
    ['p95 <= 3 MB', '3 MB', 'p95 is a time, but 3 MB is a size.', undefined],
    ['throughput >= 3 ms', '3 ms', 'throughput is a rate, but 3 ms is a time.', undefined],
    ['p95 <= 20%', '20%', 'p95 is a time, but 20% is a percentage.', undefined],
    ['p95 <= 10', '10', 'p95 is a time, but 10 has no unit: write ns, us, ms or s.', undefined],
    ['throughput >= 600k', '600k', 'throughput is a rate, but 600k has no unit: write ops/s.', undefined],
    ['tiem <= 3 ms', 'tiem', 'tiem is not a metric; did you mean time?', 'time'],
    ['P95 <= 3 ms', 'P95', 'P95 is not a metric; did you mean p95?', 'p95'],
    ['speed 3 ms', 'speed', 'speed is not a metric; try time, p95 or throughput.', undefined],
    ['througput <= 3', 'througput', 'througput is not a metric; did you mean throughput?', 'throughput'],
    ['p95th <= 3 ms', 'p95th', 'p95th is not a metric; did you mean p95?', 'p95'],
    ['RSS <= 3 MB', 'RSS', 'RSS is not a metric; did you mean rss?', 'rss'],
    ['average <= 3 ms', 'average', 'average is not a metric; did you mean mean?', 'mean'],
    ["'time' <= 3 ms", "'time'", 'time is a built-in metric: write it without quotes.', 'time'],
    ["'' <= 3 ms", "''", 'there is no name between the quotes.', undefined],
    ["'lost <= 3", "'lost <= 3", "the closing ' of this name is missing.", undefined],
    ['lost messages 0', 'lost', 'lost is not a metric; try time, p95 or throughput.', undefined],
    ['p100 < 3 s', 'p100', 'p100 is the maximum: write max.', 'max'],
    ['p0 < 3 s', 'p0', 'p0 is the minimum: write min.', 'min'],
    ['p999 < 3 s', 'p999', 'a percentile lies between p0 and p100, but p999 does not; did you mean p99.9?', 'p99.9'],
    ['p101 < 3 s', 'p101', 'a percentile lies between p0 and p100, but p101 does not.', undefined],
    ['<= 3 ms', '<= 3 ms', 'a check begins with a metric, such as time, p95 or throughput.', undefined],
    ['p95 3 ms', '3 ms', 'write a relation after p95: <, <=, > or >=.', undefined],
    ['p95 =< 3 ms', '=<', '=< is not a relation; did you mean <=?', '<='],
    ['p95 ≤ 3 ms', '≤', '≤ is not a relation; did you mean <=?', '<='],
    ['p95 != 3 ms', '!=', '!= is not a relation: write <, <=, > or >=.', undefined],
    ['time = 3 ms', '=', 'a measured time never equals a number exactly: write <= or >=.', undefined],
    ['p95 <=', '', 'write a bound after <=, such as 10 ms.', undefined],
    ['throughput >=', '', 'write a bound after >=, such as 600k ops/s.', undefined],
    ['p95 <= 3 mss', 'mss', 'mss is not a unit; did you mean ms?', 'ms'],
    ['p95 <= 3 ms sharp', 'sharp', 'unexpected sharp after the bound.', undefined],
    ['time <= 0 ms', '0 ms', 'time is always above zero, but 0 ms is not.', undefined],
    ['time <= -3 ms', '-3 ms', 'time is always above zero, but -3 ms is not.', undefined],
    ['time <= fast', 'fast', 'fast is not a bound; try 10 ms or baseline + 10%.', undefined],
    ['time <= basline + 3%', 'basline', 'basline is not a bound; did you mean baseline?', 'baseline'],
    ['time <= baseline + 10', '10', 'baseline + needs a percentage, not 10; did you mean 10%?', '10%'],
    ['time <= baseline + 10 ms', '10 ms', 'baseline + needs a percentage, not 10 ms.', undefined],
    ['time <= baseline +', '', '+ needs a percentage, such as 10%.', undefined],
    ['time <= baseline * 20%', '20%', 'baseline * needs a number without a unit, not 20%.', undefined],
    [
      'time <= baseline - 100%',
      'baseline - 100%',
      'baseline - 100% is zero or less: a bound must be above zero.',
      undefined,
    ],
    ['time <= baseline / 0', 'baseline / 0', 'baseline / 0 is not finite: a bound must be a finite number.', undefined],
    ['time >= baseline', 'time >= baseline', 'a lower time is better: write time <= baseline.', 'time <= baseline'],
    [
      'throughput < baseline + 5%',
      'throughput < baseline + 5%',
      'a higher throughput is better: write throughput >= baseline + 5%.',
      'throughput >= baseline + 5%',
    ],
    ['errors', '', 'write a relation after errors: <, <=, =, > or >=.', undefined],
    ['errors != 0', '!=', '!= is not a relation: write <, <=, =, > or >=.', undefined],
    ['errors < 0', '<', 'the number of errors cannot be below zero: write =.', '='],
    ['errors <= -1', '-1', 'the number of errors cannot be below zero, but -1 is.', undefined],
    ['errors <= 101 %', '101 %', 'no more than 100% of the iterations can fail, but 101 % is more.', undefined],
    ['crashes <= 1 %', '1 %', 'crashes is a count, but 1 % is a percentage.', undefined],
    ['errors <= 3 ms', '3 ms', 'errors is a count, but 3 ms is a time.', undefined],
    ['errors = baseline + 10%', '=', 'no measurement equals baseline + 10% exactly: write <= or >=.', undefined],
    ['frames/s rate = 3', 'frames', 'frames is not a metric; try time, p95 or throughput.', undefined],
    ['latency = 3 ms', '=', 'a measured latency never equals a number exactly: write <= or >=.', undefined],
    ['heap <= 3 ms', '3 ms', 'heap is a size, but 3 ms is a time.', undefined],
    ['rss <= 36', '36', 'rss is a size, but 36 has no unit: write B, KB, MB or MiB.', undefined],
    ['rss <=', '', 'write a bound after <=, such as 1 MB.', undefined],
    [
      'retained <= 0 B',
      '0 B',
      'retained is never measured to the byte, so 0 B leaves no room: allow some, such as 1 KB.',
      undefined,
    ],
    ['value >=', '', 'write a bound after >=, such as 0.', undefined],
    [
      'time <= scan/elixir / 5',
      'scan/elixir',
      "scan/elixir is not a bound; did you mean 'scan/elixir'?",
      "'scan/elixir'",
    ],
    ["time <= 'scan/elixir", "'scan/elixir", "the closing ' of this name is missing.", undefined],
    ["time <= ' '", "' '", 'there is no name between the quotes.', undefined],
    ["time <= 'a' + 10", '10', "'a' + needs a percentage, not 10; did you mean 10%?", '10%'],
    ["time <= 'a' * 0", "'a' * 0", "'a' * 0 is zero or less: a bound must be above zero.", undefined],
    ["time <= 'a' 'b'", "'b'", "unexpected 'b' after the bound.", undefined],
    ['time <= O(n) * 2', '* 2', 'unexpected * 2 after the bound.', undefined],
    ['time >= O(n)', '>=', 'O(n) is an upper bound: write time <= O(n).', '<='],
    [
      'throughput <= O(n)',
      'throughput <= O(n)',
      'throughput does not grow with the size: write time <= O(n).',
      undefined,
    ],
    ['time <= o(n²)', 'o(n²)', 'o(n²) is not a supported growth; did you mean O(n^2)?', 'O(n^2)'],
    ['time <= O(files)', 'O(files)', 'O(files) is not a supported growth; did you mean O(n)?', 'O(n)'],
    [
      'time <= O(2^n)',
      'O(2^n)',
      'O(2^n) is not a supported growth: write O(1), O(log n), O(n), O(n log n) or O(n^2).',
      undefined,
    ],
    ['time <= O(n', 'O(n', 'the closing ) of O(n is missing.', undefined],
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

  it('is its length', () => {
    const text = `time <= ${' '.repeat(2_000)}3 ms`;
    expect(parseCheck(text)).toEqual({
      ok: false,
      error: {
        range: { start: 0, end: 2_012 },
        message: `"time <= ${' '.repeat(71)}…": a check must be one short line, such as p95 <= 10 ms.`,
      },
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
  "'",
  '"a""b"',
  'O(n)',
  'O(',
  'lost messages',
  '²',
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
          const { metric, bound, ranges } = read.value;
          if (bound.kind === 'baseline' || bound.kind === 'reference') expect(bound.factor).toBeGreaterThan(0);
          if (bound.kind === 'quantity' && !isExact(metric)) expect(bound.value).toBeGreaterThan(0);
          expect(0 <= ranges.metric.start && ranges.metric.end <= ranges.relation.start).toBe(true);
          expect(ranges.relation.end <= ranges.bound.start && ranges.bound.end <= text.length).toBe(true);
          // What is kept of a check says the same again.
          expect(parseCheck(read.value.text)).toMatchObject({
            ok: true,
            value: { metric, bound, text: read.value.text },
          });
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
    const whole = [
      'p99.9 <= baseline + 20%',
      'throughput >= 600k ops/s',
      "lost messages <= 'a/b' / 5",
      'rss <= O(n log n)',
    ];
    const edit = fc.tuple(fc.nat(30), fc.constantFrom('', 'x', ' ', '%', '-', '"', 'e', '9', '\u0000'));
    fc.assert(
      fc.property(fc.constantFrom(...whole), edit, (text, [at, put]) => {
        parseCheck(text.slice(0, at) + put + text.slice(at + 1));
      }),
      { numRuns: 2_000 },
    );
  });
});

it.each([
  ['limit time <= 2 ms', 'limit', 'limit'],
  ['traget  median <= 2 ms', 'traget', 'target'],
])('%s has a level, which is a list', (check, word, level) => {
  const parsed = parseCheck(check);
  expect(parsed.ok ? null : parsed.error).toEqual({
    range: { start: 0, end: word.length },
    message: `"${check.replace('  ', ' ')}": write this check without ${word}, in the list "${level}".`,
  });
});
