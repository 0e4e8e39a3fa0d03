import * as l10n from '@vscode/l10n';
import { err, type Result } from '../../core/result.js';
import { cannotCapture, capture, type CaptureRequest } from '../baseline/capture.js';
import { baselinesStamp, readBaselines, useBaseline, type Baselines, type KeptBaseline } from '../baseline/files.js';
import { deleteBaseline, knownBaselines, type KnownBaselines } from '../baseline/manage.js';
import { nameProblem, type NameProblem } from '../baseline/names.js';
import type { Loader } from './loader.js';
import type { ProjectParts } from './parts.js';
import type { SnapshotStore } from './snapshot-store.js';

/** The captured baselines of one open project. */
export class ProjectBaselines {
  /** What was read last, because a name is judged on each keystroke. */
  #read: { readonly stamp: string; readonly baselines: Baselines } | null = null;

  constructor(
    readonly parts: ProjectParts,
    readonly loader: Pick<Loader, 'config'>,
    readonly store: SnapshotStore,
  ) {}

  cannotCapture(): Promise<string | null> {
    return cannotCapture(this.parts.root, this.parts);
  }

  async capture(request: CaptureRequest, signal?: AbortSignal): Promise<Result<KeptBaseline, string>> {
    const { parts, store } = this;
    const { config } = this.loader;
    if (config === null) return err(l10n.t('The budget file cannot be read.'));
    // Their figures would be missing, or be those of older code.
    if (store.isUnsettled)
      return err(l10n.t('Budgets are still being measured. Capture the baseline when that is finished.'));
    const results = store.snapshot.budgets.flatMap(({ state }) => (state.kind === 'known' ? [state.known.result] : []));
    const figures = results.flatMap(({ name }) => store.figuresOf(name));
    const seen = { config, results, figures, compared: store.baseline?.name ?? l10n.t('the baseline') };
    const files = parts.benchFiles.all;
    return this.#changed(await capture(parts.root, request, Date.now(), { ...parts, files }, seen, signal));
  }

  async nameProblem(name: string): Promise<NameProblem | null> {
    return nameProblem(name, await this.#baselines(), this.parts.git);
  }

  async known(): Promise<KnownBaselines> {
    return knownBaselines(await this.#baselines(), this.parts.trusted ? this.parts : null);
  }

  async delete(name: string): Promise<Result<null, string>> {
    return this.#changed(await deleteBaseline(this.parts.root, name, this.parts));
  }

  async use(name: string | null): Promise<Result<null, string>> {
    return this.#changed(await useBaseline(this.parts.root, name));
  }

  async #baselines(): Promise<Baselines> {
    // First: what is written meanwhile is then read again.
    const stamp = await baselinesStamp(this.parts.root);
    if (this.#read?.stamp !== stamp) this.#read = { stamp, baselines: await readBaselines(this.parts.root) };
    return this.#read.baselines;
  }

  /** Finds out what is compared with after a change that succeeded. */
  async #changed<T>(result: Result<T, string>): Promise<Result<T, string>> {
    if (!result.ok) return result;
    const { old } = await this.parts.planner.baselineSide(this.loader.config?.defaults.baseline ?? 'auto');
    this.store.baseline = old?.baseline ?? null;
    this.store.publish();
    return result;
  }
}
