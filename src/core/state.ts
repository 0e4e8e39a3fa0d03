import type { BudgetResult } from './measurement.js';

/** A verdict and when it was reached (milliseconds since the epoch). */
export interface Known {
  readonly result: BudgetResult;
  readonly at: number;
}

export type BudgetState =
  | { readonly kind: 'unmeasured' }
  | { readonly kind: 'measuring'; readonly previous: Known | null }
  /** A file that the benchmark reaches was saved, and no run has answered for it. */
  | { readonly kind: 'stale'; readonly previous: Known }
  | { readonly kind: 'known'; readonly known: Known };
