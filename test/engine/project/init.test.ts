import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Result } from '../../../src/core/result.js';
import { Git } from '../../../src/engine/git/repository.js';
import { openBenchRunner, type OpenBenchRunner } from '../../../src/engine/project/bench-runner.js';
import { proposeConfig, writeConfig, type InitOptions, type Proposal } from '../../../src/engine/project/init.js';
import { openProject } from '../../../src/engine/project/open.js';
import { silent } from '../../../src/engine/util/log.js';
import { commit, remove, repository, temporaryFolder, write } from '../repository.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

let root: string;
let runner: OpenBenchRunner;
let controller: AbortController;
let git: Git | null = null;

beforeEach(async () => {
  root = temporaryFolder('perf budget ünit-');
  controller = new AbortController();
  runner = await openBenchRunner(root, { log: silent, nodePath: null, workerPath, signal: controller.signal });
});

afterEach(async () => {
  await runner.dispose();
  git?.dispose();
  git = null;
  remove(root);
});

const propose = (options: Partial<InitOptions> = {}): Promise<Result<Proposal, string> | null> =>
  proposeConfig(root, { runner, git, signal: controller.signal, ...options });

async function proposed(options: Partial<InitOptions> = {}): Promise<Proposal> {
  const result = await propose(options);
  return result?.ok === true ? result.value : expect.fail(JSON.stringify(result));
}

async function commitAll(files: Readonly<Record<string, string>>): Promise<void> {
  commit(repository(root), files);
  const opened = await Git.open(root);
  git = opened.ok ? opened.value : expect.fail(opened.error.message);
}

const sum = 'export const sum = (n: number) => { let s = 0; for (let i = 0; i < n; i++) s += i; return s; };\n';
const tinybench = (names: readonly string[], from = '../src/sum'): string => `
import { Bench } from 'tinybench';
import { sum } from '${from}';
const bench = new Bench();
${names.map((name) => `bench.add(${JSON.stringify(name)}, () => sum(1000));`).join('\n')}
await bench.run();
`;

test('proposes a budget for every benchmark that a change can move, and none for the others', async () => {
  await commitAll({
    '.gitignore': 'node_modules\nbuilt\n',
    'src/sum.ts': sum,
    'src/lib.js': `
      const inner = (n) => { let s = 0; for (let i = 0; i < n; i++) s += i; return s; };
      export class Adder { add(n) { return inner(n); } }
    `,
    'src/sum.test.ts': "import { test } from 'vitest'; test('no benchmark', () => {});",
    'bench/sum.bench.ts': tinybench(['small', 'large']),
    'bench/deep/loop.bench.mjs': `
      import { bench, describe } from 'vitest';
      import { Adder } from '../../src/lib.js';
      import rival from 'rival';
      const adder = new Adder();
      const cases = { ours: (n) => adder.add(n), theirs: (n) => rival(n) };
      for (const [name, fn] of Object.entries(cases)) describe(name, () => { bench('adds', () => { fn(10); }); });`,
    'src/performance/words.ts': 'export const word = /\\w+/;',
    'bench/words.bench.ts': `
      import { bench } from 'vitest';
      import { word } from '../src/performance/words';
      bench('words', () => { word.test('some words'); });`,
    'bench/helper.ts': 'export const helper = 1;',
    'packages/core/tools/plain.cjs': `
      const { Bench } = require('tinybench');
      const { sum } = require('../sum.cjs');
      const bench = new Bench();
      bench.add('plain', () => sum(10));
      bench.add('built', () => require('../../../built/lib.cjs')());
      bench.run();`,
    'packages/core/sum.cjs': 'exports.sum = (n) => n + 1;',
  });
  write(root, {
    'built/lib.cjs': 'module.exports = () => 1;',
    'node_modules/rival/index.js': 'export default (n) => n * 2;',
    'node_modules/rival/package.json': '{"name":"rival","type":"module","main":"index.js"}',
    'node_modules/other/bench/other.bench.js': "import { bench } from 'vitest'; bench('other', () => {});",
  });
  const { text, found, passedOver, notes } = await proposed();
  expect({ found, notes }).toEqual({ found: { files: 4, benchmarks: 7 }, notes: [] });
  expect(passedOver).toEqual([
    '1 benchmark reaches no code of this repository, so no change can affect it: theirs/adds',
    '1 benchmark reaches only files that git ignores, so both sides would run the same copy: built',
  ]);
  expect(text).toBe(`{
  // Where the benchmarks are.
  "benchmarks": [
    { "files": "bench/**/*.bench.{mjs,ts}" },
    { "files": "packages/core/tools/plain.cjs" },
  ],
  // Passed over: 1 benchmark reaches no code of this repository, so no change can affect it: theirs/adds.
  // Passed over: 1 benchmark reaches only files that git ignores, so both sides would run the same copy: built.

  // Every budget fails if its time grows by more than 10% over the baseline; change that with "defaults".
  // Add limits that your users would notice, such as "limit": ["time <= 5 ms"].
  "budgets": {
    "ours/adds": { "benchmark": "ours/adds", "code": "src/lib.js#Adder.add" },
    "small": { "benchmark": "small" },
    "large": { "benchmark": "large" },
    "words": { "benchmark": "words" },
    "plain": { "benchmark": "plain" },
  },
}
`);

  // Right after it, all is green, at once and without a problem.
  expect(await writeConfig(root, { text })).toMatchObject({ ok: true });
  const options = { log: silent, trusted: true, nodePath: null, workerPath };
  const project = await openProject(path.join(root, 'perf-budget.jsonc'), options);
  const { snapshot } = project;
  await project.dispose();
  expect(snapshot.problems).toEqual([]);
  const messages = snapshot.budgets.map(({ state }) => state.kind === 'known' && state.known.result.message);
  // One of them loads a file that git ignores.
  const same = 'same code as HEAD';
  expect(messages).toEqual([same, same, same, same, 'nothing seen has changed']);
});

