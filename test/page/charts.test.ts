import { readFileSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { htmlReport } from '../../src/core/formats/reporters/html.js';
import { pastOf } from '../../src/core/formats/reporters/past.js';
import type { PastRun } from '../../src/core/formats/reporters/trend.js';
import { example } from '../core/formats/reporters/example.js';
import { remove, temporaryFolder, write } from '../engine/repository.js';
import { chromium as executable } from '../host/browser.mjs';

const now = Date.parse('2026-11-21T12:00:00Z');
const dist = path.resolve(import.meta.dirname, '../../dist');
const folder = temporaryFolder();
let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: executable(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
}, 300_000);

afterAll(async () => {
  await browser.close();
  remove(folder);
});

/** Every text that a canvas was asked to write, with its box in CSS pixels. Runs before the page's script. */
const recording = `{
  const written = (globalThis.written = new Map());
  const { fillText, clearRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...all) {
    written.set(this.canvas, []);
    return clearRect.apply(this, all);
  };
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const { width } = this.measureText(text);
    const { a, e, f } = this.getTransform();
    const size = parseFloat(/([\\d.]+)px/.exec(this.font)[1]);
    const left = { center: x - width / 2, right: x - width, end: x - width }[this.textAlign] ?? x;
    const top = { top: y, middle: y - size / 2 }[this.textBaseline] ?? y - size;
    const all = written.get(this.canvas) ?? [];
    all.push({ text, left: left * a + e, right: (left + width) * a + e, top: top * a + f, bottom: (top + size) * a + f });
    written.set(this.canvas, all);
    return fillText.apply(this, arguments);
  };
}`;

