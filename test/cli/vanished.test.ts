import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { BudgetEntry, CheckDocument } from '../../src/core/formats/reporters/document.js';
import { commit, remove, repository, temporaryFolder, write } from '../engine/repository.js';
import { perfBudget } from './run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

const library = `export const work = (n) => { let s = 0; for (let i = 0; i < n; i++) s += Math.sqrt(i); return s; };
export const names = ['a', 'b', 'c'];
export const sum = (n) => work(n);
export const object = { before: (n) => work(n) };
`;
const files = {
  '.gitignore': '.perf-budget\n',
  'package.json': '{ "type": "module" }',
  'src/lib.js': library,
  'bench/a.js': `import { bench, describe } from 'vitest';
import { names, work } from '../src/lib.js';
describe('parser', () => { for (const name of names) bench(name, () => work(100)); });
bench('index/10', () => work(10));
bench('index/100', () => work(100));
bench('lost', () => work(100));
`,
  'bench/z.js':
    "import { bench } from 'vitest'; import { work } from '../src/lib.js'; bench('parser/z', () => work(3));\n",
  'bench/b.js': "import { bench } from 'vitest'; import { sum } from '../src/lib.js'; bench('sum', () => sum(100));\n",
  'bench/c.js':
    "import { bench } from 'vitest'; import { object } from '../src/lib.js'; bench('method', () => object.before(100));\n",
};

function project(budgets: Readonly<Record<string, object>>, defaults = {}): string {
  const root = repository(temporaryFolder());
  folders.push(root);
  const common = { baseline: 'HEAD', time: '300 ms', ...defaults };
  const config = { benchmarks: [{ files: 'bench/*.js' }], budgets, defaults: common };
  commit(root, { ...files, 'perf-budget.jsonc': JSON.stringify(config) });
  return root;
}

async function check(root: string, ...args: string[]) {
  const ended = await perfBudget(root, ['check', ...args, '--json', '-'], { isReal: true });
  const { budgets } = JSON.parse(ended.stdout) as CheckDocument;
  const found = (name: string): BudgetEntry => budgets.find((one) => one.name === name) ?? expect.fail(`no ${name}`);
  return { code: ended.code, found };
}

/** No noise reaches them, so that only what vanished decides. */
const limit = ['time <= 1 s', 'time <= baseline * 20'];
const edited = (file: keyof typeof files, ...edits: readonly (readonly [string, string])[]) => ({
  [file]: edits.reduce((text, [from, to]) => text.replaceAll(from, to), files[file]),
});

test('one that an import decides about is named, though all that are left are written', async () => {
  const root = project({ all: { benchmark: 'scan/*', limit } });
  const bench = `import { bench } from 'vitest';
import { fast } from './flags.js';
bench('scan/slow', () => { for (let i = 0; i < 1000; i++); });
if (fast) bench('scan/fast', () => { for (let i = 0; i < 1000; i++); });
`;
  commit(root, { 'bench/scan.js': bench, 'bench/flags.js': 'export const fast = true;\n' });
  write(root, { 'bench/flags.js': 'export const fast = false;\n' });
  expect((await check(root)).found('all')).toMatchObject({
    concerns: [{ kind: 'vanished', message: 'measures 1 of the 2 benchmarks that HEAD has: scan/fast is gone' }],
  });
});

test('benchmarks that were deleted, skipped or made by changed code are named', async () => {
  const root = project({
    all: { benchmark: 'parser/*', limit },
    sizes: { benchmark: 'index/{n}', limit },
    lost: { benchmark: 'lost', limit },
  });
  const before = await check(root);
  expect(before.code).toBe(0);
  expect(before.found('all').concerns).toBeUndefined();

  rmSync(path.join(root, 'bench/z.js'));
  write(root, edited('src/lib.js', ["'a', 'b', 'c'", "'a', 'c'"]));
  write(
    root,
    edited('bench/a.js', ["bench('lost'", "bench.skip('lost'"], ["bench('index/100'", "bench.todo('index/100'"]),
  );
  const after = await check(root, 'all', 'sizes');
  expect(after.found('all')).toMatchObject({
    verdict: 'warn',
    concerns: [
      { kind: 'vanished', message: 'measures 2 of the 4 benchmarks that HEAD has: parser/b and parser/z are gone' },
    ],
  });
  expect(after.found('sizes')).toMatchObject({
    verdict: 'warn',
    concerns: [{ kind: 'vanished', message: 'measures 1 of the 2 benchmarks that HEAD has: index/100 is gone' }],
  });
  expect((await check(root, 'lost')).found('lost')).toMatchObject({
    verdict: 'error',
    message: 'The benchmark "lost" no longer exists, but HEAD has it. Was it renamed, skipped or deleted?',
  });

  // Known by now, and never green under --strict.
  const config = { benchmarks: [{ files: 'bench/*.js' }], budgets: { all: { benchmark: 'parser/*', limit } } };
  write(root, { 'perf-budget.jsonc': JSON.stringify(config) });
  expect((await check(root)).code).toBe(0);
  const { code, stdout } = await perfBudget(root, ['check', '--strict'], { isReal: true });
  expect(code).toBe(1);
  expect(stdout).toContain('all: measures 2 of the 4 benchmarks that HEAD has: parser/b and parser/z are gone.');

  // The next commit has no more than the current code.
  commit(root, edited('src/lib.js', ["'a', 'b', 'c'", "'a', 'c'"]));
  const committed = await check(root);
  expect(committed.code).toBe(0);
  expect(committed.found('all').concerns).toBeUndefined();
}, 180_000);

test.each(['bundle', 'worktree'] as const)(
  'where the current bench file does not run with the old code, the old one measures it, with isolation %s',
  async (isolation) => {
    const checks = { limit: ['time <= baseline * 10'] };
    const budgets = {
      sum: { benchmark: 'sum', ...checks },
      method: { benchmark: 'method', ...checks },
      fresh: { benchmark: 'fresh', limit },
    };
    const root = project(budgets, { isolation });
    write(root, {
      ...edited(
        'src/lib.js',
        ['const sum', 'const total'],
        ['before:', 'after:'],
        ['export const names', 'export const fresh = (n) => work(n);\nexport const names'],
      ),
      ...edited('bench/b.js', ['{ sum }', '{ total }'], ['=> sum(', '=> total(']),
      ...edited('bench/c.js', ['object.before', 'object.after']),
      'bench/d.js':
        "import { bench } from 'vitest'; import { fresh } from '../src/lib.js'; bench('fresh', () => fresh(100));\n",
    });
    const { code, found } = await check(root);
    expect(code).toBe(0);
    const own = 'HEAD was measured with its own bench file, because the current one does not run there: ';
    expect(found('sum')).toMatchObject({ verdict: 'pass', note: `${own}total does not exist at HEAD` });
    expect(found('sum').comparison).not.toBeNull();
    expect(found('method')).toMatchObject({
      verdict: 'pass',
      note: `${own}the benchmark threw: object.after is not a function`,
    });
    expect(found('method').comparison).not.toBeNull();
    expect(found('fresh')).toMatchObject({ compared: 'nothing', why: 'fresh does not exist at HEAD' });
  },
  120_000,
);
