import { execFile } from 'node:child_process';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Workbench } from './workbench.js';
import { commitAll, removeFolder, temporaryFolder, writeFiles } from './workspaces.js';

/** What people do to the ground that the editor stands on, with the real engine: what is wrong must not stay on the screen. */

const sum = `export function sum(n) {
  let total = 0;
  for (let i = 1; i <= n; i++) total += i % 7;
  return total;
}
`;

const files = {
  '.gitignore': '.perf-budget\n',
  'package.json': '{ "type": "module" }\n',
  'src/sum.js': sum,
  'bench/sum.bench.js': `import { bench } from 'vitest';
import { sum } from '../src/sum.js';

bench('sum', () => {
  sum(2000);
});
`,
  'perf-budget.jsonc': `{
  "benchmarks": [{ "files": "bench/*.bench.js" }],
  "budgets": {
    "sum": { "benchmark": "sum", "code": "src/sum.js#sum" },
  },
}
`,
};

const slower = 'let total = 0; for (let i = 0; i < 9 * n; i++) total += i % 3;';
const fine = /^✓ .*HEAD$/;
const broken = /^✗ [\d.,]+(%| times) slower than HEAD · 10% allowed$/;

let folder: string;
let vscode: Workbench;
let isStarted = false;

/** A folder of its own for each test: VS Code opens again what was open in one. */
beforeEach(async () => {
  folder = await temporaryFolder();
  await writeFiles(folder, files);
  await commitAll(folder);
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await vscode.screenshot(`failed-${task.name.replaceAll(/\W+/g, '-')}`);
  if (isStarted) await vscode.close();
  await removeFolder(folder);
});

afterAll(async () => {
  if (isStarted) await vscode.dispose();
});

/** Opens the folder in the window that all tests share. */
async function open(): Promise<void> {
  if (isStarted) await vscode.open(folder);
  else vscode = await Workbench.start({ folder });
  isStarted = true;
}

const git = (...args: readonly string[]) => promisify(execFile)('git', args, { cwd: folder });

async function lenses(...wanted: readonly RegExp[]): Promise<string[]> {
  return vscode.waitFor(
    () => vscode.codeLenses(),
    (titles) => titles.length === wanted.length && titles.every((title, at) => wanted[at]?.test(title) === true),
    30_000,
  );
}

const problems = async (): Promise<string[]> =>
  (await vscode.problems()).filter(({ source }) => source === 'perf-budget').map(({ message }) => message);

const noProblems = () => vscode.waitFor(problems, (all) => all.length === 0);

/** Waits until exactly these are the problems, in any order. */
const onlyProblems = (...wanted: readonly string[]) =>
  vscode.waitFor(problems, (all) => all.toSorted().join('\n') === wanted.toSorted().join('\n'));

