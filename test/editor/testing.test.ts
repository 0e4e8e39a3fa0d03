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
  vscode = await Workbench.start({ folder, settings: { 'perfBudget.runOnSave': false } });
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await vscode.screenshot(`failed-${task.name.replaceAll(/\W+/g, '-')}`);
});

afterAll(async () => {
  await vscode.dispose();
  await removeFolder(folder);
});

/** The rows of the Testing view as they are indented, each with its state and what stands beside it. */
async function rows(): Promise<readonly string[]> {
  const all = vscode.page.locator('.test-explorer .monaco-list-row');
  return all.evaluateAll((elements: Row[]) =>
    elements.map((one) => {
      const text = (selector: string) => one.querySelector(selector)?.textContent ?? '';
      const state = /-(passed|failed|skipped|error|unset|queued)-icon/.exec(one.innerHTML)?.[1] ?? 'runs';
      const label = text('.label').replace(text('.test-label-description'), '');
      const indent = '  '.repeat(Number(one.getAttribute('aria-level')) - 1);
      return `${indent}${label} (${state}) ${text('.test-label-description')}`
        .replace(/: [\d.]+m?s$|[\d.]+m?s$/, '')
        .trimEnd();
    }),
  );
}

/** As much of an element of the page's document as is read here. */
interface Row {
  readonly innerHTML: string;
  readonly textContent: string | null;
  querySelector(selector: string): Row | null;
  getAttribute(name: string): string | null;
}

const seesRows = (isThere: (all: readonly string[]) => boolean, ms = 60_000): Promise<readonly string[]> =>
  vscode.waitFor(rows, isThere, ms);
const row = (all: readonly string[], name: string): string =>
  all.find((one) => one.trim().startsWith(`${name} (`)) ?? '';

async function expandAll(): Promise<void> {
  await vscode.command('View: Show Testing');
  const closed = vscode.page.locator('.test-explorer .monaco-list-row[aria-expanded=false]');
  await vscode.page.locator('.test-explorer .monaco-list-row').first().waitFor();
  await vscode.waitFor(
    async () => {
      if ((await closed.count()) > 0) await closed.first().locator('.monaco-tl-twistie').click();
      return closed.count();
    },
    (count) => count === 0,
  );
}

test('budgets are tests: each benchmark once, with its budgets in the order of the file', async () => {
  await vscode.openFile('src/sum.js');
  // Nothing was measured yet; what is recorded by hand is known.
  await vscode.waitFor(
    () => vscode.codeLenses(),
    (all) => all.join() === 'slow: not measured yet,fast: not measured yet',
  );
  await expandAll();
  expect(await seesRows((all) => all.length === 10)).toEqual([
    'sum (unset)',
    '  small (unset)',
    '    slow (unset) not measured yet',
    '    fast (unset) not measured yet',
    '  thrown (unset)',
    '    boom (unset)',
    '      broken (unset) not measured yet',
    'late (unset)',
    '  new (unset) not measured yet',
    expect.stringMatching(/^by hand \(skipped\) \? nothing is recorded yet/),
  ]);
});

test('a run measures all, and says of each what a test runner would', async () => {
  await vscode.command('Test: Run All Tests');
  const all = await seesRows(
    (now) =>
      row(now, 'new').includes('exist at HEAD') &&
      row(now, 'slow').includes('(failed) ✗') &&
      row(now, 'fast').includes('(passed)') &&
      [row(now, 'broken'), row(now, 'sum')].every((one) => one.includes('(error)')),
  );
  await vscode.screenshot('testing-run');
  expect(row(all, 'slow')).toMatch(/\(failed\) ✗ [\d.]+ µs · 1 ns allowed/);
  expect(row(all, 'fast')).toMatch(/\(passed\) [\d.]+ µs of 1 s · same code as HEAD/);
  expect(row(all, 'broken')).toMatch(/\(error\) ! the benchmark threw: boom/);
  expect(row(all, 'new')).toMatch(/\(skipped\) \? .*not compared: src\/late\.js does not exist at HEAD/);
  expect(row(all, 'sum')).toContain('(error)');
  // Beside the function, and beside the benchmark.
  const marks = vscode.page.locator('.editor-instance .testing-run-glyph');
  expect(await marks.count()).toBe(1);
  const html = async (): Promise<string> =>
    (await vscode.page.locator('.editor-instance').innerHTML()).replaceAll('\u00a0', ' ');
  const figures = ' µs != 1 ns or less';
  await vscode.openFile('perf-budget.jsonc');
  // What was measured, and what the check asks.
  await vscode.waitFor(html, (text) => text.includes(figures));
  await vscode.screenshot('testing-check');
  await vscode.openFile('bench/sum.bench.js');
  await vscode.waitFor(
    () => marks.count(),
    (count) => count === 2,
  );
  await vscode.screenshot('testing-bench');
  await vscode.openFile('src/sum.js');
  await marks.first().waitFor();
  // The function has its verdict and its squiggle: that is enough.
  expect(await html()).not.toContain(figures);
});

