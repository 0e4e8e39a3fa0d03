import * as l10n from '@vscode/l10n';
import path from 'node:path';
import { subjectText, type Budget } from '../../core/language/budget.js';
import { shardOf, type Divided, type Shard } from '../../core/ci/shard.js';
import type { Project } from '../../engine/project/snapshot.js';
import { slashed } from '../../engine/util/paths.js';
import { UsageError } from './usage-error.js';
import { closest } from '../../core/language/spelling.js';

/** What a project has to say for budgets to be selected. */
type Named = Pick<Project, 'root' | 'snapshot'>;

export interface Selection {
  /** Names and patterns; empty for every name. */
  readonly patterns: readonly string[];
  /** A budget needs one of these; empty if it needs none. */
  readonly tags: readonly string[];
  readonly shard: Shard | null;
}

/** Returns the names of each project's selected budgets. Throws `UsageError` if a pattern or a tag matches nothing. */
export async function selectBudgets<P extends Named>(
  projects: readonly P[],
  { patterns, tags, shard }: Selection,
): Promise<ReadonlyMap<P, readonly string[]>> {
  const all = projects.flatMap(budgetNames);
  const matchers = await Promise.all(patterns.map((pattern) => matcherOf(pattern, projects, all)));
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

/** Throws if no budget has one of the requested tags. */
function requireTags(projects: readonly Named[], tags: readonly string[]): void {
  const all = [
    ...new Set(projects.flatMap(({ snapshot }) => snapshot.budgets.flatMap(({ budget }) => budget.tags ?? []))),
  ];
  for (const tag of tags) {
    if (all.includes(tag)) continue;
    const near = closest(tag, all);
    const known = all.length === 0 ? l10n.t('No budget has "tags".') : l10n.t`The tags are ${all.join(', ')}.`;
    throw new UsageError(
      `${l10n.t`No budget has the tag "${tag}".`} ${near === null ? known : l10n.t`Did you mean "${near}"?`}`,
    );
  }
}

/** Returns a matcher for a name or a pattern. Tries the exact name first, because the name of a family has braces. */
async function matcherOf(
  pattern: string,
  projects: readonly Named[],
  all: readonly string[],
): Promise<(name: string) => boolean> {
  const { default: picomatch } = await import('picomatch');
  if (all.includes(pattern) || !picomatch.scan(pattern).isGlob) {
    requireBudgets(projects, [pattern]);
    return (name) => name === pattern;
  }
  // Names are not paths, so a * also matches a slash.
  const matches = picomatch(pattern, { bash: true, dot: true });
  if (!all.some((name) => matches(name))) {
    const some = all.length > 6 ? `${all.slice(0, 6).join(', ')}, …` : `${all.join(', ')}.`;
    throw new UsageError(
      l10n.t`No budget matches "${pattern}".` + (all.length === 0 ? '' : ` ${l10n.t`The budgets are ${some}`}`),
    );
  }
  return matches;
}

function idsOf(projects: readonly Named[], shard: Shard): ReadonlySet<string> {
  const divided = projects.flatMap((project) =>
    project.snapshot.budgets.map(({ budget }): Divided => ({
      id: idOf(project, budget.name),
      needs: needsOf(budget).map((name) => idOf(project, name)),
    })),
  );
  return shardOf(divided, shard);
}

const idOf = ({ root }: Named, name: string): string => `${root}\n${name}`;

/** Returns the names of what is measured for a budget: its benchmarks, the parts of its sum, what its checks refer to. */
function needsOf(budget: Budget): readonly string[] {
  const { subject, checks, name } = budget;
  const parts = subject.kind === 'sum' ? subject.parts.map((part) => part.name) : [subjectText(budget)];
  const references = checks.flatMap(({ bound }) => (bound.kind === 'reference' ? [bound.name] : []));
  return [name, ...parts.filter((part) => part !== ''), ...references];
}

export const budgetNames = (project: Pick<Project, 'snapshot'>): readonly string[] =>
  project.snapshot.budgets.map(({ budget }) => budget.name);

/** Throws `UsageError` if a name is not a budget of any project. */
export function requireBudgets(projects: readonly Pick<Project, 'snapshot'>[], names: readonly string[]): void {
  const all = projects.flatMap(budgetNames);
  for (const name of names) {
    if (all.includes(name)) continue;
    const near = closest(name, all);
    const some = all.length > 6 ? `${all.slice(0, 6).join(', ')}, …` : `${all.join(', ')}.`;
    const fix =
      near !== null
        ? ` ${l10n.t`Did you mean "${near}"?`}`
        : all.length === 0
          ? ''
          : ` ${l10n.t`The budgets are ${some}`}`;
    throw new UsageError(l10n.t`No budget matches "${name}".` + fix);
  }
}

/** Returns the only budget with this name, and its project. Throws `UsageError` if there is none, or if there are several. */
export function requireBudget<P extends Named>(
  projects: readonly P[],
  name: string,
  directory: string,
): { readonly project: P; readonly budget: Budget } {
  requireBudgets(projects, [name]);
  const found = projects.flatMap((project) =>
    project.snapshot.budgets.flatMap(({ budget }) => (budget.name === name ? [{ project, budget }] : [])),
  );
  const [first, second] = found;
  if (first === undefined) throw new Error(`${name} was there a moment ago`);
  if (second === undefined) return first;
  const folders = found.map(({ project }) => slashed(path.relative(directory, project.root)) || '.').join(' and in ');
  throw new UsageError(l10n.t`"${name}" is a budget in ${folders}. Choose one with -C <folder>.`);
}
