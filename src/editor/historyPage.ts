import { runCells, runHeads } from '../core/markdown.js';
import { commitName, headline, marks } from '../core/wording.js';
import type { HistoryRow } from '../engine/snapshot.js';

/** A budget's history as a page: the picture, then every run as a table. No scripts. */
export interface HistoryPage {
  readonly budget: string;
  /** What the budget says now. */
  readonly title: string;
  /** Newest first. */
  readonly rows: readonly HistoryRow[];
  /** A `data:` address; null where there is nothing to draw. */
  readonly picture: string | null;
  readonly stylesheet: string;
  /** What the page may load styles from. */
  readonly source: string;
  readonly now: number;
}

export function historyPage({ budget, title, rows, picture, stylesheet, source, now }: HistoryPage): string {
  const policy = `default-src 'none'; img-src data:; style-src ${source};`;
  const body =
    rows.length === 0
      ? '<p>No runs yet.</p>'
      : `${picture === null ? '' : `<img alt="${escape(`Time of the last ${rows.length} runs of ${budget}`)}" src="${picture}">`}
${runTable(rows, now)}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escape(policy)}">
<link rel="stylesheet" href="${escape(stylesheet)}">
<title>${escape(budget)}</title>
</head>
<body>
<h1>${escape(budget)}</h1>
<p>${escape(title)}</p>
${body}
</body>
</html>
`;
}

function runTable(rows: readonly HistoryRow[], now: number): string {
  const heads = [...runHeads, 'Against', 'Verdict'].map((head) => `<th scope="col">${head}</th>`).join('');
  const lines = rows.map((row) => {
    const against = row.baseline?.name ?? '–';
    const [mark, when, , time, change] = runCells(row, now).map(escape);
    return `<tr class="${row.result.verdict}">
<td aria-label="${row.result.verdict}">${mark ?? marks[row.result.verdict]}</td>
<td><time datetime="${new Date(row.at).toISOString()}" title="${new Date(row.at).toISOString()}">${when ?? ''}</time></td>
<td>${escape(commitName(row.commit, row.dirty))}</td>
<td class="figure">${time ?? ''}</td>
<td class="figure">${change ?? ''}</td>
<td>${escape(against)}</td>
<td>${escape(headline(row.result, against))}</td>
</tr>`;
  });
  return `<table>
<caption>The last ${rows.length} runs, newest first</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table>`;
}

function escape(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character);
}
