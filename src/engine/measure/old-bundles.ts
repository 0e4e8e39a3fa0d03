import * as l10n from '@vscode/l10n';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { configFileName } from '../../core/config/file-names.js';
import type { BaselineSide } from '../baseline/resolve.js';
import type { BundleStore } from '../bundle/bundle-store.js';
import type { Bundler } from '../bundle/bundler.js';
import type { CheckedOutCode } from '../bundle/dynamic.js';
import type { BenchFile } from '../discovery/bench-origin.js';
import type { Git } from '../git/repository.js';
import type { Worktrees } from '../git/worktrees.js';
import type { History } from '../history/history.js';
import { isOfProcess } from '../pipeline/process.js';
import { relativeTo, slashed } from '../util/paths.js';
import type { CheckedOut } from './checked-out.js';
import { OwnBenchFiles } from './own-bench.js';

export interface BuiltBundle extends BundleFacts {
  readonly url: string;
  readonly hash: string;
}

interface MissingBundle extends BundleFacts {
  readonly url: null;
  readonly hash: null;
  /** Why there is no old code, in a few words. */
  readonly lacks: string;
}

export type OldBundle = BuiltBundle | MissingBundle;

interface BundleFacts {
  readonly outside: readonly string[];
  readonly beside: readonly string[];
  /** Whether it is the same until the bench file or the baseline changes. */
  readonly isFinal: boolean;
  /** Whether it loads code at run time, and whether it does so from a checkout of its commit. */
  readonly isLoading: boolean;
  readonly isCheckedOut: boolean;
  /** Whether it finds the files beside it in that checkout. */
  readonly isPlaced: boolean;
  /** Whether both sides use packages or files that a capture without git may have had in another version. */
  readonly isOther: boolean;
  readonly unsafe: readonly string[];
  readonly remarks: readonly string[];
  /** Files of the working tree that it uses because there are no old ones. */
  readonly borrowed: readonly string[];
  /** The files of the commit that it contains, without the bench file. */
  readonly inputs: readonly string[];
}

/** What npm, pnpm and Yarn write at the end of an installation. */
const installations = ['.package-lock.json', '.modules.yaml', '.yarn-state.yml', '.yarn-integrity'];

/** For how many texts of each bench file, or baselines, the old code stays bundled. */
const keptTexts = 3;

/** Old code as bundles that can run beside the current ones. */
export class OldBundles {
  readonly ownBenchFiles: OwnBenchFiles;
  readonly #bundles = new Map<string, Promise<OldBundle>>();
  /** Those of them that are built: one of a cancelled run may never be. */
  readonly #settled = new Map<string, OldBundle>();
  /** The last bundle of each bench file. */
  readonly #last = new Map<string, { commit: string | null; text: string; settings: string; built: OldBundle }>();

  constructor(
    readonly parts: {
      readonly root: string;
      readonly bundler: Bundler;
      readonly store: BundleStore;
      readonly history: History;
      readonly git: Git | null;
      readonly worktrees: Worktrees | null;
      readonly checkedOut: CheckedOut | null;
    },
  ) {
    this.ownBenchFiles = new OwnBenchFiles(parts.bundler);
  }

