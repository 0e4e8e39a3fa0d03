import picomatch from 'picomatch';
import { subjectText, type Budget } from '../core/budget.js';
import { shardOf, type Divided } from '../core/shard.js';
import type { Project } from '../engine/snapshot.js';
import { UsageError, type Shard } from './options.js';
import { budgetNames, requireBudgets } from './projects.js';

/** Of each project the names of the budgets that are asked for, by name or pattern; all where nothing is asked for. */
export function chosenBudgets(
  projects: readonly Project[],
  patterns: readonly string[],
  shard: Shard | null,
): ReadonlyMap<Project, readonly string[]> {
  const all = projects.flatMap(budgetNames);
  const matchers = patterns.map((pattern) => matcherOf(pattern, projects, all));
  const inShard = shard === null ? null : idsOf(projects, shard);
  return new Map(
    projects.map((project) => [
      project,
      budgetNames(project).filter(
        (name) =>
          (matchers.length === 0 || matchers.some((matches) => matches(name))) &&
          (inShard === null || inShard.has(idOf(project, name))),
      ),
    ]),
  );
}

/** A name is taken for itself first: that of a family has braces. */
function matcherOf(pattern: string, projects: readonly Project[], all: readonly string[]): (name: string) => boolean {
  if (all.includes(pattern) || !picomatch.scan(pattern).isGlob) {
    requireBudgets(projects, [pattern]);
    return (name) => name === pattern;
  }
  // Names are no paths: a * goes beyond a slash.
  const matches = picomatch(pattern, { bash: true, dot: true });
  if (!all.some((name) => matches(name))) {
    const some = all.length > 6 ? `${all.slice(0, 6).join(', ')}, …` : `${all.join(', ')}.`;
    throw new UsageError(`No budget is called like "${pattern}"${all.length === 0 ? '.' : `. There is ${some}`}`);
  }
  return matches;
}

function idsOf(projects: readonly Project[], shard: Shard): ReadonlySet<string> {
  const divided = projects.flatMap((project) =>
    project.snapshot.budgets.map(({ budget }): Divided => ({
      id: idOf(project, budget.name),
      needs: needsOf(budget).map((name) => idOf(project, name)),
    })),
  );
  return shardOf(divided, shard);
}

const idOf = ({ root }: Project, name: string): string => `${root}\n${name}`;

/** What is measured for a budget, by name: its benchmarks, the parts of its sum, what its checks refer to. */
function needsOf(budget: Budget): readonly string[] {
  const { subject, checks, name } = budget;
  const parts = subject.kind === 'sum' ? subject.parts.map((part) => part.name) : [subjectText(budget)];
  const references = checks.flatMap(({ bound }) => (bound.kind === 'reference' ? [bound.name] : []));
  return [name, ...parts.filter((part) => part !== ''), ...references];
}