test('a breakpoint in the source is hit, and no budget is measured by it', async () => {
  await vscode.openFile('src/sum.js');
  await vscode.goToLine(4);
  await vscode.focusEditor();
  await vscode.page.keyboard.press('F9');
  await vscode.page.locator('.editor-instance .codicon-debug-breakpoint').first().waitFor();
  const before = await vscode.codeLenses();
  await vscode.goToLine(1);
  await vscode.focusEditor();
  await vscode.command('Test: Debug Test at Cursor');
  await vscode.page
    .locator('.editor-instance .debug-top-stack-frame-line, .editor-instance .codicon-debug-stackframe')
    .first()
    .waitFor({ timeout: 60_000 });
  await vscode.screenshot('testing-debug');
  // Without the breakpoint it runs to its end.
  await vscode.page.keyboard.press('F9');
  await vscode.page.locator('.editor-instance .codicon-debug-breakpoint').waitFor({ state: 'detached' });
  await vscode.page.keyboard.press('F5');
  await vscode.page.locator('.debug-toolbar').waitFor({ state: 'hidden', timeout: 60_000 });
  expect(await vscode.codeLenses()).toEqual(before);
});

test('a CPU profile shows what the time of a benchmark is spent in', async () => {
  await vscode.command('View: Show Testing');
  const { page } = vscode;
  const budget = page.locator('.test-explorer .monaco-list-row', { hasText: /^fast/ });
  await budget.click({ button: 'right' });
  // Menus ignore a click right after they opened.
  await page.locator('.monaco-menu .action-label', { hasText: 'Execute Using Profile' }).hover();
  await page.keyboard.press('Enter');
  await vscode.pick('CPU Profile');
  // VS Code's own viewer: the most expensive function first, where the user wrote it.
  const viewer = await vscode.webview();
  await viewer.getByText(/src\/sum\.js:1/).waitFor();
  const [first] = (await viewer.locator('body').innerText()).split('src/sum.js');
  expect(first).toMatch(/Self Time[^]*\d(,\d{3})?\.\d+ms[^]*\bsum\b/);
  // It has no verdict, and takes none away.
  await seesRows((all) => row(all, 'fast').includes('(passed)') && row(all, 'slow').includes('(failed)'));
  await vscode.screenshot('testing-profile');
  await vscode.closeEditor();
});

test('while a continuous run is on, a save measures', async () => {
  await vscode.command('View: Show Testing');
  await vscode.openFile('src/sum.js');
  await vscode.replaceText('i % 7', 'i % 5');
  await vscode.save();
  await vscode.waitFor(
    () => vscode.codeLenses(),
    ([first = '']) => first.startsWith('slow: stale: the code changed'),
  );
  await vscode.screenshot('testing-stale');
  await vscode.command('Test: Start Continuous Run');
  let code = 'i <= n';
  let savedAt = -Infinity;
  const change = async (): Promise<void> => {
    const next = code === 'i <= 3 * n' ? 'i <= 4 * n' : 'i <= 3 * n';
    await vscode.replaceText(code, next);
    await vscode.save();
    code = next;
    savedAt = Date.now();
  };
  // The extension hears of the continuous run a moment later; a save before that measures nothing.
  await vscode.waitFor(
    async () => {
      const now = row(await rows(), 'slow');
      if (now.includes('stale') && Date.now() - savedAt > 8000) await change();
      return now;
    },
    (now) => /\+[\d,]+%|times slower/.test(now),
    60_000,
  );
  await vscode.screenshot('testing-continuous-after');
  await vscode.command('Test: Stop Continuous Run');
  savedAt = -Infinity;
  // The same holds for its end. A save that measures is under way within a second.
  await vscode.waitFor(
    async () => {
      const age = Date.now() - savedAt;
      if (age > 8000) await change();
      return age < 8000 && age > 4000 && row(await rows(), 'slow').includes('stale');
    },
    (staysStale) => staysStale,
    60_000,
  );
});
