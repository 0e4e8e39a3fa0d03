import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { htmlReport } from '../../src/core/formats/reporters/html.js';
import { pastOf } from '../../src/core/formats/reporters/past.js';
import type { PastRun } from '../../src/core/formats/reporters/trend.js';
import { junitReport } from '../../src/core/formats/reporters/junit.js';
import { noPast } from '../../src/core/formats/reporters/past.js';
import { visible } from '../../src/core/text/escape.js';
import { example } from '../core/formats/reporters/example.js';
import { exampleWith } from '../core/formats/reporters/hostile.js';
import { hostile } from '../core/text/hostile.js';
import { remove, temporaryFolder, write } from '../engine/repository.js';
import { chromium as executable } from '../host/browser.mjs';

const now = Date.parse('2026-11-21T12:00:00Z');
const dist = path.resolve(import.meta.dirname, '../../dist');
const day = 24 * 60 * 60 * 1000;
const folder = temporaryFolder();
let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: executable(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
  write(folder, { 'page.html': html() });
}, 300_000);

afterAll(async () => {
  await browser.close();
  remove(folder);
});

/**
 * Forty runs a budget, a day apart, the newest first; half of them slower. One was not run for a month. Of one there are runs
 * of another machine, too, which are newer and three times as slow.
 */
function html(): string {
  const here = { baseline: { name: 'HEAD' }, dirty: false, machine: 'a', here: true };
  const pasts = example.budgets.map((result) => {
    const runs = Array.from({ length: 40 }, (_, at): PastRun => {
      const value = at < 20 ? 8000 : 6000;
      const time = { value, low: value * 0.985, high: value * 1.015 };
      const commit = at.toString().padStart(7, 'c');
      const daysAgo = at + (result.name === 'tail' ? 30.5 : 0.5);
      return { ...here, at: now - daysAgo * day, commit, result, time };
    });
    const other = runs.slice(0, 10).map((run): PastRun => {
      const time = { value: 24_000, low: 23_900, high: 24_100 };
      return { ...run, at: run.at + 0.1 * day, machine: '0123456789abcdef', here: false, time };
    });
    const all = result.name === 'render' ? [...runs, ...other].sort((a, b) => b.at - a.at) : runs;
    return pastOf(all, now);
  });
  const tags: Readonly<Record<string, readonly string[]>> = { parse: ['hot', 'start up'], tail: ['hot'] };
  const budgets = example.budgets.map((budget) => {
    const own = tags[budget.name];
    return own === undefined ? budget : { ...budget, tags: own };
  });
  const [script = '', style = ''] = ['page.js', 'page.css'].map((name) => readFileSync(path.join(dist, name), 'utf8'));
  return htmlReport({ ...example, budgets }, pasts, { now, script, style });
}

/** Everything that goes wrong in it, and everything that it asks for, is kept. */
interface Options {
  readonly colorScheme?: 'light' | 'dark';
  readonly javaScriptEnabled?: boolean;
  readonly reducedMotion?: 'reduce';
  readonly viewport?: { readonly width: number; readonly height: number };
}

async function open(options: Options = {}): Promise<{
  page: Page;
  wrong: string[];
}> {
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'UTC',
    viewport: { width: 1200, height: 4000 },
    ...options,
  });
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => wrong.push(message.text()));
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) wrong.push(request.url());
  });
  await page.goto(`file://${folder}/page.html`);
  return { page, wrong };
}

const cardOf = (page: Page, name: string): Locator => page.locator(`article[aria-label="${name}"]`);

test('every budget with a history has a chart, and its last run in words', async () => {
  const { page, wrong } = await open();
  await page.locator('canvas').nth(4).waitFor();
  expect(await page.locator('article canvas').count()).toBe(5);
  const card = cardOf(page, 'registry lookup');
  expect(await card.locator('.readout').textContent()).toBe(
    '21 Nov 2026, 00:00 · 8.0 µs · +14% vs 7.0 µs · cccccc0 · fail',
  );
  expect(await card.locator('.plot').getAttribute('aria-label')).toBe(
    'time of registry lookup: 40 runs, the last 8 µs, limit ≤ baseline + 10%, 1 level change, the last by +33%. Use the arrow keys to move from run to run, plus and minus to zoom, and Enter to show the commit.',
  );
  expect(await card.locator('.legend li').allTextContents()).toEqual([
    'time and its interval',
    'baseline',
    'limit ≤ baseline + 10%',
    'commit',
    'failed',
    'the level changed by +33% on 2 Nov 2026, ccccc19',
  ]);
  expect(wrong).toEqual([]);
  await page.context().close();
});

