import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Cause } from '../../src/core/results/causes.js';
import type { BudgetResult } from '../../src/core/results/measurement.js';
import type { CpuProfile, Explained } from '../../src/engine/explain/request.js';
import { scriptedExtension } from './scripted-extension.js';
import { Workbench } from './workbench.js';
import { commitAll, removeFolder, temporaryFolder, writeFiles } from './workspaces.js';

const source = `import { encode } from './encode.js';

export function diff(a, b) {
  return encode(buildValues(a, b));
}

function buildValues(a, b) {
  const last = { value: a, previous: b };
  delete last.previous;
  return [last];
}
`;

const files = {
  '.gitignore': '.perf-budget\n',
  'package.json': '{ "type": "module" }\n',
  'src/diff.js': source,
  'src/encode.js': 'export const encode = (all) => all.map(({ value }) => `${value}`).join("&");\n',
  'bench/diff.bench.js': `import { bench } from 'vitest';
import { diff } from '../src/diff.js';

bench('diff', () => {
  diff(1, 2);
});
`,
  'perf-budget.jsonc': `{
  "benchmarks": [{ "files": "bench/*.bench.js" }],
  "budgets": {
    "diff": { "benchmark": "diff", "code": "src/diff.js#diff" },
  },
}
`,
};

const causes: readonly Cause[] = [
  {
    kind: 'time',
    ...{
      function: 'buildValues',
      file: 'src/diff.js',
      line: 9,
      column: 3,
      text: 'delete last.previous;',
      changed: true,
    },
    baseline: { value: 0.77, unit: 'us' },
    current: { value: 4.67, unit: 'us' },
    ...{ share: 0.97, low: 0.91, high: 1.03 },
    reasons: [
      {
        kind: 'dictionary',
        ...{ function: 'buildValues', file: 'src/diff.js', line: 9, column: 3 },
        message: '`delete` turned the object into a dictionary. Set the property to undefined instead.',
      },
    ],
  },
  {
    kind: 'garbage collection',
    ...{ function: 'encode', file: 'src/encode.js', line: 1, column: 23, changed: false },
    text: files['src/encode.js'].trim(),
    baseline: { value: 0.1, unit: 'us' },
    current: { value: 0.22, unit: 'us' },
    ...{ share: 0.03, low: 0.01, high: 0.05 },
    allocated: { baseline: 5000, current: 8900 },
  },
];

const result: BudgetResult = {
  ...{
    name: 'diff',
    benchmark: 'diff',
    verdict: 'fail',
    severity: 'critical',
    cached: false,
    elapsedMs: 900,
    samples: 96,
  },
  comparison: { ratio: 1.79, low: 1.76, high: 1.82 },
  compared: 'measured',
  checks: [
    {
      ...{ check: 'time <= baseline + 10%', level: 'limit', verdict: 'fail', used: 1.63, note: null },
      measured: { value: 9.12, low: 9.05, high: 9.2, unit: 'us' },
      bound: { value: 5.61, unit: 'us' },
    },
  ],
  message: '79% slower than HEAD (+76 … +82%); the budget allows 10%',
  causes,
};

/** Calls below each other: a name with its hits and what it calls. */
type Calls = readonly [name: string, file: string, line: number, hits: number, ...calls: Calls[]];

function profile(folder: string, calls: Calls): CpuProfile {
  const nodes: CpuProfile['nodes'] = [];
  const add = ([functionName, file, line, hitCount, ...below]: Calls): number => {
    const id = nodes.length + 1;
    const url = file === '' ? '' : pathToFileURL(path.join(folder, file)).href;
    const callFrame = { functionName, scriptId: '1', url, lineNumber: line - 1, columnNumber: file === '' ? -1 : 0 };
    const children: number[] = [];
    const positionTicks = [{ line: line + 2, ticks: hitCount }];
    nodes.push({ id, callFrame, hitCount, children, ...(hitCount > 0 && { positionTicks }) });
    children.push(...below.map(add));
    return id;
  };
  add(['(root)', '', 0, 0, calls]);
  const samples = nodes.flatMap(({ id, hitCount = 0 }) => Array<number>(hitCount).fill(id));
  return { nodes, startTime: 0, endTime: samples.length * 100, samples, timeDeltas: samples.map(() => 100) };
}

function explained(folder: string): Explained {
  const sides = {
    baseline: profile(folder, [
      'diff',
      'src/diff.js',
      3,
      200,
      ['buildValues', 'src/diff.js', 7, 77],
      ['encode', 'src/encode.js', 1, 233],
    ]),
    current: profile(folder, [
      ...(['diff', 'src/diff.js', 3, 199] as const),
      ['buildValues', 'src/diff.js', 7, 467],
      ['encode', 'src/encode.js', 1, 224, ['(garbage collector)', '', 0, 22]],
    ]),
  };
  const explanation = {
    metric: 'time' as const,
    baseline: { value: 5.1, unit: 'us' },
    current: { value: 9.12, unit: 'us' },
    ...{ causes, explained: 1, note: null },
  };
  return {
    budget: 'diff',
    benchmark: 'diff',
    from: 'HEAD',
    to: 'the working tree',
    result,
    explanation,
    why: null,
    profiles: sides,
  };
}

