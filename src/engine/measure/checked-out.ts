import * as l10n from '@vscode/l10n';
import { lstat, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import type { Preparation } from '../../core/language/budget.js';
import type { Baseline, RunFailure } from '../../core/results/measurement.js';
import { err, ok, type Result } from '../../core/result.js';
import { isSameCode, type Bundle } from '../bundle/bundle.js';
import { Bundler } from '../bundle/bundler.js';
import { missingExport } from '../bundle/failure.js';
import { lockFileNames } from '../bundle/lock-files.js';
import { runBuild, type BuildOptions } from '../command/build.js';
import type { BenchFile } from '../discovery/bench-origin.js';
import type { Git } from '../git/repository.js';
import type { Worktree, Worktrees } from '../git/worktrees.js';
import { Pipelines, programBeside } from '../pipeline/pipelines.js';
import { silent } from '../util/log.js';
import { relativeTo, slashed } from '../util/paths.js';
import type { Aborted } from '../workers/benchmark-workers.js';

const nothing: Preparation = { isolation: null, install: null, build: null };

interface Ready {
  readonly worktree: Worktree;
  /** What both sides share all the same, one sentence each. */
  readonly unsafe: readonly string[];
}

/** Old code in a checkout of its commit, with packages installed and the build run there if the configuration says how. */
export class CheckedOut {
  /** What is being prepared, by commit and preparation. What failed stays failed, because a build may take minutes. */
  readonly #ready = new Map<string, Promise<Result<Ready, RunFailure | Aborted>>>();
  /** Bundles one bench file at a time, because its text is in the checkout meanwhile, where others may import it. */
  readonly #mutex = pLimit(1);

  constructor(
    readonly parts: {
      readonly root: string;
      readonly git: Pick<Git, 'root'>;
      readonly worktrees: Worktrees;
    } & Omit<BuildOptions, 'signal'>,
  ) {}

  /** Bundles a bench file with this text in a checkout; the error says why that cannot be, without a full stop. */
  async bundle(
    file: Pick<BenchFile, 'file' | 'text' | 'bundle' | 'preparation'>,
    { name, commit }: Baseline,
    signal: AbortSignal,
  ): Promise<Result<{ readonly bundle: Bundle; readonly unsafe: readonly string[] }, string>> {
    const ready = await this.#prepared(name, commit ?? '', file.preparation ?? nothing, signal);
    if (!ready.ok) return err(ready.error.kind === 'aborted' ? l10n.t('the run was cancelled') : ready.error.message);
    const { worktree, unsafe } = ready.value;
    const benchFile = path.join(worktree.root, relativeTo(this.parts.root, file.file));
    const built = await this.#mutex(() =>
      worktree.exclusively(
        () => worktree.withText(benchFile, file.text, () => this.#build(worktree, benchFile)),
        signal,
      ),
    );
    if (built === null) return err(l10n.t('the run was cancelled'));
    if (!built.ok) {
      const { message } = built.error;
      return err(missingExport(message, name) ?? l10n.t`the old code does not build: ${message}`);
    }
    const current = file.bundle;
    const isSame = current !== null && isSameCode(built.value, benchFile, current, file.file);
    return ok({ bundle: isSame ? current : built.value, unsafe: [...unsafe, ...this.#escaped(built.value, worktree)] });
  }

  async #build(worktree: Worktree, benchFile: string): Promise<Result<Bundle, RunFailure>> {
    const { runtime, workerPath } = this.parts;
    const program = programBeside(workerPath);
    const pipelines = new Pipelines({ root: worktree.top, runtime, program, git: null, log: silent });
    const bundler = new Bundler(worktree.root, undefined, pipelines);
    try {
      return await bundler.current(benchFile);
    } finally {
      pipelines.dispose();
      await bundler.dispose();
    }
  }

  /** Says which files of the working tree a bundle of the checkout has all the same, as by a link to an absolute path. */
  #escaped({ inputs, outside }: Bundle, { top }: Worktree): readonly string[] {
    const { git } = this.parts;
    const isIn = (folder: string, file: string): boolean => file.startsWith(`${folder}/`);
    const escaped = [...inputs, ...outside]
      .map(slashed)
      .filter((file) => isIn(git.root, file) && !isIn(slashed(top), file) && !file.includes('/node_modules/'));
    return escaped.map(
      (file) => l10n.t`${relativeTo(git.root, file)} is not in the checkout, so both sides ran the same copy of it.`,
    );
  }

  async #prepared(
    name: string,
    commit: string,
    preparation: Preparation,
    signal: AbortSignal,
  ): Promise<Result<Ready, RunFailure | Aborted>> {
    const { install, build } = preparation;
    const key = JSON.stringify([commit, install, build]);
    const ready = this.#ready.get(key) ?? this.#prepare(name, commit, preparation, signal);
    this.#ready.set(key, ready);
    const forget = (): void => {
      if (this.#ready.get(key) === ready) this.#ready.delete(key);
    };
    try {
      const result = await ready;
      // A checkout that is ready now may be deleted later; one whose steps are done is ready again at once.
      // What kept it from being made may be over the next time: a full disk, another program that uses it.
      if (result.ok || result.error.kind === 'spawn') forget();
      else if (result.error.kind === 'aborted') {
        forget();
        // Another run, which was cancelled, may have started it.
        if (!signal.aborted) return await this.#prepared(name, commit, preparation, signal);
      }
      return result;
    } catch (error) {
      forget();
      throw error;
    }
  }

  async #prepare(
    name: string,
    commit: string,
    { install, build }: Preparation,
    signal: AbortSignal,
  ): Promise<Result<Ready, RunFailure | Aborted>> {
    const { git, root, worktrees } = this.parts;
    const found = await worktrees.of(commit, signal);
    if (signal.aborted) return err({ kind: 'aborted' });
    if (!found.ok) return err({ kind: 'spawn', message: found.error });
    const worktree = found.value;
    const lock = await changedLock(root, git.root, worktree);
    const unsafe: string[] = [];
    if (lock !== null && install === null) {
      unsafe.push(
        l10n.t`${lock.file} differs from that of ${name}, but both sides ran the same packages; set "install" to give the old code its own.`,
      );
    }
    const steps = [
      ...(lock === null || install === null
        ? []
        : [{ what: l10n.t`the installation of ${name}`, isOwn: true, command: install, cwd: lock.folder }]),
      ...(build === null
        ? []
        : [{ what: l10n.t`the build of ${name}`, isOwn: false, command: build, cwd: worktree.root }]),
    ];
    const prepared = await worktree.exclusively(async (): Promise<Result<Ready, RunFailure | Aborted>> => {
      for (const { what, isOwn, command, cwd } of steps) {
        const step = JSON.stringify(command);
        if (await worktree.isDone(step)) continue;
        if (isOwn) await unlend(path.join(cwd, 'node_modules'));
        const ran = await runBuild(command, cwd, worktree.log, { ...this.parts, signal });
        if (!ran.ok) {
          if (ran.error.kind === 'aborted') return ran;
          const log = relativeTo(root, worktree.log);
          return err({ ...ran.error, message: l10n.t`${what} failed: ${ran.error.message} (log: ${log})` });
        }
        await worktree.done(step);
      }
      return ok({ worktree, unsafe });
    }, signal);
    return prepared ?? err({ kind: 'aborted' });
  }
}

/** Returns the lock file that differs in a checkout, and its folder there: the nearest from the configuration upwards. */
async function changedLock(
  root: string,
  top: string,
  worktree: Worktree,
): Promise<{ readonly file: string; readonly folder: string } | null> {
  for (let base = relativeTo(top, root); ; base = path.posix.dirname(base)) {
    const folder = path.join(worktree.top, base);
    for (const file of lockFileNames) {
      const [now, old] = await Promise.all([
        readFile(path.join(top, base, file)).catch(() => null),
        readFile(path.join(folder, file)).catch(() => null),
      ]);
      if (now === null && old === null) continue;
      return now !== null && old?.equals(now) === true ? null : { file, folder };
    }
    if (base === '' || base === '.') return null;
  }
}

/** Removes the link to the packages of the working tree, so that an installation never writes into them. */
async function unlend(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => null);
  if (found === null) return;
  // A folder of links holds no packages of its own; deleting does not follow them.
  await rm(folder, { recursive: true, force: true });
}