test('a chart is used with the keyboard alone', async () => {
  const { page, wrong } = await open();
  const card = cardOf(page, 'registry lookup');
  const readout = card.locator('.readout');
  await card.locator('.plot').focus();
  await page.keyboard.press('Home');
  expect(await readout.textContent()).toContain('13 Oct 2026');
  await page.keyboard.press('ArrowRight');
  expect(await readout.textContent()).toContain('14 Oct 2026');
  await page.keyboard.press('Shift+ArrowRight');
  expect(await readout.textContent()).toContain('24 Oct 2026');
  await page.keyboard.press('+');
  await page.keyboard.press('End');
  expect(await readout.textContent()).toContain('21 Nov 2026');
  await page.keyboard.press('Escape');
  await card.getByRole('combobox', { name: 'Figure of registry lookup' }).selectOption('p95');
  expect(await readout.textContent()).toContain('8.1 µs');
  expect(wrong).toEqual([]);
  await page.context().close();
});

test('a drag zooms, a double click shows everything again', async () => {
  const { page, wrong } = await open();
  const card = cardOf(page, 'registry lookup');
  const plot = card.locator('.u-over');
  const labels = async (): Promise<string> => (await card.locator('canvas').screenshot()).toString('base64');
  await plot.waitFor();
  const before = await labels();
  const box = await plot.boundingBox();
  if (box === null) throw new Error('the chart is not shown');
  await page.mouse.move(box.x + 100, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + 200, box.y + 50, { steps: 5 });
  await page.mouse.up();
  await expect.poll(labels).not.toBe(before);
  await plot.dblclick({ position: { x: 5, y: 5 } });
  await page.mouse.move(0, 0);
  await expect.poll(labels).toBe(before);
  expect(wrong).toEqual([]);
  await page.context().close();
});

test('one machine at a time', async () => {
  const { page, wrong } = await open();
  const card = cardOf(page, 'render');
  const machines = card.getByRole('combobox', { name: 'Machine of render' });
  await card.locator('canvas').waitFor();
  expect(await machines.locator('option').allTextContents()).toEqual(['this machine', 'machine 0123456']);
  const summary = () => card.locator('.plot').getAttribute('aria-label');
  expect(await summary()).toContain('time of render on this machine: 40 runs, the last 8 µs');
  await machines.selectOption('machine 0123456');
  expect(await summary()).toContain('time of render on machine 0123456: 10 runs, the last 24 µs');
  expect(await card.locator('.readout').textContent()).toContain('24.0 µs');
  expect(await page.getByRole('combobox', { name: /^Machine of/ }).count()).toBe(1);
  expect(wrong).toEqual([]);
  await page.context().close();
});

test('filters by verdict, tag, text and time', async () => {
  const { page, wrong } = await open();
  const shown = () => page.locator('article:visible h3').allTextContents();
  const alerts = (id: string) => page.locator(`[aria-labelledby=${id}] li:visible a`).allTextContents();
  expect(await shown()).toHaveLength(5);
  expect(await alerts('alerts')).toEqual(['odd, <name>: 50% & "more" | `x`', 'registry lookup', 'render']);
  await page.getByRole('checkbox', { name: 'failed' }).uncheck();
  expect(await shown()).toHaveLength(4);
  expect(await alerts('alerts')).toEqual(['odd, <name>: 50% & "more" | `x`', 'render']);
  await page.getByRole('searchbox').fill('REGISTRY.ts');
  expect(await shown()).toEqual(['? tail', '⚠ render', '✓ parse']);
  expect(await page.locator('form output').textContent()).toBe('3 of 5 shown');
  // Nothing of it is left in the week, and a heading without a list says nothing.
  expect(await page.getByRole('heading', { name: 'Failed runs of the last week' }).isVisible()).toBe(false);
  const tag = page.getByRole('combobox', { name: 'Tag', exact: true });
  await tag.selectOption('hot');
  expect(await shown()).toEqual(['? tail', '✓ parse']);
  await tag.selectOption('start up');
  expect(await shown()).toEqual(['✓ parse']);
  await tag.selectOption('any');
  const time = page.getByRole('combobox', { name: 'Time', exact: true });
  await time.selectOption('last week');
  expect(await shown()).toEqual(['⚠ render', '✓ parse']);
  const parse = cardOf(page, 'parse');
  await parse.locator('summary').click();
  const runs = () => parse.locator('tr[data-at]:visible').count();
  expect(await runs()).toBe(7);
  await time.selectOption('last 90 days');
  expect(await shown()).toHaveLength(3);
  expect(await runs()).toBe(21);
  await page.getByRole('searchbox').fill('nothing like it');
  expect(await page.getByText('No budget matches.').isVisible()).toBe(true);
  expect(wrong).toEqual([]);
  await page.context().close();
});

