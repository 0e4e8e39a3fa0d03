import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { BudgetResult, CheckResult } from '../../src/core/results/measurement.js';
import { scriptedExtension } from './scripted-extension.js';
import { Workbench } from './workbench.js';
import { commitAll, removeFolder, temporaryFolder, writeFiles } from './workspaces.js';

const old = `export class LruCache {
  get(key) {
    return key;
  }

  set(key, value) {
    return [key, value];
  }

  clear() {
    return [];
  }
}
`;

const config = `{
  "benchmarks": [{ "files": "bench/*.bench.js" }],
  "budgets": {
    // Every page sets some.
    "set": { "benchmark": "cache/set", "code": "src/cache.js#LruCache.set", "limit": ["time <= 2 us"] }, // hot
    "get": {
      "benchmark": "cache/get",
      "code": "src/cache.js#LruCache.get",
      "limit": ["time <= 1 ms", "time <= baseline + 100%"], // users notice
    },
    "both": { "sum": ["set", "get"] },
  },
}
`;

const files = {
  '.gitignore': '.perf-budget\n',
  'package.json': '{ "type": "module" }\n',
  'src/cache.js': old,
  'bench/cache.bench.js': `import { bench, describe } from 'vitest';
import { LruCache } from '../src/cache.js';

const cache = new LruCache();

describe('cache', () => {
  bench('set', () => {
    cache.set(1, 2);
  });
  bench('get', () => {
    cache.get(1);
  });
  bench('clear', () => {
    cache.clear();
  });
});
`,
  'perf-budget.jsonc': config,
};

const check = (text: string, [value, low, high]: readonly [number, number, number], bound: number, unit: string) =>
  ({
    ...{ check: text, level: 'limit', verdict: 'fail', used: value / bound, note: null },
    measured: { value, low, high, unit },
    bound: { value: bound, unit },
  }) satisfies CheckResult;

const result = (name: string, checks: readonly CheckResult[]): BudgetResult => ({
  ...{
    name,
    benchmark: `cache/${name}`,
    verdict: 'fail',
    severity: 'critical',
    cached: false,
    elapsedMs: 9,
    samples: 9,
  },
  comparison: { ratio: 1.2, low: 1.18, high: 1.228 },
  compared: 'measured',
  checks,
  message: '20% slower than HEAD',
});

const set = result('set', [
  check('time <= 2 us', [2.3, 2.28, 2.35], 2, 'us'),
  check('time <= baseline + 10%', [2.3, 2.28, 2.35], (2.3 / 1.2) * 1.1, 'us'),
]);
const get = result('get', [check('time <= 1 ms', [1.9, 1.88, 1.92], 1, 'ms')]);

let folder: string;
let vscode: Workbench;

beforeAll(async () => {
  folder = await temporaryFolder();
  const project = path.join(folder, 'project');
  await writeFiles(project, files);
  await commitAll(project);
  await writeFiles(project, { 'src/cache.js': old.replace('[key, value]', '[key, value, key]') });
  const commit = 'HEAD';
  const script = { budget: 'set', result: set, explained: null, others: { get }, commit };
  vscode = await Workbench.start({
    folder: project,
    extensionDevelopmentPaths: [await scriptedExtension(folder, script)],
  });
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await vscode.screenshot(`failed-${task.name.replaceAll(/\W+/g, '-')}`);
});

afterAll(async () => {
  await vscode.dispose();
  await removeFolder(folder);
});

const menu = () => vscode.page.locator('.action-widget .monaco-list-row.action .title');

/** Opens the menu of quick fixes at a text, and returns what it offers. */
async function fixesAt(text: string): Promise<readonly string[]> {
  await vscode.goToText(text);
  await vscode.page.keyboard.press('ArrowLeft');
  // A key that comes before the problem is drawn opens nothing.
  await vscode.waitFor(
    async () => {
      await vscode.page.keyboard.press('Control+.');
      return menu()
        .first()
        .waitFor({ timeout: 3000 })
        .then(
          () => true,
          () => false,
        );
    },
    (isOpen) => isOpen,
  );
  return (await menu().allTextContents()).map((one) => one.trim());
}

const choose = (title: string) => menu().filter({ hasText: title }).first().click();

/** The text of the active editor, as it is on the screen. */
async function lines(): Promise<readonly string[]> {
  const rows = await vscode.page
    .locator('.editor-group-container.active .editor-instance .view-line')
    .evaluateAll((elements) =>
      (elements as unknown as { offsetTop: number; textContent: string; style: { top: string } }[])
        .map(({ textContent, style }) => ({ top: parseFloat(style.top), textContent }))
        .sort((a, b) => a.top - b.top)
        .map(({ textContent }) => textContent.replaceAll('\u00a0', ' ')),
    );
  return rows;
}

const sees = (part: string) => vscode.waitFor(lines, (all) => all.join('\n').includes(part));

