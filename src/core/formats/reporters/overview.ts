import * as l10n from '@vscode/l10n';
import { formatChange, formatQuantity } from '../../language/figures.js';
import { freeUnit } from '../../language/quantity.js';
import { knownOf, type BudgetState } from '../../results/state.js';
import type { Verdict } from '../../results/measurement.js';
import { leadingCheck } from '../../text/check.js';
import { isSameCode, measuredBesideBound } from '../../text/figures.js';
import { markup, type Markup } from '../../text/escape.js';
import { headline, marks, stateTitle } from '../../text/title.js';
import { counts } from '../../text/words.js';
import { mark, time, verdictWords } from './markup.js';
import { verdicts, type Trend } from './trend.js';

/** The overview of a page: a line for each budget, which leads to its card. */

/** What a filter asks for: a budget that was never measured has no verdict. */
export type ShownVerdict = Verdict | 'unmeasured';

/** One line of the overview. */
export interface OverviewLine {
  /** The HTML id of the budget's card. */
  readonly id: string;
  readonly name: string;
  readonly benchmark: string;
  /** `src/a.ts:12`; empty if unknown. */
  readonly where: string;
  readonly tags: readonly string[];
  readonly state: BudgetState;
  /** What it is compared with. */
  readonly against: string;
  /** The name of its project, if the page shows several. */
  readonly project?: string;
  /** Null until it is known, or if nothing was measured. */
  readonly spark: Spark | null;
}

/** The last figures of a budget, oldest first; null for a run without one. */
export interface Spark {
  readonly metric: string;
  readonly unit: string;
  readonly values: readonly (number | null)[];
  /** Of the last run. */
  readonly verdict: Verdict;
}

/** As many runs as a line has room for. */
export const sparkRuns = 40;

/** Returns the end of a history as a spark; null if it has no figures. */
export function sparkOf(trend: Trend | undefined): Spark | null {
  const series = trend?.series[0];
  if (trend === undefined || series === undefined) return null;
  const values = Array.from(series.value.slice(-sparkRuns), (value) => (Number.isNaN(value) ? null : value));
  return values.every((value) => value === null)
    ? null
    : {
        metric: series.metric,
        unit: series.unit,
        values,
        verdict: verdicts[trend.verdict.at(-1) ?? 0] ?? 'pass',
      };
}

const width = 112;
const height = 20;
const edge = 3;

/** Draws a spark in the colours of the page. A gap is a run without a figure. */
export function sparkPicture({ metric, unit, values, verdict }: Spark): Markup {
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const step = values.length > 1 ? (width - 2 * edge) / (values.length - 1) : 0;
  const x = (index: number): number => (values.length > 1 ? edge + index * step : width / 2);
  // Of figures that differ by less than a hundredth, the noise would fill the height.
  const span = Math.max(high - low, Math.abs(high) * 0.01);
  const y = (value: number): number =>
    span === 0 ? height / 2 : height / 2 + ((low + high) / 2 - value) * ((height - 2 * edge) / span);
  const place = (value: number, index: number): string => `${short(x(index))} ${short(y(value))}`;
  const path = values.flatMap((value, index) =>
    value === null ? [] : `${(values[index - 1] ?? null) === null ? 'M' : 'L'}${place(value, index)}`,
  );
  const last = values.findLastIndex((value) => value !== null);
  const figure = (value: number): string => formatQuantity(value, freeUnit(unit), undefined, 3);
  const range = figure(low) === figure(high) ? figure(high) : l10n.t`${figure(low)} to ${figure(high)}`;
  const words = l10n.t`${metric} of the last ${counts(values.length, 'run')}: ${range}`;
  const end = markup`<circle class="${verdict}" cx="${short(x(last))}" cy="${short(y(values[last] ?? 0))}" r="2.5"/>`;
  return markup`<svg class="spark" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${words}"><title>${words}</title><path d="${path.join('')}"/>${end}</svg>`;
}

const short = (value: number): number => Number(value.toFixed(1));

