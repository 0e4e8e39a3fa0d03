import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Workbench, type WorkbenchOptions } from './workbench.js';
import { commitAll, removeFolder, running, temporaryFolder, writeFiles } from './workspaces.js';

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
});
`;

const config = `{
  "benchmarks": [{ "files": "bench/*.bench.js" }],
  "budgets": {
    "sum": { "benchmark": "sum/small", "code": "src/sum.js#sum", "limit": ["time <= 1 s"] },
  },
}
`;

const files = {
  '.gitignore': '.perf-budget\n',
  'package.json': '{ "type": "module" }\n',
  'src/sum.js': sum,
  'bench/sum.bench.js': bench,
  'perf-budget.jsonc': config,
};

/** Reached, and not more. */
const fine = /^✓ [\d.,]+ (ns|µs|ms) of 1 s · /;

const containing = (part: string): unknown => expect.stringContaining(part);
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

let folder: string;
let workbench: Workbench | undefined;
/** One window for all of them that can share it. */
let shared: Workbench | undefined;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await workbench?.screenshot(`failed-${task.name.replaceAll(/\W+/g, '-')}`);
  await (workbench === shared ? workbench?.close() : workbench?.dispose());
  workbench = undefined;
  await removeFolder(folder);
});

afterAll(async () => {
  await shared?.dispose();
});

async function open(more: Readonly<Record<string, string>> = {}, settings: WorkbenchOptions['settings'] = {}) {
  await writeFiles(folder, { ...files, ...more });
  await commitAll(folder);
  return opened(folder, settings);
}

async function opened(what: string, settings: WorkbenchOptions['settings'] = {}) {
  if (shared === undefined) shared = await Workbench.start({ folder: what, settings });
  else {
    workbench = shared;
    await shared.open(what, settings);
  }
  workbench = shared;
  return shared;
}

async function seesLens(in_: Workbench, lens: RegExp): Promise<string[]> {
  return in_.waitFor(
    () => in_.codeLenses(),
    (titles) => titles.some((title) => lens.test(title)),
    20_000,
  );
}

async function idle(in_: Workbench) {
  return in_.waitFor(
    () => in_.statusBar('meter'),
    (item) => item !== null && !item.text.includes('sync'),
    20_000,
  );
}

describe('in one project', () => {
  /** A function with a bench file and a budget of its own for each test. */
  const names = ['sum', 'thrown', 'late', 'heavy', 'endless'];
  const neverEnds = 'let total = 0; while (n > 5) total++;';
  let root: string;
  let vscode: Workbench;

  beforeAll(async () => {
    root = await temporaryFolder();
    const parts = names.flatMap((name) => [
      [`src/${name}.js`, sum.replace('function sum', `function ${name}`)],
      [`bench/${name}.bench.js`, bench.replaceAll('sum', name)],
    ]);
    const budgets = names.map((name) => [
      name,
      {
        benchmark: `${name}/small`,
        code: `src/${name}.js#${name}`,
        limit: ['time <= 1 s'],
        ...(name === 'late' && { time: '100 ms' }),
        ...(name === 'heavy' && { time: '200 ms' }),
      },
    ]);
    await writeFiles(root, {
      ...files,
      ...(Object.fromEntries(parts) as Record<string, string>),
      'bench/heavy.bench.js': bench.replaceAll('sum', 'heavy').replace('2000', '1.2e8'),
      'src/late.js': sum.replace('function sum', 'function late').replace('let total = 0;', neverEnds),
      'perf-budget.jsonc': JSON.stringify({
        benchmarks: [{ files: 'bench/*.bench.js' }],
        budgets: Object.fromEntries(budgets) as unknown,
      }),
    });
    await commitAll(root);
    vscode = await opened(root);
    workbench = undefined;
  });

  afterAll(async () => {
    await vscode.close();
    await removeFolder(root);
  });

  test('saving a comment shows the known verdict at once', async () => {
    await vscode.openFile('src/sum.js');
    await seesLens(vscode, /^not measured yet$/);
    await vscode.command('Perf Budget: Run Budgets for This File');
    const [before] = await seesLens(vscode, fine);
    await idle(vscode);
    await vscode.watchLenses();
    await vscode.replaceText('let total = 0;', 'let total = 0; // of the remainders');
    await vscode.save();
    // The run that answers a change of code comes after that of the comment: by then the comment's is over.
    await vscode.replaceText('i % 7', 'i % 5');
    await vscode.save();
    await seesLens(vscode, /^measuring… · was ✓ /);
    await seesLens(vscode, fine);
    const seen = await vscode.lensesSeen();
    expect(seen[0]).toBe(before);
    expect(seen.filter((title) => title.startsWith('measuring…'))).toHaveLength(1);
  });

  test('a benchmark that throws is an error over it, and in Problems where it threw', async () => {
    await vscode.openFile('src/thrown.js');
    await seesLens(vscode, /^not measured yet$/);
    await vscode.replaceText('let total = 0;', "let total = 0; if (n > 5) throw new Error('boom');");
    await vscode.save();
    await seesLens(vscode, /^! .*boom/);
    await vscode.waitFor(
      () => vscode.statusBar('meter'),
      (item) => item?.text === '$(dashboard) 1 error' && item.background === 'error',
    );
    const problems = await vscode.waitFor(
      () => vscode.problems(),
      (rows) => rows.some(({ message }) => message.includes('boom')),
    );
    await vscode.screenshot('surfaces-throws');
    // At the `new` of the throw, which is in the function and not in the benchmark.
    expect(problems).toMatchObject([
      {
        ...{ file: 'thrown.js', at: '[Ln 2, Col 35]', source: 'perf-budget' },
        message: matching(/^thrown was not measured: .*boom/),
      },
    ]);
  });

  test('a benchmark that never ends is an error when its time is up', async () => {
    await vscode.openFile('src/late.js');
    await seesLens(vscode, /^not measured yet$/);
    await vscode.command('Perf Budget: Run Budgets for This File');
    await seesLens(vscode, /^! /);
    await vscode.screenshot('surfaces-timeout');
    expect((await vscode.codeLenses())[0]).toMatch(/time|ended|long/);
  });

  test('code that is too slow to become hot in its time says what it waits for, and is no proof of a regression', async () => {
    await idle(vscode);
    await vscode.openFile('src/heavy.js');
    await seesLens(vscode, /^not measured yet$/);
    await vscode.command('Perf Budget: Run Budgets for This File');
    await seesLens(vscode, fine);
    await idle(vscode);
    await vscode.replaceText('i <= n', 'i <= 3 * n');
    await vscode.save();
    await seesLens(vscode, /^measuring… looks slower, waiting for V8 to optimize · was ✓ /);
    await vscode.screenshot('surfaces-waits');
    await seesLens(vscode, /^\? \+\d+ ± \d+% vs HEAD, undecided: not fully optimized$/);
    expect((await vscode.hoverOn('heavy')).text).toContain('V8 may not have finished optimizing the code');
    await vscode.screenshot('surfaces-not-hot');
    await vscode.dismissHover();
    expect((await vscode.problems()).filter(({ message }) => message.startsWith('heavy'))).toEqual([]);
  });

  test('a benchmark that never ends can be cancelled, and the editor answers meanwhile', async () => {
    await idle(vscode);
    await vscode.openFile('src/endless.js');
    await seesLens(vscode, /^not measured yet$/);
    await vscode.replaceText('let total = 0;', neverEnds);
    await vscode.save();
    await seesLens(vscode, /^measuring…$/);
    await vscode.waitFor(
      () => running(root),
      (processes) => processes.length > 0,
    );
    // Another extension's work and this one's: both are answered.
    expect((await vscode.hoverOn('endless')).text).toContain('measuring…');
    await vscode.dismissHover();
    await vscode.screenshot('surfaces-hangs');
    await vscode.command('Perf Budget: Cancel');
    await seesLens(vscode, /^not measured yet$/);
    await vscode.close();
    await vscode.waitFor(
      () => running(root),
      (processes) => processes.length === 0,
    );
  });
});

