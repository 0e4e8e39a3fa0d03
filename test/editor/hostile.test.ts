import { afterAll, beforeAll, expect, test } from 'vitest';
import { Workbench } from './workbench.js';
import { commitAll, removeFolder, temporaryFolder, writeFiles } from './workspaces.js';

const name = 'it) $(trash) %41%25 [go](command:workbench.action.quit) ![p](https://evil.example/p.png)';

let folder: string;
let vscode: Workbench;

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFiles(folder, {
    'perf-budget.jsonc': JSON.stringify({
      benchmarks: [{ files: '*.bench.js' }],
      budgets: { [name]: { benchmark: 'fine', limit: ['time <= 1 h'] } },
    }),
    'a.bench.js': `import { bench } from 'vitest';\n\nbench('fine', () => {});\nbench('other', () => {});\n`,
  });
  await commitAll(folder);
  vscode = await Workbench.start({ folder });
});

afterAll(async () => {
  await vscode.dispose();
  await removeFolder(folder);
});

test('whatever a budget is called, hovers, tooltips and lists show it, and our links lead to it', async () => {
  await vscode.openFile('a.bench.js');
  const lenses = await vscode.waitFor(
    () => vscode.codeLenses(),
    (all) => all.length === 2,
  );
  expect(lenses).toEqual(['not measured yet', '+ Add budget']);
  const hover = await vscode.hoverOn('fine');
  await vscode.screenshot('hostile-hover');
  expect(hover.text).toContain(`${name} not measured yet`);
  expect(hover.html).not.toMatch(/<img|codicon-trash|evil\.example\/p\.png"/);
  await vscode.page.locator('.monaco-hover a', { hasText: 'Show History' }).click();
  const history = await vscode.webview();
  const card = history.locator('article:visible h3');
  await card.waitFor();
  expect(await card.textContent()).toContain(name);
  const tooltip = await vscode.hoverStatusBar('meter');
  // What would push the figures off the line is cut.
  expect(tooltip.text).toContain(name.slice(0, 38).trimEnd());
  expect(tooltip.text).not.toContain(name);
  expect(tooltip.html).not.toMatch(/<img|evil|workbench\.action\.quit"/);
  const links = vscode.page.locator('.monaco-hover:visible a');
  expect(await links.allInnerTexts()).toEqual(['Run All', 'Open Budget File', 'Show Output']);
  await vscode.dismissHover();
  await vscode.clickStatusBar('meter');
  const items = await vscode.waitFor(
    () => vscode.quickPickItems(),
    (all) => all.length === 1,
  );
  await vscode.screenshot('hostile-list');
  expect(items[0]?.replaceAll('\u200b', '')).toContain(name);
});
