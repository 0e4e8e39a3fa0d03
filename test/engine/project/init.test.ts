import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBenchRunner, type OpenBenchRunner } from '../../../src/engine/project/bench-runner.js';
import { proposeConfig, roundedUp, writeConfig, type Proposal } from '../../../src/engine/project/init.js';
import { silent } from '../../../src/engine/util/log.js';
import type { Result } from '../../../src/core/result.js';
import { remove, temporaryFolder, write } from '../repository.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

let root: string;
let runner: OpenBenchRunner;
let controller: AbortController;

beforeEach(async () => {
  root = temporaryFolder('perf budget ünit-');
  controller = new AbortController();
  runner = await openBenchRunner(root, { log: silent, nodePath: null, workerPath, signal: controller.signal });
});

afterEach(async () => {
  await runner.dispose();
  remove(root);
});

const propose = (): Promise<Result<Proposal, string> | null> =>
  proposeConfig(root, { runner, signal: controller.signal });

/** What was measured differs from machine to machine. */
const bounds = (text: string): string => text.replaceAll(/<= [\d.]+ (?:ns|us|ms|s)\b/g, '<= …');

const sum = 'export const sum = (n: number) => { let s = 0; for (let i = 0; i < n; i++) s += i; return s; };\n';
const tinybench = (names: readonly string[]): string => `
import { Bench } from 'tinybench';
import { sum } from '../src/sum';
const bench = new Bench();
${names.map((name) => `bench.add(${JSON.stringify(name)}, () => sum(1000));`).join('\n')}
await bench.run();
`;

test('proposes a budget for every benchmark, and a limit for the first of each file', async () => {
  write(root, {
    'src/sum.ts': sum,
    'src/sum.test.ts': "import { test } from 'vitest'; test('no benchmark', () => {});",
    'bench/sum.bench.ts': tinybench(['small', 'large']),
    'bench/deep/nested.bench.mjs': `
      import { bench, describe } from 'vitest';
      describe('nested', () => { bench('one', () => { Math.hypot(3, 4); }); bench('two', () => { Math.hypot(5, 12); }); });`,
    'bench/helper.ts': 'export const helper = 1;',
    'benchmarks/plain.cjs': `
      const { Bench } = require('tinybench');
      const bench = new Bench();
      bench.add('plain', () => Math.sqrt(2));
      bench.run();`,
    'node_modules/other/bench/other.bench.js': "import { bench } from 'vitest'; bench('other', () => {});",
  });
  const proposed = await propose();
  if (proposed?.ok !== true) throw new Error(JSON.stringify(proposed));
  expect(proposed.value.leftOut).toEqual([]);
  expect(
    proposed.value.benchmarks.map(({ file, name, limit }) => ({ file, name, limit: limit && bounds(limit) })),
  ).toEqual([
    { file: 'bench/deep/nested.bench.mjs', name: 'nested/one', limit: 'p95 <= …' },
    { file: 'bench/deep/nested.bench.mjs', name: 'nested/two', limit: null },
    { file: 'bench/sum.bench.ts', name: 'small', limit: 'p95 <= …' },
    { file: 'bench/sum.bench.ts', name: 'large', limit: null },
    { file: 'benchmarks/plain.cjs', name: 'plain', limit: 'p95 <= …' },
  ]);
  expect(bounds(proposed.value.text)).toBe(`{
  // Where the benchmarks are.
  "benchmarks": [
    { "files": "bench/**/*.bench.{mjs,ts}" },
    { "files": "benchmarks/plain.cjs" },
  ],

  // Every budget fails if its time grows by more than 10% over the baseline; change that with "defaults".
  // The limits are three times what was measured when this file was written: tighten them.
  "budgets": {
    "nested/one": { "benchmark": "nested/one", "limit": ["p95 <= …"] },
    "nested/two": { "benchmark": "nested/two" },
    "small": { "benchmark": "small", "limit": ["p95 <= …"] },
    "large": { "benchmark": "large" },
    "plain": { "benchmark": "plain", "limit": ["p95 <= …"] },
  },
}
`);
});

