import type { BudgetFigures } from '../core/baseline.js';
import { acceptances, captureRefusal } from '../core/baseline-policy.js';
import type { Config } from '../core/budget.js';
import type { BudgetResult, Machine } from '../core/measurement.js';
import { err, ok, type Result } from '../core/result.js';
import type { BenchFiles } from './bench-files.js';
import { baselineRef } from './baseline.js';
import { cannotKeep, currentBaseline, keepBaseline, readBaselines, type KeptBaseline } from './baselines.js';
import type { Git } from './git.js';
import type { History } from './history.js';
import { machineId } from './machine.js';
import { relativeTo } from './paths.js';
import type { KeptBundle } from './plan.js';
import type { CaptureRequest } from './snapshot.js';

/** Where a capture keeps what. */
interface Parts {
  readonly git: Git | null;
  readonly history: History;
  readonly machine: Machine;
  readonly benchFiles: BenchFiles;
}

/** What is known of the present code. */
export interface Seen {
  readonly config: Config;
  readonly results: readonly BudgetResult[];
  readonly figures: readonly BudgetFigures[];
  /** What the results were compared with. */
  readonly compared: string;
}

/** Why no baseline could be kept, whatever is measured: one sentence; null where one can. */
export async function cannotCapture(
  root: string,
  { git, history }: Pick<Parts, 'git' | 'history'>,
): Promise<string | null> {
  // Without git, the code is kept with the history.
  if (git === null && !history.isPersistent) return history.warning ?? 'The history cannot be kept on disk.';
  return cannotKeep(root);
}

/** Keeps the present code, and its figures in a file to be committed; `at` in milliseconds since the epoch. */
export async function capture(
  root: string,
  { name, reason, automatic }: CaptureRequest,
  at: number,
  { git, history, machine, benchFiles }: Parts,
  { config, results, figures, compared }: Seen,
): Promise<Result<KeptBaseline, string>> {
  const previous = currentBaseline(await readBaselines(root));
  const refusal = captureRefusal(results, previous, { reason, automatic });
  const why = refusal ?? (await cannotCapture(root, { git, history }));
  if (why !== null) return err(why);
  const isComparable = previous?.machineId === machineId(machine) && previous.name !== compared;
  const accepts = acceptances(config.budgets, results, figures, compared, isComparable ? previous : null);
  const bundled = benchFiles.all.flatMap(({ file, bundle }) => (bundle === null ? [] : [{ file, bundle }]));
  const kept = { name, at, reason, automatic, machine, machineId: machineId(machine), accepts, figures };
  if (git !== null) {
    // Without `watch` a command depends on everything, and what is not tracked may be anything.
    const watched = benchFiles.all.flatMap(({ command, watched }) =>
      command === undefined || command.watch.length === 0 ? [] : watched,
    );
    const inputs = [...bundled.flatMap(({ bundle }) => bundle.inputs), ...watched];
    const said = reason === '' ? name : `${name}\n\n${reason}`;
    const commit = await git.keepWorkingTree(baselineRef(git.root, root, name), said, inputs);
    if (!commit.ok) return commit;
    const head = await git.head();
    const uncommitted = head?.commit === commit.value ? null : { on: head?.commit ?? null };
    const baseline = { ...kept, commit: commit.value, uncommitted };
    const file = await keepBaseline(root, baseline);
    return file.ok ? ok({ ...baseline, file: file.value }) : file;
  }
  const baseline = { ...kept, commit: null, uncommitted: null };
  const file = await keepBaseline(root, baseline);
  if (!file.ok) return file;
  history.captureBaseline({ name, commit: null, reason, at, machine, results });
  for (const { file: bench, bundle } of bundled) {
    const { code, hash } = bundle;
    history.keepBundle(name, relativeTo(root, bench), JSON.stringify({ code, hash } satisfies KeptBundle));
  }
  return ok({ ...baseline, file: file.value });
}
