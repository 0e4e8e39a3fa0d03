import { realpathSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunFailure } from '../../core/results/measurement.js';
import { err, ok, type Result } from '../../core/result.js';
import type { Profile, Refused } from '../../worker/pipeline/protocol.js';
import type { Git } from '../git/repository.js';
import type { Log } from '../util/log.js';
import type { Runtime } from '../workers/runtime.js';
import { configIn, type Configured, findConfigured } from './find.js';
import { OldFiles } from './old-files.js';
import { closedMessage, PipelineProcess } from './process.js';
import { Side } from './side.js';

/** How many projects stay open on each side, and for how long (milliseconds) if nothing is asked of them. */
const kept = { current: 4, old: 2 };
const keptFor = 10 * 60_000;
/** One that was asked for so recently (milliseconds) may still be answering. */
const busyFor = 60_000;
/** A configuration that failed is not loaded again for each of its bench files, unless it is another one by then. */
const failedFor = 2000;

/** The program of the process lies beside the workers' own. */
export const programBeside = (workerPath: string): string => path.join(path.dirname(workerPath), 'pipeline.js');

export interface PipelineParts {
  /** The folder of the `perf-budget.jsonc`. */
  readonly root: string;
  readonly runtime: Runtime;
  /** `dist/pipeline.js`. */
  readonly program: string;
  readonly git: Git | null;
  readonly log: Log;
}

/** How a bench file's code is read through the project's own Vite. */
export interface View {
  readonly side: Side;
  readonly profile: Profile;
  /** How its processes are made, which is the same on both sides. */
  readonly launched: Profile;
  /** What the reader should know, one sentence each. */
  readonly remarks: readonly string[];
  /** For old code: how the working tree is read. */
  readonly current: Side | null;
}

/** What has to end with a project, as soon as it is there. */
interface Parts {
  process?: PipelineProcess;
  checkout?: OldFiles;
  isClosed?: boolean;
}

interface Open {
  /** Whether it is still being opened. */
  isOpening: boolean;
  readonly parts: Parts;
  readonly side: Promise<Result<OpenSide, RunFailure>>;
  /** The configuration of the working tree and its stamp when it was read; null for a commit's. */
  readonly config: { readonly file: string; readonly stamp: string } | null;
  failedAt: number;
  askedAt: number;
}

interface OpenSide {
  readonly side: Side;
  readonly stamps: string;
  readonly checkout: OldFiles | null;
}

const uninstalled = (configured: string): string =>
  `${configured} was not used, because neither Vitest nor Vite is installed.`;

/** The projects' own Vites, opened when a bench file needs them. The configuration that is nearest to it counts. */
export class Pipelines {
  /** By configuration, and by commit; least recently used first. */
  readonly #current = new Map<string, Open>();
  readonly #old = new Map<string, Open>();
  #idle: NodeJS.Timeout | undefined;

  constructor(readonly parts: PipelineParts) {}

  /** Returns how a bench file on disk is read now; null if it has no configuration, and a sentence if that cannot be used. */
  async current(benchFile: string): Promise<Result<View | string | null, RunFailure>> {
    const configured = this.#find(benchFile);
    if (configured === null) return ok(null);
    if (typeof configured === 'string') return ok(uninstalled('The configuration of Vite'));
    const { folder, configFile } = configured;
    const file = path.join(folder, configFile);
    const start = (parts: Parts) => this.#start(configured, parts);
    const opened = await this.#open(this.#current, kept.current, folder, start, file);
    if (!opened.ok) return opened;
    const { side } = opened.value;
    await side.refresh();
    const profile = await side.profile(benchFile);
    if (profile.type === 'refused') return err(failureOf(profile, benchFile));
    return ok({ side, profile, launched: profile, remarks: profile.remarks, current: null });
  }