export const verdictOf = (state: BudgetState): ShownVerdict => knownOf(state)?.result.verdict ?? 'unmeasured';

/** What filters and links find a budget by, as attributes of its line and of its card. */
export function lineAttributes({ name, benchmark, where, tags, state }: OverviewLine): Markup {
  const searched = [name, benchmark, where].join('\n').toLowerCase();
  const at = knownOf(state)?.at ?? 0;
  return markup`data-verdict="${verdictOf(state)}" data-text="${searched}" data-tags="${JSON.stringify(tags)}" data-at="${at === 0 ? '' : at}"`;
}

/** Returns one line: verdict, name, figure beside its bound, change, history, and when it last ran. */
export function overviewLine(line: OverviewLine): Markup {
  const { id, name, state, against, spark, project } = line;
  const known = knownOf(state);
  const result = known?.result ?? null;
  const lead = result && leadingCheck(result);
  const figure =
    (lead && measuredBesideBound(lead)) ?? (result ? headline(result, against) : stateTitle(state, against));
  const { comparison = null } = result ?? {};
  const change =
    result === null || comparison === null || isSameCode(result) ? '–' : formatChange(comparison.ratio, comparison);
  const isCertain = comparison !== null && (comparison.low > 1 || comparison.high < 1);
  const kind = !isCertain ? '' : comparison.ratio > 1 ? ' worse' : ' better';
  const under = project === undefined ? '' : markup` <small>${project}</small>`;
  const at = known === null || known.at === 0 ? '–' : time(known.at);
  return markup`<tr role="row" class="${verdictOf(state)} ${state.kind}" id="o-${id}" data-row="${id}" ${lineAttributes(line)} data-change="${comparison?.ratio ?? ''}" title="${name}: ${stateTitle(state, against)}">
<td role="cell">${stateMark(state)}</td><th role="rowheader" scope="row"><a href="#${id}">${name}</a>${under}</th><td role="cell" class="figures">${figure}</td><td role="cell" class="change${kind}">${change}</td><td role="cell" class="sparks">${spark === null ? '' : sparkPicture(spark)}</td><td role="cell" class="when">${at}</td>
</tr>`;
}

/** The mark of a verdict; while it is measured or stale, that is said too. */
export function stateMark(state: BudgetState): Markup {
  switch (state.kind) {
    case 'known':
      return mark(state.known.result.verdict);
    case 'unmeasured':
      return markup`<span class="mark" role="img" aria-label="${verdictWords.unmeasured()}">–</span>`;
    case 'measuring':
      return markup`<span class="mark measuring" role="img" aria-label="${l10n.t('measuring')}">…</span>`;
    case 'stale': {
      const { verdict } = state.previous.result;
      return markup`<span class="mark ${verdict} stale" role="img" aria-label="${l10n.t`stale, was ${verdict}`}">${marks[verdict]}</span>`;
    }
  }
}

/** The heads of the columns; those with a name to sort by get a button from the page's script. */
const heads = (): readonly (readonly [words: string, sort: string])[] => [
  [l10n.t('Verdict'), 'verdict'],
  [l10n.t('Budget'), 'name'],
  [l10n.t('Figure'), ''],
  [l10n.t('Change'), 'change'],
  [l10n.t('History'), ''],
  [l10n.t('Last run'), 'at'],
];

/** Returns the table of all budgets. */
export function overview(lines: readonly Markup[]): Markup {
  const head = heads().map(([words, sort]) =>
    sort === ''
      ? markup`<th role="columnheader" scope="col">${words}</th>`
      : markup`<th role="columnheader" scope="col" data-sort="${sort}">${words}</th>`,
  );
  return markup`<section aria-labelledby="overview" class="overview">
<h2 id="overview" class="unseen">${l10n.t('Overview')}</h2>
<table role="table" aria-label="${l10n.t('Overview')}">
<thead role="rowgroup"><tr role="row">${head}</tr></thead>
<tbody role="rowgroup">
${markup.join(lines, '\n')}
</tbody>
</table>
<p class="none" hidden>${l10n.t('No budget matches.')}</p>
</section>
`;
}
