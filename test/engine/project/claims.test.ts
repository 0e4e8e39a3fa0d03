import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { BudgetResult } from '../../../src/core/results/measurement.js';
import { silent } from '../../../src/engine/util/log.js';
import { openProject } from '../../../src/engine/project/open.js';
import type { Project } from '../../../src/engine/project/snapshot.js';
import { commit, git, remove, repository, temporaryFolder, write } from '../repository.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');
const opened: Project[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const project of opened.splice(0)) await project.dispose();
  folders.splice(0).forEach(remove);
});

function folder(): string {
  const root = temporaryFolder();
  folders.push(root);
  return root;
}

async function open(root: string): Promise<Project> {
  const options = { log: silent, trusted: true, nodePath: null, workerPath };
  const project = await openProject(path.join(root, 'perf-budget.jsonc'), options);
  opened.push(project);
  return project;
}

/** What a fresh process says of the one budget. */
async function checked(root: string): Promise<BudgetResult> {
  const project = await open(root);
  const { budgets } = await project.run({ causes: false });
  return budgets[0] ?? expect.fail('no result');
}

const config = JSON.stringify({
  benchmarks: [{ files: '*.bench.mjs' }],
  defaults: { time: '1 s' },
  budgets: { a: { benchmark: 'a', limit: ['time <= 10 s', 'time <= baseline * 2'] } },
});
const work = (turns: number): string =>
  `let sum = 0; for (let i = 0; i < ${turns}; i++) sum += Math.sqrt(i); return sum;`;
const bench = (head: string, body: string): string =>
  `import { bench } from 'vitest';\n${head}\nbench('a', ${body});\n`;

describe('installed packages', () => {
  const lock = (version: string): string =>
    JSON.stringify(
      { packages: { 'node_modules/dep': { version }, 'node_modules/deep': { version: '1.0.0' } } },
      null,
      2,
    );
  const dep = (version: string, turns: number) => ({
    'node_modules/dep/package.json': JSON.stringify({ name: 'dep', version, type: 'module', exports: './index.js' }),
    'node_modules/dep/index.js': `import { deep } from 'deep';\nexport const dep = () => deep(${turns});\n`,
  });
  const deep = (body: string) => ({
    'node_modules/deep/package.json': JSON.stringify({ name: 'deep', version: '1.0.0', type: 'module' }),
    'node_modules/deep/index.js': `export function deep(turns) { ${body} }\n`,
  });
  const project = (): string => {
    const root = repository(folder());
    const own = { 'perf-budget.jsonc': config, 'a.bench.mjs': bench(`import { dep } from 'dep';`, '() => dep()') };
    write(root, { ...dep('1.0.0', 2000), ...deep(work(2000)) });
    commit(root, { ...own, '.gitignore': 'node_modules\n', 'package-lock.json': lock('1.0.0') });
    return root;
  };

  test('are part of what is known: a change in one, however deep, is measured', async () => {
    const root = project();
    expect((await checked(root)).cached).toBe(false);
    expect((await checked(root)).cached).toBe(true);
    write(root, deep(`turns *= 3; ${work(6000)}`));
    expect((await checked(root)).cached).toBe(false);
    expect((await checked(root)).cached).toBe(true);
    write(root, dep('1.0.1', 2000));
    expect((await checked(root)).cached).toBe(false);
  });

  test('of another version than the baseline locks are not called the same', async () => {
    const root = project();
    write(root, { ...dep('2.0.0', 6000), 'package-lock.json': lock('2.0.0') });
    expect(await checked(root)).toMatchObject({
      verdict: 'undecided',
      compared: 'nothing',
      why: 'HEAD has dep 1.0.0, but both sides ran the installed 2.0.0.',
    });
  });
});

describe('a name that two bench files share', () => {
  const shared = (budget: string): string => {
    const root = repository(folder());
    const file = bench('', `() => { ${work(100)} }`);
    const budgets = { a: { benchmark: budget, limit: ['time <= 10 s'] } };
    const own = JSON.stringify({ benchmarks: [{ files: '*.bench.mjs' }], budgets });
    commit(root, { 'perf-budget.jsonc': own, 'a.bench.mjs': file, 'b.bench.mjs': file });
    return root;
  };

  test('means one of them with its bench file, in each check', async () => {
    const root = shared('a.bench.mjs#a');
    expect((await checked(root)).verdict).toBe('pass');
    expect((await checked(root)).verdict).toBe('pass');
  });

  test('is said to be in both, and not to be gone', async () => {
    const root = shared('a');
    expect((await checked(root)).message).toMatch(/^Both a\.bench\.mjs and b\.bench\.mjs have a benchmark "a"/);
  });
});