test('finds bench files that wrap the library, and only those that it is given', async () => {
  write(root, {
    'src/sum.ts': sum,
    'benchmark/_run.mjs': `
      import { Bench } from 'tinybench';
      export async function compare(cases) {
        const bench = new Bench();
        for (const [name, fn] of Object.entries(cases)) bench.add(name, fn);
        await bench.run();
      }`,
    'benchmark/a.mjs':
      "import { compare } from './_run.mjs';\nimport { sum } from '../src/sum.ts';\nawait compare({ a: () => sum(1) });",
    'benchmark/b.mjs':
      "import { compare } from './_run.mjs';\nimport { sum } from '../src/sum.ts';\nawait compare({ b: () => sum(2) });",
    'src/deep/c.bench.ts': tinybench(['c'], '../sum'),
  });
  const all = await proposed();
  expect(all.budgets.map(({ benchmark, code }) => [benchmark, code])).toEqual([
    ['a', 'src/sum.ts#sum'],
    ['b', 'src/sum.ts#sum'],
    ['c', null],
  ]);
  const some = await proposed({ only: [`${root}/benchmark/b.mjs`, `${root}/src`] });
  expect(some.budgets.map(({ benchmark }) => benchmark)).toEqual(['b', 'c']);
  const none = await propose({ only: [`${root}/benchmark/_run.mjs`] });
  expect(none).toMatchObject({ ok: false });
});

test('writes a pattern for what changes at each load, and for many of a suite', async () => {
  write(root, {
    'src/sum.ts': sum,
    'package.json': '{ "version": "3.0.3" }',
    'bench/names.bench.ts': `
      import { bench, describe } from 'vitest';
      import { sum } from '../src/sum';
      import { version } from '../package.json';
      bench(\`emitter (v\${version})\`, () => { sum(10); });
      bench(\`at \${new Date().toISOString().slice(0, 10)}\`, () => { sum(10); });
      bench('written 1.2.3', () => { sum(10); });
      for (let i = 0; i < 12; i++) describe('suite', () => { bench('case ' + i, () => { sum(i); }); });
      for (let i = 0; i < 12; i++) for (const who of ['ours', 'theirs'])
        describe('race', () => { bench(who + ' ' + i, () => { who === 'ours' ? sum(i) : Math.hypot(i, i); }); });`,
  });
  const { budgets } = await proposed();
  expect(budgets.map(({ name, benchmark, candidates }) => [name, benchmark, candidates.length])).toEqual([
    ['suite', 'suite/*', 12],
    ['race/ours **', 'race/ours **', 12],
    ['emitter (v*)', 'emitter (v*)', 1],
    ['at *', 'at *', 1],
    ['written 1.2.3', 'written 1.2.3', 1],
  ]);
});

test('passes over what cannot be loaded or cannot run, says so in the file, and tells apart what shares a name', async () => {
  write(root, {
    'good.bench.js': "import { bench } from 'vitest';\nbench('good', () => { Math.sqrt(2); });",
    'same.bench.js': "import { bench } from 'vitest';\nbench('twice', () => { Math.sqrt(2); });",
    'same too.bench.js': "import { bench } from 'vitest';\nbench('twice', () => { Math.sqrt(2); });",
    'alone.bench.js': "import 'no-such-package';\nimport { bench } from 'vitest';",
    'broken.bench.js': "import { bench } from 'vitest';\nbench('broken', () => {",
    'throws.bench.js': "import { bench } from 'vitest';\nthrow new Error('no database');",
    'late.bench.js':
      "import { bench } from 'vitest';\nbench('late', () => { throw new Error('boom'); });\nbench('exits', () => process.exit(1));\nbench('fine', () => {});",
    'empty.bench.js': "import { bench } from 'vitest';\nvoid bench;",
    'half.bench.js':
      "import { bench, describe } from 'vitest';\ndescribe('s', () => { bench('a', () => { Math.sqrt(2); }); throw new Error('half'); });",
  });
  const { budgets, passedOver, notes, text } = await proposed();
  expect(budgets.map(({ name }) => name)).toEqual([
    'good',
    's/a',
    'fine',
    'same too.bench.js#twice',
    'same.bench.js#twice',
  ]);
  expect(passedOver).toMatchInlineSnapshot(`
    [
      "alone.bench.js does not compile: Could not resolve "no-such-package": is it installed?",
      "broken.bench.js does not compile: Unexpected end of file",
      "empty.bench.js: it has no benchmarks",
      "half.bench.js: "s" threw before it had defined all its benchmarks: half",
      "throws.bench.js: the bench file threw while loading: no database",
      "late.bench.js: late: the benchmark threw: boom",
      "late.bench.js: exits: the benchmark exited with code 1 before it was measured",
    ]
  `);
  expect(notes).toEqual(['No benchmark reaches code outside its bench file, so no change can affect one yet']);
  // No pattern that would match a file which does not load.
  expect(text).toContain(`"benchmarks": [
    { "files": "good.bench.js" },
    { "files": "half.bench.js" },
    { "files": "late.bench.js" },
    { "files": "same too.bench.js" },
    { "files": "same.bench.js" },
  ],`);
});

