import * as l10n from '@vscode/l10n';
import { formatPercent } from '../language/figures.js';
import type { BudgetResult, Verdict } from '../results/measurement.js';
import type { BudgetState } from '../results/state.js';
import { usedOf } from './check.js';
import { counts, joined } from './words.js';

/** The status bar's text, its label for screen readers, and its tone. */
export interface Meter {
  readonly text: string;
  readonly label: string;
  readonly tone: 'calm' | 'warning' | 'error';
}

/**
 * Returns one meter for many budgets: how many are broken, otherwise how much of the tightest is used; then how many are undecided
 * and how many stale, because nothing is known of these.
 */
export function meter(
  states: readonly BudgetState[],
  progress: { readonly done: number; readonly total: number } | null,
): Meter {
  const results = states.flatMap(shownResult);
  const count = (verdict: Verdict): number => results.filter((result) => result.verdict === verdict).length;
  const [over, broken, close, open] = [count('fail'), count('error'), count('warn'), count('undecided')];
  const tone = over + broken > 0 ? 'error' : close > 0 ? 'warning' : 'calm';
  if (progress !== null) {
    const label = l10n.t`Performance budgets: measuring ${progress.done} of ${progress.total}`;
    return { text: l10n.t`$(sync~spin) ${progress.done} of ${progress.total}`, label, tone };
  }
  const stale = states.filter(({ kind }) => kind === 'stale').length;
  const bad = joined(
    over > 0 ? l10n.t`${over} over` : null,
    broken > 0 ? counts(broken, 'error') : null,
    tone === 'warning' ? counts(close, 'warning') : null,
  );
  const unknown = joined(open > 0 ? l10n.t`${open} undecided` : null, stale > 0 ? l10n.t`${stale} stale` : null);
  const used = Math.max(...results.filter(({ verdict }) => verdict === 'pass').map(usedOf));
  const good = Number.isFinite(used)
    ? { text: formatPercent(used), label: l10n.t`the tightest is ${formatPercent(used)} used` }
    : count('pass') > 0
      ? { text: '✓', label: l10n.t('none failed') }
      : null;
  const none = unknown === '' && good === null ? { text: '–', label: l10n.t('not measured yet') } : good;
  const [text, label] = [bad || none?.text, bad || none?.label];
  return {
    text: l10n.t`$(dashboard) ${joined(text, unknown)}`,
    label: l10n.t`Performance budgets: ${joined(label, unknown)}`,
    tone,
  };
}

/** A verdict that is about to be confirmed counts; a stale one says nothing of the code as it is. */
function shownResult(state: BudgetState): readonly BudgetResult[] {
  if (state.kind === 'known') return [state.known.result];
  return state.kind === 'measuring' && state.previous !== null ? [state.previous.result] : [];
}
