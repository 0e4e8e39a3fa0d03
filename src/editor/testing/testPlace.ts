import { isPattern } from '../../core/language/name-pattern.js';
import type { Budget } from '../../core/language/budget.js';
import { relativeTo } from '../../engine/util/paths.js';
import type { KnownBenchmark } from '../../engine/project/snapshot.js';

/** Where a budget stands in the Testing view. */
export interface TestPlace {
  /** The suites around its benchmark, outermost first. */
  readonly suites: readonly string[];
  /** Its benchmark, family or pattern; null for a sum and a figure recorded by hand, which belong to no one benchmark. */
  readonly benchmark: { readonly id: string; readonly label: string; readonly file: string | null } | null;
}

const nowhere: TestPlace = { suites: [], benchmark: null };

const byName = new WeakMap<readonly KnownBenchmark[], ReadonlyMap<string, readonly KnownBenchmark[]>>();

/** Looks benchmarks up at the same cost however many there are. */
function named(benchmarks: readonly KnownBenchmark[], name: string): readonly KnownBenchmark[] {
  const before = byName.get(benchmarks);
  if (before !== undefined) return before.get(name) ?? [];
  const known = new Map<string, KnownBenchmark[]>();
  for (const one of benchmarks) {
    const others = known.get(one.name);
    if (others === undefined) known.set(one.name, [one]);
    else others.push(one);
  }
  byName.set(benchmarks, known);
  return known.get(name) ?? [];
}

/**
 * Returns where a budget stands: below its benchmark, which all its budgets share however they write its name. `benchmarks`: those that
 * were found; null while they are searched for.
 */
export function testPlace(
  { subject }: Pick<Budget, 'subject'>,
  benchmarks: readonly KnownBenchmark[] | null,
  root: string,
): TestPlace {
  if (subject.kind !== 'benchmark') return nowhere;
  // As in `bench/a.bench.ts#suite/case`.
  const [, written = null, rest] = /^([^#]+\.\w+)#(.+)$/s.exec(subject.name) ?? [];
  const isQualified = rest !== undefined && (benchmarks === null || named(benchmarks, subject.name).length === 0);
  const name = isQualified ? rest : subject.name;
  const file = isQualified ? written : null;
  const same = benchmarks === null || isPattern(name) ? [] : named(benchmarks, name);
  // The name of a file is needed only where several have a benchmark of that name.
  const isAlone = same.length === 1 && (file === null || same.every((one) => relativeTo(root, one.file) === file));
  const parts = name.split('/').filter((part) => part !== '');
  const label = parts.at(-1) ?? name;
  const id = isAlone || file === null ? name : `${file}#${name}`;
  return { suites: parts.slice(0, -1), benchmark: { id, label, file: isAlone ? null : file } };
}