test('leaves out what cannot be loaded or cannot run, says so in the file, and tells apart what shares a name', async () => {
  write(root, {
    'good.bench.js': "import { bench } from 'vitest';\nbench('good', () => { Math.sqrt(2); });",
    'same.bench.js': "import { bench } from 'vitest';\nbench('twice', () => { Math.sqrt(2); });",
    'same too.bench.js': "import { bench } from 'vitest';\nbench('twice', () => { Math.sqrt(2); });",
    'alone.bench.js': "import 'no-such-package';\nimport { bench } from 'vitest';",
    'broken.bench.js': "import { bench } from 'vitest';\nbench('broken', () => {",
    'throws.bench.js': "import { bench } from 'vitest';\nthrow new Error('no database');",
    'late.bench.js': "import { bench } from 'vitest';\nbench('late', () => { throw new Error('boom'); });",
    'empty.bench.js': "import { bench } from 'vitest';\nvoid bench;",
  });
  const proposed = await propose();
  if (proposed?.ok !== true) throw new Error(JSON.stringify(proposed));
  expect(proposed.value.benchmarks.map(({ name }) => name)).toEqual([
    'good',
    'same too.bench.js#twice',
    'same.bench.js#twice',
  ]);
  expect(proposed.value.leftOut).toMatchInlineSnapshot(`
    [
      "alone.bench.js does not compile: Could not resolve "no-such-package": is it installed?",
      "broken.bench.js does not compile: Unexpected end of file",
      "empty.bench.js: it has no benchmarks",
      "throws.bench.js: the bench file threw while loading: no database",
      "late.bench.js: late: the benchmark threw: boom",
    ]
  `);
  expect(bounds(proposed.value.text)).toMatchInlineSnapshot(`
    "{
      // Where the benchmarks are.
      "benchmarks": [{ "files": "**/*.bench.js" }],
      // Left out: alone.bench.js does not compile: Could not resolve "no-such-package": is it installed?
      // Left out: broken.bench.js does not compile: Unexpected end of file.
      // Left out: empty.bench.js: it has no benchmarks.
      // Left out: throws.bench.js: the bench file threw while loading: no database.
      // Left out: late.bench.js: late: the benchmark threw: boom.

      // Every budget fails if its time grows by more than 10% over the baseline; change that with "defaults".
      // The limits are three times what was measured when this file was written: tighten them.
      "budgets": {
        "good": { "benchmark": "good", "limit": ["p95 <= …"] },
        "same too.bench.js#twice": { "benchmark": "same too.bench.js#twice", "limit": ["p95 <= …"] },
        "same.bench.js#twice": { "benchmark": "same.bench.js#twice", "limit": ["p95 <= …"] },
      },
    }
    "
  `);
});

test('says where it looked when there are no bench files', async () => {
  write(root, { 'src/sum.ts': sum, 'bench/readme.md': 'none' });
  expect(await propose()).toEqual({
    ok: false,
    error: `No bench files for tinybench, Vitest, mitata or Benchmark.js were found in ${root}. Name them like bench/parser.bench.ts.`,
  });
});

test('says why when no benchmark can be measured', async () => {
  write(root, { 'a.bench.js': "import { bench } from 'vitest';\nthrow new Error('no database');" });
  expect(await propose()).toEqual({
    ok: false,
    error: `No benchmark in ${root} could be measured:\n  a.bench.js: the bench file threw while loading: no database`,
  });
});

test('ends at once when it is interrupted, in an endless loop too', async () => {
  write(root, { 'a.bench.js': "import { bench } from 'vitest';\nbench('endless', () => { for (;;); });" });
  setTimeout(() => controller.abort(), 700);
  expect(await propose()).toBeNull();
});

test('never overwrites a file', async () => {
  const proposal = { text: '{}\n', benchmarks: [], leftOut: [] };
  const file = `${root}/perf-budget.jsonc`;
  expect(await writeConfig(root, proposal)).toEqual({ ok: true, value: file });
  expect(await writeConfig(root, { ...proposal, text: 'other' })).toEqual({
    ok: false,
    error: `${file} already exists.`,
  });
  expect(readFileSync(file, 'utf8')).toBe('{}\n');
  const gone = await writeConfig(`${root}/gone`, proposal);
  expect(gone).toEqual({
    ok: false,
    error: `${root}/gone/perf-budget.jsonc could not be written: ENOENT: no such file or directory, open '${root}/gone/perf-budget.jsonc'`,
  });
  expect(existsSync(`${root}/gone`)).toBe(false);
});

test.each([
  [0.5, '0.5 ns'],
  [3, '3 ns'],
  [99.1, '100 ns'],
  [999, '1 us'],
  [1234, '1.3 us'],
  [8_200, '8.2 us'],
  [8_201, '8.3 us'],
  [123_456_789, '130 ms'],
  [2e9, '2 s'],
])('rounds %d ns up to %s', (nanoseconds, text) => {
  expect(roundedUp(nanoseconds)).toBe(text);
});