test('without runOnSave a save leaves the verdict stale', async () => {
  const vscode = await open({}, { 'perfBudget.runOnSave': false });
  await vscode.openFile('src/sum.js');
  await seesLens(vscode, /^not measured yet$/);
  await vscode.command('Perf Budget: Run Budgets for This File');
  await seesLens(vscode, fine);
  await idle(vscode);
  await vscode.replaceText('i % 7', 'i % 5');
  await vscode.save();
  await seesLens(vscode, /^stale: the code changed · was ✓ [\d.,]+ (ns|µs|ms) of 1 s$/);
  await vscode.screenshot('surfaces-stale');
  await vscode.undo();
  await vscode.save();
  await seesLens(vscode, fine);
});

describe('perf-budget.jsonc', () => {
  test('that is broken while it is written says where, and keeps its lenses', async () => {
    const vscode = await open();
    await vscode.openFile('perf-budget.jsonc');
    await seesLens(vscode, /^not measured yet$/);
    await vscode.command('Perf Budget: Run Budgets for This File');
    await seesLens(vscode, fine);
    await vscode.replaceText('"limit": [', '"limit" [');
    const [problem] = await vscode.waitFor(
      async () => (await vscode.problems()).filter(({ source }) => source === 'perf-budget'),
      (rows) => rows.length > 0,
    );
    await vscode.screenshot('surfaces-half-written');
    expect(problem).toMatchObject({ file: 'perf-budget.jsonc', at: containing('[Ln 4, ') });
    expect(await vscode.codeLenses()).toEqual([matching(fine)]);
    await vscode.save();
    expect(await vscode.codeLenses()).toEqual([matching(fine)]);
    await vscode.undo();
    await vscode.save();
    await vscode.waitFor(
      async () => (await vscode.problems()).filter(({ source }) => source === 'perf-budget'),
      (rows) => rows.length === 0,
    );
  });

  test('tells what it names and is not there, on that very string', async () => {
    const vscode = await open({
      'perf-budget.jsonc': `{
  "benchmarks": [{ "files": "bench/*.bench.js" }],
  "budgets": {
    "sum": { "benchmark": "sum/smal", "limit": ["time <= 1 s"] },
    "gone": { "benchmark": "sum/small", "code": "src/sum.js#total" },
    "size": { "benchmark": "sum/small", "limit": ["p95 <= 3 MB"] },
  },
}
`,
    });
    await vscode.openFile('perf-budget.jsonc');
    const rows = await vscode.waitFor(
      async () => (await vscode.problems()).filter(({ source }) => source === 'perf-budget'),
      (all) => all.length === 3,
    );
    await vscode.screenshot('surfaces-unknown');
    expect(rows.map(({ message, at, severity }) => ({ message, at, severity }))).toEqual([
      {
        message: 'There is no benchmark "sum/smal"; did you mean "sum/small"?',
        at: '[Ln 4, Col 27]',
        severity: containing('error'),
      },
      { message: containing('total'), at: '[Ln 5, Col 49]', severity: containing('error') },
      {
        message: '"p95 <= 3 MB": p95 is a time, but 3 MB is a size.',
        at: '[Ln 6, Col 59]',
        severity: containing('error'),
      },
    ]);
  });
});