describe('in the code', () => {
  test('a verdict that comes while its function is edited stands above the function', async () => {
    await open();
    await vscode.openFile('src/sum.js');
    await lenses(fine);
    await vscode.replaceText('let total = 0;', slower);
    await vscode.save();
    await lenses(/^measuring…/);
    await vscode.replaceText('export function', '// One more line.\n\nexport function');
    await lenses(broken);
    await vscode.screenshot('upheaval-edited');
    const [problem] = await vscode.waitFor(
      async () => (await vscode.problems()).filter(({ source }) => source === 'perf-budget'),
      (all) => all.length > 0,
    );
    expect(problem?.at).toBe('[Ln 3, Col 17]');
    // Split, both sides show the same.
    await vscode.command('View: Split Editor Right');
    const both = vscode.page.locator('.editor-instance .codelens-decoration a');
    await vscode.waitFor(
      () => both.allInnerTexts(),
      (titles) => titles.length === 2 && titles.every((title) => broken.test(title.replaceAll('\u00a0', ' '))),
    );
    await vscode.screenshot('upheaval-split');
    await vscode.closeEditor();
    // Undone across the verdict, and saved: it is fine again, and no problem is left.
    await vscode.undo();
    await vscode.undo();
    await vscode.save();
    await lenses(fine);
    await noProblems();
    await vscode.screenshot('upheaval-undone');
  });

  test('a function that is renamed is missed by its budget, and found again', async () => {
    await open();
    await vscode.openFile('src/sum.js');
    await lenses(fine);
    await vscode.replaceText('function sum', 'function addUp');
    await vscode.save();
    await onlyProblems(
      'bench/sum.bench.js does not compile: No matching export in "src/sum.js" for import "sum".',
      '"src/sum.js" has no function "sum". It has addUp.',
    );
    await vscode.screenshot('upheaval-renamed');
    await vscode.openFile('perf-budget.jsonc');
    await vscode.replaceText('sum.js#sum', 'sum.js#addUp');
    await vscode.save();
    await vscode.openFile('bench/sum.bench.js');
    await vscode.replaceText('{ sum }', '{ addUp as sum }');
    await vscode.save();
    await noProblems();
    await vscode.openFile('src/sum.js');
    await lenses(/^[✓?] /);
    await vscode.screenshot('upheaval-renamed-everywhere');
  });

  test('a file that is renamed takes its lens with it, once the budget names it', async () => {
    await open();
    await vscode.openFile('src/sum.js');
    await lenses(fine);
    await rename(path.join(folder, 'src/sum.js'), path.join(folder, 'src/total.js'));
    await onlyProblems(
      'bench/sum.bench.js does not compile: Could not resolve "../src/sum.js".',
      '"src/sum.js" does not exist.',
    );
    await vscode.screenshot('upheaval-file-gone');
    for (const name of ['bench/sum.bench.js', 'perf-budget.jsonc'] as const)
      await writeFile(path.join(folder, name), files[name].replaceAll('sum.js', 'total.js'));
    await vscode.openFile('src/total.js');
    await lenses(/^[✓?] /);
    await noProblems();
    await vscode.screenshot('upheaval-file-renamed');
  });
});

describe('under the code', () => {
  test('another branch in the middle of a run: what is shown is about that branch', async () => {
    await git('checkout', '--quiet', '-B', 'slow');
    await writeFile(path.join(folder, 'src/sum.js'), sum.replace('let total = 0;', slower));
    await git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '--quiet', '-am', 'Add up twice');
    await git('checkout', '--quiet', 'main');
    await open();
    await vscode.openFile('src/sum.js');
    await lenses(fine);
    await vscode.replaceText('i % 7', 'i % 5');
    await vscode.save();
    await lenses(/^measuring…/);
    await git('checkout', '--quiet', '--force', 'slow');
    await vscode.page.locator('.view-line', { hasText: '9 * n' }).first().waitFor();
    await lenses(/^✓ .*same code as HEAD$/);
    await noProblems();
    await vscode.screenshot('upheaval-branch');
  });

  test('settings that change in the middle of a run', async () => {
    await open();
    await vscode.openFile('src/sum.js');
    await lenses(fine);
    await vscode.replaceText('i % 7', 'i % 6');
    await vscode.save();
    await writeFiles(folder, {
      '.vscode/settings.json': JSON.stringify({
        'perfBudget.severity': 'off',
        'perfBudget.decoration': true,
        'perfBudget.codeLens': false,
        'perfBudget.statusBar': false,
      }),
    });
    const shown = await vscode.waitFor(
      () => vscode.behindLines(),
      (lines) => /^[✓?] /.test(lines[1] ?? ''),
      30_000,
    );
    expect(Object.keys(shown)).toEqual(['1']);
    expect(await vscode.codeLenses()).toEqual([]);
    expect(await vscode.statusBar('meter')).toBeNull();
    await vscode.screenshot('upheaval-settings');
  });

  test('a folder that disappears takes everything with it', async () => {
    await open();
    await vscode.openFile('src/sum.js');
    await lenses(fine);
    await vscode.waitFor(
      () => vscode.statusBar('meter'),
      (item) => item !== null,
    );
    await rm(path.join(folder, 'perf-budget.jsonc'));
    await rm(path.join(folder, 'src'), { recursive: true });
    await rm(path.join(folder, 'bench'), { recursive: true });
    await vscode.waitFor(
      () => vscode.statusBar('meter'),
      (item) => item === null,
    );
    await noProblems();
    expect(await vscode.notifications()).toEqual([]);
    await vscode.screenshot('upheaval-gone');
    await git('checkout', '--quiet', '--', '.');
    await vscode.waitFor(
      () => vscode.statusBar('meter'),
      (item) => item !== null,
    );
  });

  test('two windows on one folder come to the same verdict', async () => {
    await open();
    const other = await Workbench.start({ folder });
    try {
      for (const window of [vscode, other]) {
        await window.openFile('src/sum.js');
        await window.waitFor(
          () => window.codeLenses(),
          (titles) => titles.some((title) => fine.test(title)),
        );
      }
      await vscode.replaceText('let total = 0;', slower);
      await vscode.save();
      for (const window of [vscode, other])
        await window.waitFor(
          () => window.codeLenses(),
          (titles) => titles.some((title) => broken.test(title)),
          60_000,
        );
      await vscode.screenshot('upheaval-window-1');
      await other.screenshot('upheaval-window-2');
    } finally {
      await other.dispose();
    }
  });
});

