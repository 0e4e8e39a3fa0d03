/** Ends a synchronous stretch of the user's script. Only the collectors throw and catch it. */
export class Signal extends Error {
  override readonly name = 'PerfBudgetSignal';
}

/** Whether something that was thrown is one of these. Asking a proxy that is revoked what it is throws, too. */
export function isA<Kind>(thrown: unknown, kind: abstract new (...args: never[]) => Kind): thrown is Kind {
  try {
    return thrown instanceof kind;
  } catch {
    return false;
  }
}
