import type { BudgetResult } from './measurement.js';
import { unreachable } from '../result.js';

/** A verdict and when it was reached (milliseconds since the epoch). */
export interface KnownResult {
  readonly result: BudgetResult;
  readonly at: number;
}

/** What a measurement takes longer for: proof of what looks like a regression, or V8's last compiler. */
export type WaitsFor = 'proof' | 'compiler';

/** Why a verdict may no longer hold. */
export type StaleCause =
  | 'code' // the code changed, or its settings
  | 'head' // HEAD moved, or the branch that the baseline is from
  | 'baseline' // another baseline is current, or the one that was is gone
  | 'undecided' // it was undecided, and long ago
  | 'cancelled'; // a run that would have told was ended

export type BudgetState =
  | { readonly kind: 'unmeasured' }
  | { readonly kind: 'measuring'; readonly previous: KnownResult | null; readonly waitsFor?: WaitsFor }
  /** The previous result may no longer hold, and no run has measured since. */
  | { readonly kind: 'stale'; readonly previous: KnownResult; readonly cause: StaleCause }
  | { readonly kind: 'known'; readonly known: KnownResult };

/** Returns the newest known result, however old, with its time; null if there is none. */
export function knownOf(state: BudgetState): KnownResult | null {
  switch (state.kind) {
    case 'unmeasured':
      return null;
    case 'measuring':
    case 'stale':
      return state.previous;
    case 'known':
      return state.known;
    default:
      return unreachable(state);
  }
}

/** Returns the newest known result, however old; null if there is none. */
export const lastResult = (state: BudgetState): BudgetResult | null => knownOf(state)?.result ?? null;

/** Returns the state of a budget that is no longer being measured: its old result, or none. */
export function restedState(state: BudgetState): BudgetState {
  if (state.kind !== 'measuring') return state;
  const { previous } = state;
  return previous === null ? { kind: 'unmeasured' } : { kind: 'stale', previous, cause: 'cancelled' };
}
