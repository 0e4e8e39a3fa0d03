/** A budget, and the names of all that is measured for it: benchmarks, and other budgets that it refers to. */
export interface Divided {
  readonly id: string;
  readonly needs: readonly string[];
}

/**
 * Which budgets are in the part `index` (from 1) of `count`, by their ids. Budgets that share something that is measured stay
 * together, so that nothing is measured twice; the largest groups are dealt first, each to the part that has least
 * (Graham, Bounds on multiprocessing timing anomalies, SIAM J. Appl. Math. 17, 1969). The same budgets give the same parts
 * on every machine, in whatever order they are.
 */
export function shardOf(
  all: readonly Divided[],
  { index, count }: { readonly index: number; readonly count: number },
): ReadonlySet<string> {
  const groups = together(all).sort((a, b) => b.length - a.length || compare(a[0] ?? '', b[0] ?? ''));
  const parts = Array.from({ length: count }, (): string[] => []);
  for (const group of groups) {
    const [least] = parts.toSorted((a, b) => a.length - b.length);
    least?.push(...group);
  }
  return new Set(parts[index - 1]);
}

/** The ids of each group that shares something, sorted: a union-find over budgets and what they need. */
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

/** Not as a locale has it: the same everywhere. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
