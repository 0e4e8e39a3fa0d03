import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runInHost } from './inHost.js';
import { commitAll, writeFiles } from './workspaces.js';

/** Budgets with mistakes in them. */
const files = {
  'package.json': '{ "type": "module" }\n',
  'src/sum.js': `// @perf-budget sum/large: p99 <= 2 sec
export function sum(n) {
  let total = 0;
  for (let i = 1; i <= n; i++) total += i % 7;
  return total;
}
`,
  'bench/sum.bench.js': `import { bench, describe } from 'vitest';
import { sum } from '../src/sum.js';

describe('sum', () => {
  bench('small', () => {
    sum(2000);
  });
  bench('large', () => {
    sum(4000);
  });
});
`,
  'perf-budget.jsonc': `{
  "benchmarks": [{ "files": "bench/*.bench.js" }],
  "budgets": {
    // Small ones are on every page.
    "sum": { "benchmark": "sum/small", "limit": ["time <= 1 s"] },
    "misspelt": { "benchmark": "sum/smal", "limit": ["tiem <= 2 s"] },
  },
}
`,
};

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'perf budget wörkspace '));
  await writeFile(path.join(folder, 'sum.ts'), 'export const sum = (a: number, b: number) => a + b;\n');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('the extension activates where there is a perf-budget.jsonc, with every command it contributes', async () => {
  await writeFile(path.join(folder, 'perf-budget.jsonc'), '{ "budgets": {} }\n');
  expect(await runInHost('withBudgets.ts', folder)).toEqual([
    { name: 'activatesByItself', error: null },
    { name: 'registersEveryCommandItContributes', error: null },
  ]);
});

test('the extension sleeps where there is none', async () => {
  expect(await runInHost('withoutBudgets.ts', folder)).toEqual([{ name: 'sleepsWhilePeopleWork', error: null }]);
});

test('checks are completed and corrected as they are written, in budgets and in comments', async () => {
  await writeFiles(folder, files);
  await commitAll(folder);
  expect(await runInHost('writing.ts', folder)).toEqual([
    { name: 'completesABenchmarkAndItsCode', error: null },
    { name: 'completesACheck', error: null },
    { name: 'completesAComment', error: null },
    { name: 'correctsAComment', error: null },
    { name: 'correctsWhatIsMisspelt', error: null },
  ]);
});