describe('files that code reads or starts', () => {
  const reading = (data: string) => ({
    'src/code.mjs': `import { readFileSync } from 'node:fs';
const words = readFileSync(new URL('./words.txt', import.meta.url), 'utf8').split(' ');
export const run = () => words.reduce((sum, word) => sum + Math.sqrt(word.length), 0);
`,
    'src/words.txt': data,
    'a.bench.mjs': bench(`import { run } from './src/code.mjs';`, '() => run()'),
  });
  const words = (count: number): string => Array(count).fill('word').join(' ');

  test('old code reads the old file', async () => {
    const root = repository(folder());
    commit(root, { 'perf-budget.jsonc': config, ...reading(words(1000)) });
    expect(await checked(root)).toMatchObject({ verdict: 'pass', compared: 'same code' });
    write(root, { 'other.txt': 'no benchmark reads this' });
    expect(await checked(root)).toMatchObject({ verdict: 'pass', compared: 'same code' });
    write(root, { 'src/words.txt': words(8000) });
    expect(await checked(root)).toMatchObject({ verdict: 'fail', compared: 'measured' });
    write(root, { 'src/words.txt': words(1000) });
    expect(await checked(root)).toMatchObject({ verdict: 'pass', compared: 'same code' });
  });

  test('a save of one runs the benchmark', async () => {
    const root = repository(folder());
    commit(root, { 'perf-budget.jsonc': config, ...reading(words(1000)) });
    const project = await open(root);
    await project.run({ causes: false });
    write(root, { 'src/words.txt': words(8000) });
    const { budgets } = await project.run({ causes: false, files: [path.join(root, 'src/words.txt')] });
    expect(budgets).toMatchObject([{ verdict: 'fail', compared: 'measured' }]);
  });

  test('one that the old code lacks is shared, and nothing is claimed', async () => {
    const root = repository(folder());
    const { 'src/words.txt': data, ...code } = reading(words(1000));
    commit(root, { 'perf-budget.jsonc': config, ...code });
    write(root, { 'src/words.txt': data });
    expect(await checked(root)).toMatchObject({
      verdict: 'undecided',
      compared: 'nothing',
      why: 'src/words.txt differs from HEAD, but both sides used the current version.',
    });
  });

  test('one that git does not keep is named', async () => {
    const root = repository(folder());
    const { 'src/words.txt': data, ...code } = reading(words(1000));
    commit(root, { 'perf-budget.jsonc': config, '.gitignore': 'words.txt\n', ...code });
    write(root, { 'src/words.txt': data });
    expect(await checked(root)).toMatchObject({
      verdict: 'pass',
      compared: 'same code',
      why: 'src/words.txt is not in Git, so both sides used the same copy of it.',
    });
  });

  test.each(['bundle', 'worktree'])(
    'what is read from the working directory is shared, with isolation %s',
    async (isolation) => {
      const root = repository(folder());
      const read = `import { readFileSync } from 'node:fs';\nconst data = readFileSync('data.txt', 'utf8').split(' ');`;
      const files = { 'a.bench.mjs': bench(read, '() => data.map((word) => word.length)'), 'data.txt': words(100) };
      const budgets = { a: { benchmark: 'a', isolation, limit: ['time <= 10 s', 'time <= baseline * 2'] } };
      const own = JSON.stringify({ ...(JSON.parse(config) as object), budgets });
      commit(root, { 'perf-budget.jsonc': own, ...files });
      expect(await checked(root)).toMatchObject({ compared: 'same code' });
      write(root, { 'data.txt': words(1000) });
      expect(await checked(root)).toMatchObject({
        verdict: 'undecided',
        why: 'data.txt differs from HEAD, but both sides used the current version.',
      });
    },
  );

  test('of a capture without git are known by their content', async () => {
    const root = folder();
    write(root, { 'perf-budget.jsonc': config, ...reading(words(1000)) });
    const project = await open(root);
    await project.run({ causes: false });
    expect(await project.capture({ name: 'v1', reason: 'first', automatic: false })).toMatchObject({ ok: true });
    expect((await project.run({ causes: false })).budgets).toMatchObject([{ verdict: 'pass', compared: 'same code' }]);
    write(root, { 'src/words.txt': words(8000) });
    // The figures of that time stand in for the code.
    const result = await checked(root);
    expect(result).toMatchObject({ verdict: 'fail', comparison: null });
    expect(result.note).toContain('packages or files that it uses are not known to be those of v1');
    expect(result.note).toContain('compared with the figures of v1, measured at another time');
  });

  test('of a capture without git are looked at again in one session', async () => {
    const root = folder();
    write(root, { 'perf-budget.jsonc': config, ...reading(words(1000)) });
    const project = await open(root);
    await project.run({ causes: false });
    expect(await project.capture({ name: 'v1', reason: 'first', automatic: false })).toMatchObject({ ok: true });
    expect((await project.run({ causes: false })).budgets).toMatchObject([{ compared: 'same code' }]);
    write(root, { 'src/words.txt': words(8000) });
    const files = [`${root}/src/words.txt`];
    expect((await project.run({ causes: false, files })).budgets).toMatchObject([
      { verdict: 'fail', comparison: null },
    ]);
  });

  test('old code starts the old worker, with what it imports', async () => {
    const root = repository(folder());
    const inner = (word: string) => ({ 'src/inner.mjs': `export const work = () => '${word}';\n` });
    const code = {
      'src/worker.mjs': `import { parentPort } from 'node:worker_threads';
import { work } from './inner.mjs';
parentPort.on('message', () => parentPort.postMessage(work()));
`,
      'a.bench.mjs': `import { bench } from 'vitest';
import { Worker } from 'node:worker_threads';
const worker = new Worker(new URL('./src/worker.mjs', import.meta.url));
worker.unref();
bench('a', () => new Promise((resolve) => { worker.once('message', resolve); worker.postMessage(0); }));
`,
    };
    // What it answers shows which worker was started, whatever else this machine does.
    const asked = JSON.stringify({
      benchmarks: [{ files: '*.bench.mjs' }],
      budgets: { a: { benchmark: 'a', limit: ['time <= 10 s'], answers: 'same' } },
    });
    commit(root, { 'perf-budget.jsonc': asked, ...code, ...inner('old') });
    expect(await checked(root)).toMatchObject({ verdict: 'pass', compared: 'same code' });
    write(root, inner('new'));
    const { verdict, concerns } = await checked(root);
    expect(verdict).toBe('fail');
    expect(concerns?.[0]?.message).toBe('returns a different answer than at HEAD: "new", was "old"');
  });
});

