import { afterAll, beforeAll, expect, test } from 'vitest';
import { Workbench } from './workbench.js';
import { commitAll, removeFolder, sumFiles, temporaryFolder, writeFiles } from './workspaces.js';

let folder: string;
let vscode: Workbench;

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFiles(folder, sumFiles('// @perf-budget sum/large: p99 <= 2 s'));
  await commitAll(folder);
  vscode = await Workbench.start({ folder });
});

afterAll(async () => {
  await vscode.dispose();
  await removeFolder(folder);
});

test('an inline budget stands over its function, once', async () => {
  await vscode.openFile('src/sum.js');
  await vscode.waitFor(
    () => vscode.codeLenses(),
    (all) => all.join() === 'sum: not measured yet,sum/large: not measured yet',
  );
  await vscode.command('Perf Budget: Run All Budgets');
  await vscode.waitFor(
    () => vscode.codeLenses(),
    (all) => all.length === 2 && all.every((title) => /^sum(\/large)?: ✓ /.test(title)),
    60_000,
  );
  const hover = await vscode.hoverOn('p99');
  await vscode.screenshot('language-inline');
  expect(hover.text).toMatch(
    /^At least 99 of 100 iterations take 2 s or less\.\s+Now: [\d.,]+ (ns|µs|ms), [\d.]+% used\.\s+Limit: a miss fails the budget\.$/,
  );
  await vscode.dismissHover();
});

test('go to definition leads to the benchmark, and references lead back', async () => {
  await vscode.openFile('perf-budget.jsonc');
  await vscode.goToText('sum/small');
  await vscode.page.keyboard.press('ArrowLeft');
  await vscode.page.keyboard.press('ArrowRight');
  await vscode.page.keyboard.press('F12');
  await vscode.page.locator('.tab.active[data-resource-name="sum.bench.js"]').waitFor();
  await vscode.goToText("'small'");
  await vscode.page.keyboard.press('Shift+F12');
  const peek = vscode.page.locator('.peekview-widget .ref-tree .monaco-list-row');
  await peek.first().waitFor();
  const rows = await vscode.waitFor(
    () => peek.allTextContents(),
    (all) => all.some((row) => row.includes('perf-budget.jsonc')),
  );
  await vscode.screenshot('language-references');
  expect(rows.join('\n')).toContain('perf-budget.jsonc');
  await vscode.page.keyboard.press('Escape');
});
