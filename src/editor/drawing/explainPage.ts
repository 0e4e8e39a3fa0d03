import * as l10n from '@vscode/l10n';
import * as v from 'valibot';
import type { Explained } from '../../engine/explain/request.js';
import { flame } from '../../core/cause/flame.js';
import type { Cause, CauseLine, Explanation } from '../../core/results/causes.js';
import {
  causeFigure,
  causeFunction,
  causePlace,
  causeSubject,
  causeWords,
  gainOf,
  causeShare,
  shareWithInterval,
} from '../../core/text/cause.js';
import { concernSentence } from '../../core/text/concern.js';
import { jsonText, markup, type Markup } from '../../core/text/escape.js';
import { flameText, flameTotals, type FlameText } from '../../core/text/flame.js';
import { resultTitle } from '../../core/text/title.js';

/** Why a budget costs what it costs, as a page: the causes, old and new as flame graphs beside each other, the changed lines. */
export interface ExplainPage {
  readonly explained: Explained;
  /** Writes the address of a file as the user would. */
  readonly shown: (url: string) => string;
  readonly script: string;
  readonly stylesheet: string;
  /** The source from which the page may load styles. */
  readonly source: string;
  /** Only scripts with this word run. */
  readonly nonce: string;
}

/** What the page asks for, when its user clicks. */
const request = v.variant('type', [
  v.object({ type: v.literal('open'), file: v.string(), line: v.number(), column: v.number() }),
  v.object({ type: v.literal('profiles') }),
]);

/** Returns what the page asks for; null if it is no such thing. */
export function readRequest(message: unknown): v.InferOutput<typeof request> | null {
  const read = v.safeParse(request, message);
  return read.success ? read.output : null;
}

