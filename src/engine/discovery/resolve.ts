import * as l10n from '@vscode/l10n';
import type { Budget, Check, Config, Named } from '../../core/language/budget.js';
import { budgetNamed } from '../../core/config/mentions.js';
import type { Member } from '../../core/judge/judge.js';
import { sumOf } from '../../core/judge/sum.js';
import type { Measurement } from '../../core/results/measurement.js';
import type { Location, Problem } from '../../core/problem.js';
import { err, ok, unreachable, type Result } from '../../core/result.js';
import type { BenchFiles } from './bench-files.js';
import type { FoundBenchmark, Missing } from './lookup.js';
import { closest } from '../../core/language/spelling.js';

/** One benchmark, with the budget whose settings it runs with. */
export interface SingleBenchmark {
  readonly kind: 'one';
  /** The name shown in messages. */
  readonly name: string;
  readonly found: FoundBenchmark;
  readonly budget: Budget;
}

/** What a budget is about or compares with: a benchmark, or a sum of benchmarks. */
export type ResolvedBenchmark =
  SingleBenchmark | { readonly kind: 'sum'; readonly name: string; readonly parts: readonly ResolvedBenchmark[] };

/** A budget with the benchmarks that its names refer to. */
export interface ResolvedBudget {
  readonly budget: Budget;
  /** At least one, or none if the figure is recorded by hand. */
  readonly members: readonly ResolvedBenchmark[];
  /** By the names in the budget's bounds. */
  readonly references: ReadonlyMap<string, readonly ResolvedBenchmark[]>;
}

/** The names in a budget that match nothing: where each is, and a sentence about it. */
export type Unresolved = readonly [Problem, ...Problem[]];

/**
 * Finds the benchmarks of a budget. A name in a sum or a bound refers to the budget with that name or, if there is none, to a
 * benchmark. Relies on the configuration having no sum that contains itself.
 */
export function resolve(
  config: Config,
  budget: Budget,
  benchFiles: Pick<BenchFiles, 'lookup'>,
): Result<ResolvedBudget, Unresolved> {
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

/** Writes a name the way its place needs it: in quotes in a check (`isQuoted`), and as JSON in the configuration file. */
function spelled(name: string, isJson: boolean, isQuoted: boolean): string {
  const written = isQuoted ? `'${name.replaceAll("'", "''")}'` : name;
  if (!isJson) return written;
  return isQuoted ? JSON.stringify(written).slice(1, -1) : JSON.stringify(written);
}

class Resolver {
  constructor(
    readonly config: Config,
    readonly benchFiles: Pick<BenchFiles, 'lookup'>,
  ) {}

  benchmark(name: string, budget: Budget): Result<readonly ResolvedBenchmark[], Missing> {
    const found = this.benchFiles.lookup.find(name);
    if (!found.ok) return found;
    const names = found.value.map((one) => one.name);
    return ok(
      found.value.map((one): ResolvedBenchmark => {
        const isShared = names.filter((other) => other === one.name).length > 1;
        return { kind: 'one', name: isShared ? this.benchFiles.lookup.fullName(one) : one.name, found: one, budget };
      }),
    );
  }

  named({ name }: Pick<Named, 'name'>, asking: Budget): Result<readonly ResolvedBenchmark[], Missing> {
    const budget = budgetNamed(this.config, name);
    if (budget === undefined) {
      const found = this.benchmark(name, asking);
      if (found.ok || found.error.near !== null) return found;
      const near = closest(
        name,
        this.config.budgets.map((one) => one.name),
      );
      return near === null
        ? found
        : err({ message: l10n.t`There is no benchmark or budget "${name}"; did you mean "${near}"?`, near });
    }
    const { subject } = budget;
    switch (subject.kind) {
      case 'benchmark': {
        const found = this.benchmark(subject.name, budget);
        // What was meant is the name in that budget, not its own name here.
        return found.ok ? found : err({ ...found.error, near: null });
      }
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
        return err({ message: l10n.t`"${name}" is recorded by hand, so nothing is measured for it.`, near: null });
      default:
        return unreachable(subject);
    }
  }
}

/** Returns the single benchmarks in these, with every sum replaced by its parts. */
export const leaves = (benchmarks: readonly ResolvedBenchmark[]): readonly SingleBenchmark[] =>
  benchmarks.flatMap((one) => (one.kind === 'one' ? [one] : leaves(one.parts)));

/** Returns all benchmarks of a budget, those in its bounds among them. */
export const benchmarksOf = ({ members, references }: ResolvedBudget): readonly SingleBenchmark[] =>
  leaves([...members, ...[...references.values()].flat()]);

/** Returns each benchmark of a budget with the checks that need it measured. */
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

/** Returns the measurement of a benchmark or a sum; null if one of its benchmarks is not measured yet. */
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
