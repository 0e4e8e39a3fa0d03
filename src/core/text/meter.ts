import { formatPercent } from '../language/figures.js';
import type { Verdict } from '../results/measurement.js';
import { lastResult, type BudgetState } from '../results/state.js';
import { usedOf } from './check.js';
import { counts, joined } from './words.js';

/** The status bar's text, its label for screen readers, and its tone. */
export interface Meter {
  readonly text: string;
  readonly label: string;
  readonly tone: 'calm' | 'warning' | 'error';
}

/** Returns one meter for many budgets: how many are broken, otherwise how much of the tightest is used. */
export function meter(
  states: readonly BudgetState[],
  progress: { readonly done: number; readonly total: number } | null,
): Meter {
  const results = states.flatMap((state) => lastResult(state) ?? []);
  const count = (verdict: Verdict): number => results.filter((result) => result.verdict === verdict).length;
  const [over, broken, close] = [count('fail'), count('error'), count('warn')];
  const tone = over + broken > 0 ? 'error' : close > 0 ? 'warning' : 'calm';
  if (progress !== null) {
    const label = `Performance budgets: measuring ${progress.done} of ${progress.total}`;
    return { text: `$(sync~spin) ${progress.done} of ${progress.total}`, label, tone };
  }
  const counted = joined(
    over > 0 ? `${over} over` : null,
    broken > 0 ? counts(broken, 'error') : null,
    tone === 'warning' ? counts(close, 'warning') : null,
  );
  if (counted !== '') return { text: `$(dashboard) ${counted}`, label: `Performance budgets: ${counted}`, tone };
  // An undecided budget may be over or not, and its share does not tell which.
  const used = Math.max(...results.filter(({ verdict }) => verdict === 'pass').map(usedOf));
  if (!Number.isFinite(used)) {
    const label = results.length === 0 ? 'not measured yet' : 'none failed';
    return {
      text: results.length === 0 ? '$(dashboard) –' : '$(dashboard) ✓',
      label: `Performance budgets: ${label}`,
      tone,
    };
  }
  const text = formatPercent(used);
  return { text: `$(dashboard) ${text}`, label: `Performance budgets: the tightest is ${text} used`, tone };
}
