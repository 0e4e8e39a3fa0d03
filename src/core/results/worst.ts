import type { Verdict } from './measurement.js';

const order: readonly Verdict[] = ['pass', 'warn', 'undecided', 'fail', 'error'];

/** Returns the verdict of several together; `pass` for none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce<Verdict>((a, b) => (order.indexOf(b) > order.indexOf(a) ? b : a), 'pass');
}
