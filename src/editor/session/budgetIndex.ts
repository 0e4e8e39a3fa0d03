import type { Location } from '../../core/problem.js';
import { slashed } from '../../engine/util/paths.js';
import type { BudgetView, Project, Snapshot } from '../../engine/project/snapshot.js';
import type { BudgetSite } from './ids.js';

/** One place where a budget is shown. */
export interface ShownBudget {
  readonly project: Project;
  readonly view: BudgetView;
  readonly place: BudgetSite;
  readonly location: Location;
}

/** Returns one spelling for each file, however the editor and the engine write it: with `/` and a lower-case drive letter. */
export function fileKey(path: string): string {
  const written = slashed(path);
  return /^[A-Z]:/.test(written) ? written.charAt(0).toLowerCase() + written.slice(1) : written;
}

/** Returns the places of `view`. A budget without code of its own is shown once over its benchmark, not twice. */
export function locationsOf(view: BudgetView): readonly { place: BudgetSite; location: Location }[] {
  const { code, also, bench } = view;
  const twice = code !== null && bench !== null && code.file === bench.file && code.start.line === bench.start.line;
  return [
    ...(code === null || twice ? [] : [{ place: 'code' as const, location: code }]),
    ...also.map((location) => ({ place: 'code' as const, location })),
    ...(bench === null ? [] : [{ place: 'bench' as const, location: bench }]),
    { place: 'entry', location: view.budget.location },
  ];
}

/** Finds what a file shows. Built once for each snapshot, so that drawing a file costs only what that file shows. */
export class BudgetIndex {
  readonly #bySnapshot = new WeakMap<Snapshot, ReadonlyMap<string, readonly ShownBudget[]>>();

  in(project: Project, key: string): readonly ShownBudget[] {
    let byFile = this.#bySnapshot.get(project.snapshot);
    if (byFile === undefined) {
      byFile = indexOf(project);
      this.#bySnapshot.set(project.snapshot, byFile);
    }
    return byFile.get(key) ?? [];
  }
}

function indexOf(project: Project): ReadonlyMap<string, readonly ShownBudget[]> {
  const byFile = new Map<string, ShownBudget[]>();
  for (const view of project.snapshot.budgets) {
    for (const { place, location } of locationsOf(view)) {
      const key = fileKey(location.file);
      const shown = { project, view, place, location };
      const others = byFile.get(key);
      if (others === undefined) byFile.set(key, [shown]);
      else others.push(shown);
    }
  }
  return byFile;
}