  /** Returns the old code with its own bench file; null if there is none, or if it does not build. */
  async withOwnBench(file: BenchFile, old: BaselineSide): Promise<BuiltBundle | null> {
    const built = await this.ownBenchFiles.bundle(file.file, old, await this.#settings(file));
    if (built === null) return null;
    const { hash, unsafe, remarks, borrowed, outside, beside, isCheckedOut, isPlaced } = built;
    const facts = { unsafe, remarks, borrowed, outside, beside, isCheckedOut, isPlaced };
    return { url: this.parts.store.url(built), hash, ...nothingLacks, ...facts };
  }

  /** As `withOwnBench`, in a checkout. */
  async ownFromCheckout(file: BenchFile, old: BaselineSide, signal: AbortSignal): Promise<BuiltBundle | null> {
    const text = (await old.code?.read(file.file))?.toString();
    if (text === undefined || text === file.text) return null;
    const built = await this.fromCheckout({ ...file, text }, old, signal);
    return built.url === null ? null : built;
  }

  /** Bundles the current bench file in a checkout of the old commit, for code that is built or needs its files on disk. */
  async fromCheckout(file: BenchFile, side: BaselineSide, signal: AbortSignal): Promise<OldBundle> {
    if (this.parts.checkedOut === null || side.baseline.commit === null)
      return noBundle(l10n.t('"isolation": "worktree" needs a commit to check out'));
    const built = await this.parts.checkedOut.bundle(file, side.baseline, signal);
    if (!built.ok) return noBundle(built.error);
    const { bundle, unsafe } = built.value;
    const { hash, outside, remarks } = bundle;
    return { url: this.parts.store.url(bundle), hash, ...nothingLacks, unsafe, outside, remarks };
  }

  /** Bundles the current bench file with the old code. Cached until either of them changes. */
  async of(file: BenchFile, old: BaselineSide): Promise<OldBundle> {
    const settings = await this.#settings(file);
    const key = JSON.stringify([old.baseline, old.captured, old.note, file.file, file.text, settings]);
    const known = this.#bundles.get(key);
    if (known !== undefined && (await this.#isStill(await known, old))) return known;
    const built = this.#buildOld(file, old, settings.join('\n'));
    this.#bundles.set(key, built);
    // Git may not have answered in time.
    built.then(
      (bundle) => this.#settled.set(key, bundle),
      () => this.#bundles.delete(key),
    );
    return built;
  }

  /** Returns the URLs of the bundles that stay, for as many texts of each bench file as a session goes back to. */
  urls(): readonly string[] {
    for (const stale of [...this.#bundles.keys()].slice(0, -keptTexts * Math.max(this.#last.size, 1)))
      this.#bundles.delete(stale);
    for (const key of this.#settled.keys()) if (!this.#bundles.has(key)) this.#settled.delete(key);
    const kept = [...this.#settled.values(), ...Array.from(this.#last.values(), ({ built }) => built)];
    return kept.flatMap(({ url }) => url ?? []);
  }

  /** Changes with the configuration and the packages that old code is bundled with, because both sides have the present ones. */
  async #settings({ bundle }: BenchFile): Promise<readonly string[]> {
    const top = this.parts.git?.root ?? this.parts.root;
    const installed = foldersUpTo(top, this.parts.root).flatMap((folder) =>
      installations.map((name) => path.join(folder, 'node_modules', name)),
    );
    const files = [...(bundle?.dependencies ?? []), ...installed];
    const stats = await Promise.all(files.map((file) => stat(file).catch(() => null)));
    return stats.map((one) => (one === null ? '' : `${one.mtimeMs} ${one.size}`));
  }

  async #buildOld(file: BenchFile, old: BaselineSide, settings: string): Promise<OldBundle> {
    const last = this.#last.get(file.file);
    const commit = old.code?.commit ?? null;
    const isSame = last?.text === file.text && last.settings === settings;
    if (isSame && (await this.#isAlike(last.built, last.commit, commit))) return last.built;
    const built = await this.#bundleOld(file, old);
    this.#last.set(file.file, { commit, text: file.text, settings, built });
    return built;
  }

  /** Whether a bundle of one commit would be the same for another. Most commits leave most code alone, so it often is. */
  async #isAlike({ url, isFinal, inputs }: OldBundle, one: string | null, other: string | null): Promise<boolean> {
    const { git } = this.parts;
    if (git === null || url === null || !isFinal || one === null || other === null) return false;
    const paths = inputs.map((file) => git.relative(file));
    return paths.every((path) => path !== null) && git.isAlike(one, other, paths);
  }

  /** Whether an old bundle is as it was when it was made. */
  async #isStill(built: OldBundle, old: BaselineSide): Promise<boolean> {
    if (built.isFinal) return true;
    if (built.url === null || built.borrowed.length > 0 || old.code === null) return false;
    // Without changes there was no need for a checkout.
    const needsCheckout = await this.hasChanges(old, built.isLoading ? undefined : built.beside);
    if (built.isCheckedOut !== needsCheckout) return false;
    // The least recently used ones are deleted.
    return !needsCheckout || (await this.parts.worktrees?.of(old.code.commit))?.ok === true;
  }

  /** Checks out code that loads something at run time, unless both sides load the same because no file has changed. */
  async #checkOut(old: BaselineSide, reads?: readonly string[]): Promise<CheckedOutCode | null> {
    const { git } = this.parts;
    const { code, baseline } = old;
    if (git === null || code === null || !(await this.hasChanges(old, reads))) return null;
    const tree = await this.parts.worktrees?.of(code.commit);
    if (tree?.ok !== true) return null;
    const place = { root: git.root, checkout: tree.value.top, name: baseline.name };
    // Old code that lacks a file, because git does not keep it or it is new, would not run there.
    const there = (reads ?? []).map((file) => stat(path.join(place.checkout, path.relative(place.root, file))));
    return (await Promise.allSettled(there)).every(({ status }) => status === 'fulfilled') ? place : null;
  }

  async #bundleOld(file: BenchFile, old: BaselineSide): Promise<OldBundle> {
    const { code, captured, note: why } = old;
    if (code === null) {
      const own = relativeTo(this.parts.root, file.file);
      const bundle = captured === null ? null : this.parts.history.bundle(captured.name, own);
      if (bundle !== null) {
        const { outside = [], beside = [] } = file.bundle ?? {};
        const { hash } = await this.parts.bundler.reached([...outside, ...beside]);
        const isOther = (bundle.used ?? '') !== hash;
        const changed = l10n.t`packages or files that it uses are not known to be those of ${captured?.name ?? ''}, and both sides used the current version.`;
        const unsafe = isOther ? [changed] : [];
        // What it uses may change at any time.
        const isFinal = outside.length === 0 && beside.length === 0;
        return { url: this.parts.store.url(bundle), hash: bundle.hash, ...nothingLacks, unsafe, isOther, isFinal };
      }
      return noBundle(why ?? l10n.t`baseline "${captured?.name ?? ''}" has no code for this bench file`);
    }
    const built = await this.parts.bundler.old(file.file, { ...code, checkOut: (reads) => this.#checkOut(old, reads) });
    if (built.ok) {
      const { hash, unsafe, remarks, dependencies, borrowed, outside, beside, dynamic, isCheckedOut, isPlaced } =
        built.value;
      const isFinal = borrowed.length === 0 && dynamic.length === 0 && beside.length === 0 && !isCheckedOut;
      const inputs = [...built.value.inputs, ...dependencies].filter((input) => slashed(input) !== file.file);
      const url = this.parts.store.url(built.value);
      const isLoading = dynamic.length > 0 || (isCheckedOut && !isPlaced);
      return {
        url,
        hash,
        unsafe,
        remarks,
        borrowed,
        outside,
        beside,
        inputs,
        isFinal,
        isLoading,
        isCheckedOut,
        isPlaced,
        isOther: false,
      };
    }
    const { kind, message } = built.error;
    const isOurs = kind === 'missing' || kind === 'elsewhere';
    const missing = noBundle(isOurs ? message : l10n.t`the old code does not build: ${message}`);
    return { ...missing, isFinal: kind !== 'elsewhere' && !isOfProcess(message) };
  }

  /**
   * Whether any file that may be code or data differs between a baseline and the working tree; with `reads`, whether one does
   * that these files run or read.
   */
  async hasChanges(old: BaselineSide | null, reads?: readonly string[]): Promise<boolean> {
    const { git, bundler } = this.parts;
    const commit = old?.code?.commit;
    if (git === null || commit === undefined) return false;
    const changed = await git.changedFiles(commit);
    if (reads === undefined) return changed.some((file) => !isAside(file));
    const files = new Set([...reads, ...(await bundler.reached(reads)).files].map(slashed));
    return changed.some((file) => files.has(file));
  }
}

/** Returns a folder and those above it, up to `top`; packages may be installed in any of them. */
function foldersUpTo(top: string, folder: string): readonly string[] {
  const above = path.dirname(folder);
  return folder === top || above === folder ? [folder] : [folder, ...foldersUpTo(top, above)];
}

const nothingLacks = {
  ...{ unsafe: [], remarks: [], borrowed: [], inputs: [], outside: [], beside: [] },
  ...{ isFinal: true, isLoading: false, isCheckedOut: false, isPlaced: false, isOther: false },
};

const noBundle = (lacks: string): MissingBundle => ({
  ...{ url: null, hash: null, lacks },
  ...nothingLacks,
});

/** Whether no benchmark reads a file: prose, or our own. */
export const isAside = (file: string): boolean =>
  file.endsWith('.md') || file.endsWith(`/${configFileName}`) || file.includes('/.perf-budget/');