test('a clean tree is compared with itself, and the report says so', async () => {
  const root = repository(folder());
  commit(root, { 'perf-budget.jsonc': config, 'a.bench.mjs': bench('', `() => { ${work(2000)} }`) });
  const project = await open(root);
  expect(await project.run({ causes: false })).toMatchObject({
    unchanged: true,
    budgets: [{ verdict: 'pass', compared: 'same code' }],
  });
  write(root, { 'other.mjs': 'export {};\n' });
  expect(await project.run({ causes: false })).not.toHaveProperty('unchanged');
});

test('a commit makes the red of its code go away at once', async () => {
  const root = repository(folder());
  const code = (turns: number) => ({ 'code.mjs': `export function run() { ${work(turns)} }\n` });
  const own = { 'perf-budget.jsonc': config, 'a.bench.mjs': bench(`import { run } from './code.mjs';`, '() => run()') };
  commit(root, { ...own, ...code(1000) });
  write(root, code(10_000));
  const project = await open(root);
  expect((await project.run({ causes: false })).budgets).toMatchObject([{ verdict: 'fail' }]);
  git(root, 'commit', '--quiet', '--all', '--message', 'slower');
  await project.reload(true);
  expect(project.snapshot.budgets[0]?.state).toMatchObject({
    kind: 'known',
    known: { result: { verdict: 'pass', compared: 'same code', cached: true } },
  });
  // Nothing was measured, so the history has no new run.
  expect(await project.history('a', 10)).toHaveLength(1);
  git(root, 'reset', '--quiet', '--soft', 'HEAD~1');
  await project.reload();
  expect(project.snapshot.budgets[0]?.state).toMatchObject({ kind: 'known', known: { result: { verdict: 'fail' } } });
  // A commit that nobody has measured against.
  git(root, 'stash', '--quiet');
  commit(root, code(3000));
  git(root, 'checkout', '--quiet', 'stash@{0}', '--', 'code.mjs');
  await project.reload();
  expect(project.snapshot.budgets[0]?.state).toMatchObject({ kind: 'stale', cause: 'head' });
});

test('a shallow clone that lacks where its branch left is not compared with HEAD', async () => {
  const origin = repository(folder());
  const code = (turns: number) => ({ 'code.mjs': `export function run() { ${work(turns)} }\n` });
  const own = { 'perf-budget.jsonc': config, 'a.bench.mjs': bench(`import { run } from './code.mjs';`, '() => run()') };
  commit(origin, { ...own, ...code(1000) });
  git(origin, 'checkout', '--quiet', '-b', 'feature');
  commit(origin, code(10_000));
  git(origin, 'checkout', '--quiet', 'main');
  commit(origin, { 'README.md': 'on' });
  const clone = folder();
  git(clone, 'clone', '--quiet', '--depth', '1', '--no-single-branch', '--branch', 'feature', `file://${origin}`, '.');
  const project = await open(clone);
  const report = await project.run({ causes: false });
  expect(report.budgets).toMatchObject([{ compared: 'nothing', verdict: 'undecided' }]);
  expect(report.problems).toEqual([
    {
      ...{ file: 'perf-budget.jsonc', line: 1, column: 1 },
      message:
        'This clone is shallow and lacks the commit where this branch left origin/main: `git fetch --unshallow` gets it.',
    },
  ]);
  git(clone, 'fetch', '--quiet', '--unshallow');
  expect((await project.run({ causes: false })).budgets).toMatchObject([{ compared: 'measured', verdict: 'fail' }]);
});
