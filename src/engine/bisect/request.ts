/** Which commits to search for those that changed the cost of a budget. */
export interface BisectRequest {
  /** The name of a budget. */
  readonly budget: string;
  /** A revision or the name of a captured baseline; absent for the budget's own baseline. */
  readonly good?: string;
  /** A revision; absent for HEAD. */
  readonly bad?: string;
  /** The usual time of a comparison, in place of the budget's; what is hard to tell takes up to four times as long. */
  readonly timeMs?: number;
}

export type BisectProgress =
  /** Comparing a commit with another one; `left` is about how many comparisons are left, this one included. */
  | {
      readonly kind: 'measuring';
      readonly commit: string;
      readonly against: string;
      readonly done: number;
      readonly left: number;
      /** Whether it takes longer than usual, because it is hard to tell. */
      readonly isLonger: boolean;
    }
  | { readonly kind: 'explaining'; readonly commit: string; readonly done: number };

/** Why there is no answer, as a sentence. */
export interface BisectFailure {
  readonly kind:
    | 'request' // what was asked for cannot be searched
    | 'broken' // an end cannot run
    | 'interrupted';
  readonly message: string;
}
