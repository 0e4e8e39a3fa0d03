import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { subjectText } from '../../../src/core/language/budget.js';
import { defaultSettings, parseConfig } from '../../../src/core/config/config.js';
import { readerNames } from '../../../src/core/language/reader-names.js';

const file = '/w/perf-budget.jsonc';

/** `line:column-line:column message`, one a problem; where both ends are on one line, its number stands once. */
function problems(text: string): readonly string[] {
  return parseConfig(file, text).problems.map(({ location: { start, end }, message }) => {
    const to = end.line === start.line ? `${end.column}` : `${end.line}:${end.column}`;
    return `${start.line}:${start.column}-${to} ${message}`;
  });
}

const plainRun = {
  work: { amount: 1, counts: 'ops' },
  cycles: null,
  concurrency: 1,
  warmup: null,
  runs: null,
  timeMs: 2000,
  isolation: 'bundle',
  answers: 'any',
};

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
        answers: 'any',
      },
      regression: { low: 0.03, medium: 0.075, high: 0.15, critical: 0.2, fail: 'medium', metrics: {} },
      tolerance: 0.02,
      baseline: 'v3.0.0',
    };
    expect(parseConfig(file, text)).toEqual({
      config: {
        file,
        benchmarks: [
          {
            ...{ kind: 'files', files: 'bench/**/*.bench.ts', watch: ['data/*.bin'], location: at(4, 29, 52) },
            ...{ isolation: null, install: null, build: null },
          },
        ],
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
                nameLocation: null,
              },
              {
                text: 'p95 <= 10 us',
                metric: { kind: 'percentile', percentile: 95 },
                relation: '<=',
                bound: { kind: 'quantity', value: 10_000, unit: { symbol: 'us', dimension: 'time', scale: 1_000 } },
                level: 'limit',
                location: at(9, 17, 32),
                nameLocation: null,
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
                nameLocation: null,
              },
            ],
            ...settings,
            location: at(12, 5, 12),
          },
        ],
        defaults: {
          regression: { low: 0.03, medium: 0.075, high: 0.15, critical: 0.2, fail: 'medium', metrics: {} },
          tolerance: 0.02,
          timeMs: 500,
          baseline: 'v3.0.0',
          isolation: 'bundle',
          answers: 'any',
          warmup: null,
          runs: null,
          capture: null,
          ignore: [],
        },
      },
      problems: [],
    });
  });

  it('has how code gets ready', () => {
    const text = `{ "budgets": { "a": { "benchmark": "b" } }, "benchmarks": [
{ "files": "a", "isolation": "worktree", "install": ["npm", "ci"], "build": ["npm", "run", "build"] },
{ "files": "b", "build": ["make"] },
{ "files": "c", "isolation": "bundle" }
] }`;
    const { config, problems: found } = parseConfig(file, text);
    expect(found).toEqual([]);
    expect(config?.benchmarks).toMatchObject([
      { isolation: 'worktree', install: ['npm', 'ci'], build: ['npm', 'run', 'build'] },
      { isolation: 'worktree', install: null, build: ['make'] },
      { isolation: 'bundle', install: null, build: null },
    ]);
  });

  it('has everything that a budget may say', () => {
    const text = `{
"benchmarks": [{ "name": "scan", "command": ["mix", "run"], "reads": "benchee", "from": "./out.json", "build": ["make"], "watch": ["lib/**"] }],
"budgets": {
"parse": { "benchmark": "parser/{size}", "work": "12,000 lines", "cycles": 100, "concurrency": 8, "warmup": 0, "runs": 5,
  "time": "8 s", "isolation": "worktree", "answers": "any", "tolerance": "2%", "baseline": "v3.0.0",
  "regression": { "fail": "high", "metrics": { "p99": { "medium": "12%" }, "throughput": { "fail": "critical", "critical": "100%" } } },
  "limit": ["rss <= 'cold start' * 2"] },
"cold start": { "sum": ["plugin load", "wasm load"], "work": "1 MB" },
"battery": { "manual": "%/h", "target": ["value < 1 %/h"] }
},
"defaults": { "isolation": "worktree", "answers": "same", "warmup": 3, "runs": 2, "capture": { "runs": 10, "cooldown": "5 s" }, "regression": { "metrics": { "rss": { "medium": "14%" }, "heap": {} } } }
}`;
    const { config, problems: found } = parseConfig(file, text);
    expect(found).toEqual([]);
    expect(config?.benchmarks).toEqual([
      {
        kind: 'command',
        name: 'scan',
        command: ['mix', 'run'],
        reads: 'benchee',
        from: 'out.json',
        build: ['make'],
        watch: ['lib/**'],
        location: { file, start: { line: 2, column: 45 }, end: { line: 2, column: 59 } },
      },
    ]);
    const steps = { low: 0.05, medium: 0.1, high: 0.15, critical: 0.2 };
    const rss = { ...steps, medium: 0.14, fail: 'medium' };
    const heap = { ...steps, fail: 'medium' };
    const shared = { isolation: 'worktree', answers: 'same', warmup: 3, runs: 2, timeMs: 2000 };
    const regression = { ...steps, fail: 'medium', metrics: { rss, heap } };
    expect(config?.defaults).toEqual({
      ...shared,
      regression,
      tolerance: 0,
      baseline: 'auto',
      capture: { warmup: null, runs: 10, cooldownMs: 5000, timeMs: null },
      ignore: defaultSettings.ignore,
    });
    const one = { cycles: null, concurrency: 1 };
    expect(
      config?.budgets.map(({ run, regression: own, tolerance, baseline }) => [run, own, tolerance, baseline]),
    ).toEqual([
      [
        {
          work: { amount: 12_000, counts: 'lines' },
          ...{ cycles: 100, concurrency: 8, warmup: 0, runs: 5, timeMs: 8000, isolation: 'worktree', answers: 'any' },
        },
        {
          ...steps,
          fail: 'high',
          metrics: {
            rss,
            heap,
            p99: { ...steps, medium: 0.12, fail: 'high' },
            throughput: { ...steps, critical: 1, fail: 'critical' },
          },
        },
        0.02,
        'v3.0.0',
      ],
      [{ work: { amount: 1e6, counts: 'B' }, ...one, ...shared }, regression, 0, 'auto'],
      [{ work: { amount: 1, counts: 'ops' }, ...one, ...shared }, regression, 0, 'auto'],
    ]);
    const at = (line: number, start: number, end: number) => ({
      file,
      start: { line, column: start },
      end: { line, column: end },
    });
    expect(config?.budgets.map(({ subject }) => subject)).toEqual([
      { kind: 'benchmark', name: 'parser/{size}', location: at(4, 25, 40) },
      {
        kind: 'sum',
        parts: [
          { name: 'plugin load', location: at(8, 25, 38) },
          { name: 'wasm load', location: at(8, 40, 51) },
        ],
      },
      { kind: 'manual', unit: { symbol: '%/h', dimension: 'count', scale: 1 } },
    ]);
    expect(config?.budgets.map(({ checks }) => checks.map((check) => check.text))).toEqual([
      [
        "rss <= 'cold start' * 2",
        'time <= baseline + 15%',
        'rss <= baseline + 14%',
        'p99 <= baseline + 15%',
        'throughput >= baseline / 2',
      ],
      ['time <= baseline + 10%'],
      ['value < 1 %/h'],
    ]);
    expect(config?.budgets[0]?.checks.map(({ nameLocation }) => nameLocation)).toEqual([
      at(7, 21, 33),
      ...[null, null, null, null],
    ]);
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
    const expected = ['2:44-48 "p95 <= 3 MB": p95 is a time, but 3 MB is a size.'];
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
    expect(problems(readFileSync(path.resolve(import.meta.dirname, '../../..', name), 'utf8'))).toEqual([]);
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

  it('is no lack of bench files where all figures are recorded by hand', () => {
    const budgets = '"budgets": { "battery": { "manual": "%/h", "limit": ["value < 1 %/h"] } }';
    expect(problems(`{ ${budgets} }`)).toEqual([]);
    expect(problems(`{ "benchmarks": [], ${budgets} }`)).toEqual([]);
  });

  it('of what the file lacks', () => {
    expect(problems('{}')).toEqual([
      '1:1-2 The file has no budgets. Add "budgets": { "parse": { "benchmark": "suite/case", "limit": ["p95 <= 10 ms"] } }.',
      '1:1-2 The file does not say where the bench files are. Add "benchmarks": [{ "files": "bench/**/*.bench.ts" }].',
    ]);
    expect(problems('{ "benchmarks": [], "budgets": {} }')).toEqual([
      '1:3-15 "benchmarks" is empty. Say where the bench files are: "benchmarks": [{ "files": "bench/**/*.bench.ts" }].',
      '1:21-30 "budgets" is empty. A budget looks like this: "budgets": { "parse": { "benchmark": "suite/case", "limit": ["p95 <= 10 ms"] } }.',
    ]);
  });

  it('with the bench files', () => {
    const formats = readerNames.join(', ');
    expect(
      problems(`{ "budgets": { "a": { "benchmark": "b" } }, "benchmarks": [
{},
{ "files": ["a", "b"] },
{ "files": "/abs/*.ts" },
{ "file": "a.ts" },
{ "files": "a.ts", "watch": "b" },
{ "name": "scan", "command": ["x"], "reads": "benchee", "from": "y" },
{ "name": "scan", "files": "c.ts" },
{ "command": [], "files": "c.ts" },
"a.ts",
{ "name": "scan", "command": ["x"], "reads": "benchie" },
{ "name": "scan", "command": ["x"], "reads": "k6" },
{ "name": "scan", "command": ["x"], "from": "y" },
{ "files": "a.ts", "isolation": "worktre", "build": [], "install": "npm ci" },
{ "files": "a.ts", "isolation": "bundle", "build": ["make"] },
{ "name": "scan", "command": ["x"], "isolation": "worktree", "install": ["make"] }
] }`),
    ).toEqual([
      '2:1-3 This entry does not say which bench files to run. Add "files": "bench/**/*.bench.ts".',
      '3:12-22 "files" must be a string in double quotes.',
      '4:12-23 "files" must be relative to the folder of this file, but /abs/*.ts is absolute.',
      '5:1-19 This entry does not say which bench files to run. Add "files": "bench/**/*.bench.ts".',
      '5:3-9 "file" is not a key here; did you mean "files"?',
      '6:29-32 "watch" must be a list: ["b"].',
      '8:3-9 "name" works only with "command".',
      '9:3-12 This command needs a name, such as "name": "scan".',
      '9:14-16 "command" is empty. Write a program and its arguments: ["mix", "run", "bench/scan.exs"].',
      '9:18-25 An entry has "files" or a "command", not both.',
      '10:1-7 An entry of "benchmarks" must be an object: { … }.',
      `11:46-55 "reads" must be one of ${formats}; did you mean "benchee"?`,
      `12:46-50 "reads" must be one of ${formats}.`,
      '13:37-43 "from" needs "reads", the format of that file.',
      '14:33-42 "isolation" must be one of bundle, worktree; did you mean "worktree"?',
      '14:53-55 "build" is empty. Write a program and its arguments: ["npm", "run", "build"].',
      '14:68-76 "install" must be a list of a program and its arguments: ["npm", "ci"].',
      '15:33-41 "build" works only with "isolation": "worktree".',
      '16:37-48 "isolation" works only with "files".',
      '16:62-71 "install" works only with "files".',
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
      '2:23-24 "benchmark" must be a string in double quotes.',
      '3:1-7 "none" does not say which benchmark it is for. Add "benchmark": "suite/case".',
      '4:9-22 A budget must be an object: { … }.',
      '5:1-3 A budget needs a name.',
      '6:48-52 "p95 <= 3 MB": p95 is a time, but 3 MB is a size.',
      '6:70-71 A check must be a string, such as "p95 <= 10 ms".',
      '6:74-75 A check is missing, such as p95 <= 10 ms.',
      '6:92-105 "acceptable" must be a list: ["mean <= 1 s"].',
      '7:29-37 "limits" is not a key here; did you mean "limit"?',
      '7:43-51 "wibble" is not a key here. A budget can have benchmark, sum, manual, code, target, acceptable, limit, work, cycles, concurrency, isolation, answers, warmup, runs, time, regression, tolerance, baseline, waived, tags.',
      '8:1-8 "mixed" is already on line 6; this one is ignored.',
      '9:37-41 "code" must be a file and a function: "src/registry.ts#Registry.lookup".',
      '10:38-51 Write "code" with / on every system.',
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

  it('with a check stands on what does not fit its budget', () => {
    const text =
      withBudgets(`"total": { "sum": ["a", "b"], "limit": ["time <= 2 s", "p95 <= 2 s", "throughput > 1 ops/s", "lost = 0"] },
"battery": { "manual": "%/h", "limit": ["value < 1 %/h", "value < 1", "time <= 1 s", "value <= baseline"], "code": "a.ts" },
"steps": { "manual": "", "cycles": 3, "time": "1 s", "limit": ["value <= 3", "value <= 3 MB"] },
"parse": { "benchmark": "b", "work": "12000 lines", "limit": ["throughput > 10,000 lines/s", "throughput > 1 line/s", "throughput > 5 ops/s", "throughput > 1 MB/s"] },
"lines": { "benchmark": "b", "limit": ["throughput > 10,000 lines/s", "throughput > 1 MB/s", "value < 3"] },
"index": { "benchmark": "index/{n}", "limit": ["time <= O(n)"] },
"index 2": { "benchmark": "index/10", "limit": ["time <= O(n)"] }`);
    expect(problems(text)).toEqual([
      '2:57-60 "p95 <= 2 s": p95 cannot be added up; time, mean, sizes and counts can.',
      '2:71-81 "throughput > 1 ops/s": throughput cannot be added up; time, mean, sizes and counts can.',
      '3:67-68 "value < 1": this budget is recorded in %/h.',
      '3:72-76 "time <= 1 s": a budget recorded by hand has no time: write value.',
      '4:26-34 "cycles" does not apply to a value recorded by hand.',
      '4:39-45 "time" does not apply to a value recorded by hand.',
      '4:88-92 "value <= 3 MB": this budget is recorded without a unit.',
      `5:110-116 "throughput > 1 line/s": the budget counts its work in lines, not in line; did you mean lines/s?`,
      `5:157-163 "throughput > 1 MB/s": the budget counts its work in lines, not in B: write lines/s or ops/s.`,
      '6:54-68 "throughput > 10,000 lines/s": the budget does not say how many lines one iteration processes. Add "work": "1000 lines", or write the bound in ops/s.',
      '6:85-91 "throughput > 1 MB/s": the budget does not say how many bytes one iteration processes. Add "work": "1 MB", or write the bound in ops/s.',
      '6:95-100 "value < 3": value is only for budgets with "manual", recorded by hand.',
      '8:58-62 "time <= O(n)": the name of the benchmark has no placeholder for the size, as in "index/{n}".',
    ]);
    expect(
      parseConfig(file, text).config?.budgets.map(({ name, checks }) => [name, ...checks.map((check) => check.text)]),
    ).toEqual([
      ['total', 'time <= 2 s', 'lost = 0', 'time <= baseline + 10%'],
      ['battery', 'value < 1 %/h', 'value <= baseline'],
      ['steps', 'value <= 3'],
      ['parse', 'throughput > 10,000 lines/s', 'throughput > 5 ops/s', 'time <= baseline + 10%'],
      ['lines', 'time <= baseline + 10%'],
      ['index', 'time <= O(n)', 'time <= baseline + 10%'],
      ['index 2', 'time <= baseline + 10%'],
    ]);
  });

  it('has waivers, with a last day and a reason', () => {
    const waived = { until: '2027-01-31', reason: 'the new parser' };
    const text =
      withBudgets(`"a": { "benchmark": "b", "waived": { "until": " 2027-01-31", "reason": "the new parser" } },
"b": { "benchmark": "b", "waived": { "until": "2027-02-31", "reason": "x" } },
"c": { "benchmark": "b", "waived": { "until": "soon", "reason": "x" } },
"d": { "benchmark": "b", "waived": { "until": "2027-01-31" } },
"e": { "benchmark": "b", "waived": { "reason": "" } },
"f": { "benchmark": "b", "waived": "2027-01-31" },
"g": { "benchmark": "b", "waived": { "til": "2027-01-31", "until": "2027-01-31", "reason": "x" } }`);
    expect(parseConfig(file, text).config?.budgets.map((budget) => [budget.name, budget.waived])).toEqual([
      ['a', waived],
      ...['b', 'c', 'd', 'e', 'f'].map((name) => [name, undefined]),
      ['g', { until: '2027-01-31', reason: 'x' }],
    ]);
    expect(problems(text)).toEqual([
      '3:47-59 "until" must be the last day of the waiver, such as "2027-01-31".',
      '4:47-53 "until" must be the last day of the waiver, such as "2027-01-31".',
      '5:26-34 A waiver needs "reason": "the new parser lands in March".',
      '6:26-34 A waiver needs "until": "2027-01-31".',
      '6:48-50 "reason" is empty.',
      '7:36-48 "waived" must be an object: { … }.',
      '8:38-43 "til" is not a key here. "waived" can have until, reason.',
    ]);
  });

  it('has tags, each once', () => {
    const text = withBudgets(`"a": { "benchmark": "b", "tags": ["hot", " start up "] },
"b": { "benchmark": "b", "tags": [] },
"c": { "benchmark": "b", "tags": "hot" },
"d": { "benchmark": "b", "tags": ["hot", 1, "", "hot", "parser"] }`);
    expect(parseConfig(file, text).config?.budgets.map((budget) => [budget.name, budget.tags])).toEqual([
      ['a', ['hot', 'start up']],
      ['b', undefined],
      ['c', undefined],
      ['d', ['hot', 'parser']],
    ]);
    expect(problems(text)).toEqual([
      '4:34-39 "tags" must be a list: ["hot"].',
      '5:42-43 Each entry of "tags" must be a string in double quotes.',
      '5:45-47 Each entry of "tags" is empty.',
      '5:49-54 "hot" is already a tag of this budget; this one is ignored.',
    ]);
  });

  it('with how a budget is run leaves the rest of it', () => {
    const text =
      withBudgets(`"a": { "benchmark": "b", "work": "12000", "cycles": 0, "concurrency": 1.5, "warmup": -1, "runs": "3" },
"b": { "benchmark": "b", "work": "3 ms", "isolation": "worktre", "time": "0 s", "tolerance": "5", "baseline": "" },
"c": { "benchmark": "b", "work": "12000 log lines", "regression": { "medium": "25%" } },
"d": { "benchmark": "b", "regression": { "metrics": { "p99": { "medium": "30%" }, "tiem": {}, "value": {}, "cpu": { "metrics": {} } } } },
"e": { "benchmark": "b", "work": "0 lines", "isolation": "docker", "answers": "equal" }`);
    expect(problems(text)).toEqual([
      '2:34-41 "work" must be an amount, such as "12000 lines" or "1 MB".',
      '2:53-54 "cycles" must be a whole number, 1 or more.',
      '2:71-74 "concurrency" must be a whole number, 1 or more.',
      '2:86-88 "warmup" must be a whole number, 0 or more.',
      '2:98-101 "runs" must be a whole number, 1 or more.',
      '3:34-40 "work" must be an amount, such as "12000 lines" or "1 MB".',
      '3:55-64 "isolation" must be one of bundle, worktree; did you mean "worktree"?',
      '3:74-79 "time" must be a time above zero, such as "2 s".',
      '3:94-97 "tolerance" must be a percentage, such as "10%".',
      '3:111-113 "baseline" is empty.',
      '4:34-51 "work" must be an amount, such as "12000 lines" or "1 MB".',
      '4:79-84 The thresholds must rise, but "high" is below "medium". The defaults are used instead.',
      '5:74-79 The thresholds must rise, but "high" is below "medium". The defaults are used instead.',
      '5:84-88 tiem is not a metric; did you mean time?',
      '5:95-102 Perf Budget cannot know whether a lower or a higher "value" is better. Use a check instead.',
      '5:117-126 "metrics" is not a key here. "cpu" can have low, medium, high, critical, fail.',
      '6:34-43 "work" must be an amount, such as "12000 lines" or "1 MB".',
      '6:58-66 "isolation" must be one of bundle, worktree.',
      '6:79-86 "answers" must be one of any, same.',
    ]);
    const { config } = parseConfig(file, text);
    expect(config?.budgets.map(({ run }) => run)).toEqual(config?.budgets.map(() => plainRun));
  });

  it('with its subject', () => {
    const text = withBudgets(`"both": { "sum": ["a", "b"], "benchmark": "c" },
"one": { "sum": ["a"] },
"none": { "sum": [] },
"twice": { "sum": ["a", "b", "a", 3, ""] },
"text": { "sum": "a" },
"unit": { "manual": 3 },
"phrase": { "manual": "percent an hour" }`);
    expect(problems(text)).toEqual([
      '2:11-16 A budget can have only one of "benchmark", "sum" and "manual": "sum" is ignored.',
      '3:17-22 A sum needs at least two parts: ["plugin load", "storage init"].',
      '4:18-20 A sum needs at least two parts: ["plugin load", "storage init"].',
      '5:30-33 "a" is already part of the sum; this one is ignored.',
      '5:35-36 Each entry of "sum" must be a string in double quotes.',
      '5:38-40 Each entry of "sum" is empty.',
      '6:18-21 "sum" must be a list: ["a"].',
      '7:21-22 "manual" must be a string in double quotes.',
      '8:23-40 "manual" must be a unit, such as "%/h" or "MB", or "" for none.',
    ]);
    expect(parseConfig(file, text).config?.budgets.map((budget) => [budget.name, subjectText(budget)])).toEqual([
      ['both', 'c'],
      ['one', 'a'],
      ['twice', 'a + b'],
    ]);
  });

  it('with budgets that lead back to themselves', () => {
    const text = withBudgets(`"self": { "sum": ["self", "x"] },
"a": { "sum": ["b", "x"] },
"b": { "sum": ["x", "c"] },
"c": { "sum": ["a", "self"] },
"over": { "sum": ["a", "x"] },
"fast": { "benchmark": "f", "limit": ["time <= 'slow' / 2"] },
"slow": { "benchmark": "s", "limit": ["time <=  'fast' * 3", "p95 <= 'slow'"] },
"half": { "benchmark": "h", "limit": ["time <= 'whole' / 2"] },
"whole": { "sum": ["half", "x"] }`);
    expect(problems(text)).toEqual([
      '2:19-25 "self" is part of itself. If you mean a benchmark of that name, rename the budget.',
      '5:16-19 The sum contains itself: a → b → c → a. If you mean a benchmark of that name, rename the budget.',
      `8:49-55 "time <= 'fast' * 3": the checks form a circle: fast → slow → fast; this one is ignored.`,
      `8:70-76 "p95 <= 'slow'": "slow" is compared with itself; this one is ignored.`,
    ]);
    expect(
      parseConfig(file, text).config?.budgets.map(({ name, checks }) => [name, ...checks.map((check) => check.text)]),
    ).toEqual([
      ['over', 'time <= baseline + 10%'],
      ['fast', "time <= 'slow' / 2", 'time <= baseline + 10%'],
      ['slow', 'time <= baseline + 10%'],
      ['half', "time <= 'whole' / 2", 'time <= baseline + 10%'],
      ['whole', 'time <= baseline + 10%'],
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
      '2:24-27 "low" must be a percentage, such as "10%".',
      '2:40-41 x is not a quantity such as 1.5 ms.',
      '2:52-59 "fail" must be one of low, medium, high, critical.',
      '2:61-67 "hihg" is not a key here; did you mean "high"?',
      '3:14-20 "tolerance" must be under 100%.',
      '4:9-14 "time" must be a time above zero, such as "2 s".',
      '5:13-15 "baseline" is empty.',
      '6:11-17 "ignore" must be a list: ["dist"].',
      '7:1-7 "tiem" is not a key here; did you mean "time"?',
    ]);
    expect(parseConfig(file, text).config?.defaults).toEqual(defaultSettings);
  });

  it('with the steps of the ladder', () => {
    const text = withDefaults('"regression": { "medium": "25%" }');
    expect(problems(text)).toEqual([
      '2:27-32 The thresholds must rise, but "high" is below "medium". The defaults are used instead.',
    ]);
    expect(parseConfig(file, text).config?.defaults).toEqual(defaultSettings);
  });

  it('with how a capture measures', () => {
    const text = withDefaults('"capture": { "runs": 0, "cooldown": "5", "time": "-1 s", "warm-up": 3, "warmup": 2 }');
    expect(problems(text)).toEqual([
      '2:22-23 "runs" must be a whole number, 1 or more.',
      '2:37-40 "cooldown" must be a time above zero, such as "2 s".',
      '2:50-56 "time" must be a time above zero, such as "2 s".',
      '2:58-67 "warm-up" is not a key here; did you mean "warmup"?',
    ]);
    expect(parseConfig(file, text).config?.defaults).toEqual({
      ...defaultSettings,
      capture: { warmup: 2, runs: null, cooldownMs: 0, timeMs: null },
    });
  });

  it('in a check with escapes has its place in the file', () => {
    expect(problems(withBudgets('"a": { "benchmark": "b", "limit": ["p95 \\u003c= \\"x\\" 3"] }'))).toEqual([
      '2:55-56 "p95 <= "x" 3": unexpected 3 after the bound.',
    ]);
  });
});

describe('a file that is being written', () => {
  const before =
    '{\n"benchmarks": [{ "files": "b.ts" }],\n"budgets": {\n"good": { "benchmark": "b", "limit": ["p95 <= 1 ms"] },\n';

  it.each([
    [`${before}"new`, ['good'], ['5:1-5 The closing " of this string is missing.']],
    [`${before}"new": `, ['good'], ['5:6-7 A value is missing here.']],
    [
      `${before}"new": {\n}\n}`,
      ['good'],
      [
        '5:1-6 "new" does not say which benchmark it is for. Add "benchmark": "suite/case".',
        '7:1-2 A closing } is missing.',
      ],
    ],
    [`${before}"new": { "bench`, ['good'], ['5:10-16 The closing " of this string is missing.']],
    [
      `${before}"new": { "benchmark": "c", "limit": ["p95 <= \n] },\n"last": { "benchmark": "d" } } }`,
      ['good', 'new', 'last'],
      ['5:38-46 The closing " of this string is missing.'],
    ],
    [
      `${before}"new": { "benchmark": "c" "limit": ["p95 <= 1 ms"] } } }`,
      ['good', 'new'],
      ['5:27-34 A comma is missing before this.'],
    ],
    [`${before}} } /* the end`, ['good'], ['5:5-15 The closing */ of this comment is missing.']],
    [`${before}'new': {} } }`, ['good'], ['5:1-6 This is not valid JSON. Put strings in double quotes.']],
    [`${before}} } }`, ['good'], ['5:5-6 There is text after the end of the object.']],
  ])('%j still has its good budgets', (text, names, expected) => {
    expect([parseConfig(file, text).config?.budgets.map(({ name }) => name), problems(text)]).toEqual([
      names,
      expected,
    ]);
  });

  it('is never beyond reading, wherever it ends', () => {
    const whole = readFileSync(path.resolve(import.meta.dirname, '../../fixtures/demo/perf-budget.jsonc'), 'utf8');
    for (let end = 0; end < whole.length; end += 7) expectInside(whole.slice(0, end));
  });

  it('may have ten megabytes, of whose mistakes a thousand are told', () => {
    const budgets = Array.from(
      { length: 100_000 },
      (_, index) =>
        `"budget ${index}": { "benchmark": "suite/case ${index}", "limit": ["p95 <= 1 ms", "p95 <= 3 MB"],\n"x": 1 }`,
    );
    const text = withBudgets(budgets.join(',\n'));
    expect(text.length).toBeGreaterThan(1e7);
    const { config, problems: found } = parseConfig(file, text);
    expect(config?.budgets.length).toBe(100_000);
    expect(config?.budgets.at(-1)).toMatchObject({ name: 'budget 99999', checks: [{ text: 'p95 <= 1 ms' }, {}] });
    expect([found.length, found.at(-1)?.location.start.line]).toEqual([1_000, 1_001]);
  }, 240_000);

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
