import picomatch from 'picomatch';
import { subjectText, type Budget } from '../../core/language/budget.js';
import { shardOf, type Divided } from '../../core/ci/shard.js';
import type { Project } from '../../engine/project/snapshot.js';
import { UsageError, type Shard } from './options.js';
import { budgetNames, requireBudgets } from './projects.js';
import { closest } from '../../core/language/spelling.js';

export interface Selection {
  /** Names and patterns; empty where every name is meant. */
  readonly patterns: readonly string[];
  /** One of them is enough; empty where a budget needs none. */
  readonly tags: readonly string[];
  readonly shard: Shard | null;
}

/** Of each project the names of the budgets that are asked for. */
export function selectBudgets(
  projects: readonly Project[],
  { patterns, tags, shard }: Selection,
): ReadonlyMap<Project, readonly string[]> {
  const all = projects.flatMap(budgetNames);
  const matchers = patterns.map((pattern) => matcherOf(pattern, projects, all));
  requireTags(projects, tags);
  const inShard = shard === null ? null : idsOf(projects, shard);
  return new Map(
    projects.map((project) => [
      project,
      project.snapshot.budgets.flatMap(({ budget: { name, tags: own = [] } }) =>
        (tags.length === 0 || own.some((tag) => tags.includes(tag))) &&
        (matchers.length === 0 || matchers.some((matches) => matches(name))) &&
        (inShard === null || inShard.has(idOf(project, name)))
          ? [name]
          : [],
      ),
    ]),
  );
}

/** Throws where no budget has a tag that is asked for. */
function requireTags(projects: readonly Project[], tags: readonly string[]): void {
  const all = [
    ...new Set(projects.flatMap(({ snapshot }) => snapshot.budgets.flatMap(({ budget }) => budget.tags ?? []))),
  ];
  for (const tag of tags) {
    if (all.includes(tag)) continue;
    const near = closest(tag, all);
    const known = all.length === 0 ? ' No budget has "tags".' : ` The tags are ${all.join(', ')}.`;
    throw new UsageError(`No budget has the tag "${tag}".${near === null ? known : ` Did you mean "${near}"?`}`);
  }
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
    throw new UsageError(`No budget matches "${pattern}".${all.length === 0 ? '' : ` The budgets are ${some}`}`);
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