describe('in names', () => {
  const long = `A name that goes on and on ${'and on '.repeat(39)}`.trim();
  const marked = '<b>bold</b> **strong** [x](command:workbench.action.quit) `code` $(trash)';

  test('one of 300 characters, and one of Markdown and HTML, leave room for the figures beside them', async () => {
    const budget = { benchmark: 'sum', code: 'src/sum.js#sum' };
    await writeFile(
      path.join(folder, 'perf-budget.jsonc'),
      JSON.stringify({ benchmarks: [{ files: 'bench/*.bench.js' }], budgets: { [long]: budget, [marked]: budget } }),
    );
    await open();
    await vscode.openFile('src/sum.js');
    await lenses(/^A name that goes on and on .{0,12}…: /, /^<b>bold<\/b> \*\*strong\*\* \[x\].?\(co.*…: /);
    await vscode.screenshot('upheaval-names');
    await vscode.command('Perf Budget: Run All Budgets');
    await lenses(/…: ✓ .*same code as HEAD$/, /…: ✓ .*same code as HEAD$/);
    const hover = await vscode.hoverOn('sum');
    await vscode.screenshot('upheaval-names-hover');
    expect(hover.html).not.toMatch(/<b>bold|codicon-trash/);
    const tooltip = await vscode.hoverStatusBar('meter');
    await vscode.screenshot('upheaval-names-meter');
    expect(tooltip.text).toContain('…');
    expect(tooltip.html).not.toMatch(/<b>bold|codicon-trash/);
    await vscode.dismissHover();
    await vscode.clickStatusBar('meter');
    expect(await vscode.quickPickItems()).toHaveLength(2);
    await vscode.screenshot('upheaval-names-picker');
    await vscode.page.keyboard.press('Escape');
  });
});

test('a workspace of three roots, of which one is not trusted, runs nothing in any of them', async () => {
  const roots = ['three', 'one', 'two'];
  const place = await temporaryFolder();
  try {
    for (const root of roots) {
      await writeFiles(path.join(place, root), files);
      await commitAll(path.join(place, root));
    }
    const workspace = path.join(place, 'all.code-workspace');
    await writeFile(workspace, JSON.stringify({ folders: roots.map((root) => ({ path: root })) }));
    await using restricted = await Workbench.start({ folder: workspace, trust: false });
    await restricted.openFile(path.join(place, 'two/src/sum.js'));
    await restricted.waitFor(
      () => restricted.codeLenses(),
      (titles) => titles.includes('not measured yet'),
    );
    expect(await restricted.hasCommand('Perf Budget: Run All Budgets')).toBe(false);
    const { text } = await restricted.hoverStatusBar('meter');
    await restricted.screenshot('upheaval-not-trusted');
    for (const root of roots) expect(text).toContain(`sum (${root})`);
    expect(text).toContain('not trusted');
    await restricted.dismissHover();
    await restricted.command('Perf Budget: Open Dashboard');
    const cards = (await restricted.webview()).locator('article');
    // In the order of the workspace, each with its name, and without a button that runs something.
    await restricted.waitFor(
      () => cards.allInnerTexts(),
      (all) => all.length === 3 && all.every((one) => one.includes('not measured yet')),
    );
    expect(await cards.locator('h3').allInnerTexts()).toEqual(roots.map((root) => `– sum ${root}`));
    expect(await cards.locator('button').allInnerTexts()).toEqual(['Go to Code', 'Go to Code', 'Go to Code']);
    await restricted.screenshot('upheaval-not-trusted-dashboard');
  } finally {
    await removeFolder(place);
  }
});
