import { afterEach, expect, test } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { commit, git, remove, write } from '../engine/repository.js';
import { config, project, work } from './project.js';
import { perfBudget, steady } from './run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

/** With a program that is no bundler, only a check that need not look at the code can answer. */
const blind = { env: { ESBUILD_BINARY_PATH: process.execPath } };

/** A repository whose check is kept. */
async function kept(): Promise<string> {
  const root = project();
  folders.push(root);
  // A change that is as old as the start of the check might be after it.
  await sleep(30);
  expect((await perfBudget(root, ['check'])).code).toBe(0);
  return root;
}

const lines = (text: string): string => steady(text).replace(/ in TIME/, '');

test('a check of unchanged code looks at no code, and says the same', async () => {
  const root = await kept();
  const first = await perfBudget(root, ['check']);
  const second = await perfBudget(root, ['check'], blind);
  expect([second.code, second.stderr, lines(second.stdout)]).toEqual([0, '', lines(first.stdout)]);
  const json = await perfBudget(root, ['check', '--json', '-'], blind);
  const document = JSON.parse(json.stdout) as { budgets: { name: string; cached: boolean }[] };
  expect(document.budgets.map(({ name, cached }) => [name, cached])).toEqual([
    ['steady', true],
    // Only compared, with the same code, so nothing was measured.
    ['growing', false],
  ]);
  const part = async (...args: string[]): Promise<string> =>
    (await perfBudget(root, ['check', ...args], blind)).stdout
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/ in .*/, '') ?? '';
  expect(await part('steady')).toBe('1 passed');
  expect(await part('--changed', 'src/growing.ts')).toBe('1 passed');
  expect(await part('--changed', 'README.md')).toBe('No budget depends on the changed files.');
  expect(await part('s*', '--changed', 'src/growing.ts')).toBe('No budget depends on the changed files.');
  expect(await part('--shard', '1/2')).toBe('1 passed');
});

test.each<[string, (root: string) => void]>([
  ['an input', (root) => write(root, { 'src/steady.ts': work(20_001) })],
  ['a new bench file', (root) => write(root, { 'bench/new.bench.ts': '' })],
  [
    'a comment with a budget',
    (root) => write(root, { 'src/new.ts': '// @perf-budget steady: time <= 2 s\nexport function f() {}\n' }),
  ],
  ['a commit', (root) => void commit(root, { 'README.md': '# New\n' })],
  ['another branch', (root) => void git(root, 'checkout', '-q', '-b', 'other')],
  ['the budgets', (root) => write(root, { 'perf-budget.jsonc': config.replace('1 s', '2 s') })],
  ['another configuration below', (root) => write(root, { 'sub/perf-budget.jsonc': config })],
])('%s is noticed', async (_, change) => {
  const root = await kept();
  change(root);
  expect((await perfBudget(root, ['check'], blind)).code).not.toBe(0);
});

test('a configuration that an outer one ignores is left out', async () => {
  const root = project();
  folders.push(root);
  const ignoring = config.replace('"budgets"', '"defaults": { "ignore": ["examples/**"] },\n  "budgets"');
  const example = { benchmarks: [{ files: '*.bench.ts' }], budgets: { late: { benchmark: 'none' } } };
  commit(root, { 'perf-budget.jsonc': ignoring, 'examples/perf-budget.jsonc': JSON.stringify(example) });
  await sleep(30);
  expect((await perfBudget(root, ['check'])).code).toBe(0);
  const again = await perfBudget(root, ['check'], blind);
  expect([again.code, again.stderr]).toEqual([0, '']);
});

test('a failure that was measured again is not kept', async () => {
  const root = await kept();
  write(root, { 'src/growing.ts': work(60_000) });
  expect((await perfBudget(root, ['check', '--repeat-failures', '1'])).code).toBe(1);
  expect((await perfBudget(root, ['check'], blind)).code).toBe(3);
});

test('what asks for a new measurement, or for other code, is not answered from what is known', async () => {
  const root = await kept();
  for (const args of [
    ['--time', '4s'],
    ['--against', 'HEAD'],
    ['--node', process.execPath, '--time', '1s'],
  ]) {
    expect((await perfBudget(root, ['check', ...args], blind)).code).toBe(3);
  }
});
