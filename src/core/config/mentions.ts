import type { Budget, Config } from '../language/budget.js';
import { isPattern, patternOf } from '../language/name-pattern.js';
import type { Location } from '../problem.js';

/** A name in a budget: its benchmark, a part of its sum, or what one of its checks is compared with. */
export interface Mention {
  readonly name: string;
  readonly location: Location;
  /** Whether it may also be the name of a budget. */
  readonly isEither: boolean;
}

export function mentions({ subject, checks }: Budget): readonly Mention[] {
  const own =
    subject.kind === 'benchmark'
      ? [{ name: subject.name, location: subject.location, isEither: false }]
      : subject.kind === 'sum'
        ? subject.parts.map(({ name, location }) => ({ name, location, isEither: true }))
        : [];
  const references = checks.flatMap(({ bound, nameLocation }) =>
    bound.kind === 'reference' && nameLocation !== null
      ? [{ name: bound.name, location: nameLocation, isEither: true }]
      : [],
  );
  return [...own, ...references];
}

/**
 * Whether a name in a budget means this benchmark: it is the benchmark's own name, its name after its bench file
 * (`bench/a.bench.ts#suite/case`, relative to the folder of the `perf-budget.jsonc`), or a pattern. `file` is relative, too.
 */
export function means(name: string, benchmark: { readonly name: string; readonly file: string }): boolean {
  if (name === benchmark.name || name === `${benchmark.file}#${benchmark.name}`) return true;
  if (!isPattern(name)) return false;
  const own = name.startsWith(`${benchmark.file}#`) ? name.slice(benchmark.file.length + 1) : name;
  return patternOf(own).match(benchmark.name) !== null;
}

type Named = Parameters<typeof means>[1];

/** Returns the names of the budgets that are about a benchmark; to compare with one is not to be about it. */
export function budgetsAbout(budgets: readonly Budget[]): (benchmark: Named) => readonly string[] {
  const byMention = new Map<string, Set<string>>();
  for (const { name, subject } of budgets) {
    const parts = subject.kind === 'benchmark' ? [subject] : subject.kind === 'sum' ? subject.parts : [];
    for (const part of parts) byMention.set(part.name, (byMention.get(part.name) ?? new Set()).add(name));
  }
  const patterns = [...byMention].flatMap(([written, names]) =>
    isPattern(written) ? [{ written, names, pattern: patternOf(written) }] : [],
  );
  return (benchmark) => {
    const inFile = `${benchmark.file}#`;
    const exact = [byMention.get(benchmark.name), byMention.get(inFile + benchmark.name)];
    const alike = patterns.flatMap(({ written, names, pattern }) => {
      const isAlike = written.startsWith(inFile) ? means(written, benchmark) : pattern.match(benchmark.name) !== null;
      return isAlike ? [names] : [];
    });
    return [...new Set([...exact, ...alike].flatMap((names) => [...(names ?? [])]))];
  };
}

/** Returns whether one of these budgets is about a benchmark. */
export function covers(budgets: readonly Budget[]): (benchmark: Named) => boolean {
  const about = budgetsAbout(budgets);
  return (benchmark) => about(benchmark).length > 0;
}

const byName = new WeakMap<readonly Budget[], ReadonlyMap<string, Budget>>();

/** Returns the budget with this name. Costs the same however many budgets there are, because each may ask for others. */
export function budgetNamed({ budgets }: Pick<Config, 'budgets'>, name: string): Budget | undefined {
  let known = byName.get(budgets);
  if (known === undefined) {
    known = new Map(budgets.toReversed().map((budget) => [budget.name, budget]));
    byName.set(budgets, known);
  }
  return known.get(name);
}

/** Returns the names and patterns of all benchmarks that these budgets need, including names that mean nothing. */
export function benchmarkNames(config: Config, budgets: readonly Budget[]): ReadonlySet<string> {
  const names = new Set<string>();
  const named = (name: string): void => {
    const budget = budgetNamed(config, name);
    if (budget === undefined) names.add(name);
    else about(budget);
  };
  const about = ({ subject }: Budget): void => {
    if (subject.kind === 'benchmark') names.add(subject.name);
    if (subject.kind === 'sum') for (const part of subject.parts) named(part.name);
  };
  for (const budget of budgets) {
    about(budget);
    for (const { bound } of budget.checks) if (bound.kind === 'reference') named(bound.name);
  }
  return names;
}
