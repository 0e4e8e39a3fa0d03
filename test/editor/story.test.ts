import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFailed, test as vitestTest } from 'vitest';
import { Workbench } from './workbench.js';
import { commitAll, demoFolder, perfBudget, removeFolder } from './workspaces.js';

/** Real work: some of it is in every budget of `tokenize`. */
const slower = `const tokens: Token[] = [];
  if ([...source].map((character) => character.toUpperCase()).join('') === '') return tokens;`;

const figure = String.raw`\d[\d.,]*`;
const time = String.raw`${figure} (ns|µs|ms)`;
const change = String.raw`(±0|[+−]${figure})%`;
const fine = new RegExp(
  `^tokenize: ✓ (median ${time} of 2 ms|p95 ${time} of 20 ms) · (${change} vs HEAD|same code as HEAD|.* than HEAD)$`,
);
const broken = new RegExp(`^tokenize: ✗ ${figure}% slower than HEAD · 10% allowed$`);
const sentence = new RegExp(
  String.raw`^tokenize is ${figure}% slower than HEAD \(\+${figure} to \+${figure}%\); its budget allows 10%\.$`,
);

const containing = (part: string): unknown => expect.stringContaining(part);
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

let folder: string;
let workbench: Workbench;

beforeAll(async () => {
  folder = await demoFolder();
  workbench = await Workbench.start({ folder });
});

afterAll(async () => {
  await workbench.dispose();
  await removeFolder(path.dirname(folder));
});

/** A step of the story. What the screen showed where it failed is kept. */
function step(name: string, act: () => Promise<void>): void {
  vitestTest(name, async ({ task }) => {
    onTestFailed(async () => {
      await workbench.screenshot(`story-failed-${task.name.replaceAll(/\W+/g, '-')}`);
    });
    await act();
  });
}

const lenses = (): Promise<string[]> => workbench.codeLenses();
const meter = () => workbench.statusBar('meter');
const isIdle = (item: Awaited<ReturnType<typeof meter>>): boolean => item !== null && !item.text.includes('sync');

async function lensMatches(pattern: RegExp): Promise<void> {
  await workbench.waitFor(lenses, (titles) => titles.some((title) => pattern.test(title)), 60_000);
}

async function tokenizeProblems() {
  const rows = await workbench.problems();
  return rows.filter(({ message }) => message.startsWith('tokenize is'));
}

/** Whether there is a picture in the hover, and the browser could draw it. */
const picturesDrawn = (): Promise<boolean> =>
  workbench.page
    .locator('.monaco-hover img')
    .evaluateAll(
      (images: { readonly complete: boolean; readonly naturalWidth: number }[]) =>
        images.length > 0 && images.every(({ complete, naturalWidth }) => complete && naturalWidth > 0),
    );