test('a span of time cuts the charts', async () => {
  const { page } = await open();
  const card = cardOf(page, 'registry lookup');
  const readout = card.locator('.readout');
  await card.locator('canvas').waitFor();
  await page.getByRole('combobox', { name: 'Time', exact: true }).selectOption('last week');
  await card.locator('.u-over').hover({ position: { x: 20, y: 40 } });
  // At the left edge stands the first run of the week, where the first of all stood.
  await expect.poll(() => readout.textContent()).toContain('15 Nov 2026');
  await page.context().close();
});

test('a link to a budget that a filter hides brings it back', async () => {
  const { page, wrong } = await open();
  await page.getByRole('searchbox').fill('odd');
  const card = cardOf(page, 'registry lookup');
  expect(await card.isVisible()).toBe(false);
  await page.evaluate(`[...document.links].find((one) => one.textContent === 'registry lookup').click()`);
  expect(await card.isVisible()).toBe(true);
  expect(await page.getByRole('searchbox').inputValue()).toBe('');
  expect(wrong).toEqual([]);
  await page.context().close();
});

/** What has the keyboard, and whether that is seen. */
const focused = `(() => {
  const one = document.activeElement;
  const isSeen = getComputedStyle(one).outlineStyle !== 'none';
  const name = one.getAttribute('aria-label') ?? one.closest('label')?.textContent ?? one.textContent;
  return one.localName + ' ' + name.trim().slice(0, 24).trim() + (isSeen ? '' : ', unseen');
})()`;

/** What a screen reader would tell without a name. */
const unnamed = `[...document.querySelectorAll('input, select, article, section, form, [role=group]')]
  .filter((one) => {
    const by = document.getElementById(one.getAttribute('aria-labelledby') ?? '') ?? one.closest('label');
    return (one.getAttribute('aria-label') ?? by?.textContent ?? '').trim() === '';
  })
  .map((one) => one.outerHTML)`;

test('every control has a name, the keyboard reaches all in order, and nothing is too wide for a phone', async () => {
  const { page, wrong } = await open({ viewport: { width: 360, height: 3000 }, reducedMotion: 'reduce' });
  await page.locator('canvas').first().waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  expect(await page.evaluate('getComputedStyle(document.documentElement).scrollBehavior')).toBe('auto');
  await page.getByRole('searchbox').fill('render');
  // A card is drawn when it comes into view.
  await page.getByLabel(/^time of render/).waitFor();
  const reached: string[] = [];
  for (let step = 0; step < 16; step++) {
    await page.keyboard.press('Tab');
    reached.push(await page.evaluate<string>(focused));
  }
  expect(reached).toMatchInlineSnapshot(`
    [
      "input not measured",
      "input failed",
      "input undecided",
      "input warned",
      "input passed",
      "select Tag anyhotstart up",
      "select Time all timelast daylas",
      "button Verdict",
      "button Budget",
      "button Change",
      "a render",
      "a render",
      "select Figure of render",
      "select Machine of render",
      "div time of render on this m",
      "summary Checks and runs",
    ]
  `);
  expect(await page.evaluate<string[]>(unnamed)).toEqual([]);
  expect(wrong).toEqual([]);
  await page.context().close();
});

