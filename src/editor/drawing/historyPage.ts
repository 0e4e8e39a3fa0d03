import { formatChange, formatTime } from '../../core/language/figures.js';
import type { HistoryRow } from '../../engine/history/store.js';
import { markup, type Markup } from '../../core/text/escape.js';
import { headline, marks } from '../../core/text/title.js';
import { ago, commitName, counts, machineName } from '../../core/text/words.js';

/** A budget's history as a page: the picture, then every run as a table. No scripts. */
export interface HistoryPage {
  readonly budget: string;
  /** The budget's current state in words. */
  readonly title: string;
  /** Newest first. */
  readonly rows: readonly HistoryRow[];
  /** A `data:` address; null if there is nothing to draw. */
  readonly picture: string | null;
  readonly stylesheet: string;
  /** The source from which the page may load styles. */
  readonly source: string;
  readonly now: number;
}

export function historyPage({ budget, title, rows, picture, stylesheet, source, now }: HistoryPage): string {
  const policy = `default-src 'none'; img-src data:; style-src ${source};`;
  const image = picture === null ? markup`` : markup`<img alt="The history of ${budget}" src="${picture}">\n`;
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="${stylesheet}">
<title>${budget}</title>
</head>
<body>
<h1>${budget}</h1>
<p>${title}</p>
${rows.length === 0 ? markup`<p>No runs yet.</p>` : markup`${image}${runTable(rows, now)}`}
</body>
</html>
`.text;
}

const columns: readonly {
  head: string;
  kind: 'text' | 'figure' | 'mark';
  cell: (row: HistoryRow, now: number) => string | Markup;
}[] = [
  {
    head: 'Verdict',
    kind: 'mark',
    cell: ({ result: { verdict } }) =>
      markup`<span role="img" aria-label="${verdict}" title="${verdict}">${marks[verdict]}</span>`,
  },
  {
    head: 'When',
    kind: 'text',
    cell: ({ at }, now) => markup`<time datetime="${new Date(at).toISOString()}">${ago(at, now)}</time>`,
  },
  { head: 'Commit', kind: 'text', cell: ({ commit, dirty }) => commitName(commit, dirty) },
  { head: 'Time', kind: 'figure', cell: ({ time }) => (time === null ? '–' : formatTime(time.value, time)) },
  {
    head: 'Change',
    kind: 'figure',
    cell: ({ result: { comparison } }) => (comparison === null ? '–' : formatChange(comparison.ratio, comparison)),
  },
  { head: 'Against', kind: 'text', cell: ({ baseline }) => baseline?.name ?? '–' },
  {
    head: 'Finding',
    kind: 'text',
    cell: ({ result, baseline }) => headline(result, baseline?.name ?? 'the baseline'),
  },
];

const machine: (typeof columns)[number] = {
  head: 'Machine',
  kind: 'text',
  cell: (row) => machineName(row.machine, row.here),
};

function runTable(rows: readonly HistoryRow[], now: number): Markup {
  const shown = rows.every(({ here }) => here) ? columns : columns.toSpliced(3, 0, machine);
  const heads = shown.map(({ head, kind }) => markup`<th scope="col" class="${kind}">${head}</th>`);
  const lines = rows.map((row) => {
    const cells = shown.map(({ kind, cell }) => markup`<td class="${kind}">${cell(row, now)}</td>`);
    return markup`<tr class="${row.result.verdict}">${cells}</tr>`;
  });
  return markup`<table>
<caption>The last ${counts(rows.length, 'run')}, newest first</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${markup.join(lines, '\n')}
</tbody>
</table>`;
}
