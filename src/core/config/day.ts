import { isTime } from '../results/time.js';

/** Whether a text is a day that exists: `2027-01-31`, but no 31st of February. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(text);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/**
 * Reads a date and time as tools write it, `2026-11-21T10:00:00Z`, and returns milliseconds since the epoch; null if it is none, or
 * if its day does not exist, which `Date` takes for one of the next month.
 */
export function readDate(text: string): number | null {
  const at = Date.parse(text);
  const day = /^\s*(\d{4}-\d{2}-\d{2})/.exec(text)?.[1];
  return isTime(at) && (day === undefined || isDay(day)) ? at : null;
}
