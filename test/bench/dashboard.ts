import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Frame } from 'playwright-core';
import { Workbench } from '../editor/workbench.js';
import { fillHistory } from './history.js';

/** What who opens the dashboard waits for, from the command until all lines are drawn: 1,000 budgets of 1,000 runs each. */
export async function dashboardFigures(
  folder: string,
  rounds: number,
  report: (name: string, values: readonly number[], aim: string) => void,
): Promise<void> {
  const root = path.join(folder, 'dashboard');
  await mkdir(root, { recursive: true });
  const budgets = Array.from({ length: 1000 }, (_, index) => [
    `budget ${index}`,
    { benchmark: 'tokenizer/large', limit: ['p95 <= 2 ms'] },
  ]);
  await writeFile(
    path.join(root, 'perf-budget.jsonc'),
    JSON.stringify({ benchmarks: [{ files: '*.bench.ts' }], budgets: Object.fromEntries(budgets) as unknown }),
  );
  await fillHistory(root, 1_000_000, 1000);
  await using vscode = await Workbench.start({ folder: root });
  await vscode.waitFor(
    () => vscode.statusBar('meter'),
    (item) => item !== null && item.text !== '$(dashboard) –',
  );
  const first: number[] = [];
  const lines: number[] = [];
  const charts: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const from = await begun(vscode, 'Perf Budget: Open Dashboard');
    await seen(vscode, `document.querySelectorAll('.overview tbody tr').length >= 50`);
    first.push(performance.now() - from);
    await seen(vscode, `document.querySelectorAll('.overview tbody tr').length === 1000`);
    await (await pageOf(vscode))?.evaluate(twoFrames);
    lines.push(performance.now() - from);
    await seen(vscode, `document.querySelector('.overview svg') !== null`);
    charts.push(performance.now() - from);
    await vscode.closeEditor();
  }
  report('dashboard of 1,000 budgets × 1,000 runs: a window full of lines', first.slice(1), 'under 1,000 ms');
  report('… every line drawn', lines.slice(1), 'under 1,000 ms');
  report('… every line drawn, the first page of a window', lines.slice(0, 1), '(beside it)');
  report('… the first pictures of histories', charts.slice(1), 'under 1,000 ms');
}

const twoFrames = 'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))';

/** Runs a command from the palette. Returns when it began. */
async function begun({ page }: Workbench, title: string): Promise<number> {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-box input').fill(`>${title}`);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().waitFor();
  const from = performance.now();
  await page.keyboard.press('Enter');
  return from;
}

const pageOf = async (vscode: Workbench): Promise<Frame | null> =>
  (await (await vscode.webview()).owner().elementHandle()).contentFrame();

/** Waits until an expression holds in the page. It is asked again and again, because the page's policy forbids what waits in it. */
async function seen(vscode: Workbench, expression: string): Promise<void> {
  for (;;) {
    // The frame is replaced once while it loads.
    const content = await pageOf(vscode).catch(() => null);
    if ((await content?.evaluate<boolean>(expression).catch(() => false)) === true) return;
    await sleep(5);
  }
}
