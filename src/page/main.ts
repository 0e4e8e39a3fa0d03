import type { TrendText } from '../core/formats/reporters/page-data.js';
import { Charts } from './charts.js';
import { filtered } from './filter.js';
import { Live, vscodeApi } from './live.js';
import { localize } from './local.js';
import { Sorting } from './sort.js';
import 'uplot/dist/uPlot.min.css';
import './page.css';

/** The script of a page of `htmlReport`, and of the dashboard in an editor: charts, filters, sorting. */

const api = vscodeApi();
document.documentElement.classList.add('live');
localize(document);

/** Where a report keeps the figures of a chart. */
const dataOf = ({ dataset }: HTMLElement): HTMLElement | null => document.getElementById(dataset['trend'] ?? '');

/** The figures of a report are at its end; while the page loads, charts without figures wait. */
function embedded(element: HTMLElement): readonly TrendText[] | null {
  const data = dataOf(element);
  const isRead = document.readyState !== 'loading' || (data?.nextElementSibling ?? null) !== null;
  return data === null || !isRead ? null : (JSON.parse(data.textContent) as TrendText[]);
}

/** Follows a commit's link if the page knows where; otherwise copies its id. */
function openCommit(commit: string): string {
  const { commits } = document.body.dataset;
  if (commits !== undefined) {
    window.open(commits + commit, '_blank', 'noopener');
    return `${commit} opens in another tab.`;
  }
  navigator.clipboard.writeText(commit).catch(() => undefined);
  return `${commit} is on the clipboard.`;
}

const table = document.querySelector<HTMLTableElement>('.overview table');
const form = document.querySelector('form');
const charts: Charts = new Charts(
  api === null
    ? { read: embedded, openCommit: (_, commit) => openCommit(commit), steady: (change) => change() }
    : {
        read: (element) => live?.trendsOf(element) ?? null,
        openCommit: (element, commit) => live?.openCommit(element, commit) ?? null,
        steady: (change) => (live === null ? change() : live.steady(change)),
      },
);
const sorting = table === null ? null : new Sorting(table, () => live?.keep());

function filter(): void {
  if (form === null) return;
  const now = Number(document.body.dataset['now'] ?? Date.now()) / 1000;
  const days = filtered(form, now);
  charts.show(days === null ? null : { from: now - days * 24 * 60 * 60, to: now });
}

const live: Live | null =
  api === null || sorting === null || form === null ? null : new Live(api, charts, sorting, form, filter);

charts.watch(document);
if (form !== null) {
  form.hidden = false;
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', () => {
    filter();
    live?.keep();
  });
  // A browser that goes back keeps the user's choices.
  filter();
}

// A filter must not hide what a link leads to.
document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const card = link === null ? null : document.getElementById(link.hash.slice(1));
  if (card === null) return;
  if (form !== null && card.hidden) {
    form.reset();
    form.dispatchEvent(new Event('input'));
  }
  // A webview has no addresses that could change.
  if (live === null) return;
  event.preventDefault();
  live.goTo(card);
});
live?.start();
