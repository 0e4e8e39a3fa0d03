import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { subjectText } from '../../src/core/budget.js';
import { defaultSettings, parseConfig } from '../../src/core/config.js';

const file = '/w/perf-budget.jsonc';

/** `line:column-line:column message`, one a problem; where both ends are on one line, its number stands once. */
function problems(text: string): readonly string[] {
  return parseConfig(file, text).problems.map(({ location: { start, end }, message }) => {
    const to = end.line === start.line ? `${end.column}` : `${end.line}:${end.column}`;
    return `${start.line}:${start.column}-${to} ${message}`;
  });
}

const withBudgets = (budgets: string): string => `{ "benchmarks": [{ "files": "b.ts" }], "budgets": {\n${budgets}\n} }`;
const withDefaults = (defaults: string): string =>
  `{ "benchmarks": [{ "files": "b.ts" }], "budgets": { "a": { "benchmark": "b" } }, "defaults": {\n${defaults}\n} }`;

describe('a config', () => {
  it('is read whole', () => {
    const text = `{
  "$schema": "./perf-budget.schema.json",
  // comments and trailing commas are fine
  "benchmarks": [{ "files": "./bench/**/*.bench.ts", "watch": ["data/*.bin"] }],
  "budgets": {
    "lookup": {
      "benchmark": "registry/lookup",
      "code": "src/registry.ts#Registry.lookup",
      "limit": ["p95  <= 10 us"],
      "target": ["throughput >= baseline + 5%"],
    },
    "plain": { "benchmark": "parser/large", "code": "src/parser.ts" },
  },
  "defaults": {
    "regression": { "low": "3%", "medium": "7.5%", "fail": "medium" },
    "tolerance": "2%", "time": "500 ms", "baseline": "v3.0.0", "ignore": [],
  },
}
`;
    const at = (line: number, start: number, end: number) => ({
      file,
      start: { line, column: start },
      end: { line, column: end },
    });
    const settings = {
      run: {
        work: { amount: 1, counts: 'ops' },
        cycles: null,
        concurrency: 1,
        warmup: null,
        runs: null,
        timeMs: 500,
        isolation: 'bundle',
      },
      regression: { low: 0.03, medium: 0.075, high: 0.15, critical: 0.2, fail: 'medium' },
      tolerance: 0.02,
      baseline: 'v3.0.0',
    };
    expect(parseConfig(file, text)).toEqual({
      config: {
        file,
        benchmarks: [{ files: 'bench/**/*.bench.ts', watch: ['data/*.bin'], location: at(4, 29, 52) }],
        budgets: [
          {
            name: 'lookup',
            subject: { kind: 'benchmark', name: 'registry/lookup', location: at(7, 20, 37) },
            code: { file: 'src/registry.ts', symbol: 'Registry.lookup', location: at(8, 15, 48) },
            checks: [
              {
                text: 'throughput >= baseline + 5%',
                metric: { kind: 'throughput' },
                relation: '>=',
                bound: { kind: 'baseline', factor: 1.05 },
                level: 'target',
                location: at(10, 18, 47),
              },
              {
                text: 'p95 <= 10 us',
                metric: { kind: 'percentile', percentile: 95 },
                relation: '<=',
                bound: { kind: 'quantity', value: 10_000, unit: { symbol: 'us', dimension: 'time', scale: 1_000 } },
                level: 'limit',
                location: at(9, 17, 32),
              },
            ],
            ...settings,
            location: at(6, 5, 13),
          },
          {
            name: 'plain',
            subject: { kind: 'benchmark', name: 'parser/large', location: at(12, 29, 43) },
            code: { file: 'src/parser.ts', symbol: null, location: at(12, 53, 68) },
            checks: [
              {
                text: 'time <= baseline + 7.5%',
                metric: { kind: 'time' },
                relation: '<=',
                bound: { kind: 'baseline', factor: 1.075 },
                level: 'limit',
                location: null,
              },
            ],
            ...settings,
            location: at(12, 5, 12),
          },
        ],
        defaults: {
          regression: { low: 0.03, medium: 0.075, high: 0.15, critical: 0.2, fail: 'medium' },
          tolerance: 0.02,
          timeMs: 500,
          baseline: 'v3.0.0',
          ignore: [],
        },
      },
      problems: [],
    });
  });

  it('says nothing of what it leaves to the defaults', () => {
    const { config } = parseConfig(file, withBudgets('"a": { "benchmark": "b" }'));
    expect(config?.defaults).toEqual(defaultSettings);
    expect(config?.budgets[0]?.checks.map(({ text, level }) => `${level}: ${text}`)).toEqual([
      'limit: time <= baseline + 10%',
    ]);
  });

  it('has the same places with CRLF and a byte order mark', () => {
    const text = withBudgets('"a": { "benchmark": "b", "limit": ["p95 <= 3 MB"] }');
    const expected = ['2:44-48 "p95 <= 3 MB": p95 is a time, and 3 MB is a size.'];
    expect(problems(text)).toEqual(expected);
    expect(problems(`\ufeff${text.replaceAll('\n', '\r\n')}`)).toEqual(expected);
    expect(problems('\ufeff{ "budgest": {} }').at(-1)).toBe(
      '1:3-12 "budgest" is not a key here; did you mean "budgets"?',
    );
  });

  it('keeps names with slashes, quotes, braces and emoji', () => {
    const text = withBudgets('"a/{b} \\"c\\" 🚀": { "benchmark": "é/ü\\u0041" }');
    const { config, problems: found } = parseConfig(file, text);
    expect([config?.budgets.map((budget) => [budget.name, subjectText(budget)]), found]).toEqual([
      [['a/{b} "c" 🚀', 'é/üA']],
      [],
    ]);
  });

  it.each(['perf-budget.jsonc', 'test/fixtures/demo/perf-budget.jsonc'])('of ours has no problems: %s', (name) => {
    expect(problems(readFileSync(path.resolve(import.meta.dirname, '../..', name), 'utf8'))).toEqual([]);
  });
});