describe('a person works on the demo', () => {
  step('runs all budgets, and every one of them holds', async () => {
    await workbench.openFile('src/tokenizer.ts');
    await workbench.waitFor(meter, (item) => item !== null);
    await workbench.waitFor(lenses, (titles) => titles.includes('tokenize: not measured yet'));
    // Some are known without a run: their code is that of HEAD.
    await workbench.waitFor(meter, (item) => item?.text === '$(dashboard) 0%' && item.background === 'none');
    await workbench.screenshot('story-01-opened');

    await workbench.command('Perf Budget: Run All Budgets');
    await workbench.waitFor(meter, (item) => /^\$\(sync~spin\) \d+ of 15$/.test(item?.text ?? ''));
    await workbench.screenshot('story-02-running');
    await lensMatches(fine);
    await workbench.waitFor(meter, isIdle, 120_000);
    expect(await meter()).toEqual({
      text: matching(/^\$\(dashboard\) (\d+%|✓)( · \d+ undecided)?$/),
      background: 'none',
    });
    await workbench.screenshot('story-03-measured');
  });

  step('makes tokenize slower, and sees it within the run', async () => {
    await workbench.replaceText('const tokens: Token[] = [];', slower);
    await workbench.goToLine(32);
    await workbench.save();
    await lensMatches(/^tokenize: measuring… · was ✓ (median|p95) /);
    await workbench.screenshot('story-04-measuring');
    await lensMatches(broken);
    // About ten times as slow, which is said in percent below and in times above.
    await lensMatches(new RegExp(`^tokenize comments: ✗ ${figure}(%| times) slower than HEAD · 10% allowed$`));
    await workbench.waitFor(meter, isIdle, 60_000);
    // `render` tokenizes, too.
    expect(await meter()).toEqual({ text: '$(dashboard) 3 over', background: 'error' });
    const rows = await workbench.waitFor(tokenizeProblems, (found) => found.length > 0);
    expect(rows).toEqual([
      {
        file: 'tokenizer.ts',
        severity: containing('error'),
        message: matching(sentence),
        source: 'perf-budget',
        code: 'tokenize',
        at: '[Ln 32, Col 17]',
        // The causes, as soon as they are found.
        related: expect.any(Array) as unknown,
      },
    ]);
    await workbench.screenshot('story-05-broken');
  });

  step('is told a moment later which line it is', async () => {
    const [row] = await workbench.waitFor(tokenizeProblems, (found) => (found[0]?.related.length ?? 0) > 0);
    const cause = String.raw`\+${time} of \+${time} \(.*%\): if \(\[\.\.\.source\]`;
    expect(row?.related[0]).toMatch(new RegExp(String.raw`^tokenizer\.ts\[Ln 34, Col \d+\]:${cause}.* in tokenize$`));
    const behind = await workbench.waitFor(
      () => workbench.behindLines(),
      (found) => Object.keys(found).includes('34'),
    );
    expect(behind[34]).toMatch(new RegExp(String.raw`^\+${time}, .*%`));
    await workbench.screenshot('story-05-cause');
  });

  step('hovers over the function, and reads the checks, the history and the last runs', async () => {
    const { text, html } = await workbench.hoverOn('tokenize');
    await workbench.screenshot('story-06-hover');
    // The problems above say that it is slower; the hover does not repeat it.
    expect(text.match(/slower than HEAD/g)).toHaveLength(2);
    expect(text).toContain('Run · Explain · Show History · Benchmark · Budget · More…');
    expect(text).toMatch(
      new RegExp(`✗\\s+tokenize comments\\s+time <= baseline \\+ 10%\\s+${time}\\s+${time}\\s+> ?1,000%`),
    );
    expect(text).toMatch(new RegExp(`✗\\s+(tokenize)?\\s+time <= baseline \\+ 10%\\s+${time}\\s+${time}\\s+> ?1,000%`));
    expect(text).toMatch(new RegExp(`[✓?]\\s+p95 <= 20 ms\\s+`));
    expect(text).toMatch(new RegExp(`✗\\s+just now\\s+\\w{7} \\+ changes\\s+${time}\\s+\\+${figure}%`));
    expect(html).toMatch(/<img[^>]* src="data:image\/svg\+xml/);
    expect(await picturesDrawn()).toBe(true);
    await workbench.dismissHover();
  });

  step('sees the same over the benchmark and over the entry', async () => {
    await workbench.openFile('bench/tokenizer.bench.ts');
    await lensMatches(new RegExp(`^✗ ${figure}% slower than HEAD · 10% allowed$`));
    // No budget has the third benchmark.
    const all = [containing('✗'), containing('✗'), '+ Add budget'];
    expect(await lenses()).toEqual(all);
    await workbench.screenshot('story-07-bench');
    await workbench.openFile('perf-budget.jsonc');
    await lensMatches(new RegExp(`^✗ ${figure}% slower than HEAD · 10% allowed$`));
    await workbench.screenshot('story-08-entry');
  });

  step('reads all budgets in the tooltip of the meter', async () => {
    const { text } = await workbench.hoverStatusBar('meter');
    await workbench.screenshot('story-09-meter');
    const budgets = ['tokenize', 'tokenize comments', 'cache hit', 'route', 'read CSV', 'glob', 'wrap'];
    expect(budgets.filter((name) => !text.includes(name))).toEqual([]);
    expect(text).toMatch(new RegExp(`✗\\s+tokenize\\s+${time} · ${time} allowed\\s+\\+${figure}%`));
    await workbench.dismissHover();
  });

  step('clicks on the lens, and opens the history', async () => {
    await workbench.openFile('src/tokenizer.ts');
    await lensMatches(broken);
    await workbench.clickCodeLens('tokenize: ✗');
    expect(await workbench.quickPickItems()).toEqual([
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
    await workbench.screenshot('story-10-actions');
    await workbench.pick('Show History');
    const page = await workbench.webview();
    const card = page.locator('article:visible');
    await card.locator('h3', { hasText: /tokenize$/ }).waitFor();
    await card.locator('canvas').waitFor();
    expect(await card.getAttribute('aria-label')).toBe('tokenize');
    await card.locator('summary').click();
    const runs = card.locator('table', { hasText: '2 runs, newest first' }).locator('tbody tr');
    expect(await runs.count()).toBe(2);
    expect(await runs.first().locator('.mark').getAttribute('aria-label')).toBe('failed');
    await workbench.screenshot('story-11-history');
    await workbench.closeEditor();
  });

  step('hears the same verdict from the command line', async () => {
    const { stdout, code } = await perfBudget(folder, 'check', 'tokenize');
    expect(code).toBe(1);
    expect(stdout).toMatch(new RegExp(`^✗ tokenize +${time} +\\+${figure}% .* allowed 10%`, 'm'));
  });

  step('undoes, saves, and sees it clear', async () => {
    await workbench.openFile('src/tokenizer.ts');
    await workbench.undo();
    await workbench.save();
    await lensMatches(fine);
    await workbench.waitFor(meter, (item) => item?.background === 'none' && isIdle(item));
    await workbench.waitFor(tokenizeProblems, (found) => found.length === 0);
    await workbench.screenshot('story-12-clear');
  });

  step('captures a baseline from the palette', async () => {
    await workbench.command('Perf Budget: Capture Baseline…');
    await workbench.waitFor(
      () => workbench.inputMessage(),
      (message) => message.includes('1 of 3'),
    );
    await workbench.screenshot('story-13-name');
    await workbench.answer('v1');
    await workbench.waitFor(
      () => workbench.inputMessage(),
      (message) => message.includes('2 of 3'),
    );
    await workbench.answer('The first release');
    await workbench.waitFor(
      () => workbench.inputMessage(),
      (message) => message.includes('3 of 3'),
    );
    const [first, ...accepted] = await workbench.quickPickItems();
    expect(first).toBe('Capture v1\nNo limit is broken.');
    expect(accepted[0]).toMatch(new RegExp(`^tokenize ${time}( → ${time} .${change}.)?\n✓ (median|p95) ${time} of `));
    await workbench.screenshot('story-14-accepted');
    await workbench.pick('Capture v1');
    await workbench.waitFor(
      () => workbench.notifications(),
      (messages) => messages.includes('Baseline v1 captured.'),
    );
    await lensMatches(/^tokenize: ✓ .* · (same code as v1|.* vs v1|.* than v1)$/);
    await workbench.screenshot('story-15-captured');
  });

  step('finds the commit that made it slower', async () => {
    const file = path.join(folder, 'src/tokenizer.ts');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('const tokens: Token[] = [];', slower));
    const guilty = await commitAll(folder, 'Fold the case');
    await writeFile(path.join(folder, 'NOTES.md'), 'Nothing that matters.\n');
    await commitAll(folder, 'Take notes');
    await workbench.command('Perf Budget: Find the Commit');
    await workbench.pick('tokenize');
    await workbench.waitFor(
      () => workbench.notifications(),
      (all) => all.some((message) => new RegExp(`: ${guilty} made it ${figure}% slower\\.`).test(message)),
      120_000,
    );
    await workbench.screenshot('story-16-commit');
    await workbench.press('Show Commit');
    await workbench.page.locator('.tab.active', { hasText: `${guilty} - Fold the case` }).waitFor();
    await workbench.screenshot('story-17-commit-shown');
  });
});