let folder: string;
let vscode: Workbench;

beforeAll(async () => {
  folder = await temporaryFolder();
  const project = path.join(folder, 'project');
  await writeFiles(project, files);
  await commitAll(project);
  vscode = await Workbench.start({
    folder: project,
    extensionDevelopmentPaths: [
      await scriptedExtension(folder, { budget: 'diff', result, explained: explained(project) }),
    ],
  });
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await vscode.screenshot(`failed-${task.name.replaceAll(/\W+/g, '-')}`);
});

afterAll(async () => {
  await vscode.dispose();
  await removeFolder(folder);
});

const figure = '+3.9 µs, 97%';

/** Waits for so many lines with dots under them. */
async function seesHints(count: number): Promise<void> {
  await vscode.waitFor(
    () => vscode.page.locator('.squiggly-hint').count(),
    (found) => found === count,
  );
}

/** Settings of the workspace, which hold at once. */
const set = (settings: Readonly<Record<string, unknown>>) =>
  writeFiles(path.join(folder, 'project'), { '.vscode/settings.json': JSON.stringify(settings) });

async function seesBehind(lines: Readonly<Record<number, string>>): Promise<void> {
  await vscode.waitFor(
    () => vscode.behindLines(),
    (found) => JSON.stringify(found) === JSON.stringify(lines),
  );
}

