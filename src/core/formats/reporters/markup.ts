import * as l10n from '@vscode/l10n';
import type { Verdict } from '../../results/measurement.js';
import { markup, type Markup } from '../../text/escape.js';
import { marks } from '../../text/title.js';

/** The building blocks of the page. */

export const verdictWords: Readonly<Record<Verdict | 'unmeasured', () => string>> = {
  error: () => l10n.t('not measured'),
  fail: () => l10n.t('failed'),
  undecided: () => l10n.t('undecided'),
  warn: () => l10n.t('warned'),
  pass: () => l10n.t('passed'),
  unmeasured: () => l10n.t('not run yet'),
};

/** The cells of one row, and the HTML attributes of the row itself. */
export interface TableRow {
  readonly cells: readonly (string | Markup)[];
  readonly attributes: Markup;
}

export const cells = (all: readonly (string | Markup)[], attributes = markup``): TableRow => ({
  cells: all,
  attributes,
});

export function table(
  caption: string | Markup,
  heads: readonly string[],
  rows: readonly TableRow[],
  kind: string | null = null,
): Markup {
  const head = heads.map((name) => markup`<th scope="col">${name}</th>`);
  const lines = rows.map(
    ({ cells: all, attributes }) => markup`<tr${attributes}>${all.map((cell) => markup`<td>${cell}</td>`)}</tr>`,
  );
  const of = kind === null ? markup`` : markup` class="${kind}"`;
  return markup`<div class="scroll"><table${of}>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${markup.join(lines, '\n')}
</tbody>
</table></div>
`;
}

export const mark = (verdict: Verdict): Markup =>
  markup`<span class="mark ${verdict}" role="img" aria-label="${verdictWords[verdict]()}" title="${verdictWords[verdict]()}">${marks[verdict]}</span>`;

/** Renders a time in UTC, which the page's script turns into the reader's local time. */
export const time = (at: number): Markup => markup`<time datetime="${new Date(at).toISOString()}">${moment(at)}</time>`;

export const moment = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
