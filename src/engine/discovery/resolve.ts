import type { Budget, Check, Config, Named } from '../../core/language/budget.js';
import type { Member } from '../../core/judge/judge.js';
import { sumOf } from '../../core/judge/sum.js';
import type { Measurement } from '../../core/results/measurement.js';
import type { Location, Problem } from '../../core/problem.js';
import { err, ok, unreachable, type Result } from '../../core/result.js';
import type { BenchFiles, FoundBenchmark, Missing } from './bench-files.js';
import { closest } from '../../core/language/spelling.js';

/** One benchmark, run as a budget wants it. */
export interface SingleBenchmark {
  readonly kind: 'one';
  /** As messages call it. */
  readonly name: string;
  readonly found: FoundBenchmark;
  /** Whose settings it is run with. */
  readonly budget: Budget;
}

/** What a budget is about, or holds a figure against: a benchmark, or a sum of such. */
export type ResolvedBenchmark =
  SingleBenchmark | { readonly kind: 'sum'; readonly name: string; readonly parts: readonly ResolvedBenchmark[] };

/** A budget with the benchmarks that its names mean. */
export interface ResolvedBudget {
  readonly budget: Budget;
  /** At least one; none for a figure that is recorded by hand. */
  readonly members: readonly ResolvedBenchmark[];
  /** By the names in the bounds. */
  readonly references: ReadonlyMap<string, readonly ResolvedBenchmark[]>;
}

/** A budget's names that mean nothing: where they stand, and a sentence each. */
export type Unresolved = readonly [Problem, ...Problem[]];

/**
 * Finds the benchmarks of a budget. A name in a sum or a bound is that of a budget, else that of a benchmark. No sum of a
 * configuration contains itself.
 */
export function resolve(config: Config, budget: Budget, benchFiles: BenchFiles): Result<ResolvedBudget, Unresolved> {
  const problems: Problem[] = [];
  const found = <T>(result: Result<readonly T[], Missing>, location: Location, isQuoted = false): readonly T[] => {
    if (result.ok) return result.value;
    const { message, near } = result.error;
    const suggestion = near === null ? null : spelled(near, location.file === config.file, isQuoted);
    problems.push({ location, message, ...(suggestion !== null && { suggestion }) });
    return [];
  };
  const resolver = new Resolver(config, benchFiles);
  const { subject } = budget;
  const members: ResolvedBenchmark[] = [];
  switch (subject.kind) {
    case 'benchmark':
      members.push(...found(resolver.benchmark(subject.name, budget), subject.location));
      break;
    case 'sum': {
      const parts = subject.parts.flatMap((part) => found(resolver.named(part, budget), part.location));
      members.push({ kind: 'sum', name: budget.name, parts });
      break;
    }
    case 'manual':
      break;
    default:
      unreachable(subject);
  }
  const references = new Map<string, readonly ResolvedBenchmark[]>();
  for (const { bound, location, nameLocation } of budget.checks) {
    if (bound.kind !== 'reference' || references.has(bound.name)) continue;
    const place = nameLocation ?? location ?? budget.location;
    references.set(bound.name, found(resolver.named(bound, budget), place, true));
  }
  const [first, ...others] = problems;
  return first === undefined ? ok({ budget, members, references }) : err([first, ...others]);
}

/** A name as it has to stand: `isQuoted` where a check refers to it, and in JSON where it is in the file. */
function spelled(name: string, isJson: boolean, isQuoted: boolean): string {
  const written = isQuoted ? `'${name.replaceAll("'", "''")}'` : name;
  if (!isJson) return written;
  return isQuoted ? JSON.stringify(written).slice(1, -1) : JSON.stringify(written);
}

class Resolver {
  constructor(
    readonly config: Config,
    readonly benchFiles: BenchFiles,
  ) {}

  benchmark(name: string, budget: Budget): Result<readonly ResolvedBenchmark[], Missing> {
    const found = this.benchFiles.find(name);
    if (!found.ok) return found;
    const names = found.value.map((one) => one.name);
    return ok(
      found.value.map((one): ResolvedBenchmark => {
        const isShared = names.filter((other) => other === one.name).length > 1;
        return { kind: 'one', name: isShared ? this.benchFiles.fullName(one) : one.name, found: one, budget };
      }),
    );
  }

  named({ name }: Pick<Named, 'name'>, asking: Budget): Result<readonly ResolvedBenchmark[], Missing> {
    const budget = this.config.budgets.find((one) => one.name === name);
    if (budget === undefined) {
      const found = this.benchmark(name, asking);
      if (found.ok || found.error.near !== null) return found;
      const near = closest(
        name,
        this.config.budgets.map((one) => one.name),
      );
      return err({ ...found.error, near });
    }
    const { subject } = budget;
    switch (subject.kind) {
      case 'benchmark':
        return this.benchmark(subject.name, budget);
      case 'sum': {
        const parts: ResolvedBenchmark[] = [];
        for (const part of subject.parts) {
          const found = this.named(part, budget);
          if (!found.ok) return found;
          parts.push(...found.value);
        }
        return ok([{ kind: 'sum', name, parts }]);
      }
      case 'manual':
        return err({ message: `"${name}" is recorded by hand, so nothing is measured for it.`, near: null });
      default:
        return unreachable(subject);
    }
  }
}

/** The benchmarks that something comes down to. */
export const leaves = (benchmarks: readonly ResolvedBenchmark[]): readonly SingleBenchmark[] =>
  benchmarks.flatMap((one) => (one.kind === 'one' ? [one] : leaves(one.parts)));

/** All benchmarks of a budget. */
export const benchmarksOf = ({ members, references }: ResolvedBudget): readonly SingleBenchmark[] =>
  leaves([...members, ...[...references.values()].flat()]);

/** The checks for which each of a budget's benchmarks is measured. */
export function checksOf({
  budget,
  members,
  references,
}: ResolvedBudget): ReadonlyMap<SingleBenchmark, readonly Check[]> {
  const checks = new Map<SingleBenchmark, readonly Check[]>(leaves(members).map((one) => [one, budget.checks]));
  for (const [name, benchmarks] of references) {
    const about = budget.checks.filter(({ bound }) => bound.kind === 'reference' && bound.name === name);
    for (const one of leaves(benchmarks)) checks.set(one, [...(checks.get(one) ?? []), ...about]);
  }
  return checks;
}

const iterations = { amount: 1, counts: 'ops' };

/** What is known of a benchmark or a sum; null where a benchmark of it is not measured yet. */
export function memberOf(
  benchmark: ResolvedBenchmark,
  measured: (one: SingleBenchmark) => Measurement | null,
): Member | null {
  switch (benchmark.kind) {
    case 'one': {
      const measurement = measured(benchmark);
      const { name, found, budget } = benchmark;
      return measurement && { name, size: found.size, measurement, work: budget.run.work };
    }
    case 'sum': {
      const parts = benchmark.parts.map((part) => memberOf(part, measured));
      const known = parts.filter((part) => part !== null);
      if (known.length < parts.length) return null;
      return {
        name: benchmark.name,
        size: null,
        measurement: sumOf(benchmark.name, known),
        work: iterations,
        parts: known,
      };
    }
    default:
      return unreachable(benchmark);
  }
}
