/** One of several parts of all budgets; `index` starts at 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** A budget, and the names of everything measured for it: benchmarks, and other budgets that it refers to. */
export interface Divided {
  readonly id: string;
  readonly needs: readonly string[];
}

/**
 * Returns the ids of the budgets in part `index` (from 1) of `count`. Budgets that share a measurement stay together, so that
 * nothing is measured twice. The largest groups are dealt first, each to the part that has least (Graham, Bounds on
 * multiprocessing timing anomalies, SIAM J. Appl. Math. 17, 1969). The parts do not depend on the machine or on the order of
 * `all`.
 */
export function shardOf(all: readonly Divided[], { index, count }: Shard): ReadonlySet<string> {
  const groups = together(all).sort((a, b) => b.length - a.length || compare(a[0] ?? '', b[0] ?? ''));
  const parts = Array.from({ length: count }, (): string[] => []);
  for (const group of groups) {
    const [least] = parts.toSorted((a, b) => a.length - b.length);
    least?.push(...group);
  }
  return new Set(parts[index - 1]);
}

/** Groups the ids of budgets that share something, each group sorted: a union-find over budgets and what they need. */
function together(all: readonly Divided[]): string[][] {
  const parents = new Map<string, string>();
  const rootOf = (name: string): string => {
    const parent = parents.get(name);
    return parent === undefined ? name : rootOf(parent);
  };
  for (const { id, needs } of all) {
    for (const need of needs) {
      const [a, b] = [rootOf(`budget ${id}`), rootOf(`need ${need}`)];
      if (a !== b) parents.set(b, a);
    }
  }
  const groups = new Map<string, string[]>();
  for (const { id } of all) {
    const root = rootOf(`budget ${id}`);
    groups.set(root, [...(groups.get(root) ?? []), id]);
  }
  return Array.from(groups.values(), (group) => group.sort(compare));
}

/** Ignores the locale, to be the same everywhere. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
