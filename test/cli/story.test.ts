import { afterEach, expect, test } from 'vitest';
import { commit, git, remove, repository, temporaryFolder, write } from '../engine/repository.js';
import { benchFile, config, files, project, work } from './project.js';
import { checked, perfBudget, seen } from './run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

function kept(folder: string): string {
  folders.push(folder);
  return folder;
}

const bounds = (text: string): string =>
  text.replaceAll(/<= [\d.]+ (?:ns|us|ms|s)\b/g, '<= …').replaceAll(/<= TIME/g, '<= …');

/** A day as it is, figures and all. */
const real = { isReal: true } as const;

test('init, check, capture, history: a first day', async () => {
  const root = kept(repository(temporaryFolder('perf budget ümlaut-')));
  commit(root, Object.fromEntries(Object.entries(files).filter(([name]) => name !== 'perf-budget.jsonc')));
  expect(bounds(seen(await perfBudget(root, ['init'], real)))).toMatchInlineSnapshot(`
    "exit code 0
    2 benchmarks in 2 bench files:
      growing   bench/growing.bench.ts
      steady   bench/steady.bench.ts

    perf-budget.jsonc now has 2 budgets. Each fails if its time grows by more than 10% over the baseline.
    Next: perf-budget check
    --- standard error
    looking into bench files: 2 of 2
    calling benchmarks: 2 of 2"
  `);
  expect(seen(await perfBudget(root, ['init'], real), root)).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: ROOT/perf-budget.jsonc already exists, and init never overwrites it."
  `);
  expect(seen(await perfBudget(root, ['history'], real))).toMatchInlineSnapshot(`
    "exit code 0
    Nothing has been measured yet. Run perf-budget check."
  `);

  write(root, { 'perf-budget.jsonc': config });
  expect((await perfBudget(root, ['check'], real)).code).toBe(0);
  write(root, { 'src/growing.ts': work(60_000) });
  expect((await perfBudget(root, ['check'], real)).code).toBe(1);
  expect(seen(await perfBudget(root, ['history', 'growing'], real))).toMatchInlineSnapshot(`
    "exit code 0
    when   commit   time   change   verdict
    WHEN   COMMIT + changes   TIME   CHANGE vs HEAD   ✗ fail"
  `);
  expect(seen(await perfBudget(root, ['history'], real))).toMatchInlineSnapshot(`
    "exit code 0
    budget   when   commit   time   change   verdict
    steady   WHEN   COMMIT   TIME   same code vs HEAD   ✓ pass
    growing   WHEN   COMMIT + changes   TIME   CHANGE vs HEAD   ✗ fail"
  `);

  const captured = await perfBudget(root, ['capture', '--name', 'v2', '--reason', 'correct at last'], real);
  expect(seen(captured)).toMatchInlineSnapshot(`
    "exit code 0
    ✗ growing   TIME   CHANGE   allowed 10%   src/growing.ts:2
    ✓ steady   TIME   same code   allowed TIME   src/steady.ts:2

    growing is SHARE slower than HEAD (INTERVAL); its budget allows 10%.
      perf-budget.jsonc:5:5  time <= baseline + 10%
      Make it faster, or accept it: perf-budget capture --name <name> --reason <text>

    1 failed, 1 passed in TIME vs HEAD (COMMIT)

    It accepts:
      growing is SHARE slower than HEAD (INTERVAL); its budget allows 10%.

    The baseline is now v2 (COMMIT): correct at last
    perf-budget.baselines/v2.json has its figures. Commit it. The code has uncommitted changes, so other clones will have only its figures."
  `);
  expect(git(root, 'status', '--porcelain').split('\n')).toEqual([
    'M src/growing.ts',
    '?? perf-budget.baselines/',
    '?? perf-budget.jsonc',
  ]);
  expect(await checked(root, ['check', 'growing'], real)).toMatchInlineSnapshot(`
    "exit code 0
    ✓ growing   TIME   same code   allowed 10%   src/growing.ts:2

    1 passed in TIME vs v2 (COMMIT)"
  `);
  expect((await perfBudget(root, ['check', 'growing', '--against', 'HEAD'], real)).code).toBe(1);
  expect((await perfBudget(root, ['check', 'growing', '--against', 'v2'], real)).code).toBe(0);
});

test('history --json has every figure', async () => {
  const root = kept(project());
  await perfBudget(root, ['check', 'steady'], real);
  const { code, stdout, stderr } = await perfBudget(root, ['history', '--json', '-'], real);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const number = expect.any(Number) as number;
  expect(JSON.parse(stdout)).toEqual({
    version: 1,
    budgets: [
      {
        name: 'steady',
        benchmark: 'steady',
        runs: [
          {
            at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
            commit: git(root, 'rev-parse', 'HEAD'),
            dirty: false,
            baseline: { name: 'HEAD', commit: git(root, 'rev-parse', 'HEAD') },
            verdict: 'pass',
            severity: null,
            time: { value: number, low: number, high: number, unit: 'ns' },
            comparison: { ratio: 1, low: 1, high: 1 },
            message: expect.any(String) as string,
          },
        ],
      },
      { name: 'growing', benchmark: 'growing', runs: [] },
    ],
  });
});

test('without git, what was captured is the baseline', async () => {
  const root = kept(temporaryFolder());
  write(root, files);
  expect(seen(await perfBudget(root, ['capture', '--name', 'v1', '--reason', 'first']), root)).toMatchInlineSnapshot(`
    "exit code 0
    ? growing   TIME   not compared   allowed 10%   src/growing.ts:2
    ✓ steady   TIME   allowed TIME   src/steady.ts:2

    growing, steady: ROOT is not in a Git repository; capture a baseline to have something to compare with.

    1 not compared, 1 passed in TIME

    The baseline is now v1: first
    perf-budget.baselines/v1.json has its figures."
  `);
  write(root, { 'src/growing.ts': work(60_000) });
  expect(await checked(root, ['check', 'growing'], {}, root)).toMatchInlineSnapshot(`
    "exit code 1
    ✗ growing   TIME   CHANGE   allowed 10%   src/growing.ts:2

    growing is SHARE slower than v1 (INTERVAL); its budget allows 10%.
      perf-budget.jsonc:5:5  time <= baseline + 10%
      Make it faster, or accept it: perf-budget capture --name <name> --reason <text>

    1 failed in TIME vs v1"
  `);
});

test('a baseline that cannot run is not captured', async () => {
  const root = kept(project());
  write(root, { 'bench/steady.bench.ts': benchFile('steady', '', "throw new Error('boom');") });
  expect(seen(await perfBudget(root, ['capture', '--name', 'v1', '--reason', 'none']), root)).toMatchInlineSnapshot(`
    "exit code 3
    ! steady   the benchmark threw: boom   bench/steady.bench.ts:5:9
    ✓ growing   TIME   same code   allowed 10%   src/growing.ts:2

    1 not measured, 1 passed in TIME vs HEAD (COMMIT)
    --- standard error
    Nothing was captured because steady could not be measured."
  `);
});

test('init says so where there is nothing to measure', async () => {
  const root = kept(temporaryFolder());
  expect(seen(await perfBudget(root, ['init']), root)).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: No bench files for tinybench, Vitest, mitata or Benchmark.js were found in ROOT. Name them like bench/parser.bench.ts."
  `);
});
