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
      return kind === 'allowed' ? `its budget allows ${words}` : `its budget requires ${words}`;
    case 'acceptable':
      return `${words} is acceptable`;
    case 'target':
      return `its target is ${words}`;
    default:
      return unreachable(level);
  }
}

/** `10% allowed`. */
export function shortDemand(level: Level, { kind, words }: Demand): string {
  switch (level) {
    case 'limit':
      return kind === 'allowed' ? `${words} allowed` : `${words} required`;
    case 'acceptable':
      return `${words} acceptable`;
    case 'target':
      return `target ${words}`;
    default:
      return unreachable(level);
  }
}

/** Returns how much slower than the baseline `factor` lets the code be. */
export function allowance(factor: number): Demand {
  if (factor >= 2) return allowed(`${formatQuantity(factor, 'count')} times the time`);
  if (factor > 1) return allowed(formatPercent(factor - 1, 1));
  if (factor === 1) return allowed('no slowdown');
  return { kind: 'asked', words: `${formatPercent(1 - factor, 1)} faster` };
}