describe('a broken budget whose causes are known', () => {
  test('leads from the function to each cause, and marks the line', async () => {
    await vscode.openFile('src/diff.js');
    await vscode.waitFor(
      () => vscode.codeLenses(),
      (titles) => titles.includes('✗ 79% slower than HEAD · 10% allowed'),
    );
    await seesBehind({ 9: figure });
    await seesHints(1);
    const [problem] = await vscode.waitFor(
      () => vscode.problems(),
      (rows) => rows.length > 0,
    );
    await vscode.screenshot('causes-problems');
    expect(problem).toMatchObject({
      message: 'diff is 79% slower than HEAD (+76 to +82%); its budget allows 10%.',
      related: [
        'diff.js[Ln 9, Col 3]:+3.9 µs of +4.0 µs (97%): delete last.previous; in buildValues',
        'encode.js[Ln 1, Col 23]:garbage collection +120 ns of +4.0 µs (3%): allocates 8.9 KB a call, 5.0 KB before, in encode',
      ],
    });
  });

  test('says at the line what V8 reported', async () => {
    const { text } = await vscode.hoverOn('delete');
    await vscode.screenshot('causes-line');
    expect(text).toContain('diff: +3.9 µs of +4.0 µs (97 ± 6%): delete last.previous; in buildValues.');
    expect(text).toContain('V8: `delete` turned the object into a dictionary.');
    expect(text).toContain('Explain Regression');
    await vscode.dismissHover();
  });

  test('says in the hover of the function what costs what, with links that lead there', async () => {
    const { text } = await vscode.hoverOn('diff');
    await vscode.screenshot('causes-hover');
    expect(text.replaceAll('\u00a0', ' ')).toMatch(/src\/diff\.js:9\s+delete last\.previous;\s+\+3\.9 µs\s+97 ± 6%/);
    expect(text).toContain('Run · Explain · Show History');
    await vscode.page.locator('.monaco-hover a', { hasText: 'src/encode.js:1' }).click();
    await vscode.page.locator('.tab.active[data-resource-name="encode.js"]').waitFor();
    await seesBehind({ 1: '+120 ns, 3%' });
    await vscode.openFile('src/diff.js');
  });

  test('keeps its mark on the line while the text moves, and drops it with the text', async () => {
    await vscode.replaceText("import { encode } from './encode.js';", "import { encode } from './encode.js';\n\n");
    await seesBehind({ 11: figure });
    await vscode.replaceText('delete last.previous;', 'last.previous = undefined;');
    await seesBehind({});
    await seesHints(0);
    await vscode.undo();
    await seesBehind({ 11: figure });
    await vscode.undo();
    await seesBehind({ 9: figure });
    await seesHints(1);
  });

  test('marks every editor on the text, and none where the setting says so', async () => {
    await vscode.command('View: Split Editor Right');
    await vscode.waitFor(
      () => vscode.page.locator('.editor-instance').count(),
      (count) => count === 2,
    );
    await vscode.waitFor(
      () => vscode.behindLines('.editor-instance'),
      (found) => JSON.stringify(found) === JSON.stringify({ 9: `${figure} | ${figure}` }),
    );
    await set({ 'perfBudget.causes.inline': false });
    await seesBehind({});
    await set({});
    await seesBehind({ 9: figure });
    await vscode.closeEditor();
  });

  test('is explained on a page, unless the user cancels it', async () => {
    await vscode.command('View: Hide Panel');
    await vscode.command('Perf Budget: Explain Regression');
    await vscode.pick('diff');
    await vscode.waitFor(
      () => vscode.notifications(),
      (all) => all.some((text) => text.includes('Explaining diff: profiling both')),
    );
    await vscode.screenshot('causes-progress');
    await vscode.press('Cancel');
    await vscode.waitFor(
      () => vscode.notifications(),
      (all) => all.length === 0,
    );
    await vscode.clickCodeLens('79% slower');
    await vscode.pick('Explain Regression');
    const page = await vscode.webview();
    await page.locator('h1', { hasText: 'diff' }).waitFor();
    expect(await page.locator('ol').innerText()).toContain('+3.9 µs, 97 ± 6% of the difference 770 ns → 4.7 µs');
    expect(await page.locator('tbody tr').allInnerTexts()).toHaveLength(1);
    const names = (side: string) => page.locator(`[data-side=${side}] g.frame`).evaluateAll(readLabels);
    expect(await names('baseline')).toEqual([
      'a call: 5.1 µs → 9.1 µs (+4.0 µs)',
      'diff, src/diff.js:3: 5.1 µs → 9.1 µs (+4.0 µs)',
      'buildValues, src/diff.js:7: 770 ns → 4.7 µs (+3.9 µs)',
      'encode, src/encode.js:1: 2.3 µs → 2.5 µs (+130 ns)',
    ]);
    expect(await names('current')).toHaveLength(5);
    for (const [name, theme] of [
      ['dark', 'Default Dark Modern'],
      ['light', 'Default Light Modern'],
      ['high-contrast', 'Default High Contrast'],
    ] as const) {
      await set({ 'workbench.colorTheme': theme });
      await page.locator(`body[data-vscode-theme-kind="vscode-${name}"]`).waitFor();
      await vscode.screenshot(`causes-page-${name}`);
    }
    await set({});
  });

  test('whose page goes by keys and leads to the code', async () => {
    const page = await vscode.webview();
    const label = (selector: string) => page.locator(selector).getAttribute('aria-label');
    await page.locator('[data-side=current] g.frame[tabindex="0"]').focus();
    await vscode.page.keyboard.press('ArrowDown');
    await vscode.page.keyboard.press('ArrowDown');
    expect(await label('g.frame:focus')).toContain('buildValues');
    await vscode.page.keyboard.press('Enter');
    // The other side follows.
    await page.locator('[data-whole]:not([hidden])').waitFor();
    expect(await page.locator('g.frame:not(.fade)').evaluateAll(readLabels)).toHaveLength(2);
    await vscode.screenshot('causes-page-zoomed');
    await vscode.page.keyboard.press('Escape');
    await page.locator('[data-whole][hidden]').waitFor({ state: 'attached' });
    await page.locator('input').fill('ENCODE');
    await page.locator('output', { hasText: '1 found' }).waitFor();
    await vscode.screenshot('causes-page-found');
    await page.locator('ol button', { hasText: 'src/diff.js:9' }).click();
    await vscode.page.locator('.tab.active[data-resource-name="diff.js"]').waitFor();
  });

  test('whose profiles open in the viewer of VS Code', async () => {
    const page = await vscode.webview();
    await page.locator('[data-profiles]').click();
    const tabs = vscode.page.locator('.tab[data-resource-name$=".cpuprofile"]');
    await vscode.waitFor(
      () => tabs.count(),
      (count) => count === 2,
    );
    const names = await tabs.evaluateAll((all: { getAttribute(name: string): string | null }[]) =>
      all.map((tab) => tab.getAttribute('data-resource-name')),
    );
    expect(names.toSorted()).toEqual(['diff, new (the working tree).cpuprofile', 'diff, old (HEAD).cpuprofile']);
    const viewers = vscode.page.locator('iframe.webview.ready');
    await vscode.waitFor(
      async () => {
        const texts: string[] = [];
        for (const viewer of await viewers.all()) {
          const body = viewer.contentFrame().frameLocator('iframe#active-frame').locator('body');
          texts.push(await body.innerText().catch(() => ''));
        }
        return texts.filter((text) => text.includes('buildValues') && text.includes('Self Time')).length;
      },
      (count) => count === 2,
    );
    await vscode.screenshot('causes-profiles');
  });

  test('loses its marks when the code is saved', async () => {
    await vscode.command('View: Close All Editors');
    await vscode.openFile('src/diff.js');
    await seesBehind({ 9: figure });
    await vscode.replaceText('[last]', '[last, last]');
    await vscode.save();
    await seesBehind({});
    await seesHints(0);
  });
});

function readLabels(frames: { getAttribute(name: string): string | null }[]): (string | null)[] {
  return frames.map((frame) => frame.getAttribute('aria-label'));
}
