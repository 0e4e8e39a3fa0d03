import type { Verdict } from '../../results/measurement.js';
import { marks } from '../../text/title.js';

/** The building blocks of the page. Captions, heads and cells are HTML. */

export const verdictWords: Readonly<Record<Verdict, string>> = {
  error: 'not measured',
  fail: 'failed',
  undecided: 'undecided',
  warn: 'warned',
  pass: 'passed',
};

/** The cells of one row, and the HTML attributes of the row itself. */
export interface TableRow {
  readonly cells: readonly string[];
  readonly attributes: string;
}

export const cells = (all: readonly string[], attributes = ''): TableRow => ({ cells: all, attributes });

export function table(caption: string, heads: readonly string[], rows: readonly TableRow[], kind = ''): string {
  const head = heads.map((name) => `<th scope="col">${name}</th>`).join('');
  const lines = rows.map(
    ({ cells: all, attributes }) => `<tr${attributes}>${all.map((cell) => `<td>${cell}</td>`).join('')}</tr>`,
  );
  const of = kind === '' ? '' : ` class="${kind}"`;
  return `<div class="scroll"><table${of}>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table></div>
`;
}

export const mark = (verdict: Verdict): string =>
  `<span class="mark ${verdict}" role="img" aria-label="${verdictWords[verdict]}" title="${verdictWords[verdict]}">${marks[verdict]}</span>`;

/** Renders a time in UTC, which the page's script turns into the reader's local time. */
export const time = (at: number): string => `<time datetime="${new Date(at).toISOString()}">${moment(at)}</time>`;

export const moment = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