describe('without trust', () => {
  test('nothing runs until it is granted', async () => {
    const marker = path.join(folder, 'ran');
    const marking = `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(marker)}, '');\n${bench}`;
    await writeFiles(folder, { ...files, 'bench/sum.bench.js': marking });
    await commitAll(folder);
    const vscode = await Workbench.start({ folder, trust: false });
    workbench = vscode;
    await vscode.openFile('src/sum.js');
    const meter = await vscode.waitFor(
      () => vscode.statusBar('meter'),
      (item) => item !== null,
    );
    expect(meter?.text).toBe('$(dashboard) –');
    // Beside it stands what VS Code says itself of that, and moves it while it appears.
    await vscode.waitFor(
      () => vscode.hoverStatusBar('meter'),
      ({ text }) =>
        text.includes(
          'This workspace is not trusted: known results are shown, but nothing is measured. Manage Workspace Trust',
        ),
    );
    await vscode.screenshot('trust-restricted');
    await vscode.dismissHover();
    await vscode.replaceText('i % 7', 'i % 5');
    await vscode.save();
    expect(await vscode.hasCommand('Perf Budget: Run All Budgets')).toBe(false);
    await vscode.command('Perf Budget: Explain Regression');
    await vscode.pick('sum');
    await vscode.waitFor(
      () => vscode.notifications(),
      (all) => all.includes('Nothing was explained: that runs the benchmark, and this workspace is not trusted.'),
    );
    await vscode.screenshot('trust-explain');
    // The Testing view lists them. VS Code itself asks before any test runs.
    await vscode.command('Test: Run All Tests');
    const dialog = vscode.page.locator('.monaco-dialog-box');
    await dialog.filter({ hasText: 'Running tests may execute code in your workspace.' }).waitFor();
    await vscode.screenshot('trust-testing');
    await vscode.press('Cancel');
    await dialog.waitFor({ state: 'detached' });
    expect(existsSync(marker)).toBe(false);
    expect(existsSync(path.join(folder, '.perf-budget'))).toBe(false);

    await vscode.trust();
    await vscode.openFile('src/sum.js');
    await seesLens(vscode, /^not measured yet$/);
    await vscode.command('Perf Budget: Run All Budgets');
    await seesLens(vscode, fine);
    expect(existsSync(marker)).toBe(true);
    await idle(vscode);
  });
});

