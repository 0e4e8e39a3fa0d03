import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import picomatch from 'picomatch';
import * as v from 'valibot';
import { cacheFolder } from '../../core/config/file-names.js';
import type { BenchmarkSource, Preparation } from '../../core/language/budget.js';
import type { RunFailure } from '../../core/results/measurement.js';
import { err, ok, type Result } from '../../core/result.js';
import { GitError, type Git } from '../git/repository.js';
import { writeAtomically } from '../util/atomic-write.js';
import { relativeTo } from '../util/paths.js';
import type { Aborted } from '../workers/benchmark-workers.js';
import { runBuild, type BuildOptions } from './build.js';
import { mayDependOn, watchedBy } from './dependencies.js';

type FilesSource = Extract<BenchmarkSource, { kind: 'files' }>;

/** How bench files get ready, and what their build reads. */
export type Prepared = Preparation & {
  readonly watch: readonly string[];
  /** The files that the build read when they were last listed, and how to list them again. */
  readonly known: readonly string[];
  readonly sources: () => Promise<readonly string[]>;
};

const cancelled: RunFailure = { kind: 'compile', message: 'the build was cancelled' };

/** A build that failed runs again after so many milliseconds, because a package may be installed meanwhile. */
const failedMs = 5000;
/** A build that changes its own sources each time would never be up to date. */
const mostBuilds = 2;

/**
 * Builds the working tree for bench files that use built code, when the sources are not those of the last build. Otherwise a
 * verdict would be about the code before the last edit.
 */
export class Builds {
  readonly #mutex = pLimit(1);
  /** The hashes of files by path, each with the time and size that it is for. */
  readonly #hashes = new Map<string, { readonly stamp: string; readonly hash: string }>();
  /** The state of the sources in which a build failed, and why, by command. */
  readonly #failed = new Map<string, { readonly state: string; readonly failure: RunFailure; readonly at: number }>();

  constructor(
    readonly root: string,
    readonly git: Pick<Git, 'root' | 'filesOnDisk'> | null,
    readonly options: Omit<BuildOptions, 'signal'>,
  ) {}

  /** Returns how the bench files of an entry get ready; null if they run as they are. */
  async prepared(source: FilesSource, ignore: readonly string[]): Promise<Prepared | null> {
    const { isolation, install, build, watch } = source;
    if (isolation === null) return null;
    const sources = (): Promise<readonly string[]> => this.#sources(watch, ignore);
    return { isolation, install, build, watch, known: build === null ? [] : await sources(), sources };
  }

  /** Whether a new file would be one that the build reads. */
  mayRead({ build, watch }: Prepared, ignore: readonly string[], file: string): boolean {
    return build !== null && mayDependOn({ watch, from: null }, this.root, ignore, file);
  }

  /** Returns the state of what the build reads; null without one. */
  async stateBefore(prepared: Prepared | undefined): Promise<string | null> {
    return prepared === undefined || prepared.build === null ? null : this.#stateOf(prepared.known);
  }

  /** Builds, if need be, before `use`; and again if `use` then fails, because the output may not be there. */
  async before<T>(
    prepared: Prepared | undefined,
    use: () => Promise<Result<T, RunFailure>>,
    signal: AbortSignal,
  ): Promise<Result<T, RunFailure>> {
    if (prepared === undefined || prepared.build === null) return use();
    for (const isMissing of [false, true]) {
      const built = await this.refresh(prepared.build, prepared.sources, signal, isMissing);
      if (!built.ok) return err(built.error.kind === 'aborted' ? cancelled : built.error);
      const used = await use();
      if (used.ok || isMissing || signal.aborted || !mayLackOutput(used.error)) return used;
    }
    return use();
  }