test('says where it looked when there are no bench files', async () => {
  write(root, { 'src/sum.ts': sum, 'bench/readme.md': 'none' });
  expect(await propose()).toEqual({
    ok: false,
    error: `No bench files for tinybench, Vitest, mitata or Benchmark.js were found in ${root}. Name them like bench/parser.bench.ts.`,
  });
});

test('says why when no benchmark can have a budget', async () => {
  write(root, { 'a.bench.js': "import { bench } from 'vitest';\nthrow new Error('no database');" });
  expect(await propose()).toEqual({
    ok: false,
    error: `No benchmark in ${root} can have a budget:\n  a.bench.js: the bench file threw while loading: no database`,
  });
});

test('an interruption keeps what was found, in an endless loop too; before anything was found there is nothing', async () => {
  const mark = path.join(root, 'called');
  const endless = `writeFileSync(${JSON.stringify(mark)}, ''); for (;;);`;
  write(root, {
    'a.bench.js': `import { writeFileSync } from 'node:fs';\nimport { bench } from 'vitest';\nbench('endless', () => { ${endless} });`,
  });
  const onProgress: InitOptions['onProgress'] = (stage) => {
    if (stage !== 'finding') return;
    const timer = setInterval(() => {
      if (!existsSync(mark)) return;
      clearInterval(timer);
      controller.abort();
    }, 20);
  };
  const { budgets, notes } = await proposed({ onProgress });
  expect(budgets.map(({ name }) => name)).toEqual(['endless']);
  expect(notes[0]).toBe('1 of 1 benchmarks were not tried, because time ran out');
  expect(await propose()).toBeNull();
});

test('does not call more than the time allows', async () => {
  write(root, { 'src/sum.ts': sum, 'bench/sum.bench.ts': tinybench(['small', 'large']) });
  let now = 0;
  const { budgets, notes } = await proposed({ tryMs: 10, now: () => (now += 100) });
  expect(budgets.map(({ name }) => name)).toEqual(['small', 'large']);
  expect(notes).toEqual(['2 of 2 benchmarks were not tried, because time ran out']);
});

test('never overwrites a file', async () => {
  const proposal = { text: '{}\n' };
  const file = `${root}/perf-budget.jsonc`;
  expect(await writeConfig(root, proposal)).toEqual({ ok: true, value: file });
  expect(await writeConfig(root, { text: 'other' })).toEqual({
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

const plain = sum.replaceAll(': number', '');

test('proposes the build of what git ignores, and then both sides are built', async () => {
  await commitAll({
    'package.json': '{ "private": true, "type": "module", "scripts": { "build": "node build.mjs" } }',
    '.gitignore': 'dist\n',
    'build.mjs': `import { cpSync } from 'node:fs';\ncpSync('src', 'dist', { recursive: true });\n`,
    'src/sum.js': plain,
    'bench/built.bench.js': tinybench(['built'], '../dist/sum.js'),
    'bench/own.bench.js': tinybench(['own'], '../src/sum.js'),
  });
  write(root, { 'dist/sum.js': plain });
  const { text, budgets } = await proposed();
  expect(text)
    .toContain(`  // Where the benchmarks are. The build makes what git ignores; old code is built in its own checkout.
  "benchmarks": [
    { "files": "bench/own.bench.js" },
    { "files": "bench/built.bench.js", "build": ["npm", "run", "build"] },
  ],`);
  expect(budgets.map(({ name }) => name)).toEqual(['built', 'own']);
  write(root, { 'perf-budget.jsonc': text });
  const options = { log: silent, trusted: true, nodePath: null, workerPath };
  const project = await openProject(`${root}/perf-budget.jsonc`, options);
  expect((await project.run({})).budgets).toMatchObject([{ compared: 'same code' }, { compared: 'same code' }]);
  write(root, { 'src/sum.js': plain.replace('s += i', 's += Math.sqrt(Math.sin(i)) + i') });
  const report = await project.run({ files: [`${root}/src/sum.js`] });
  await project.dispose();
  expect(report.budgets).toMatchObject([
    { name: 'built', verdict: 'fail', compared: 'measured' },
    { name: 'own', verdict: 'fail', compared: 'measured' },
  ]);
});
