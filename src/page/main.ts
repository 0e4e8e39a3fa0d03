import type { TrendText } from '../core/formats/reporters/page-data.js';
import { readTrend } from '../core/formats/reporters/page-data.js';
import { filtered } from './filter.js';
import { TrendView, type Span } from './trend-view.js';
import 'uplot/dist/uPlot.min.css';
import './page.css';

/** The script of a page of `htmlReport`: draws the charts that are in view, and filters. */

const now = Number(document.body.dataset['now']) / 1000;
const views = new Map<Element, TrendView>();
let span: Span = null;

document.documentElement.classList.add('live');
const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
for (const element of document.querySelectorAll('time'))
  element.textContent = format.format(new Date(element.dateTime));

// A thousand charts at once would keep everybody waiting; most are never looked at.
const wanted = new Set<HTMLElement>();
const seen = new IntersectionObserver(
  (entries) => {
    const before = wanted.size;
    for (const { target, isIntersecting } of entries) {
      if (!(target instanceof HTMLElement)) continue;
      if (isIntersecting) wanted.add(target);
      else {
        wanted.delete(target);
        views.get(target)?.rest();
      }
    }
    if (before === 0 && wanted.size > 0) requestAnimationFrame(drawNext);
  },
  { rootMargin: '300px' },
);
for (const element of document.querySelectorAll('[data-trend]')) seen.observe(element);

/** Draws one chart a frame, so that scrolling stays smooth. While the page loads, charts without figures wait. */
function drawNext(): void {
  for (const element of wanted) {
    if (!views.has(element) && !isRead(element)) continue;
    wanted.delete(element);
    viewOf(element)?.draw();
    break;
  }
  if (wanted.size > 0) requestAnimationFrame(drawNext);
}

const dataOf = ({ dataset }: HTMLElement): HTMLElement | null => document.getElementById(dataset['trend'] ?? '');

/** Whether a chart's figures are loaded: they are at the end of the page, which may be long. */
const isRead = (element: HTMLElement): boolean =>
  document.readyState !== 'loading' || (dataOf(element)?.nextElementSibling ?? null) !== null;

function viewOf(element: HTMLElement): TrendView | null {
  const known = views.get(element);
  if (known !== undefined) return known;
  const text = dataOf(element)?.textContent;
  if (text === undefined) return null;
  // A machine that never measured anything has nothing to draw.
  const trends = (JSON.parse(text) as TrendText[]).map(readTrend).filter(({ series }) => series.length > 0);
  if (trends.length === 0) {
    element.remove();
    return null;
  }
  const view = new TrendView(element, element.dataset['name'] ?? '', trends);
  view.show(span);
  views.set(element, view);
  return view;
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const view of views.values()) if (view.isDrawn) view.draw();
});

const form = document.querySelector('form');
if (form !== null) {
  const filter = (): void => {
    const days = filtered(form, now);
    const from = days === null ? null : now - days * 24 * 60 * 60;
    if (from === (span?.from ?? null)) return;
    span = from === null ? null : { from, to: now };
    for (const view of views.values()) view.show(span);
  };
  form.hidden = false;
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', filter);
  // A browser that goes back keeps the user's choices.
  filter();
}

// A filter must not hide what a link leads to.
document.addEventListener('click', ({ target }) => {
  const link = target instanceof Element ? target.closest('a') : null;
  const card = link === null ? null : document.getElementById(link.hash.slice(1));
  if (form === null || card?.hidden !== true) return;
  form.reset();
  form.dispatchEvent(new Event('input'));
});