  /** Returns how the same bench file is read with the code of a commit; with `isOwn`, the bench file of that commit. */
  async old(
    benchFile: string,
    commit: string,
    { name, isOwn }: { readonly name: string; readonly isOwn: boolean },
  ): Promise<Result<View | string | null, RunFailure>> {
    const current = await this.current(benchFile);
    const configured = this.#find(benchFile);
    const { git } = this.parts;
    if (!current.ok || current.value === null || typeof current.value === 'string') return current;
    if (git === null || configured === null || configured === 'uninstalled') return ok(null);
    const key = `${commit} ${configured.folder}`;
    const start = (parts: Parts) => this.#startOld(configured, git, commit, parts);
    const opened = await this.#open(this.#old, kept.old, key, start, null);
    if (!opened.ok) return opened;
    const { side, checkout } = opened.value;
    const { profile: launched } = current.value;
    const { setupFiles } = launched;
    // They are part of the benchmark, so the current ones stand in where the commit has none.
    if (isOwn) await checkout?.restore(benchFile);
    const brought = isOwn ? [] : [benchFile];
    for (const file of setupFiles) {
      // What lies outside the repository is the same on both sides, where it is.
      const inRepository = git.relative(file);
      if (inRepository !== null && !(await git.has(commit, inRepository))) brought.push(file);
    }
    for (const file of brought) await checkout?.bring(file);
    const remarks = await this.#differences(current.value.side, side, name);
    const profile = await side.profile(benchFile);
    if (profile.type === 'refused') return err(failureOf(profile, benchFile));
    return ok({ side, profile: { ...profile, setupFiles }, launched, remarks, current: current.value.side });
  }

  /** Closes what is still being opened: its configuration may take long. */
  cancel(): void {
    for (const opens of [this.#current, this.#old])
      for (const [key, { isOpening }] of [...opens]) if (isOpening) this.#close(opens, key);
  }

  dispose(): void {
    clearTimeout(this.#idle);
    for (const opens of [this.#current, this.#old]) for (const key of [...opens.keys()]) this.#close(opens, key);
  }

  #find(benchFile: string): Configured | 'uninstalled' | null {
    const { root, git } = this.parts;
    const inside = (folder: string): boolean => !path.relative(folder, benchFile).startsWith('..');
    return findConfigured(benchFile, git !== null && inside(git.root) ? git.root : root);
  }

  async #open(
    opens: Map<string, Open>,
    most: number,
    key: string,
    start: (parts: Parts) => Promise<Result<OpenSide, RunFailure>>,
    configFile: string | null,
  ): Promise<Result<OpenSide, RunFailure>> {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.dispose(), keptFor).unref();
    const known = opens.get(key);
    if (known !== undefined && (await isUsable(known))) {
      opens.delete(key);
      opens.set(key, known);
      known.askedAt = performance.now();
      return known.side;
    }
    // Another bench file may have opened it again meanwhile.
    const other = opens.get(key);
    if (other !== undefined && other !== known) return other.side;
    this.#close(opens, key);
    const config = configFile === null ? null : { file: configFile, stamp: stampsOf([configFile]) };
    const parts: Parts = {};
    const since = { failedAt: Infinity, askedAt: performance.now() };
    const open: Open = { isOpening: true, parts, side: start(parts), config, ...since };
    opens.set(key, open);
    for (const [stale, { askedAt }] of [...opens].slice(0, -most))
      if (performance.now() - askedAt > busyFor) this.#close(opens, stale);
    try {
      const result = await open.side;
      open.isOpening = false;
      if (!result.ok) open.failedAt = performance.now();
      return result;
    } catch (error) {
      if (opens.get(key) === open) opens.delete(key);
      throw error;
    }
  }

  #close(opens: Map<string, Open>, key: string): void {
    const open = opens.get(key);
    opens.delete(key);
    if (open === undefined) return;
    const end = (): void => {
      open.parts.isClosed = true;
      open.parts.process?.kill();
      open.parts.checkout?.dispose();
    };
    // The program may end before the project is open. The caller receives a failure.
    end();
    open.side.then(end, () => undefined);
  }

  async #start(configured: Configured, parts: Parts): Promise<Result<OpenSide, RunFailure>> {
    const { root, git } = this.parts;
    const top = git?.root ?? root;
    const mapping = { theirs: realpathSync(top), ours: top };
    return this.#load(configured, configured.configFile, mapping, {}, parts);
  }

