import * as l10n from '@vscode/l10n';
import type { Waiver } from '../language/budget.js';
import type { BudgetResult } from '../results/measurement.js';

/**
 * Turns a broken budget into a warning up to the last day of its waiver, and says why; the day after, it fails again and says
 * that too. `today` is the day in the reader's time zone: `2026-11-21`. What could not be measured is not waived.
 */
export function withWaiver(result: BudgetResult, waiver: Waiver | undefined, today: string): BudgetResult {
  if (waiver === undefined || result.verdict !== 'fail') return result;
  // Days in this form sort by date.
  const isOver = today > waiver.until;
  const words = isOver ? l10n.t`its waiver ended on ${waiver.until} (${waiver.reason})` : waiverText(waiver);
  return {
    ...result,
    message: `${result.message} · ${words}`,
    note: result.note === undefined ? words : `${result.note}; ${words}`,
    ...(!isOver && { verdict: 'warn', waived: waiver }),
  };
}

/** `waived until 2027-01-31` */
export const waivedUntil = ({ until }: Waiver): string => l10n.t`waived until ${until}`;

/** `waived until 2027-01-31: the new parser lands in March` */
export const waiverText = (waiver: Waiver): string => `${waivedUntil(waiver)}: ${waiver.reason}`;
