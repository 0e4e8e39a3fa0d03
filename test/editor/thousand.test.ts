import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runInHost } from './inHost.js';
import { removeFolder, temporaryFolder, writeFiles } from './workspaces.js';

/** Beside what another extension would notice of them, which is printed. */
test('a thousand budgets are shown', async () => {
  const folder = await temporaryFolder();
  const numbers = Array.from({ length: 1000 }, (_, index) => index);
  const budgets = numbers.map((n) => [`budget ${n}`, { benchmark: `many/${n}`, code: `src.js#f${n}` }]);
  try {
    await writeFiles(folder, {
      'package.json': '{ "type": "module" }\n',
      'src.js': numbers.map((n) => `export const f${n} = () => ${n};\n`).join(''),
      'many.bench.js': [
        "import { bench, describe } from 'vitest';\nimport * as all from './src.js';\ndescribe('many', () => {",
        ...numbers.map((n) => `  bench('${n}', () => { all.f${n}(); });`),
        '});\n',
      ].join('\n'),
      // Not the name that wakes the extension up: that is for the test to do.
      'budgets.json': JSON.stringify({
        benchmarks: [{ files: '*.bench.js' }],
        budgets: Object.fromEntries(budgets) as unknown,
      }),
    });
    expect(await runInHost('thousand.ts', folder)).toEqual([{ name: 'opensAThousandBudgets', error: null }]);
    console.log(await readFile(path.join(folder, 'figures.txt'), 'utf8'));
  } finally {
    await removeFolder(folder);
  }
});