describe('a problem', () => {
  it('of an empty file says how to start', () => {
    const message =
      'The file is empty. To start, run "perf-budget init", or "Perf Budget: Initialize" in the editor, or write ' +
      '{ "benchmarks": [{ "files": "bench/**/*.bench.ts" }], ' +
      '"budgets": { "parse": { "benchmark": "suite/case", "limit": ["p95 <= 10 ms"] } } }.';
    expect(parseConfig(file, '').config).toBeNull();
    expect([problems(''), problems('// soon\n')]).toEqual([[`1:1-1 ${message}`], [`1:1-2:1 ${message}`]]);
  });

  it('of a file that holds something else', () => {
    expect([parseConfig(file, '[]').config, problems('[]')]).toEqual([
      null,
      ['1:1-3 The file must be an object: { … }.'],
    ]);
  });

  it('of what the file lacks', () => {
    expect(problems('{}')).toEqual([
      '1:1-2 The file does not say where the bench files are: "benchmarks": [{ "files": "bench/**/*.bench.ts" }].',
      '1:1-2 The file has no budgets: "budgets": { "parse": { "benchmark": "suite/case", "limit": ["p95 <= 10 ms"] } }.',
    ]);
    expect(problems('{ "benchmarks": [], "budgets": {} }')).toEqual([
      '1:3-15 "benchmarks" is empty; say where the bench files are: "benchmarks": [{ "files": "bench/**/*.bench.ts" }].',
      '1:21-30 "budgets" is empty; a budget looks like this: "budgets": { "parse": { "benchmark": "suite/case", "limit": ["p95 <= 10 ms"] } }.',
    ]);
  });

  it('with the bench files', () => {
    expect(
      problems(`{ "budgets": { "a": { "benchmark": "b" } }, "benchmarks": [
{},
{ "files": ["a", "b"] },
{ "files": "/abs/*.ts" },
{ "file": "a.ts" },
{ "files": "a.ts", "watch": "b" },
{ "name": "scan", "command": ["x"], "reads": "benchee", "from": "y" },
"a.ts"
] }`),
    ).toEqual([
      '2:1-3 This entry does not say which bench files: "files": "bench/**/*.bench.ts".',
      '3:12-22 "files" must be a text in double quotes.',
      '4:12-23 "files" is relative to the folder of this file, and /abs/*.ts is not.',
      '5:1-19 This entry does not say which bench files: "files": "bench/**/*.bench.ts".',
      '5:3-9 "file" is not a key here; did you mean "files"?',
      '6:29-32 "watch" must be a list: ["b"].',
      '7:3-9 "name" is not supported yet.',
      '7:19-28 "command" is not supported yet.',
      '7:37-44 "reads" is not supported yet.',
      '7:57-63 "from" is not supported yet.',
      '8:1-7 An entry of "benchmarks" must be an object: { … }.',
    ]);
  });

  it('with one budget never silences another, nor a bad check a good one', () => {
    const text = withBudgets(`"bad": { "benchmark": 3 },
"none": { "limit": ["p95 <= 1 ms"] },
"text": "p95 <= 1 ms",
"": { "benchmark": "b" },
"mixed": { "benchmark": "b", "limit": ["p95 <= 3 MB", "p99 <= 1 ms", 3, ""], "acceptable": "mean <= 1 s" },
"typo": { "benchmark": "b", "limits": [], "wibble": 1 },
"mixed": { "benchmark": "c" },
"code": { "benchmark": "b", "code": "#f" },
"slash": { "benchmark": "b", "code": "src\\\\a.ts#f" },
"good": { "benchmark": "b" }`);
    expect(problems(text)).toEqual([
      '2:23-24 "benchmark" must be a text in double quotes.',
      '3:1-7 "none" does not say which benchmark it is about: "benchmark": "suite/case".',
      '4:9-22 A budget must be an object: { … }.',
      '5:1-3 A budget needs a name.',
      '6:48-52 "p95 <= 3 MB": p95 is a time, and 3 MB is a size.',
      '6:70-71 A check is a text, such as "p95 <= 10 ms".',
      '6:74-75 A check is missing, such as p95 <= 10 ms.',
      '6:92-105 "acceptable" must be a list: ["mean <= 1 s"].',
      '7:29-37 "limits" is not a key here; did you mean "limit"?',
      '7:43-51 "wibble" is not a key here. A budget has benchmark, code, target, acceptable, limit.',
      '8:1-8 "mixed" is already on line 6; this one is ignored.',
      '9:37-41 "code" is a file and a function: "src/registry.ts#Registry.lookup".',
      '10:38-51 "code" is written with / on every system.',
    ]);
    const { config } = parseConfig(file, text);
    expect(
      config?.budgets.map((budget) => [
        budget.name,
        subjectText(budget),
        ...budget.checks.map(({ text: check }) => check),
      ]),
    ).toEqual([
      ['mixed', 'b', 'p99 <= 1 ms', 'time <= baseline + 10%'],
      ['typo', 'b', 'time <= baseline + 10%'],
      ['code', 'b', 'time <= baseline + 10%'],
      ['slash', 'b', 'time <= baseline + 10%'],
      ['good', 'b', 'time <= baseline + 10%'],
    ]);
  });

  it('with what this version does not read stands on that alone', () => {
    const text = withBudgets(`"cold start": { "sum": ["a", "b"], "limit": ["time <= 2 s"] },
"battery": { "manual": "%/h", "limit": ["value < 1 %/h"] },
"parse": { "benchmark": "b", "work": "12000 lines", "limit": ["throughput > 10,000 lines/s", "p95 <= 1 s"] },
"lines": { "benchmark": "b", "limit": ["throughput > 10,000 lines/s"] }`);
    expect(problems(text)).toEqual([
      '2:17-22 "sum" is not supported yet.',
      '3:14-22 "manual" is not supported yet.',
      '3:42-47 "value < 1 %/h": value is not supported yet.',
      '4:30-36 "work" is not supported yet.',
      '5:40-69 "throughput > 10,000 lines/s": nothing says how many lines one run is; write it in ops/s.',
    ]);
    expect(parseConfig(file, text).config?.budgets.map(({ name, checks }) => [name, checks.length])).toEqual([
      ['parse', 2],
      ['lines', 1],
    ]);
  });

  it('with the defaults leaves the others as they are', () => {
    const text = withDefaults(`"regression": { "low": "5", "medium": "x", "fail": "worst", "hihg": "1%" },
"tolerance": "100%",
"time": "0 s",
"baseline": "",
"ignore": "dist",
"tiem": "1 s"`);
    expect(problems(text)).toEqual([
      '2:24-27 "low" is a percentage, such as "10%".',
      '2:40-41 x is not a quantity such as 1.5 ms.',
      '2:52-59 "fail" is one of low, medium, high, critical.',
      '2:61-67 "hihg" is not a key here; did you mean "high"?',
      '3:14-20 "tolerance" must be under 100%, or nothing would be a bound.',
      '4:9-14 "time" is a time above zero, such as "2 s".',
      '5:13-15 "baseline" is empty.',
      '6:11-17 "ignore" must be a list: ["dist"].',
      '7:1-7 "tiem" is not a key here; did you mean "time"?',
    ]);
    expect(parseConfig(file, text).config?.defaults).toEqual(defaultSettings);
  });

  it('with the steps of the ladder', () => {
    const text = withDefaults('"regression": { "medium": "25%" }');
    expect(problems(text)).toEqual([
      '2:27-32 The steps must rise, and "high" is below "medium"; the defaults count instead.',
    ]);
    expect(parseConfig(file, text).config?.defaults).toEqual(defaultSettings);
  });

  it('in a check with escapes has its place in the file', () => {
    expect(problems(withBudgets('"a": { "benchmark": "b", "limit": ["p95 \\u003c= \\"x\\" 3"] }'))).toEqual([
      '2:49-56 "p95 <= "x" 3": a bound by another benchmark is not supported yet.',
    ]);
  });
});

