import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { subjectText } from '../../../src/core/language/budget.js';
import { inlineBudgets } from '../../../src/core/config/inline.js';
import { defaultSettings } from '../../../src/core/config/settings.js';

const file = '/w/src/parser.ts';

/** `name | level: check`, and `line:column-column message`. */
function read(text: string): { budgets: readonly string[]; problems: readonly string[] } {
  const { budgets, problems } = inlineBudgets(file, text, defaultSettings);
  return {
    budgets: budgets.flatMap((budget) =>
      budget.checks.map(({ level, text: check }) => `${subjectText(budget)} | ${level}: ${check}`),
    ),
    problems: problems.map(
      ({ location: { start, end }, message }) => `${start.line}:${start.column}-${end.column} ${message}`,
    ),
  };
}

const implied = 'parser/large | limit: time <= baseline + 10%';

describe('a budget in a comment', () => {
  it('is one like those of the file', () => {
    const text =
      "export const a = 1;\n/** Parses.\n * @perf-budget parser/large: target p95 <= 1 ms, time <= 'parser/b' / 5\n */\n";
    const at = (start: number, end: number) => ({
      file,
      start: { line: 3, column: start },
      end: { line: 3, column: end },
    });
    const { regression, tolerance, baseline } = defaultSettings;
    expect(inlineBudgets(file, text, defaultSettings)).toEqual({
      budgets: [
        {
          name: 'parser/large',
          subject: { kind: 'benchmark', name: 'parser/large', location: at(17, 29) },
          code: null,
          checks: [
            {
              text: 'p95 <= 1 ms',
              metric: { kind: 'percentile', percentile: 95 },
              relation: '<=',
              bound: { kind: 'quantity', value: 1e6, unit: { symbol: 'ms', dimension: 'time', scale: 1e6 } },
              level: 'target',
              location: at(38, 49),
              nameLocation: null,
            },
            {
              text: "time <= 'parser/b' / 5",
              metric: { kind: 'time' },
              relation: '<=',
              bound: { kind: 'reference', name: 'parser/b', factor: 0.2 },
              level: 'limit',
              location: at(51, 73),
              nameLocation: at(59, 69),
            },
            {
              text: 'time <= baseline + 10%',
              metric: { kind: 'time' },
              relation: '<=',
              bound: { kind: 'baseline', factor: 1.1 },
              level: 'limit',
              location: null,
              nameLocation: null,
            },
          ],
          run: {
            work: { amount: 1, counts: 'ops' },
            cycles: null,
            concurrency: 1,
            warmup: null,
            runs: null,
            timeMs: 2000,
            isolation: 'bundle',
            answers: 'any',
          },
          ...{ regression, tolerance, baseline },
          location: at(4, 73),
        },
      ],
      problems: [],
    });
  });

  it.each([
    '// @perf-budget parser/large: p95 <= 2 ms',
    '//@perf-budget   parser/large:  p95  <=  2 ms  \r\nfoo();',
    '/* @perf-budget parser/large: p95 <= 2 ms */ const a = time <= 3;',
    '/**\n * Parses.\n * @perf-budget parser/large: p95 <= 2 ms\n */\nfunction parse() {}',
    '/*\n   @perf-budget parser/large: p95 <= 2 ms\n*/',
    'parse(); // @perf-budget parser/large: p95 <= 2 ms',
    "fn f<'a>() {} // @perf-budget parser/large: p95 <= 2 ms",
    "const a = 'it\\'s', b = \"x\"; // @perf-budget parser/large: p95 <= 2 ms",
    '# @perf-budget parser/large: p95 <= 2 ms',
    'def f():\n  """Parses.\n\n  @perf-budget parser/large: p95 <= 2 ms\n  """',
    '-- @perf-budget parser/large: p95 <= 2 ms',
    '--[[ @perf-budget parser/large: p95 <= 2 ms ]]',
    '<!-- @perf-budget parser/large: p95 <= 2 ms -->',
  ])('is found in %j', (text) => {
    expect(read(text)).toEqual({ budgets: ['parser/large | limit: p95 <= 2 ms', implied], problems: [] });
  });

  it.each([
    'const a = "// @perf-budget parser/large: p95 <= 2 ms";',
    "const a = '@perf-budget parser/large: p95 <= 2 ms';",
    '@perf-budget parser/large: p95 <= 2 ms',
    '/* done */\n@perf-budget parser/large: p95 <= 2 ms',
    '"""doc"""\n@perf-budget parser/large: p95 <= 2 ms',
    '// In a comment, `@perf-budget parser/large: p95 <= 2 ms` does the same.',
    '// @perf-budgets parser/large: p95 <= 2 ms',
    '// p95 <= 2 ms',
  ])('is not %j', (text) => {
    expect(read(text)).toEqual({ budgets: [], problems: [] });
  });

  it('has any name and several checks', () => {
    expect(
      read('// @perf-budget a: b, c/d 🚀: lost messages = 0, acceptable throughput >= 10,000 ops/s,p99<=3 ms'),
    ).toEqual({
      budgets: [
        'a: b, c/d 🚀 | acceptable: throughput >= 10,000 ops/s',
        'a: b, c/d 🚀 | limit: lost messages = 0',
        'a: b, c/d 🚀 | limit: p99<=3 ms',
        'a: b, c/d 🚀 | limit: time <= baseline + 10%',
      ],
      problems: [],
    });
    expect(read("# @perf-budget a: 'x, y' <= 3, time <= 'b, c' + 10%").budgets.slice(0, 2)).toEqual([
      "a | limit: 'x, y' <= 3",
      "a | limit: time <= 'b, c' + 10%",
    ]);
  });

  it('is one with the others of its benchmark', () => {
    const text =
      '// @perf-budget a: p95 <= 2 ms\n// @perf-budget b: time <= baseline\n// @perf-budget a: target p95 <= 1 ms';
    expect(read(text)).toEqual({
      budgets: [
        'a | target: p95 <= 1 ms',
        'a | limit: p95 <= 2 ms',
        'a | limit: time <= baseline + 10%',
        'b | limit: time <= baseline',
      ],
      problems: [],
    });
  });

  it('has its problems in their places, and the rest all the same', () => {
    const text = `// @perf-budget
// @perf-budget parser/large
// @perf-budget : p95 <= 2 ms
// @perf-budget parser/large:
// @perf-budget parser/large: p95 <= 3 MB, p99 <= 1 ms, tiem <= 3 ms,
// @perf-budget parser/large: p95 2 ms
// @perf-budget parser/large: throughput > 3 lines/s, value < 3, time <= O(n), time <= 'parser/large' / 2`;
    const missing = 'A budget names a benchmark and its checks: "@perf-budget suite/case: p95 <= 2 ms".';
    expect(read(text)).toEqual({
      budgets: ['parser/large | limit: p99 <= 1 ms', implied],
      problems: [
        `1:4-16 ${missing}`,
        `2:4-29 ${missing}`,
        `3:4-30 ${missing}`,
        '4:29-30 A check is missing, such as p95 <= 10 ms.',
        '5:38-42 "p95 <= 3 MB": p95 is a time, but 3 MB is a size.',
        '5:57-61 "tiem <= 3 ms": tiem is not a metric; did you mean time?',
        '5:69-70 A check is missing, such as p95 <= 10 ms.',
        '6:35-39 "p95 2 ms": write a relation after p95: <, <=, > or >=.',
        '7:44-53 "throughput > 3 lines/s": the budget does not say how many lines one iteration processes. Add "work": "1000 lines", or write the bound in ops/s.',
        '7:55-60 "value < 3": value is only for budgets with "manual", recorded by hand.',
        '7:74-78 "time <= O(n)": the name of the benchmark has no placeholder for the size, as in "index/{n}".',
        `7:88-102 "time <= 'parser/large' / 2": "parser/large" is compared with itself.`,
      ],
    });
  });
});