interface Written {
  readonly card: string;
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

const writtenTexts = `Array.from(globalThis.written).flatMap(([canvas, texts]) =>
  canvas.isConnected
    ? texts.map((one) => ({ ...one, card: canvas.closest('article').id, width: canvas.width, height: canvas.height }))
    : [])`;

const overlap = (a: Written, b: Written): boolean =>
  a.card === b.card && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** A budget for each number of runs and time between them, in minutes. */
function charts(kinds: readonly (readonly [runs: number, minutes: number])[]): string {
  const [, lookup] = example.budgets;
  if (lookup === undefined) throw new Error('the example has budgets');
  const budgets = kinds.map(([runs, minutes]) => ({ ...lookup, name: `${runs} runs, ${minutes} min apart` }));
  const pasts = kinds.map(([count, minutes], place) => {
    const result = budgets[place] ?? lookup;
    const runs = Array.from({ length: count }, (_, at): PastRun => {
      const value = 7000 + ((at * 7919) % 100);
      const time = { value, low: value * 0.99, high: value * 1.01 };
      const at_ = now - at * minutes * 60_000;
      const of = { baseline: { name: 'HEAD' }, machine: 'a', here: true };
      return { ...of, at: at_, commit: at.toString(16).padStart(40, 'c'), dirty: at % 2 === 0, result, time };
    });
    return pastOf(runs, now);
  });
  const [script = '', style = ''] = ['page.js', 'page.css'].map((name) => readFileSync(path.join(dist, name), 'utf8'));
  return htmlReport({ ...example, budgets }, pasts, { now, script, style });
}

const spacings = [0.2, 15, 61, 300, 1500, 10_000, 50_000];

test.each([
  [1400, 'en-US'],
  [1100, 'de-DE'],
  [700, 'en-US'],
  [360, 'fr-FR'],
] as const)('the labels of the axes never run into each other: %s pixels, %s', async (width, locale) => {
  const kinds = [1, 2, 5, 60].flatMap((runs) => spacings.map((minutes) => [runs, minutes] as const));
  write(folder, { 'charts.html': charts(kinds) });
  const context = await browser.newContext({ locale, timezoneId: 'UTC', viewport: { width, height: 900 } });
  await context.addInitScript(recording);
  const page = await context.newPage();
  await page.goto(`file://${folder}/charts.html`);
  // Printing draws those out of view, too.
  await page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
  expect(await page.locator('canvas').count()).toBe(kinds.length);
  await expect.poll(() => page.evaluate<number>('globalThis.written.size')).toBeGreaterThanOrEqual(kinds.length);
  const texts = await page.evaluate<readonly Written[]>(writtenTexts);
  expect(new Set(texts.map(({ card }) => card)).size).toBe(kinds.length);
  // Each chart has labels on both axes: the date is in words or has a colon.
  for (const [place] of kinds.entries())
    expect(texts.filter(({ card }) => card === `b${place}`).length).toBeGreaterThanOrEqual(2);
  const labels = texts.filter(({ text }) => !text.includes('baseline'));
  expect(labels.flatMap((a, at) => labels.slice(at + 1).flatMap((b) => (overlap(a, b) ? [[a, b]] : [])))).toEqual([]);
  // And none is cut off.
  expect(labels.filter(({ left, right, bottom, width: w, height: h }) => left < 0 || right > w || bottom > h)).toEqual(
    [],
  );
  await context.close();
});

test('a single run has its own date on the axis, and is where it points', async () => {
  write(folder, { 'charts.html': charts([[1, 1]]) });
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC' });
  await context.addInitScript(recording);
  const page = await context.newPage();
  await page.goto(`file://${folder}/charts.html`);
  await page.locator('canvas').waitFor();
  await expect.poll(() => page.evaluate<number>('globalThis.written.size')).toBeGreaterThan(0);
  const texts = await page.evaluate<readonly Written[]>(writtenTexts);
  expect(texts.map(({ text }) => text).filter((text) => /\d:\d\d|Nov/.test(text))).toEqual(['21 Nov 2026, 12:00']);
  await page.locator('.u-over').hover();
  const tip = page.locator('.tip');
  expect(await tip.locator('strong').textContent()).toBe('7.00 µs');
  expect(await tip.innerText()).toBe(
    '7.00 µs\n6.93 µs to 7.07 µs\n21 Nov 2026, 12:00\n+14% vs 6.14 µs\nccccccc + changes\nfail',
  );
  expect(await page.locator('.legend li').allTextContents()).toContain('with uncommitted changes');
  await context.close();
});

test('a click and Enter lead to the commit: on the web if the page knows where, else to the clipboard', async () => {
  write(folder, { 'charts.html': charts([[3, 1500]]) });
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  await page.goto(`file://${folder}/charts.html`);
  await page.locator('canvas').waitFor();
  await page.locator('.plot').focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.locator('.readout').textContent()).toBe('ccccccc is on the clipboard.');
  expect(await page.evaluate<string>('navigator.clipboard.readText()')).toBe('ccccccc');
  await page.evaluate(
    `{ document.body.dataset.commits = 'https://example.com/a/b/commit/'; window.open = (url) => (globalThis.opened = url); }`,
  );
  const box = await page.locator('.u-over').boundingBox();
  if (box === null) throw new Error('the chart is not shown');
  await page.mouse.move(box.x + box.width / 2 - 20, box.y + 30);
  await page.mouse.move(box.x + box.width / 2, box.y + 30, { steps: 3 });
  await expect.poll(() => page.locator('.tip').isVisible()).toBe(true);
  await page.mouse.click(box.x + box.width / 2, box.y + 30);
  await expect.poll(() => page.evaluate('globalThis.opened')).toBe('https://example.com/a/b/commit/ccccccc');
  await context.close();
});

/** Whether every canvas has something drawn, and how many there are. */
const drawnCanvases = `Array.from(document.querySelectorAll('article canvas'), (canvas) =>
  canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte > 0))`;

test('all charts are printed, also those that nobody has scrolled to, in the colours of paper', async () => {
  const kinds = Array.from({ length: 40 }, (_, at) => [at + 1, 300] as const);
  write(folder, { 'charts.html': charts(kinds) });
  const context = await browser.newContext({ viewport: { width: 1200, height: 700 }, colorScheme: 'dark' });
  const page = await context.newPage();
  await page.goto(`file://${folder}/charts.html`);
  await page.locator('.cards').waitFor();
  expect(await page.locator('article canvas').count()).toBeLessThan(20);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await expect.poll(() => page.locator('article canvas').count()).toBe(40);
  expect(await page.evaluate<boolean[]>(drawnCanvases)).toEqual(Array<boolean>(40).fill(true));
  expect(await page.evaluate(`getComputedStyle(document.documentElement).getPropertyValue('--text')`)).toBe('#1f2328');
  await page.emulateMedia({ media: 'screen' });
  await expect.poll(() => page.locator('article canvas').count()).toBeLessThan(20);
  await context.close();
});