export function explainPage({ explained, shown, script, stylesheet, source, nonce }: ExplainPage): string {
  const { budget, from, to, result, explanation, why, profiles } = explained;
  const totals = flameTotals(explanation);
  const graph = profiles && flameText(flame(profiles, totals), totals.baseline !== 1 || totals.current !== 1, shown);
  const policy = `default-src 'none'; style-src ${source}; script-src 'nonce-${nonce}';`;
  const sentences = [
    ...(result.concerns ?? []).map((concern) => concernSentence(budget, concern)),
    ...(why === null ? [] : [why]),
  ];
  const figures =
    explanation === null
      ? ''
      : `, ${l10n.t`${causeFigure(explanation.baseline)} → ${causeFigure(explanation.current)} a call`}`;
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
<p class="verdict">${resultTitle(result, from)}</p>
<p class="quiet">${from} → ${to}${figures}</p>
${sentences.map((sentence) => markup`<p>${sentence}</p>\n`)}${explanation === null ? '' : causeList(explanation)}
${graph === null || graph.root.children.length === 0 ? '' : flames(graph, { from, to })}
${explanation === null ? '' : changedLines(explanation)}
${profiles === null ? '' : markup`<p><button type="button" data-profiles>${l10n.t('Open both profiles')}</button></p>`}
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>
`.text;
}

function causeList({ causes, note }: Explanation): Markup {
  const items = causes.map((cause) => {
    const { code, where, reasons } = causeWords(cause, causes);
    const subject = cause.kind === 'garbage collection' ? [causeSubject(cause)] : [];
    const name = [causeFunction(cause), ...subject].filter((part) => part !== '').join(', ') || causeSubject(cause);
    const details = cause.kind === 'time' ? '' : where;
    return markup`<li>
<p><b>${name}</b> ${place(cause)}</p>
${code === '' ? '' : markup`<p><code>${code}</code>${cause.changed ? markup` <span class="quiet">${l10n.t('changed')}</span>` : ''}</p>\n`}<p>${markup.filled(l10n.t('{0}, {1} of the difference'), markup`<strong>${gainOf(cause)}</strong>`, shareWithInterval(cause))} <span class="quiet">${causeFigure(cause.baseline)} → ${causeFigure(cause.current)}</span></p>
${details === '' ? '' : markup`<p>${details}</p>\n`}${reasons.map((reason) => markup`<p class="reason">${reason}</p>\n`)}</li>`;
  });
  const list =
    items.length === 0 ? markup`<p>${l10n.t('No function accounts for it.')}</p>` : markup`<ol>${items}</ol>`;
  return markup`<section aria-labelledby="causes">
<h2 id="causes">${l10n.t('Causes')}</h2>
${list}
${note === null ? '' : markup`<p>${note}</p>\n`}</section>`;
}

function flames(graph: FlameText, { from, to }: { readonly from: string; readonly to: string }): Markup {
  const figure = (side: 'baseline' | 'current', name: string): Markup =>
    markup`<figure><figcaption>${name}, ${graph[side]}</figcaption><div class="chart" data-side="${side}" data-name="${name}"></div></figure>`;
  const find = l10n.t('Find a function');
  const help = l10n.t(
    'Width is time, at one scale for both sides: {0}, {1}. Click a function or press Enter to zoom; arrow keys move.',
  );
  const slower = markup`<span class="more">${l10n.t('slower')}</span>`;
  const faster = markup`<span class="less">${l10n.t('faster')}</span>`;
  return markup`<section aria-labelledby="flames">
<h2 id="flames">${l10n.t('Where a call spends its time')}</h2>
<form role="search">
<input type="search" placeholder="${find}" aria-label="${find}" spellcheck="false">
<output></output>
<button type="button" data-whole hidden>${l10n.t('Show all')}</button>
</form>
<p class="quiet">${markup.filled(help, slower, faster)}</p>
<div class="flames">${figure('baseline', from)}${figure('current', to)}</div>
<p class="details" aria-live="polite"></p>
<script type="application/json" id="graph">${markup.trusted(jsonText(graph.root).replaceAll('<', String.raw`\u003c`))}</script>
</section>`;
}

function changedLines({ baseline, current, causes }: Explanation): Markup {
  const rows = causes.flatMap((cause) =>
    linesOf(cause)
      .filter(({ changed }) => changed)
      .map((line) => ({ cause, line })),
  );
  if (rows.length === 0) return markup`<p>${l10n.t('No line that was changed accounts for a part of it.')}</p>`;
  const whole = { low: 0, high: 0, share: 0, baseline, current };
  const cells = rows.map(({ cause: { file, function: name }, line: { line, column, text, share } }) => {
    const part = { value: (current.value - baseline.value) * share, unit: current.unit };
    const gain = gainOf({ ...whole, baseline: { value: 0, unit: current.unit }, current: part });
    const shares = causeShare({ share, low: share, high: share });
    return markup`<tr><td><p>${place({ file, line, column })} <span class="quiet">${name ?? ''}</span></p>
<code>${text}</code></td><td class="figure">${gain}</td><td class="figure">${shares}</td></tr>`;
  });
  return markup`<section aria-labelledby="lines">
<h2 id="lines">${l10n.t('Changed lines')}</h2>
<table>
<thead><tr><th scope="col">${l10n.t('Line')}</th><th scope="col" class="figure">${l10n.t('A call')}</th><th scope="col" class="figure">${l10n.t('Share')}</th></tr></thead>
<tbody>${cells}</tbody>
</table>
</section>`;
}

function linesOf(cause: Cause): readonly CauseLine[] {
  const { lines, line, column, text, share, changed } = cause;
  return lines ?? (line === null ? [] : [{ line, column: column ?? 1, text, share, changed }]);
}

function place(of: Pick<Cause, 'file' | 'line' | 'column'>): Markup {
  const { file, line, column } = of;
  if (file === null) return markup``;
  return markup`<button type="button" class="link" data-file="${file}" data-line="${line ?? 1}" data-column="${column ?? 1}">${causePlace(of) ?? file}</button>`;
}
