import type { Cause, Explanation } from '../results/causes.js';
import type { RetainedGroup, Retainers, RetainerStep } from '../results/retainers.js';
import { allocationLine } from './allocation-sites.js';
import type { AllocatingPlace } from './allocation-units.js';
import type { Code } from './code.js';

/** What cycles of one side leave behind. `placeOf` tells where the function is that allocated a group; null if nobody knows. */
export interface SideRetainers {
  readonly retainers: Retainers;
  readonly placeOf: (group: RetainedGroup) => AllocatingPlace | null;
  readonly code: Code;
}

/** The least part of the difference that is a cause, and of a group's bytes that it must have gained. */
const leastShare = 0.05;
const leastGain = 0.1;
const mostCauses = 5;

interface Kept {
  readonly group: RetainedGroup;
  /** Bytes a cycle. */
  readonly bytes: number;
  readonly place: AllocatingPlace | null;
  readonly function: string | null;
}

/**
 * Explains what each cycle leaves behind, by what holds it. Without old code, all that is left is new. `measured` are the verdict's
 * bytes a cycle; null for the sums of what is found. `pathOf` puts a path into words.
 */
export function explainRetained(
  old: SideRetainers | null,
  now: SideRetainers,
  measured: { readonly baseline: number; readonly current: number } | null,
  pathOf: (steps: readonly RetainerStep[]) => readonly string[],
): Explanation {
  const [before, after] = [old === null ? [] : keptIn(old), keptIn(now)];
  const sum = (all: readonly Kept[]): number => all.reduce((total, { bytes }) => total + bytes, 0);
  const whole = measured ?? { baseline: sum(before), current: sum(after) };
  const difference = whole.current - whole.baseline;
  const figures = { baseline: bytesOf(whole.baseline), current: bytesOf(whole.current) };
  const left = new Set(before);
  const causes = after.flatMap((one): Cause[] => {
    // The same objects in the same place, else from the same function.
    const same =
      [...left].find((other) => isAlike(one, other) && samePath(one.group.path, other.group.path)) ??
      [...left].find((other) => isAlike(one, other) && one.function !== null && one.function === other.function);
    if (same !== undefined) left.delete(same);
    const gain = one.bytes - (same?.bytes ?? 0);
    if (difference <= 0 || gain < leastShare * difference || gain < leastGain * one.bytes) return [];
    const share = gain / difference;
    const { place } = one;
    const was = old === null ? null : { file: place?.file ?? '', path: one.function, code: old.code };
    const line =
      place?.package !== null ? null : allocationLine({ file: place.file, path: one.function }, now.code, was);
    const owner = place?.package ?? null;
    return [
      {
        kind: 'retained',
        function: one.function,
        ...(owner !== null && { package: owner }),
        file: place?.file ?? null,
        line: line?.line ?? null,
        column: line?.column ?? null,
        text: line === null || place === null ? '' : now.code.text(place.file, line.line),
        changed: line?.changed ?? false,
        baseline: bytesOf(same?.bytes ?? 0),
        current: bytesOf(one.bytes),
        ...{ share, low: share, high: share },
        retainer: { constructor: one.group.constructor, path: pathOf(one.group.path) },
      },
    ];
  });
  const first = causes
    .toSorted((a, b) => Number(b.changed) - Number(a.changed) || b.share - a.share)
    .slice(0, mostCauses);
  const explained = difference > 0 ? first.reduce((total, { share }) => total + share, 0) : null;
  return { metric: 'retained', ...figures, causes: first, explained, note: null };
}

const bytesOf = (value: number): { value: number; unit: string } => ({ value, unit: 'bytes' });

const isAlike = (one: Kept, other: Kept): boolean => one.group.constructor === other.group.constructor;

const samePath = (one: readonly RetainerStep[], other: readonly RetainerStep[]): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

function keptIn({ retainers, placeOf, code }: SideRetainers): readonly Kept[] {
  return retainers.groups.map((group) => {
    const place = placeOf(group);
    const named = place === null ? null : code.functionAt(place.file, place.line, place.column);
    const ofPackage = (place?.package ?? null) === null ? null : group.allocatedIn?.function;
    return { group, bytes: group.bytes / Math.max(1, retainers.cycles), place, function: named ?? ofPackage ?? null };
  });
}
