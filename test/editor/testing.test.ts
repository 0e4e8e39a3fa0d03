import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Workbench } from './workbench.js';
import { commitAll, removeFolder, temporaryFolder, writeFiles } from './workspaces.js';

const sum = `export function sum(n) {
  let total = 0;
  for (let i = 1; i <= n; i++) total += i % 7;
  return total;
}
`;

const bench = `import { bench, describe } from 'vitest';
import { sum } from '../src/sum.js';

describe('sum', () => {
  bench('small', () => {
    sum(2000);
  });
  describe('thrown', () => {
    bench('boom', () => {
      throw new Error('boom');
    });
  });
});
`;

const late = `import { bench } from 'vitest';
import { late } from '../src/late.js';

bench('late', () => {
  late(2000);
});
`;

const files = {
  '.gitignore': '.perf-budget\n',
  'package.json': '{ "type": "module" }\n',
  'src/sum.js': sum,
  'bench/sum.bench.js': bench,
  'perf-budget.jsonc': `{
  "benchmarks": [{ "files": "bench/*.bench.js" }],
  "budgets": {
    "slow": { "benchmark": "sum/small", "code": "src/sum.js#sum", "tags": ["hot"], "limit": ["time <= 1 ns"], "target": ["time <= 1 s"] },
    "fast": { "benchmark": "bench/sum.bench.js#sum/small", "code": "src/sum.js#sum", "limit": ["time <= 1 s"] },
    "broken": { "benchmark": "sum/thrown/boom", "limit": ["time <= 1 s"] },
    "new": { "benchmark": "late", "code": "src/late.js#late", "limit": ["time <= baseline + 10%"] },
    "by hand": { "manual": "%/h", "limit": ["value < 1 %/h"] },
  },
}
`,
};

let folder: string;
let vscode: Workbench;

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFiles(folder, files);
  await commitAll(folder);
  // What HEAD does not have is not compared.
  await writeFiles(folder, { 'src/late.js': sum.replace('sum', 'late'), 'bench/late.bench.js': late });
  vscode = await Workbench.start({ folder });
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await vscode.screenshot(`failed-${task.name.replaceAll(/\W+/g, '-')}`);
});

afterAll(async () => {
  await vscode.dispose();
  await removeFolder(folder);
});

/** The rows of the Testing view, with their state as it is read to who cannot see it. */
async function rows(): Promise<readonly string[]> {
  const all = vscode.page.locator('.test-explorer .monaco-list-row');
  return all.evaluateAll((elements: { getAttribute(name: string): string | null; textContent: string | null }[]) =>
    elements.map(
      (one) =>
        `${one.getAttribute('aria-level') ?? ''} ${one.getAttribute('aria-label') ?? ''} | ${one.textContent ?? ''}`,
    ),
  );
}

async function show(): Promise<void> {
  await vscode.command('View: Show Testing');
  await vscode.page.locator('.test-explorer .monaco-list-row').first().waitFor();
}

test('budgets are tests, each benchmark once', async () => {
  await vscode.openFile('src/sum.js');
  await show();
  await vscode.page.waitForTimeout(4000);
  console.log((await rows()).join('\n'));
  await vscode.page.locator('.test-explorer .monaco-list-row').first().click();
  await vscode.page.keyboard.press('Control+Shift+A');
  await vscode.command('Test: Run All Tests');
  await vscode.page.waitForTimeout(15000);
  console.log((await rows()).join('\n'));
  await vscode.screenshot('testing-run');
  expect(1).toBe(1);
});