  /** Returns the absolute paths of the files that a build reads: those of `watch`, else all that Git does not ignore. */
  async #sources(watch: readonly string[], ignore: readonly string[]): Promise<readonly string[]> {
    if (watch.length > 0 || this.git === null) return watchedBy({ watch, from: null }, this.root, ignore);
    const isIgnored = picomatch([...ignore, `**/${cacheFolder}/**`]);
    const files = await this.git.filesOnDisk(this.root).catch((error: unknown) => {
      if (error instanceof GitError) return null;
      throw error;
    });
    // A damaged repository still has its files.
    if (files === null) return watchedBy({ watch, from: null }, this.root, ignore);
    return files.filter((file) => !isIgnored(relativeTo(this.root, file))).sort();
  }

  /** Runs a build if its sources have changed, or always if `isMissing` says that its output is not there. */
  refresh(
    command: readonly string[],
    sources: () => Promise<readonly string[]>,
    signal: AbortSignal,
    isMissing = false,
  ): Promise<Result<null, RunFailure | Aborted>> {
    return this.#mutex(() => this.#refresh(command, sources, signal, isMissing));
  }

  async #refresh(
    command: readonly string[],
    sources: () => Promise<readonly string[]>,
    signal: AbortSignal,
    isMissing: boolean,
  ): Promise<Result<null, RunFailure | Aborted>> {
    const key = JSON.stringify(command);
    const built = await this.#built();
    let state = await this.#stateOf(await sources());
    let seen = state;
    if (built[key] === state && !isMissing) return ok(null);
    const failed = this.#failed.get(key);
    if (failed?.state === state && performance.now() - failed.at < failedMs) return err(failed.failure);
    // A build may write files that are among its sources, and the user may save one meanwhile.
    for (let builds = 0; builds < mostBuilds; builds++) {
      await mkdir(path.join(this.root, cacheFolder), { recursive: true });
      const log = path.join(this.root, cacheFolder, 'build.log');
      const ran = await runBuild(command, this.root, log, { ...this.options, signal });
      if (!ran.ok) {
        if (ran.error.kind === 'aborted') return err({ kind: 'aborted' });
        const message = l10n.t`the build failed: ${ran.error.message} (log: ${cacheFolder}/build.log).`;
        const failure = { ...ran.error, kind: 'compile' as const, message };
        this.#failed.set(key, { state, failure, at: performance.now() });
        return err(failure);
      }
      seen = state;
      state = await this.#stateOf(await sources());
      if (state === seen) break;
    }
    // What changed since the last build began was not built, so the next check builds again.
    await writeAtomically(this.#file, `${JSON.stringify({ ...built, [key]: seen })}\n`).catch(() => undefined);
    return ok(null);
  }

  /** Returns a hash of files and their contents. Reads again only those whose time or size has changed. */
  async #stateOf(files: readonly string[]): Promise<string> {
    const hashes = files.map(async (file) => {
      const found = await stat(file, { bigint: true }).catch(() => null);
      if (found === null) return '';
      const stamp = `${found.mtimeNs} ${found.size} ${found.ino}`;
      const known = this.#hashes.get(file);
      if (known?.stamp === stamp) return known.hash;
      const content = await readFile(file).catch(() => '');
      const hash = createHash('sha256').update(content).digest('hex');
      this.#hashes.set(file, { stamp, hash });
      return hash;
    });
    const all = await Promise.all(hashes);
    const named = files.map((file, index) => `${relativeTo(this.root, file)} ${all[index] ?? ''}`);
    return createHash('sha256').update(named.join('\n')).digest('hex');
  }

  get #file(): string {
    return path.join(this.root, cacheFolder, 'builds.json');
  }

  /** Returns the state of the sources at the last build of each command. */
  async #built(): Promise<Readonly<Record<string, string>>> {
    try {
      return v.parse(v.record(v.string(), v.string()), JSON.parse(await readFile(this.#file, 'utf8')));
    } catch {
      return {};
    }
  }
}

/** Whether a bench file may fail because what it imports is not built, and not for a mistake in it. */
const mayLackOutput = ({ kind, message }: RunFailure): boolean =>
  kind === 'import' || /Could not resolve|Cannot find/.test(message);
