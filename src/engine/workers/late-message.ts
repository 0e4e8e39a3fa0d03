import * as l10n from '@vscode/l10n';
import { formatTime } from '../../core/language/figures.js';

/** Returns the sentence for when the time is over; `longest`: nanoseconds of an iteration if it is a long one. */
export function lateMessage(timeoutMs: number, longest: number | null): string {
  const seconds = `${Math.round(timeoutMs / 1000)} s`;
  if (longest === null)
    return l10n.t`the benchmark did not finish in ${seconds}: does it loop forever, or does an iteration need a longer "time"?`;
  // Each of two processes calls its version twice.
  const needed = `${Math.ceil((4 * longest) / 10e9) * 10} s`;
  return l10n.t`one iteration takes ${formatTime(Number(longest.toPrecision(2)))}, and too few fit into ${seconds}: set "time": "${needed}"`;
}
