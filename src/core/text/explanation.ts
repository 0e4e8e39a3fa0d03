import * as l10n from '@vscode/l10n';
import { formatPercent } from '../language/figures.js';
import type { Explanation } from '../results/causes.js';
import type { BudgetResult } from '../results/measurement.js';
import { causeFigure } from './cause.js';
import { isSameCode, sameCodeWords } from './figures.js';

/** The words of `explain` for one budget, as plain text. */

/** `HEAD → the working tree: 5.1 µs → 9.1 µs a call` */
export function sidesText(from: string, to: string, explanation: Explanation | null): string {
  const sides = `${from} → ${to}`;
  if (explanation === null) return sides;
  const { metric, baseline, current, explained } = explanation;
  if (explained === null) return sides;
  return `${sides}: ${causeFigure(baseline)} → ${causeFigure(current)} ${metric === 'retained' ? l10n.t('kept') : l10n.t('a call')}`;
}

/** Says that nothing differs, with the figure: `Same speed, within ±1%: nothing to explain.` */
export function nothingText(result: BudgetResult, { metric, current }: Explanation, from: string): string {
  const { comparison } = result;
  if (isSameCode(result))
    return l10n.t`${capital(sameCodeWords(result, l10n.t`same code as ${from}`))}: nothing to explain.`;
  if (metric !== 'time') {
    const what = `${causeFigure(current)} ${metric === 'retained' ? l10n.t('kept') : l10n.t('a call')}`;
    return l10n.t`No difference, ${what}: nothing to explain.`;
  }
  if (comparison === null) return l10n.t('No difference: nothing to explain.');
  const most = Math.max(Math.abs(comparison.low - 1), Math.abs(comparison.high - 1));
  return l10n.t`Same speed, within ±${formatPercent(Math.max(0.001, most), most < 0.0095 ? 1 : 0)}: nothing to explain.`;
}

/** Less than this is within what shares are known to. */
const leastUnexplained = 0.1;

/** Says how much of the difference no cause accounts for; null if that is little, or if a note says more. */
export function unexplainedText({ explained, note }: Explanation): string | null {
  if (explained === null || note !== null || explained > 1 - leastUnexplained) return null;
  return l10n.t`About ${formatPercent(Math.round((1 - explained) * 20) / 20)} of the difference is in code that is not listed.`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
