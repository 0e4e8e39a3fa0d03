import * as l10n from '@vscode/l10n';
import type { Level } from '../language/budget.js';
import { formatPercent, formatQuantity } from '../language/figures.js';
import { unreachable } from '../result.js';

/** What a level demands of a figure: something that it allows, or something that it requires. */
export interface Demand {
  readonly kind: 'allowed' | 'asked';
  readonly words: string;
}

export const allowed = (words: string): Demand => ({ kind: 'allowed', words });

/** `its budget allows 10%`. */
export function demand(level: Level, { kind, words }: Demand): string {
  switch (level) {
    case 'limit':
      return kind === 'allowed' ? l10n.t`its budget allows ${words}` : l10n.t`its budget requires ${words}`;
    case 'acceptable':
      return l10n.t`${words} is acceptable`;
    case 'target':
      return l10n.t`its target is ${words}`;
    default:
      return unreachable(level);
  }
}

/** `10% allowed`. */
export function shortDemand(level: Level, { kind, words }: Demand): string {
  switch (level) {
    case 'limit':
      return kind === 'allowed' ? l10n.t`${words} allowed` : l10n.t`${words} required`;
    case 'acceptable':
      return l10n.t`${words} acceptable`;
    case 'target':
      return l10n.t`target ${words}`;
    default:
      return unreachable(level);
  }
}

/** Returns how much slower than the baseline `factor` lets the code be. */
export function allowance(factor: number): Demand {
  if (factor >= 2) return allowed(l10n.t`${formatQuantity(factor, 'count')} times the time`);
  if (factor > 1) return allowed(formatPercent(factor - 1, 1));
  if (factor === 1) return allowed(l10n.t('no slowdown'));
  return { kind: 'asked', words: l10n.t`${formatPercent(1 - factor, 1)} faster` };
}
