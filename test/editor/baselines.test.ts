import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Workbench } from './workbench.js';
import { commitAll, removeFolder, temporaryFolder, writeFiles } from './workspaces.js';

const files = {
  '.gitignore': '.perf-budget\n',
  'package.json': '{ "type": "module" }\n',
  'src/sum.js': `export function sum(n) {
  let total = 0;
  for (let i = 1; i <= n; i++) total += i % 7;
  return total;
}
`,
  'bench/sum.bench.js': `import { bench } from 'vitest';
import { sum } from '../src/sum.js';

bench('sum', () => {
  sum(2000);
});
`,
  'perf-budget.jsonc': `{
  "benchmarks": [{ "files": "bench/*.bench.js" }],
  "budgets": {
    "sum": { "benchmark": "sum", "code": "src/sum.js#sum", "limit": ["time <= 1 s", "time <= baseline * 50"] },
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
  vscode = await Workbench.start({ folder });
  await vscode.openFile('src/sum.js');
  await seesLens(/^not measured yet$/);
  await vscode.command('Perf Budget: Run All Budgets');
  await seesLens(/^✓ .* same code as HEAD$/);
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await vscode.screenshot(`failed-${task.name.replaceAll(/\W+/g, '-')}`);
});

afterAll(async () => {
  await vscode.dispose();
  await removeFolder(folder);
});

async function seesLens(lens: RegExp): Promise<void> {
  await vscode.waitFor(
    () => vscode.codeLenses(),
    ([title = '']) => lens.test(title),
    60_000,
  );
}

const says = (part: string): Promise<string> =>
  vscode.waitFor(
    () => vscode.inputMessage(),
    (text) => text.includes(part),
  );
const saysAtLast = (message: string): Promise<readonly string[]> =>
  vscode.waitFor(
    () => vscode.notifications(),
    (all) => all.includes(message),
  );
const enter = (): Promise<void> => vscode.page.keyboard.press('Enter');
const fill = (text: string): Promise<void> =>
  vscode.page.locator('.quick-input-widget:visible .quick-input-box input').fill(text);
const hasFile = (name: string): boolean => existsSync(path.join(folder, 'perf-budget.baselines', name));

async function manage(name: string): Promise<readonly string[]> {
  await vscode.command('Perf Budget: Manage Baselines…');
  await says('Baselines');
  const items = await vscode.quickPickItems();
  await vscode.pick(name);
  return items;
}

test('a name is checked while it is typed, and a baseline is replaced only on request', async () => {
  await vscode.command('Perf Budget: Capture Baseline…');
  await says('Capture Baseline (1 of 3)');
  await fill('HEAD');
  await says('A baseline cannot be named HEAD, because that is the last commit in Git.');
  await vscode.screenshot('baselines-head');
  await fill('main');
  await says('A baseline cannot be named main, because that is a branch in Git.');
  await fill('v1');
  await enter();
  await says('(2 of 3)');
  await vscode.answer('the first release');
  await says('(3 of 3)');
  await enter();
  await saysAtLast('Baseline v1 captured.');

  await vscode.command('Perf Budget: Capture Baseline…');
  await says('(1 of 3)');
  await fill('v1');
  await says('There is a baseline v1 already, captured on ');
  await vscode.screenshot('baselines-taken');
  await enter();
  await vscode.waitFor(
    () => vscode.quickPickItems(),
    (items) => items.some((item) => item.startsWith('Replace v1')),
  );
  await vscode.screenshot('baselines-replace');
  // The first line, as Enter alone does, loses nothing.
  await enter();
  await says('(1 of 3)');
  await vscode.answer('v2');
  await says('(2 of 3)');
  await vscode.answer('the second');
  await says('(3 of 3)');
  await enter();
  await saysAtLast('Baseline v2 captured.');
  await seesLens(/^✓ .* same code as v2$/);
});

test('they are listed, compared with, and switched', async () => {
  const items = await manage('v1');
  expect(items).toEqual([
    expect.stringMatching(/^v2 current · .* · [0-9a-f]{7}\nthe second$/),
    expect.stringMatching(/^v1 .* · [0-9a-f]{7}\nthe first release$/),
    expect.stringMatching(/^Compare with Git/),
    expect.stringMatching(/^Capture Baseline…/),
  ]);
  await vscode.screenshot('baselines-actions');
  await vscode.pick('Make It the Current Baseline');
  await saysAtLast('The baseline is now v1.');
  await seesLens(/^✓ .* same code as v1$/);
  await manage('v2');
  await vscode.pick('Compare with v2');
  const found = await vscode.waitFor(
    () => vscode.quickPickItems(),
    (lines) => lines.some((line) => line.startsWith('sum')),
  );
  await vscode.screenshot('baselines-compared');
  // VS Code keeps the second line of a row that an earlier list had, and hides it.
  expect(found.map((one) => one.split('\n')[0])).toEqual([expect.stringMatching(/^sum .*same code as v2$/)]);
  await vscode.page.keyboard.press('Escape');
  await seesLens(/^✓ .* same code as v1$/);
});

test('the current one is deleted only after a question that says what follows', async () => {
  await vscode.command('Perf Budget: Manage Baselines…');
  await says('Baselines');
  await vscode.screenshot('baselines-list');
  await vscode.pick('v1');
  await vscode.pick('Delete…');
  const dialog = vscode.page.locator('.monaco-dialog-box');
  await dialog.waitFor();
  await vscode.screenshot('baselines-delete');
  expect(await dialog.innerText()).toContain('It is the current baseline: afterwards results are compared with Git.');
  await vscode.press('Cancel');
  await dialog.waitFor({ state: 'detached' });
  expect(hasFile('v1.json')).toBe(true);
  await manage('v1');
  await vscode.pick('Delete…');
  await vscode.press('Delete');
  await saysAtLast('The baseline v1 was deleted.');
  expect([hasFile('v1.json'), hasFile('current'), hasFile('v2.json')]).toEqual([false, false, true]);
  await seesLens(/^✓ .* same code as HEAD$/);
});

test('one whose file is gone is told, and nothing is compared with something else', async () => {
  await manage('v2');
  await vscode.pick('Make It the Current Baseline');
  await seesLens(/^✓ .* same code as v2$/);
  await rm(path.join(folder, 'perf-budget.baselines', 'v2.json'));
  await seesLens(/^\? .*not compared: the file of the current baseline v2 is gone$/);
  await vscode.command('Perf Budget: Manage Baselines…');
  await says('Baselines');
  const items = await vscode.quickPickItems();
  await vscode.screenshot('baselines-gone');
  expect(items[0]).toContain('The file of the current baseline v2 is gone, so nothing is compared');
  await vscode.pick('Compare with Git');
  await seesLens(/^✓ .* same code as HEAD$/);
});
