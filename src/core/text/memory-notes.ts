import { formatPercent, formatQuantity, minus } from '../language/figures.js';

/** A size in bytes with two digits, because sampled figures support no more. */
const size = (bytes: number): string => formatQuantity(Number(Math.abs(bytes).toPrecision(2)), 'size');

const gain = (bytes: number): string => `${bytes < 0 ? minus : '+'}${size(bytes)}`;

/** For memory outside of V8's heap, of which its profiler sees nothing. Bytes a call. */
export const externalNote = (baseline: number, current: number): string =>
  `${gain(current - baseline)} of the difference is in array buffers outside of V8's heap, and V8 does not tell which function allocates them.`;

/** For an explanation of less than half of the difference; `explained` is its share. */
export const leastExplainedNote = (explained: number): string =>
  explained <= 0
    ? 'No function accounts for a part of the difference beyond chance.'
    : `The causes explain ${formatPercent(explained)} of the difference; the rest is spread too thinly to tell, or nothing that V8 samples.`;

/** For functions that V8 has compiled together. */
export const inlinedNote = (name: string | null): string =>
  `V8 has compiled ${name ?? 'this code'} together with functions that it calls, so it may be one of those.`;

/** For samples whose sum is not what the heap has grown by. */
export const disagreementNote = (sampled: number, heap: number): string =>
  `The samples sum up to ${size(sampled)} a call, and the heap has grown by ${size(heap)}: take the shares with care.`;

/** For a difference that the samples do not show. */
export const sameAllocationsNote = 'V8 sampled the same allocations on both sides.';
