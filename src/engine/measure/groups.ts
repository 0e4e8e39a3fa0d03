import type { Budget } from '../../core/language/budget.js';

/**
 * Whether a budget holds figures of several benchmarks against each other. A machine that changes its speed meanwhile would
 * tell against whichever is measured last, so they are measured in turns.
 */
export const isAcross = ({ checks, subject }: Budget): boolean =>
  subject.kind === 'sum' || checks.some(({ bound }) => bound.kind === 'growth' || bound.kind === 'reference');

/** `all` in groups, whose members are linked to one another, also by way of others. In the order in which they come. */
export function groupsOf<T>(all: readonly T[], linked: readonly (readonly T[])[]): readonly (readonly T[])[] {
  const groups = new Map<T, Set<T>>(all.map((one) => [one, new Set([one])]));
  for (const links of linked) {
    const group = new Set(links.flatMap((one) => [...(groups.get(one) ?? [])]));
    for (const one of group) groups.set(one, group);
  }
  return Array.from(new Set(groups.values()), (group) => all.filter((one) => group.has(one)));
}
