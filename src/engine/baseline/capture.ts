import * as l10n from '@vscode/l10n';
import path from 'node:path';
import type { BudgetFigures } from '../../core/judge/baseline.js';
import { acceptances, captureRefusal } from '../../core/text/capture.js';
import type { Config } from '../../core/language/budget.js';
import type { BudgetResult, Machine } from '../../core/results/measurement.js';
import { err, ok, type Result } from '../../core/result.js';
import { baselineRef } from './resolve.js';
import { nameProblem } from './names.js';
import { cannotKeep, currentBaseline, keepBaseline, readBaselines, type KeptBaseline } from './files.js';
import type { Bundle } from '../bundle/bundle.js';
import type { Bundler } from '../bundle/bundler.js';
import type { Git } from '../git/repository.js';
import type { History } from '../history/history.js';
import { machineId } from '../workers/machine.js';
import { relativeTo } from '../util/paths.js';
import type { KeptBundle } from '../history/store.js';

export interface CaptureRequest {
  readonly name: string;
  /** Why the code is accepted; may be empty if no limit is broken. */
  readonly reason: string;
  /** Whether nobody reviews it; then everything must be within its limits. */
  readonly automatic: boolean;
  /** Whether it may replace a baseline of the same name. */
  readonly replace?: boolean;
}

/** A bench file or a command, and the code that belongs to it. */
export type CodeFile =
  | {
      readonly kind: 'file';
      readonly file: string;
      readonly bundle: (KeptBundle & Pick<Bundle, 'inputs' | 'dependencies' | 'outside' | 'beside'>) | null;
    }
  | {
      readonly kind: 'command';
      readonly command: { readonly watch: readonly string[] };
      readonly watched: readonly string[];
    };

/** What a capture reads, and where it keeps the code. */
interface CaptureParts {
  readonly git: Git | null;
  readonly history: History;
  readonly machine: Machine;
  readonly files: readonly CodeFile[];
  readonly bundler: Pick<Bundler, 'reached'>;
}

/** What is known about the current code. */
export interface Seen {
  readonly config: Config;
  readonly results: readonly BudgetResult[];
  readonly figures: readonly BudgetFigures[];
  /** What the results were compared with. */
  readonly compared: string;
}

/** Returns why no baseline can be kept, whatever is measured, in one sentence; null if one can. */
export async function cannotCapture(
  root: string,
  { git, history }: Pick<CaptureParts, 'git' | 'history'>,
): Promise<string | null> {
  // Without git, the code is kept with the history.
  if (git === null && !history.isPersistent) return history.warning ?? l10n.t('The history cannot be kept on disk.');
  return cannotKeep(root);
}

const cancelled = (): Result<never, string> => err(l10n.t('It was cancelled, and the baseline is unchanged.'));

/**
 * Keeps the current code, and its figures in a file to commit; `at` is in milliseconds since the epoch. All of
 * it is kept or nothing: an abort counts until all is ready to be kept.
 */
export async function capture(
  root: string,
  { name, reason, automatic, replace = false }: CaptureRequest,
  at: number,
  { git, history, machine, files, bundler }: CaptureParts,
  { config, results, figures, compared }: Seen,
  signal?: AbortSignal,
): Promise<Result<KeptBaseline, string>> {
  const baselines = await readBaselines(root);
  const wrong = await nameProblem(name, baselines, git);
  if (wrong !== null && !(wrong.kind === 'taken' && replace)) return err(wrong.message);
  const previous = currentBaseline(baselines);
  const refusal = captureRefusal(results, previous, { reason, automatic });
  const why = refusal ?? (await cannotCapture(root, { git, history }));
  if (why !== null) return err(why);
  const isComparable = previous?.machineId === machineId(machine) && previous.name !== compared;
  const accepts = acceptances(config.budgets, results, figures, compared, isComparable ? previous : null);
  const bundled = files.flatMap((one) =>
    one.kind === 'command' || one.bundle === null ? [] : [{ file: one.file, bundle: one.bundle }],
  );
  const kept = { name, at, reason, automatic, machine, machineId: machineId(machine), accepts, figures };
  if (git !== null) {
    // Without `watch` a command depends on everything, and untracked files may be anything.
    const watched = files.flatMap((one) => (one.kind === 'file' || one.command.watch.length === 0 ? [] : one.watched));
    // What Git ignores of a configuration is often secret.
    const configured = bundled.flatMap(({ bundle }) => bundle.dependencies).filter((one) => !isEnvironment(one));
    const inputs = [...bundled.flatMap(({ bundle }) => bundle.inputs), ...configured, ...watched];
    const message = reason === '' ? name : `${name}\n\n${reason}`;
    const ref = baselineRef(git.root, root, name);
    const before = await git.resolve(ref);
    const commit = await git.keepWorkingTree(ref, message, inputs, signal);
    if (!commit.ok) return signal?.aborted === true ? cancelled() : commit;
    const head = await git.head();
    const uncommitted = head?.commit === commit.value ? null : { on: head?.commit ?? null };
    const baseline = { ...kept, commit: commit.value, uncommitted };
    const file = await keepBaseline(root, baseline);
    if (!file.ok) await git.keepRef(ref, before);
    return file.ok ? ok({ ...baseline, file: file.value }) : file;
  }
  const bundles: { readonly file: string; readonly kept: KeptBundle }[] = [];
  for (const { file: bench, bundle } of bundled) {
    const { code, hash } = bundle;
    const used = (await bundler.reached([...bundle.outside, ...bundle.beside])).hash;
    bundles.push({ file: relativeTo(root, bench), kept: { code, hash, used } });
  }
  if (signal?.aborted === true) return cancelled();
  const baseline = { ...kept, commit: null, uncommitted: null };
  const file = await keepBaseline(root, baseline);
  if (!file.ok) return file;
  history.captureBaseline({ name, commit: null, reason, at, machine, results });
  for (const { file: bench, kept: bundle } of bundles) history.keepBundle(name, bench, bundle);
  return ok({ ...baseline, file: file.value });
}

const isEnvironment = (file: string): boolean => path.basename(file).startsWith('.env');
