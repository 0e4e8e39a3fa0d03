import type { Budget } from '../../core/language/budget.js';

/**
 * Whether a budget compares benchmarks with one another: those form a comparison group, and their processes alternate, so
 * that a machine that changes its speed meanwhile changes it for all of them.
 */
export const comparesBenchmarks = ({ checks, subject }: Budget): boolean =>
  subject.kind === 'sum' || checks.some(({ bound }) => bound.kind === 'growth' || bound.kind === 'reference');

/** Divides `all` into groups: what a link has in common with another, directly or through others, is in one. Keeps the order. */
export function groupsOf<T>(all: readonly T[], links: readonly (readonly T[])[]): readonly (readonly T[])[] {
  const groups = new Map<T, Set<T>>(all.map((one) => [one, new Set([one])]));
  for (const link of links) {
    const group = new Set(link.flatMap((one) => [...(groups.get(one) ?? [])]));
    for (const one of group) groups.set(one, group);
  }
  return Array.from(new Set(groups.values()), (group) => all.filter((one) => group.has(one)));
}