/** Of `#1f2328` or `#fff`: WCAG 2.2, relative luminance. */
function luminance(color: string): number {
  const digits = color.trim().replace(/^#(.)(.)(.)$/, '#$1$1$2$2$3$3');
  expect(digits).toMatch(/^#[\da-f]{6}$/i);
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(digits.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test('light and dark each have enough contrast', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = await open({ colorScheme });
    const colorOf = (name: string): Promise<string> =>
      page.evaluate<string>(`getComputedStyle(document.documentElement).getPropertyValue('${name}')`);
    const contrasts: [string, number][] = [];
    for (const name of ['--text', '--muted', '--line', '--good', '--warn', '--bad', '--open']) {
      for (const ground of ['--page', '--card']) {
        const [a, b] = [luminance(await colorOf(name)), luminance(await colorOf(ground))];
        contrasts.push([`${name} on ${ground}`, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]);
      }
    }
    for (const ground of ['--phase', '--phase-2']) {
      const [a, b] = [luminance(await colorOf('--text')), luminance(await colorOf(ground))];
      contrasts.push([`--text on ${ground}`, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]);
    }
    expect(contrasts).toHaveLength(16);
    // WCAG 2.2, success criterion 1.4.3.
    expect(contrasts.filter(([, contrast]) => contrast < 4.5)).toEqual([]);
    // And 1.4.11, for the borders of what is chosen from.
    const [edge, card] = [luminance(await colorOf('--edge')), luminance(await colorOf('--card'))];
    expect((Math.max(edge, card) + 0.05) / (Math.min(edge, card) + 0.05)).toBeGreaterThan(3);
    await page.context().close();
  }
});

test('without scripts the figures are there all the same', async () => {
  const { page } = await open({ javaScriptEnabled: false });
  expect(await page.locator('form').isVisible()).toBe(false);
  expect(await page.locator('article').count()).toBe(5);
  await page.context().close();
});

const changesOf = (rows: readonly { getAttribute(name: string): string | null }[]) =>
  rows.map((row) => row.getAttribute('data-change'));

test('the overview is sorted by its heads, and each line leads to its card', async () => {
  const { page, wrong } = await open();
  const shown = () => page.locator('.overview tbody a').allTextContents();
  const worst = await shown();
  expect(worst).toEqual(['odd, <name>: 50% & "more" | `x`', 'registry lookup', 'tail', 'render', 'parse']);
  const known = example.budgets.flatMap(({ comparison }) => comparison?.ratio ?? []);
  const descending = known.toSorted((a, b) => b - a).map(String);
  await page.getByRole('button', { name: 'Budget' }).click();
  expect(await shown()).toEqual(worst.toSorted());
  expect(await page.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('ascending');
  await page.getByRole('button', { name: 'Budget' }).click();
  expect(await shown()).toEqual(worst.toSorted().reverse());
  // What has no change is last in both directions.
  for (const order of [descending, descending.toReversed()]) {
    await page.getByRole('button', { name: 'Change' }).click();
    const changes = await page.locator('.overview tbody tr').evaluateAll(changesOf);
    expect(changes).toEqual([...order, ...changes.slice(order.length).map(() => '')]);
    expect(changes.length).toBeGreaterThan(order.length);
  }
  await page.getByRole('button', { name: 'Verdict' }).click();
  expect(await shown()).toEqual(worst);
  await page.locator('.overview a', { hasText: 'parse' }).click();
  expect(await page.locator('article:target').getAttribute('aria-label')).toBe('parse');
  await page.getByRole('checkbox', { name: 'failed' }).uncheck();
  expect(await page.locator('.overview tbody tr:visible a').allTextContents()).not.toContain('registry lookup');
  expect(wrong).toEqual([]);
  await page.context().close();
});

interface Parsed {
  /** The names of the elements in the page and in JUnit. */
  readonly html: readonly string[];
  readonly xml: readonly string[];
  readonly cards: readonly string[];
  /** The protocols of all links, and how their fragments begin. */
  readonly links: readonly string[];
  readonly cases: readonly string[];
}

/** Runs in the browser, whose parsers tell what a document is. */
const parsed = `(all) => {
  const parser = new DOMParser();
  const elements = (root) => [...new Set(Array.from(root.querySelectorAll('*'), ({ localName }) => localName))];
  const named = (root, query, attribute) =>
    Array.from(root.querySelectorAll(query), (element) => element.getAttribute(attribute)).sort();
  return all.map(({ page, junit }) => {
    const html = parser.parseFromString(page, 'text/html');
    const xml = parser.parseFromString(junit, 'application/xml');
    const [cards, cases] = [named(html, 'article', 'aria-label'), named(xml, 'testcase', 'name')];
    const links = [...new Set(Array.from(html.links, ({ protocol, hash }) => protocol + hash.slice(0, 2)))];
    return { links, html: elements(html), xml: elements(xml), cards, cases };
  });
}`;

test('whatever a name is, a browser reads it as text in the page and in JUnit', async () => {
  const { page } = await open();
  const texts = fc.sample(hostile, 150);
  const documents = texts.map((text) => {
    const document = exampleWith(text);
    const pasts = document.budgets.map(() => noPast);
    return { page: htmlReport(document, pasts, { now, script: '', style: '' }), junit: junitReport(document, false) };
  });
  const read = await page.evaluate<readonly Parsed[]>(`(${parsed})(${JSON.stringify(documents)})`);
  for (const [index, { html, xml, cards, cases, links }] of read.entries()) {
    const text = texts[index] ?? '';
    expect(html.filter((name) => ['img', 'iframe', 'object', 'svg'].includes(name))).toEqual([]);
    expect(xml.filter((name) => !/^(?:testsuites?|testcase|failure|error|skipped|system-out)$/.test(name))).toEqual([]);
    const names = exampleWith(text)
      .budgets.map(({ name }) => visible(name))
      .sort();
    expect(cards).toEqual(names);
    expect(links).toEqual(['file:#b']);
    expect(cases).toEqual(expect.arrayContaining(names));
  }
});