describe('a file that is being written', () => {
  const before =
    '{\n"benchmarks": [{ "files": "b.ts" }],\n"budgets": {\n"good": { "benchmark": "b", "limit": ["p95 <= 1 ms"] },\n';

  it.each([
    [`${before}"new`, ['good'], ['5:1-5 This text does not end: a " is missing.']],
    [`${before}"new": `, ['good'], ['5:6-7 A value is missing here.']],
    [
      `${before}"new": {\n}\n}`,
      ['good'],
      [
        '5:1-6 "new" does not say which benchmark it is about: "benchmark": "suite/case".',
        '7:1-2 A closing } is missing.',
      ],
    ],
    [`${before}"new": { "bench`, ['good'], ['5:10-16 This text does not end: a " is missing.']],
    [
      `${before}"new": { "benchmark": "c", "limit": ["p95 <= \n] },\n"last": { "benchmark": "d" } } }`,
      ['good', 'new', 'last'],
      ['5:38-46 This text does not end: a " is missing.'],
    ],
    [
      `${before}"new": { "benchmark": "c" "limit": ["p95 <= 1 ms"] } } }`,
      ['good', 'new'],
      ['5:27-34 A comma is missing before this.'],
    ],
    [`${before}} } /* the end`, ['good'], ['5:5-15 This comment does not end: */ is missing.']],
    [`${before}'new': {} } }`, ['good'], ['5:1-6 This is not JSON; texts stand in double quotes.']],
    [`${before}} } }`, ['good'], ['5:5-6 Nothing may follow the end of the object.']],
  ])('%j still has its good budgets', (text, names, expected) => {
    expect([parseConfig(file, text).config?.budgets.map(({ name }) => name), problems(text)]).toEqual([
      names,
      expected,
    ]);
  });

  it('is never beyond reading, wherever it ends', () => {
    const whole = readFileSync(path.resolve(import.meta.dirname, '../fixtures/demo/perf-budget.jsonc'), 'utf8');
    for (let end = 0; end < whole.length; end += 7) expectInside(whole.slice(0, end));
  });

  it('is nested no deeper than the stack', () => {
    expect(problems('['.repeat(200_000))).toEqual(['1:1-2 The file is nested too deeply to be read.']);
  });
});

