import * as l10n from '@vscode/l10n';
import { levels, type Budget, type Check, type Config } from '../language/budget.js';
import { impliedChecks } from '../language/subject-fit.js';
import { metricKey } from '../language/metric.js';
import type { Problem } from '../problem.js';

/**
 * Adds the budgets in comments to a configuration. All comments about one benchmark make one budget with the benchmark's name,
 * and join the file's entry of that name. If an entry of the file already has the same kind of check on the same metric of the
 * benchmark, that check counts and the comment gets a problem. Without comments, returns `config` itself.
 */
export function mergeInline(
  config: Config,
  inline: readonly Budget[],
): { readonly config: Config; readonly problems: readonly Problem[] } {
  if (inline.length === 0) return { config, problems: [] };
  const file = config.file.slice(config.file.lastIndexOf('/') + 1);
  const byName = new Map(config.budgets.map((budget) => [budget.name, budget]));
  const about = new Map<string, Budget[]>();
  for (const budget of config.budgets) {
    if (budget.subject.kind !== 'benchmark') continue;
    const { name } = budget.subject;
    about.set(name, [...(about.get(name) ?? []), budget]);
  }
  const problems: Problem[] = [];
  const merged = new Map<string, { readonly first: Budget; readonly checks: Check[] }>();
  for (const budget of inline) {
    const { name, subject } = budget;
    const entries = about.get(name) ?? [];
    const entry = byName.get(name);
    if (entry !== undefined && !entries.includes(entry)) {
      const location = subject.kind === 'benchmark' ? subject.location : budget.location;
      const message = l10n.t`${file} already has a budget "${name}" for something else. Rename that budget.`;
      problems.push({ location, message });
      continue;
    }
    const written = budget.checks.filter(({ location }) => location !== null);
    const kept = written.filter((check) => {
      const rival = rivalOf(check, entries);
      if (rival === null) return true;
      const at = l10n.t`"${rival.budget.name}" in ${file} already has "${rival.check.text}"`;
      const line = l10n.t`line ${rival.check.location?.start.line ?? rival.budget.location.start.line}`;
      problems.push({
        location: check.location ?? budget.location,
        message: l10n.t`"${check.text}": ${at} (${line}); this one is ignored.`,
      });
      return false;
    });
    if (kept.length === 0 && entries.length > 0) continue;
    const before = merged.get(name);
    if (before === undefined) merged.set(name, { first: entry ?? budget, checks: kept });
    else before.checks.push(...kept);
  }
  const whole = ({ first, checks }: { readonly first: Budget; readonly checks: readonly Check[] }): Budget => {
    const own = byName.has(first.name) ? first.checks.filter(({ location }) => location !== null) : [];
    const all = [...own, ...checks];
    const ordered = levels.flatMap((level) => all.filter((check) => check.level === level));
    const implied = impliedChecks(ordered, first.regression, config.defaults.regression);
    return { ...first, checks: [...ordered, ...implied] };
  };
  const budgets = config.budgets.map((budget) => {
    const more = merged.get(budget.name);
    return more === undefined ? budget : whole(more);
  });
  const others = [...merged.values()].filter(({ first }) => !byName.has(first.name)).map(whole);
  return { config: { ...config, budgets: [...budgets, ...others] }, problems };
}

/** Finds a check of the same metric and kind: relative to the old code, to another figure, to the size, or absolute. */
function rivalOf(check: Check, entries: readonly Budget[]): { readonly budget: Budget; readonly check: Check } | null {
  for (const budget of entries) {
    const rival = budget.checks.find(
      ({ metric, bound, location }) =>
        location !== null && bound.kind === check.bound.kind && metricKey(metric) === metricKey(check.metric),
    );
    if (rival !== undefined) return { budget, check: rival };
  }
  return null;
}
