import { readFileSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { htmlReport } from '../../src/core/reporters/html.js';
import type { PastRun } from '../../src/core/reporters/trend.js';
import { example } from '../core/reporters/example.js';
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

/** Forty runs a budget, a day apart, the newest first; half of them slower. One was not run for a month. */
function html(): string {
  const pasts = example.budgets.map((result) => ({
    name: result.name,
    runs: Array.from({ length: 40 }, (_, at): PastRun => {
      const value = at < 20 ? 8000 : 6000;
      const time = { value, low: value * 0.985, high: value * 1.015 };
      const commit = at.toString().padStart(7, 'c');
      const daysAgo = at + (result.name === 'tail' ? 30.5 : 0.5);
      return { at: now - daysAgo * day, commit, dirty: false, baseline: { name: 'HEAD' }, result, time };
    }),
  }));
  const [script = '', style = ''] = ['page.js', 'page.css'].map((name) => readFileSync(path.join(dist, name), 'utf8'));
  return htmlReport(example, pasts, { now, script, style });
}

/** Everything that goes wrong in it, and everything that it asks for, is kept. */
async function open(options: { colorScheme?: 'light' | 'dark'; javaScriptEnabled?: boolean } = {}): Promise<{
  page: Page;
  wrong: string[];
}> {
  const context = await browser.newContext({
    ...options,
    locale: 'en-GB',
    timezoneId: 'UTC',
    viewport: { width: 1200, height: 3000 },
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

test('every budget with a history has a chart, and its last run in words', async () => {
  const { page, wrong } = await open();
  await page.locator('canvas').nth(4).waitFor();
  expect(await page.locator('article canvas').count()).toBe(5);
  const card = page.locator('article', { hasText: 'registry lookup' }).first();
  expect(await card.locator('.readout').textContent()).toBe(
    '21 Nov 2026, 00:00 · 8.0 µs · +14 % against 7.0 µs · cccccc0 · fail',
  );
  expect(await card.locator('.plot').getAttribute('aria-label')).toBe(
    'time of registry lookup: 40 runs, the last 8 µs, 1 change of level, the last by +33 %. Arrow keys go from run to run, plus and minus zoom.',
  );
  expect(wrong).toEqual([]);
  await page.context().close();
});

test('a chart is used with the keyboard alone', async () => {
  const { page, wrong } = await open();
  const card = page.locator('article', { hasText: 'registry lookup' }).first();
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
  await card.locator('select').selectOption('p95');
  expect(await readout.textContent()).toContain('8.1 µs');
  expect(wrong).toEqual([]);
  await page.context().close();
});

test('filters by verdict, text and time', async () => {
  const { page, wrong } = await open();
  const shown = () => page.locator('article:visible h3').allTextContents();
  expect(await shown()).toHaveLength(5);
  await page.getByRole('checkbox', { name: 'failed' }).uncheck();
  expect(await shown()).toHaveLength(4);
  await page.getByRole('searchbox').fill('REGISTRY.ts');
  expect(await shown()).toEqual(['? tail', '⚠ render', '✓ parse']);
  expect(await page.locator('form output').textContent()).toBe('3 of 5 shown');
  await page.locator('select[name=days]').selectOption('7');
  expect(await shown()).toEqual(['⚠ render', '✓ parse']);
  await page.locator('select[name=days]').selectOption('');
  expect(await shown()).toHaveLength(3);
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
    expect(contrasts).toHaveLength(14);
    // WCAG 2.2, success criterion 1.4.3.
    expect(contrasts.filter(([, contrast]) => contrast < 4.5)).toEqual([]);
    await page.context().close();
  }
});

test('without scripts the figures are there all the same', async () => {
  const { page } = await open({ javaScriptEnabled: false });
  expect(await page.locator('form').isVisible()).toBe(false);
  expect(await page.locator('article').count()).toBe(5);
  await page.context().close();
});