/** Every problem has a message and a place inside the text. */
function expectInside(text: string): void {
  const lines = text.replace(/^\ufeff/, '').split('\n');
  for (const { location, message } of parseConfig(file, text).problems) {
    expect(message).not.toBe('');
    for (const { line, column } of [location.start, location.end]) {
      expect(line).toBeLessThanOrEqual(lines.length);
      expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
    }
  }
}

it('reads any text, and any JSON under its own keys', () => {
  const words = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '//',
    '/*',
    '\r\n',
    ' ',
    '"budgets"',
    '"limit"',
    '"p95 <= 1 ms"',
    '1',
  );
  fc.assert(
    fc.property(
      fc.array(words, { maxLength: 30 }).map((parts) => parts.join('')),
      expectInside,
    ),
  );
  const key = fc.constantFrom(
    'benchmarks',
    'budgets',
    'defaults',
    'files',
    'benchmark',
    'limit',
    'code',
    'regression',
    'low',
    'time',
    'x',
  );
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      fc.jsonValue({ maxDepth: 1 }),
      fc.constantFrom('p95 <= 3 MB', '10%'),
      fc.array(tie('value'), { maxLength: 3 }),
      tie('object'),
    ),
    object: fc.dictionary(key, tie('value'), { maxKeys: 6 }),
  }));
  fc.assert(
    fc.property(json.object, fc.constantFrom(0, 2), (value, indent) =>
      expectInside(JSON.stringify(value, null, indent)),
    ),
  );
});