/** Takes the changes of the budget file back, to the last. */
async function undone(): Promise<void> {
  await vscode.waitFor(
    async () => {
      await vscode.undo();
      return vscode.page.locator('.tab.active.dirty').count();
    },
    (dirty) => dirty === 0,
  );
  expect(await readFile(path.join(folder, 'project', 'perf-budget.jsonc'), 'utf8')).toBe(config);
}

describe('a broken budget', () => {
  test('offers on its function what can be done', async () => {
    await vscode.openFile('src/cache.js');
    await vscode.waitFor(
      () => vscode.codeLenses(),
      (titles) => titles.filter((title) => title.includes('✗')).length === 2,
    );
    await vscode.problems();
    const offered = await fixesAt('set(key');
    await vscode.screenshot('fixes-menu');
    expect(offered.slice(0, 8)).toEqual([
      'Measure Again',
      'Explain Regression',
      'Compare with Baseline',
      'Show History',
      'Accept…',
      'Loosen to What Was Measured',
      'Waive Until…',
      'Open Budget',
    ]);
    await vscode.page.keyboard.press('Escape');
    await menu().first().waitFor({ state: 'detached' });
  });

  test('is compared with the old code from git', async () => {
    await fixesAt('set(key');
    await choose('Compare with Baseline');
    const editors = vscode.page.locator('.monaco-diff-editor');
    await editors.waitFor();
    await vscode.page.locator('.tab.active', { hasText: 'cache.js (HEAD) ↔ cache.js' }).waitFor();
    const side = async (name: string) =>
      (await editors.locator(`.editor.${name} .view-lines`).innerText()).replaceAll('\u00a0', ' ');
    await vscode.waitFor(
      () => side('original'),
      (text) => text.includes('return [key, value];'),
    );
    expect(await side('modified')).toContain('return [key, value, key];');
    await vscode.screenshot('fixes-diff');
    await vscode.closeEditor();
  });

  test('is loosened in its file, and undo takes that back', async () => {
    await vscode.openFile('src/cache.js');
    await fixesAt('get(key');
    await choose('Loosen to What Was Measured');
    await vscode.page.locator('.tab.active.dirty[data-resource-name="perf-budget.jsonc"]').waitFor();
    await sees('"limit": ["time <= 2 ms", "time <= baseline + 100%"], // users notice');
    await vscode.screenshot('fixes-loosened');
    await undone();
  });

  test('shows several changes before they are made', async () => {
    await vscode.openFile('src/cache.js');
    await fixesAt('set(key');
    await choose('Loosen to What Was Measured');
    const preview = vscode.page.locator('.bulk-edit-panel');
    await preview.waitFor();
    await vscode.waitFor(
      () => preview.locator('.monaco-list-row').allTextContents(),
      (rows) => rows.length === 3 && rows.join('\n').includes('time <= baseline + 25%'),
    );
    // VS Code changes only what is ticked.
    await preview.locator('.monaco-list-row input, .monaco-list-row .monaco-checkbox').first().click();
    await vscode.screenshot('fixes-preview');
    await vscode.page.getByRole('button', { name: 'Apply', exact: true }).click();
    await vscode.page.locator('.tab.active.dirty[data-resource-name="perf-budget.jsonc"]').waitFor();
    await sees('"limit": ["time <= 2.4 us", "time <= baseline + 25%"] }, // hot');
    await undone();
  });

  test('is waived with a day and a reason, which are checked', async () => {
    await vscode.openFile('src/cache.js');
    await fixesAt('set(key');
    await choose('Waive Until…');
    expect(await vscode.inputMessage()).toContain('The last day on which a miss is only a warning.');
    await vscode.answer('2027-02-31');
    await vscode.waitFor(
      () => vscode.inputMessage(),
      (text) => text.includes('Write a day, such as 2027-01-31.'),
    );
    await vscode.answer('2020-01-31');
    await vscode.waitFor(
      () => vscode.inputMessage(),
      (text) => text.includes('This day is over.'),
    );
    await vscode.screenshot('fixes-waive');
    await vscode.answer('2099-01-31');
    await vscode.waitFor(
      () => vscode.inputMessage(),
      (text) => text.includes('Why it may be missed until then.'),
    );
    await vscode.answer('the new cache lands');
    await sees('"waived": { "until": "2099-01-31", "reason": "the new cache lands" } }, // hot');
    await vscode.screenshot('fixes-waived');
    await undone();
  });

  test('offers the same behind its lens', async () => {
    await vscode.openFile('src/cache.js');
    await vscode.clickCodeLens('1.90 ms');
    expect(await vscode.quickPickItems()).toEqual([
      'Measure Again',
      'Explain Regression',
      'Compare with Baseline',
      'Show History',
      'Accept…',
      'Loosen to What Was Measured',
      'Waive Until…',
      'Open Budget',
      'Go to Code',
      'Go to Benchmark',
      'Show Output',
    ]);
    await vscode.screenshot('fixes-lens');
    await vscode.page.keyboard.press('Escape');
  });
});