  async #startOld(
    configured: Configured,
    git: Git,
    commit: string,
    parts: Parts,
  ): Promise<Result<OpenSide, RunFailure>> {
    const checkout = new OldFiles(git);
    parts.checkout = checkout;
    const filled = await checkout.fill(this.parts.root, commit).catch((error: unknown) => {
      checkout.dispose();
      throw error;
    });
    if (!filled.ok || parts.isClosed === true) {
      checkout.dispose();
      return err({ kind: 'compile', message: filled.ok ? closedMessage : filled.error });
    }
    const folder = checkout.of(configured.folder);
    // A configuration may ask Git which commit it is in. Nothing may write to the user's index.
    const env = { GIT_DIR: git.gitFolder, GIT_WORK_TREE: checkout.folder, GIT_OPTIONAL_LOCKS: '0' };
    const mapping = { theirs: checkout.folder, ours: git.root };
    const loaded = await this.#load({ ...configured, folder }, configIn(folder), mapping, env, parts);
    if (!loaded.ok) checkout.dispose();
    return loaded;
  }

  async #load(
    { folder, vitest, vite }: Configured,
    configFile: string | null,
    mapping: { readonly theirs: string; readonly ours: string },
    env: NodeJS.ProcessEnv,
    parts: Parts,
  ): Promise<Result<OpenSide, RunFailure>> {
    const { runtime, program, log } = this.parts;
    const [started, since] = [performance.now(), Date.now()];
    const process = new PipelineProcess({ runtime, program, cwd: folder, env, log });
    parts.process = process;
    const checkout = parts.checkout ?? null;
    const isConfig = configFile !== null && !configFile.startsWith('vitest.workspace');
    const config = isConfig ? path.join(folder, configFile) : null;
    const opened = await process.ask({ type: 'open', folder, configFile: config, vitest, vite });
    if (opened.type === 'refused') {
      process.kill();
      const file = configFile === null ? folder : path.join(folder, configFile);
      const ours = (text: string): string => text.replaceAll(mapping.theirs, mapping.ours);
      const failure = failureOf({ ...opened, file: opened.file ?? file }, file);
      return err({
        ...failure,
        message: ours(`${path.basename(file)} could not be loaded: ${failure.message}`),
        ...(failure.file !== undefined && { file: ours(failure.file) }),
      });
    }
    log.debug(`${opened.tool} is open for ${folder} after ${Math.round(performance.now() - started)} ms`);
    const side = new Side(process, opened, mapping, checkout === null);
    return ok({ side, stamps: stampsOf(opened.dependencies, since), checkout });
  }

  /** Returns a sentence for each part of the configuration that is not the same on both sides. */
  async #differences(current: Side, old: Side, name: string): Promise<readonly string[]> {
    const files = new Set([...current.dependencies, ...old.dependencies]);
    const { git } = this.parts;
    const differing: string[] = [];
    for (const file of files) {
      // Git keeps no installed packages, and often no secrets, so both sides have the same ones.
      if (file.includes('/node_modules/') || path.basename(file) === 'package.json') continue;
      const [now, before] = await Promise.all(
        [file, old.theirs(file)].map((each) => readFile(each, 'utf8').catch(() => null)),
      );
      if (now === before) continue;
      if (before === null && (await git?.isIgnored(git.relative(file) ?? '')) === true) continue;
      differing.push(path.relative(this.parts.root, file).split(path.sep).join('/'));
    }
    if (differing.length === 0) return [];
    const one = differing.length === 1;
    return [`${differing.join(' and ')} ${one ? 'differs' : 'differ'} from ${name}, so each side ran with its own.`];
  }
}

async function isUsable(open: Open): Promise<boolean> {
  const result = await open.side;
  if (!result.ok) {
    const { failedAt, config } = open;
    const isSame = config === null || config.stamp === stampsOf([config.file]);
    return performance.now() - failedAt < failedFor && isSame;
  }
  const { side, stamps, checkout } = result.value;
  if (!side.process.alive) return false;
  // The files of a commit stay as they are.
  return checkout !== null || (stampsOf(side.opened.dependencies) === stamps && !side.hasOtherPackages);
}

/** Returns the states of files. What has changed since a time (milliseconds) may have been read before that, so its state is none. */
function stampsOf(files: readonly string[], since = Infinity): string {
  return files
    .map((file) => {
      const found = statSync(file, { throwIfNoEntry: false });
      if (found === undefined) return '';
      return found.mtimeMs >= since ? 'changed' : `${found.mtimeMs} ${found.size}`;
    })
    .join('\n');
}

/** Says why a bench file cannot be read, as a failure to compile. */
export function failureOf({ message, file, line, column }: Refused, benchFile: string): RunFailure {
  const place = line === undefined ? {} : { line, column: column ?? 1 };
  return {
    kind: 'compile',
    message: /[.!?]$/.test(message) ? message : `${message}.`,
    file: file ?? benchFile,
    ...place,
  };
}
