import type { Cause, Explanation } from '../results/causes.js';
import { allocationLine } from './allocation-sites.js';
import { added, groupsOf, type SideAllocations, type Sum, type SumOf, type Unit } from './allocation-units.js';
import type { Code } from './code.js';

/** What one function allocates itself, in bytes a call. */
export interface FunctionAllocation {
  readonly file: string;
  readonly function: string | null;
  readonly package: string | null;
  readonly baseline: number;
  readonly current: number;
}

export interface AllocationCauses extends Explanation {
  /** The functions of causes that may as well be one that V8 has inlined into them. */
  readonly inlinedInto: readonly (string | null)[];
}

/** How many standard errors a difference must be from nothing. */
const certain = 4;
/** By how much a function's figure may be off besides: V8 counts whole objects. */
const rounding = 0.005;
/** The least part of the difference that is a cause, and the least bytes a call. */
const leastShare = 0.05;
const leastBytes = 1;
/** How well the figures without inlining must agree with those of the warm code to be those of its functions. */
const agreement = 0.1;
const mostCauses = 5;

/**
 * Divides the difference of what both sides allocate among functions. Which bytes are allocated, the warm code tells; which function
 * allocates them where V8 has inlined several into one, the code without inlining, as far as both agree. Names no cause for what
 * may as well be chance. `measured` are the verdict's bytes a call; null for the sums of the samples.
 */
export function explainAllocations(
  old: SideAllocations,
  now: SideAllocations,
  measured: { readonly baseline: number; readonly current: number } | null,
): AllocationCauses {
  const { groups, sum } = groupsOf(old, now);
  const total = added(groups.flat().map((unit) => sum(unit, 'warm')));
  const whole = measured ?? { baseline: total.old, current: total.now };
  const difference = whole.current - whole.baseline;
  const explanation = { metric: 'allocated', baseline: bytes(whole.baseline), current: bytes(whole.current) } as const;
  if (Math.abs(difference) < leastBytes || !isReal(total, difference))
    return { ...explanation, causes: [], explained: null, note: null, inlinedInto: [] };
  const found: { readonly cause: Cause; readonly gain: number; readonly isInlined: boolean }[] = [];
  for (const group of groups) {
    for (const { unit, sum: own, isInlined } of blamed(group, sum, difference)) {
      const cause = causeOf(unit, own, difference, old.code, now.code);
      found.push({ cause, gain: (own.now - own.old) * Math.sign(difference), isInlined });
    }
  }
  const first = found
    .toSorted((a, b) => Number(b.cause.changed) - Number(a.cause.changed) || b.gain - a.gain)
    .slice(0, mostCauses);
  return {
    ...explanation,
    causes: first.map(({ cause }) => cause),
    explained: first.reduce((share, { cause }) => share + cause.share, 0),
    note: null,
    inlinedInto: first.flatMap(({ cause, isInlined }) => (isInlined ? [cause.function] : [])),
  };
}

/** What each function allocates itself, for both sides, most first. Without inlining, because only then V8 tells functions apart. */
export function allocatedByFunction(old: SideAllocations, now: SideAllocations): readonly FunctionAllocation[] {
  const { groups, sum } = groupsOf(old, now);
  return groups
    .flat()
    .flatMap((unit) => {
      const node = nodeOf(unit);
      const own = sum(unit, 'apart');
      if (node === null) return [];
      const { file, path, package: owner } = node;
      return [{ file, function: path, package: owner, baseline: own.old, current: own.now }];
    })
    .toSorted((a, b) => b.current - a.current);
}

/** The functions of a group to which its part of the difference belongs, in the direction of the whole. */
function blamed(
  group: readonly Unit[],
  sum: SumOf,
  difference: number,
): readonly { readonly unit: Unit; readonly sum: Sum; readonly isInlined: boolean }[] {
  const warm = added(group.map((unit) => sum(unit, 'warm')));
  const isCause = (one: Sum): boolean => {
    const gain = (one.now - one.old) * Math.sign(difference);
    return gain >= Math.max(leastBytes, leastShare * Math.abs(difference)) && isReal(one, difference);
  };
  const ranked = group
    .filter((unit) => nodeOf(unit) !== null)
    .map((unit) => ({ unit, sum: sum(unit, 'apart'), isInlined: false }));
  const moved = ranked.filter((one) => isCause(one.sum));
  const apart = added(group.map((unit) => sum(unit, 'apart')));
  const gap = apart.now - apart.old - (warm.now - warm.old);
  const noise = certain * Math.sqrt(apart.variance + warm.variance);
  if (group.length === 1) return isCause(warm) ? ranked.map((one) => ({ ...one, sum: warm })) : [];
  if (
    moved.length > 0 &&
    Math.abs(gap) <= agreement * Math.abs(warm.now - warm.old) + noise &&
    Math.abs(gap) <= Math.abs(difference) / 2
  )
    return moved;
  if (!isCause(warm)) return [];
  const changed = ranked.filter((one) => isReal(one.sum, difference));
  const [only, another] = changed;
  if (only !== undefined && another === undefined) return [{ ...only, sum: warm }];
  // Of the compiled functions, one has nearly all: it is that one, or one that V8 has inlined into it.
  const holder = ranked.find(({ unit }) => {
    const own = sum(unit, 'warm');
    return (own.now - own.old) / (warm.now - warm.old) > 1 - agreement;
  });
  return holder === undefined ? [] : [{ ...holder, sum: warm, isInlined: true }];
}

/** Whether a difference is more than chance. */
function isReal({ old, now, variance }: Sum, difference: number): boolean {
  const error = Math.hypot(Math.sqrt(variance), rounding * Math.max(old, now));
  const gain = Math.abs(now - old);
  return gain > certain * error && gain >= Math.max(leastBytes, (leastShare / 2) * Math.abs(difference));
}

const nodeOf = ({ old, now }: Unit): Unit['now'] => now ?? old;

const bytes = (value: number): { value: number; unit: string } => ({ value, unit: 'bytes' });

function causeOf(unit: Unit, own: Sum, difference: number, oldCode: Code, code: Code): Cause {
  const { old } = unit;
  const node = nodeOf(unit);
  const share = (own.now - own.old) / difference;
  const half = Math.abs((1.96 * Math.sqrt(own.variance)) / difference);
  const was = old === null ? null : { ...old, code: oldCode };
  const owner = node?.package ?? null;
  // A package's own lines have not changed, and only they could tell which of them it is.
  const line = unit.now?.package !== null ? null : allocationLine(unit.now, code, was);
  const oldName = unit.now === null || old?.path === unit.now.path ? null : (old?.path ?? null);
  return {
    kind: 'allocated',
    function: node?.path ?? null,
    ...(oldName !== null && { was: oldName }),
    ...(owner !== null && { package: owner }),
    file: node?.file ?? null,
    line: line?.line ?? null,
    column: line?.column ?? null,
    text: line === null || node === null ? '' : code.text(node.file, line.line),
    changed: line?.changed ?? false,
    baseline: bytes(own.old),
    current: bytes(own.now),
    share,
    low: share - half,
    high: share + half,
  };
}
