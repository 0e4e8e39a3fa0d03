import type { Allocations } from '../results/allocations.js';
import type { Code } from './code.js';
import { isIn, keyOf, matchFunctions } from './match-functions.js';

/** Where a function begins in the user's source, or in a package's; line and column count from one. */
export interface AllocatingPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly package: string | null;
}

/** What one side allocates. `placeOf` tells where a function of it is, by index; null if nobody knows. */
export interface SideAllocations {
  readonly allocations: Allocations;
  readonly placeOf: (index: number) => AllocatingPlace | null;
  readonly code: Code;
}

/** Bytes a call of both sides, and the variance of their difference. */
export interface Sum {
  readonly old: number;
  readonly now: number;
  readonly variance: number;
}

type Way = 'warm' | 'apart';
export type SumOf = (unit: Unit, way: Way) => Sum;

/** A function as the outline of its file names it, with V8's functions in it. */
export interface FunctionNode {
  readonly file: string;
  readonly path: string | null;
  readonly package: string | null;
  readonly frames: number[];
}

/** A function of the current code and the one that it was; both null for what has no place. */
export interface Unit {
  old: FunctionNode | null;
  now: FunctionNode | null;
  /** What was split off it, or what it has taken in, counts with it. */
  readonly parts: Unit[];
}

export const added = (sums: readonly Sum[]): Sum => ({
  old: sums.reduce((all, one) => all + one.old, 0),
  now: sums.reduce((all, one) => all + one.now, 0),
  variance: sums.reduce((all, one) => all + one.variance, 0),
});

/** Brings both sides together by function. Functions that V8 has inlined into each other on either side are one group. */
export function groupsOf(
  old: SideAllocations,
  now: SideAllocations,
): { readonly groups: readonly (readonly Unit[])[]; readonly sum: SumOf } {
  const [before, after] = [nodesOf(old), nodesOf(now)];
  const code = { old: old.code, now: now.code };
  const matched = matchFunctions(before.nodes, after.nodes, code);
  const nowhere: Unit = { old: null, now: null, parts: [] };
  const unitOfNow = new Map(
    after.nodes.map((node): [FunctionNode, Unit] => [node, { old: null, now: node, parts: [] }]),
  );
  const unitOfOld = new Map<FunctionNode, Unit>();
  for (const node of before.nodes) {
    const same = matched.get(node);
    const unit = (same === undefined ? undefined : unitOfNow.get(same)) ?? { old: null, now: null, parts: [] };
    unit.old = node;
    unitOfOld.set(node, unit);
  }
  const own: SumOf = (unit, way) => {
    const of = ({ allocations }: SideAllocations, frames: readonly number[]): { bytes: number; variance: number } => {
      // What the loop itself allocates is the same without inlining, when the benchmark is no part of it.
      const loop = unit === nowhere && way === 'warm' ? (allocations.functions[0]?.apart.bytes ?? 0) : 0;
      const taken = frames.flatMap((index) => allocations.functions[index]?.[way] ?? []);
      const sampled = taken.reduce((sum, { bytes }) => sum + bytes, 0);
      return {
        bytes: unit === nowhere && way === 'apart' ? 0 : Math.max(0, sampled - loop),
        variance: taken.reduce((sum, { error }) => sum + error ** 2, 0),
      };
    };
    const was = of(old, unit === nowhere ? before.nowhere : (unit.old?.frames ?? []));
    const is = of(now, unit === nowhere ? after.nowhere : (unit.now?.frames ?? []));
    return { old: was.bytes, now: is.bytes, variance: was.variance + is.variance };
  };
  const sum: SumOf = (unit, way) => added([unit, ...unit.parts].map((one) => own(one, way)));

  const edges = [
    ...edgesOf(old, (index) => at(unitOfOld, before.of[index]) ?? nowhere),
    ...edgesOf(now, (index) => at(unitOfNow, after.of[index]) ?? nowhere),
  ];
  const gain = (unit: Unit): number => own(unit, 'apart').now - own(unit, 'apart').old;
  const owners = new Map<Unit, Unit>();
  for (const { caller, callee } of edges) {
    // What a function has lost, a new one that it calls may have taken over, or the other way round.
    if (caller === callee || caller === nowhere || owners.has(caller) || owners.has(callee)) continue;
    if (callee.parts.length > 0 || !isOnOneSide(callee, code) || gain(caller) * gain(callee) >= 0) continue;
    caller.parts.push(callee);
    owners.set(callee, caller);
  }
  const groups = new Map<Unit, Unit[]>();
  const units = [...new Set([nowhere, ...unitOfNow.values(), ...unitOfOld.values()])].filter((one) => !owners.has(one));
  for (const unit of units) groups.set(unit, [unit]);
  for (const { caller, callee, inlined } of edges) {
    const into = groups.get(owners.get(caller) ?? caller);
    const from = groups.get(owners.get(callee) ?? callee);
    if (!inlined || into === undefined || from === undefined || into === from) continue;
    into.push(...from);
    for (const unit of from) groups.set(unit, into);
  }
  return { groups: [...new Set(groups.values())], sum };
}

const at = <Value>(map: ReadonlyMap<FunctionNode, Value>, key: FunctionNode | null | undefined): Value | undefined =>
  key === null || key === undefined ? undefined : map.get(key);

/** Whether a function was written, or removed, between the two sides. */
function isOnOneSide({ old, now }: Unit, code: { readonly old: Code; readonly now: Code }): boolean {
  if (old !== null && now !== null) return false;
  return (now !== null && !isIn(now, code.old)) || (old !== null && !isIn(old, code.now));
}

/** Returns the named functions that V8's functions are in, each by index, and the indexes of those that have no place. */
function nodesOf({ allocations, placeOf, code }: SideAllocations): {
  readonly nodes: readonly FunctionNode[];
  readonly of: readonly (FunctionNode | null)[];
  readonly nowhere: readonly number[];
} {
  const nodes = new Map<string, FunctionNode>();
  const of = allocations.functions.map((_, index) => {
    const place = placeOf(index);
    if (place === null) return null;
    const { file, line, column, package: owner } = place;
    // The text of a package may not be known, and then V8's name is the best.
    const name = owner === null ? '' : (allocations.functions[index]?.function ?? '');
    const path = code.functionAt(file, line, column) ?? (name === '' ? null : name);
    const key = keyOf({ file, path });
    const node = nodes.get(key) ?? { file, path, package: owner, frames: [] };
    node.frames.push(index);
    nodes.set(key, node);
    return node;
  });
  return { nodes: [...nodes.values()], of, nowhere: of.flatMap((node, index) => (node === null ? [index] : [])) };
}

interface Edge {
  readonly caller: Unit;
  readonly callee: Unit;
  readonly inlined: boolean;
}

const edgesOf = ({ allocations }: SideAllocations, unitAt: (index: number) => Unit): readonly Edge[] =>
  allocations.edges.map(({ caller, callee, inlined }) => ({
    caller: unitAt(caller),
    callee: unitAt(callee),
    inlined,
  }));
