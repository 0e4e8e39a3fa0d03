import * as l10n from '@vscode/l10n';
import { markup, type Markup } from '../../text/escape.js';
import { verdictWords } from './markup.js';
import type { ShownVerdict } from './overview.js';

/** What is above the overview of a page: how many budgets have which verdict, and the filters. */

/** Worst first. */
export const order: readonly ShownVerdict[] = ['error', 'fail', 'undecided', 'warn', 'pass', 'unmeasured'];

/** Says how many budgets have which verdict; empty if there are none. */
export function tally(all: readonly ShownVerdict[]): Markup {
  const items = order.flatMap((verdict) => {
    const count = all.filter((one) => one === verdict).length;
    return count === 0 ? [] : [markup`<li class="${verdict}"><b>${count}</b> ${verdictWords[verdict]()}</li>`];
  });
  return items.length === 0 ? markup`` : markup`<ul class="tally">${items}</ul>`;
}

const spans = (): readonly (readonly [value: string, name: string])[] => [
  ['', l10n.t('all time')],
  ['1', l10n.t('last day')],
  ['7', l10n.t('last week')],
  ['30', l10n.t('last month')],
  ['90', l10n.t('last 90 days')],
];

const option = (value: string, name: string): Markup => markup`<option value="${value}">${name}</option>`;

/** Shown only with scripts. */
export function filters(verdicts: readonly ShownVerdict[], tags: readonly string[]): Markup {
  const boxes = verdicts.map(
    (verdict) =>
      markup`<label><input type="checkbox" name="verdict" value="${verdict}" checked> ${verdictWords[verdict]()}</label>`,
  );
  const isUnused = tags.length === 0 ? markup` hidden` : '';
  return markup`<form class="filters" role="search" aria-label="${l10n.t('Filter budgets')}" hidden>
<label>${l10n.t('Search')} <input type="search" name="text" placeholder="${l10n.t('name, benchmark or file')}" autocomplete="off"></label>
<fieldset><legend>${l10n.t('Verdict')}</legend>${boxes}</fieldset>
<label${isUnused}>${l10n.t('Tag')} <select name="tag">${option('', l10n.t('any'))}${tags.map((one) => option(one, one))}</select></label>
<label>${l10n.t('Time')} <select name="days">${spans().map(([value, name]) => option(value, name))}</select></label>
<output></output>
</form>`;
}

/** How to use a chart. Shown only with scripts. */
export const hint = (): Markup =>
  markup`<p class="hint">${l10n.t('Drag across a chart to zoom in, double-click to see all of it, click a run for its commit. On the keyboard, ← and → move from run to run, + and − zoom, Enter shows the commit, Esc shows all runs.')}</p>\n`;
