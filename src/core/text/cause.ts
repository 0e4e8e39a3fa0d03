import { formatPercent, formatQuantity, minus } from '../language/figures.js';
import { freeUnit } from '../language/quantity.js';
import type { Cause, Figure } from '../results/causes.js';

/** More digits than these are noise: a share is known to a few percent. */
const digits = 2;

/** `+3.9 µs`, `−240 B`: what a call gained from one figure to the other. */
export function gainOf({ baseline, current }: { readonly baseline: Figure; readonly current: Figure }): string {
  const unit = freeUnit(current.unit);
  const gain = (current.value - baseline.value * (freeUnit(baseline.unit).scale / unit.scale)) * unit.scale;
  const text = formatQuantity(Number(Math.abs(gain).toPrecision(digits)), unit);
  return `${gain < 0 ? minus : '+'}${text}`;
}

/** `+3.9 µs, 97%`: what stands behind the line. */
export const causeShort = (cause: Cause): string => `${gainOf(cause)}, ${formatPercent(cause.share)}`;

/** `delete last.previous;`; of a function without a line, `buildValues`; of the collector, `garbage collection`. */
export function causeSubject({ kind, function: name, text }: Cause): string {
  if (kind === 'garbage collection') return 'garbage collection';
  return text !== '' ? text : (name ?? 'code outside of functions');
}

/** `src/diff.ts:120`; null if the place is not known. */
export function causePlace({ file, line }: Cause): string | null {
  if (file === null) return null;
  return line === null ? file : `${file}:${line}`;
}
