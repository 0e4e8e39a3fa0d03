/** Ends a synchronous stretch of the user's script. Thrown and caught by the collectors alone. */
export class Signal extends Error {
  override readonly name = 'PerfBudgetSignal';
}
