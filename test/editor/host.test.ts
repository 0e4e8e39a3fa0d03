import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runInHost } from './inHost.js';
import { commitAll, sumFiles, writeFiles } from './workspaces.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'perf budget wörkspace '));
  await writeFile(path.join(folder, 'sum.ts'), 'export const sum = (a: number, b: number) => a + b;\n');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('the extension activates where there is a perf-budget.jsonc, and helps while checks are written', async () => {
  await writeFiles(folder, sumFiles('// @perf-budget sum/large: p99 <= 2 sec'));
  await commitAll(folder);
  expect(await runInHost('withBudgets.ts', folder)).toEqual(
    [
      'activatesByItself',
      'completesABenchmarkAndItsCode',
      'completesACheck',
      'completesAComment',
      'correctsAComment',
      'correctsWhatIsMisspelt',
      'registersEveryCommandItContributes',
    ].map((name) => ({ name, error: null })),
  );
});

test('the extension sleeps where there is none', async () => {
  expect(await runInHost('withoutBudgets.ts', folder)).toEqual([{ name: 'sleepsWhilePeopleWork', error: null }]);
});

test('agents are offered the tools: they read, measure what was changed, and end with their token', async () => {
  const budgets = { sum: { benchmark: 'sum/small', limit: ['time <= 1 s'] } };
  const config = JSON.stringify({ benchmarks: [{ files: 'bench/*.bench.js' }], budgets });
  await writeFiles(folder, { ...sumFiles('// sums'), 'perf-budget.jsonc': config });
  await commitAll(folder);
  const results = await runInHost('agents.ts', folder);
  expect(results).toEqual(
    [
      'a_offersTheToolsAsTheyAreContributed',
      'b_listsAndReadsWithoutAsking',
      'c_checksWhatWasChanged',
      'd_endsWithItsToken',
    ].map((name) => ({ name, error: null })),
  );
});
