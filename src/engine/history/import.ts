import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import type { Budget, Config } from '../../core/language/budget.js';
import { budgetNamed } from '../../core/config/mentions.js';
import { judge, type Member } from '../../core/judge/judge.js';
import { sumOf } from '../../core/judge/sum.js';
import { budgetResult } from '../../core/text/result.js';
import type { Measurement } from '../../core/results/measurement.js';
import { patternOf } from '../../core/language/name-pattern.js';
import type { ReadBenchmark } from '../../core/formats/readers/index.js';
import type { ImportName } from '../../core/formats/readers/import-names.js';
import { commandBenchmarks, type ImportedRun } from '../../core/formats/readers/reader.js';
import { inBaseUnit } from '../../core/stats/estimate.js';
import type { KeptRow } from './history.js';

export interface Imported {
  readonly rows: readonly KeptRow[];
  /** The names of the benchmarks that no budget is about. */
  readonly unmatched: ReadonlySet<string>;
}

/** The time for runs without one. If the user gave it (`isGiven`), the same figures at another time are another run. */
export interface Otherwise {
  readonly at: number;
  readonly isGiven: boolean;
}

/**
 * Judges figures that were measured elsewhere by the budgets of a configuration. No old code ran beside them, so checks
 * against the baseline are undecided. A benchmark goes to the budgets that are about it or have its name.
 */
export function judgeImport(
  config: Config,
  format: ImportName,
  pasts: readonly ImportedRun[],
  otherwise: Otherwise,
): Imported {
  const rows: KeptRow[] = [];
  const unmatched = new Set<string>();
  for (const past of pasts) {
    const finder = new Finder(config, known(config, format, past.benchmarks));
    for (const budget of config.budgets) {
      const members = finder.members(budget);
      if (members.length > 0) rows.push(rowOf(budget, members, finder.references(budget), format, past, otherwise));
    }
    for (const one of past.benchmarks) if (!finder.used.has(one)) unmatched.add(one.name);
  }
  return { rows, unmatched };
}

/** Returns the benchmarks by the names they may have here: those of a command begin with the command's name. */
function known(
  { benchmarks: sources }: Config,
  format: ImportName,
  benchmarks: readonly ReadBenchmark[],
): ReadonlyMap<string, ReadBenchmark> {
  const all = new Map(benchmarks.map((one) => [one.name, one]));
  for (const source of sources) {
    if (source.kind !== 'command' || source.reads !== format) continue;
    for (const [index, { name }] of commandBenchmarks(source.name, benchmarks).entries()) {
      const one = benchmarks[index];
      if (one !== undefined && !all.has(name)) all.set(name, one);
    }
  }
  return all;
}

/** Finds what a budget's names mean among the benchmarks of one run; nothing if a part is missing. */
class Finder {
  readonly used = new Set<ReadBenchmark>();

  constructor(
    readonly config: Config,
    readonly benchmarks: ReadonlyMap<string, ReadBenchmark>,
  ) {}

  members(budget: Budget): readonly Member[] {
    const found = this.#about(budget);
    return found.length > 0 || budget.subject.kind === 'manual' ? found : this.#benchmark(budget.name, budget);
  }

  references(budget: Budget): ReadonlyMap<string, readonly Member[]> {
    const names = budget.checks.flatMap(({ bound }) => (bound.kind === 'reference' ? [bound.name] : []));
    return new Map(names.map((name) => [name, this.#named(name, budget)]));
  }

  #about(budget: Budget): readonly Member[] {
    const { subject } = budget;
    switch (subject.kind) {
      case 'benchmark':
        return this.#benchmark(subject.name, budget);
      case 'sum': {
        const parts = subject.parts.map(({ name }) => this.#named(name, budget));
        if (parts.some((part) => part.length === 0)) return [];
        const all = parts.flat();
        const measurement = sumOf(budget.name, all);
        return [{ name: budget.name, size: null, measurement, work: { amount: 1, counts: 'ops' }, parts: all }];
      }
      case 'manual':
        return [];
    }
  }

  #named(name: string, asking: Budget): readonly Member[] {
    const budget = budgetNamed(this.config, name);
    return budget === undefined ? this.#benchmark(name, asking) : this.members(budget);
  }

  #benchmark(written: string, { run: { work } }: Budget): readonly Member[] {
    // `bench/a.bench.ts#a`: other tools do not know the file, so the name alone may match.
    const bare = written.slice(written.indexOf('#') + 1);
    // Or only the end of its path: `a/parse.bench.ts#parse` for `packages/a/parse.bench.ts#parse`.
    const ending = [...this.benchmarks.keys()].find((name) => name.includes('#') && written.endsWith(`/${name}`));
    const exact = [written, ending, bare].find((name) => name !== undefined && this.benchmarks.has(name));
    const pattern = patternOf(written);
    const found = Array.from(this.benchmarks).flatMap(([name, one]) => {
      const matched = exact === undefined && pattern.isPattern ? pattern.match(name) : null;
      return name === exact ? [{ name, one, size: null }] : matched === null ? [] : [{ name, one, size: matched.size }];
    });
    return found
      .toSorted((a, b) => (a.size ?? 0) - (b.size ?? 0))
      .map(({ name, one, size }) => {
        this.used.add(one);
        return { name, size, measurement: measurementOf(name, one), work };
      });
  }
}

/** Takes the figures as they are, because nothing is known about their spread but what the tool says. */
function measurementOf(benchmark: string, { metrics }: ReadBenchmark): Measurement {
  const estimates = Object.entries(metrics).map(([key, { value, low = value, high = value, samples = 1, unit }]) => {
    return [key, inBaseUnit(key, unit, { value, low, high, samples })] as const;
  });
  return {
    benchmark,
    current: { metrics: Object.fromEntries(estimates) },
    baseline: null,
    comparison: null,
    samples: metrics['time']?.samples ?? 1,
    elapsedMs: 0,
    note: l10n.t('it was imported, without a baseline to compare with'),
  };
}

function rowOf(
  budget: Budget,
  members: readonly Member[],
  references: ReadonlyMap<string, readonly Member[]>,
  format: ImportName,
  { at, commit }: ImportedRun,
  otherwise: Otherwise,
): KeptRow {
  const figures = members.map(({ name, measurement }) => [name, measurement.current.metrics]);
  const when = at ?? (otherwise.isGiven ? otherwise.at : null);
  const entry = JSON.stringify([format, budget.name, when, commit, figures]);
  const last = members.at(-1);
  const time = members.length > 1 && last?.size === null ? undefined : last?.measurement.current.metrics['time'];
  return {
    key: `import:${createHash('sha256').update(entry).digest('hex')}`,
    machine: `import:${format}`,
    at: at ?? otherwise.at,
    commit,
    dirty: false,
    baseline: null,
    result: budgetResult(
      judge(budget, { members, references }, { cached: false, baselineName: l10n.t('the baseline') }),
    ),
    time: time === undefined ? null : { value: time.value, low: time.low, high: time.high },
  };
}
