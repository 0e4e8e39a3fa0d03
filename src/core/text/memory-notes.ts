import * as l10n from '@vscode/l10n';
import { formatPercent, formatQuantity, minus } from '../language/figures.js';
import { unreachable } from '../result.js';
import type { RetainerStep } from '../results/retainers.js';

/** A size in bytes with two digits, because sampled figures support no more. */
const size = (bytes: number): string => formatQuantity(Number(Math.abs(bytes).toPrecision(2)), 'size');

const gain = (bytes: number): string => `${bytes < 0 ? minus : '+'}${size(bytes)}`;

/** For memory outside of V8's heap, of which its profiler sees nothing. Bytes a call. */
export const externalNote = (baseline: number, current: number): string =>
  l10n.t`${gain(current - baseline)} of the difference is in array buffers outside of V8's heap, and V8 does not tell which function allocates them.`;

/** For an explanation of less than half of the difference; `explained` is its share. */
export const leastExplainedNote = (explained: number): string =>
  explained <= 0
    ? l10n.t('V8 does not tell which functions the difference is in.')
    : l10n.t`The causes explain ${formatPercent(explained)} of the difference; the rest is spread too thinly to tell, or nothing that V8 samples.`;

/** For functions that V8 has compiled together. */
export const inlinedNote = (name: string | null): string =>
  l10n.t`V8 has compiled ${name ?? l10n.t('this code')} together with functions that it calls, so it may be one of those.`;

/** For samples whose sum is not what the heap has grown by. */
export const disagreementNote = (sampled: number, heap: number): string =>
  l10n.t`The samples sum up to ${size(sampled)} a call, and the heap has grown by ${size(heap)}: take the shares with care.`;

/** For a difference that the samples do not show. */
export const sameAllocationsNote = (): string => l10n.t('V8 sampled the same allocations on both sides.');

/** For a heap that no snapshot can be taken of; in bytes. */
export const tooLargeNote = (bytes: number): string =>
  l10n.t`The heap holds ${size(bytes)}, which is too large for a snapshot: what retains it was not looked for.`;

/** For memory of which nothing is there once for each cycle. */
export const nothingRetainedNote = (): string =>
  l10n.t('No objects were found that each cycle leaves behind: it may be memory outside of V8’s heap, or V8’s own.');

/** `entries in the closure context of put`, `Cache.entries`, `Map`: the path from a root of the heap to what is kept. */
export const retainerPath = (steps: readonly RetainerStep[]): readonly string[] => {
  const words = steps.map(({ kind, of, name }) => {
    switch (kind) {
      case 'property':
        return `${of}.${name}`;
      case 'variable':
        return of === '' ? l10n.t`variable ${name}` : l10n.t`${name} in the closure context of ${of}`;
      case 'export':
        return l10n.t('an exported variable');
      case 'element':
      case 'inside':
        return of;
      default:
        return unreachable(kind);
    }
  });
  return words.filter((word, index) => word !== words[index - 1]);
};