describe('a workspace of several folders', () => {
  test('shows the budgets of each, and leaves alone what an outer one ignores', async () => {
    const project = (name: string) =>
      Object.fromEntries(Object.entries(files).map(([file, text]) => [`${name}/${file}`, text]));
    await writeFiles(folder, {
      ...project('eins ä'),
      ...project('zwei ö'),
      ...project('eins ä/vendor/inner'),
      'eins ä/perf-budget.jsonc': config.replace(
        '  "budgets"',
        '  "defaults": { "ignore": ["vendor/**"] },\n  "budgets"',
      ),
      'eins ä/vendor/inner/perf-budget.jsonc': config.replace('"sum":', '"ignored":'),
      'both.code-workspace': '{ "folders": [{ "path": "eins ä" }, { "path": "zwei ö" }] }\n',
    });
    await commitAll(folder);
    const vscode = await opened(path.join(folder, 'both.code-workspace'));
    await vscode.waitFor(
      () => vscode.statusBar('meter'),
      (item) => item !== null,
    );
    await vscode.openFile(path.join(folder, 'zwei ö', 'src', 'sum.js'));
    await seesLens(vscode, /^not measured yet$/);
    await vscode.command('Perf Budget: Run All Budgets');
    await seesLens(vscode, fine);
    await idle(vscode);
    const { text } = await vscode.hoverStatusBar('meter');
    await vscode.screenshot('several-folders');
    expect(text).toMatch(/✓\s+sum \(eins ä\)\s/);
    expect(text).toMatch(/✓\s+sum \(zwei ö\)\s/);
    expect(text).not.toContain('ignored');
    await vscode.dismissHover();
    await vscode.openFile(path.join(folder, 'eins ä', 'bench', 'sum.bench.js'));
    await seesLens(vscode, fine);
  });
});

test('a warning is told as one, and a baseline is not captured where it would not be kept', async () => {
  await writeFile(path.join(folder, '.perf-budget'), 'in the way\n');
  await writeFile(path.join(folder, 'perf-budget.baselines'), 'in the way\n');
  const vscode = await open({ '.gitignore': '' });
  await vscode.openFile('perf-budget.jsonc');
  const [problem] = await vscode.waitFor(
    async () => (await vscode.problems()).filter(({ source }) => source === 'perf-budget'),
    (rows) => rows.length > 0,
  );
  expect(problem).toMatchObject({
    file: 'perf-budget.jsonc',
    severity: containing('warning'),
    at: '[Ln 1, Col 1]',
  });
  await vscode.command('Perf Budget: Capture Baseline…');
  await vscode.waitFor(
    () => vscode.notifications(),
    (all) => all.some((text) => text.startsWith('perf-budget.baselines cannot be written (E')),
  );
  // Nothing is asked for that nothing comes of.
  expect(await vscode.isAsking()).toBe(false);
  await vscode.screenshot('surfaces-not-kept');
});
