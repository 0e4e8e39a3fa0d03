import type { TrendText } from '../core/reporters/page-data.js';
import { readTrend } from '../core/reporters/page-data.js';
import { TrendView } from './trend-view.js';
import 'uplot/dist/uPlot.min.css';
import './page.css';

/** What a page of `htmlReport` does where there are scripts: charts where they are looked at, and filters. */

const seconds = 1000;
const day = 24 * 60 * 60;
const now = Number(document.body.dataset['now']) / seconds;
const views = new Map<Element, TrendView>();
let from: number | null = null;

for (const element of document.querySelectorAll('time')) {
  element.textContent = new Date(element.dateTime).toLocaleString(undefined, {
    dateStyle: 'medium',
    timeStyle: 'short',
  });
}

// A thousand charts at once would keep everybody waiting; most are never looked at.
const seen = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) if (isIntersecting) draw(target);
  },
  { rootMargin: '300px' },
);
for (const element of document.querySelectorAll('[data-trend]')) seen.observe(element);

function draw(element: Element): void {
  seen.unobserve(element);
  if (!(element instanceof HTMLElement) || views.has(element)) return;
  const text = document.getElementById(element.dataset['trend'] ?? '')?.textContent;
  if (text === undefined) return;
  const trend = readTrend(JSON.parse(text) as TrendText);
  const view = new TrendView(element, element.dataset['name'] ?? '', trend);
  view.show(from, now);
  views.set(element, view);
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const view of views.values()) view.redraw();
});

const form = document.querySelector('form');
if (form !== null) {
  form.hidden = false;
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', () => filter(form));
  // A browser that goes back keeps what was chosen.
  filter(form);
}

function filter(of: HTMLFormElement): void {
  const data = new FormData(of);
  const chosen = new Set(data.getAll('verdict'));
  const text = textOf(data.get('text')).trim().toLowerCase();
  const days = Number(textOf(data.get('days')));
  const since = days > 0 ? now - days * day : null;
  let shown = 0;
  const cards = document.querySelectorAll<HTMLElement>('article');
  for (const card of cards) {
    const { verdict = '', text: words = '', last = '' } = card.dataset;
    const isOld = since !== null && Number(last) / seconds < since;
    card.hidden = !chosen.has(verdict) || !words.includes(text) || isOld;
    if (!card.hidden) shown++;
  }
  if (since !== from) for (const view of views.values()) view.show(since, now);
  from = since;
  const output = of.querySelector('output');
  if (output !== null) output.value = shown === cards.length ? '' : `${shown} of ${cards.length} shown`;
}

function textOf(value: FormDataEntryValue | null): string {
  return typeof value === 'string' ? value : '';
}
