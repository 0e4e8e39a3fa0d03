/** What whoever asks for a measurement gives, besides what they ask for. */
export interface Terms {
  /** The working directory, absolute. */
  readonly directory: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  readonly progress: ProgressDisplay;
}

/** Where the progress of a measurement is shown. */
export interface ProgressDisplay {
  /** `doing` is "measuring" if absent. */
  show(done: number, total: number, about: string, doing?: string): void;
  hide(): void;
}
