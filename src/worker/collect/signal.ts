/** Ends a synchronous stretch of the user's script. Only the collectors throw and catch it. */
export class Signal extends Error {
  override readonly name = 'PerfBudgetSignal';
}