it('reads the first 5,000 of a file', () => {
  const { budgets, problems } = read('// @perf-budget a: time <= baseline\n'.repeat(5_001));
  expect([budgets.length, problems]).toEqual([5_000, ['5001:4-16 Only the first 5000 budgets of a file are read.']]);
});

it('reads any text', () => {
  const words = fc.constantFrom(
    '@perf-budget',
    '//',
    '/*',
    '*/',
    '"""',
    '#',
    '\n',
    ' ',
    'a/b',
    ':',
    ': ',
    ',',
    'p95 <= 1 ms',
    "'",
    '"',
    'target',
    '1,000',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(words, fc.string({ maxLength: 3 })), { maxLength: 30 }), (parts) => {
      const text = parts.join('');
      const lines = text.split('\n');
      const { budgets, problems } = inlineBudgets(file, text, defaultSettings);
      const places = [...problems, ...budgets, ...budgets.flatMap(({ checks }) => checks)];
      for (const { location } of places) {
        if (location === null) continue;
        expect(location.start.line).toBe(location.end.line);
        expect(location.start.column).toBeLessThan(location.end.column);
        expect(location.end.column).toBeLessThanOrEqual((lines[location.end.line - 1] ?? '').length + 1);
      }
    }),
    { numRuns: 2_000 },
  );
});

describe('a misspelt level', () => {
  it.each([
    ['traget median <= 2 ms', '1:31-37 traget is not a level; did you mean target?'],
    ['p95 <= 1 ms, limt p99 <= 2 ms', '1:44-48 limt is not a level; did you mean limit?'],
    ['Target medain <= 2 ms', '1:31-37 Target is not a level; did you mean target?'],
    ['acceptible p99.9 < 2 ms', '1:31-41 acceptible is not a level; did you mean acceptable?'],
  ])('%s', (checks, problem) => {
    const text = `// @perf-budget parser/large: ${checks}`;
    expect(read(text).problems).toEqual([problem]);
    const [{ suggestion } = {}] = inlineBudgets(file, text, defaultSettings).problems;
    expect(problem).toContain(`did you mean ${suggestion ?? ''}?`);
  });

  it.each(['target hits >= 5', 'limits reached <= 3', "'traget median' <= 2 ms", 'lost messages = 0'])(
    'is none in %s',
    (check) => {
      expect(read(`// @perf-budget parser/large: ${check}`).problems).toEqual([]);
    },
  );
});