describe('while it is written', () => {
  const ours = async () => (await vscode.problems()).filter(({ source }) => source === 'perf-budget');
  const problemOf = (part: string) =>
    vscode.waitFor(
      async () => (await ours()).map(({ message }) => message),
      (all) => all.some((message) => message.includes(part)),
    );

  test('a misspelt function is a problem with a fix', async () => {
    await vscode.openFile('perf-budget.jsonc');
    await vscode.replaceText('LruCache.set"', 'LruCache.sett"');
    await problemOf('"src/cache.js" has no function "LruCache.sett"; did you mean "LruCache.set"?');
    const offered = await fixesAt('LruCache.sett');
    await vscode.screenshot('fixes-misspelt');
    expect(offered[0]).toBe('Change "src/cache.js#LruCache.sett" to "src/cache.js#LruCache.set"');
    await choose('Change "src/cache.js');
    await sees('"src/cache.js#LruCache.set"');
    await vscode.waitFor(
      async () => (await ours()).filter(({ message }) => message.includes('no function')),
      (rows) => rows.length === 0,
    );
    await undone();
  });

  test('a misspelt level in a comment is one, too', async () => {
    await vscode.openFile('src/cache.js');
    await vscode.replaceText('  clear() {', '  // @perf-budget cache/clear: traget median <= 2 ms\n  clear() {');
    await problemOf('traget is not a level; did you mean target?');
    const offered = await fixesAt('traget');
    expect(offered[0]).toBe('Change traget to target');
    await vscode.screenshot('fixes-comment');
    await choose('Change traget to target');
    await vscode.waitFor(
      async () => (await ours()).filter(({ message }) => message.includes('traget')),
      (rows) => rows.length === 0,
    );
    await vscode.undo();
    await vscode.undo();
  });

  test('a check completes with what was measured, and a comment with the benchmarks that run the function', async () => {
    await vscode.openFile('perf-budget.jsonc');
    await vscode.replaceText('["time <= 1 ms", ', '["time <= ", ');
    await vscode.goToText('["time <= "');
    await vscode.page.keyboard.press('ArrowRight');
    await vscode.page.keyboard.press('ArrowLeft');
    await vscode.page.keyboard.press('Control+Space');
    const rows = vscode.page.locator('.suggest-widget.visible .monaco-list-row .label-name');
    await rows.first().waitFor();
    await vscode.screenshot('fixes-completion');
    expect((await rows.allTextContents()).slice(0, 2)).toEqual(['2.1 ms', 'baseline + 10%']);
    await vscode.page.keyboard.press('Escape');
    await undone();
    await vscode.openFile('src/cache.js');
    await vscode.replaceText('  clear() {', '  // @perf-budget !\n  clear() {');
    await vscode.goToText('!');
    await vscode.page.keyboard.press('Delete');
    await vscode.page.keyboard.press('Control+Space');
    await rows.first().waitFor();
    expect((await rows.allTextContents())[0]).toBe('cache/clear');
    await vscode.screenshot('fixes-completion-comment');
    await vscode.page.keyboard.press('Escape');
    await vscode.waitFor(
      async () => {
        await vscode.undo();
        return vscode.page.locator('.tab.active.dirty').count();
      },
      (dirty) => dirty === 0,
    );
  });
});

test('a benchmark without a budget gets one by its lens', async () => {
  await vscode.openFile('bench/cache.bench.js');
  await vscode.waitFor(
    () => vscode.codeLenses(),
    (titles) => titles.filter((title) => title === '+ Add budget').length === 1,
  );
  await vscode.screenshot('fixes-add-lens');
  await vscode.clickCodeLens('+ Add budget');
  await vscode.page.locator('.tab.active.dirty[data-resource-name="perf-budget.jsonc"]').waitFor();
  await sees('"cache/clear": { "benchmark": "cache/clear" },');
  await vscode.screenshot('fixes-added');
  await undone();
});

test('the name of a budget leads to its code, and a name in a sum to the budget', async () => {
  await vscode.openFile('perf-budget.jsonc');
  await vscode.goToText('"get": {');
  await vscode.page.keyboard.press('ArrowLeft');
  await vscode.page.keyboard.press('ArrowRight');
  await vscode.page.keyboard.press('Shift+F12');
  const peek = vscode.page.locator('.peekview-widget .ref-tree .monaco-list-row');
  const rows = await vscode.waitFor(
    () => peek.allTextContents(),
    (all) => all.some((row) => row.includes('cache.bench.js')),
  );
  await vscode.screenshot('fixes-references');
  expect(rows.join('\n')).toContain('perf-budget.jsonc');
  await vscode.page.keyboard.press('Escape');
  await vscode.page.keyboard.press('F12');
  // Its function and its benchmark.
  await vscode.waitFor(
    () => peek.allTextContents(),
    (all) => all.some((row) => row.includes('cache.js')),
  );
  await vscode.screenshot('fixes-definition');
});
