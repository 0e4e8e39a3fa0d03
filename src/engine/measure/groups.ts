import type { Budget } from '../../core/language/budget.js';

/**
 * Whether a budget compares benchmarks with one another. Those form a comparison group: their processes alternate, so that a
 * machine that changes its speed meanwhile affects them all.
 */
export const comparesBenchmarks = ({ checks, subject }: Budget): boolean =>
  subject.kind === 'sum' || checks.some(({ bound }) => bound.kind === 'growth' || bound.kind === 'reference');

/** Divides `all` into groups: items that share a link, directly or through other links, are in one group. Keeps the order. */
export function groupsOf<T>(all: readonly T[], links: readonly (readonly T[])[]): readonly (readonly T[])[] {
  const groups = new Map<T, Set<T>>(all.map((one) => [one, new Set([one])]));
  for (const link of links) {
    const group = new Set(link.flatMap((one) => [...(groups.get(one) ?? [])]));
    for (const one of group) groups.set(one, group);
  }
  const ordered = new Map<Set<T>, T[]>();
  for (const [one, group] of groups) {
    const members = ordered.get(group);
    if (members === undefined) ordered.set(group, [one]);
    else members.push(one);
  }
  return [...ordered.values()];
}
