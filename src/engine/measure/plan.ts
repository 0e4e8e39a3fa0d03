import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Check, Metric, RunSettings } from '../../core/language/budget.js';
import type { Baseline, Machine, RunFailure } from '../../core/results/measurement.js';
import { observationOf } from '../../core/results/observations.js';
import type { Problem } from '../../core/problem.js';
import { unreachable } from '../../core/result.js';
import { ownBenchNote } from '../../core/text/measurement-notes.js';
import { findBaseline, type BaselineSide } from '../baseline/resolve.js';
import type { BenchCommand, BenchFile, FoundBenchmark } from '../discovery/bench-files.js';
import type { Bundler } from '../bundle/bundler.js';
import type { CheckedOutCode } from '../bundle/dynamic.js';
import { baselinesStamp, readBaselines } from '../baseline/files.js';
import type { BundleStore } from '../bundle/bundle-store.js';
import type { CommandTarget } from '../command/command.js';
import { planCommand } from '../command/dependencies.js';
import { CheckedOut } from './checked-out.js';
import { Worktrees } from '../git/worktrees.js';
import type { Git } from '../git/repository.js';
import type { Runtime } from '../workers/runtime.js';
import type { History } from '../history/history.js';
import { machineId } from '../workers/machine.js';
import { sharedFiles } from './shared-files.js';
import { OwnBenchFiles } from './own-bench.js';
import type { Target } from './target.js';
import { configFileName } from '../../core/config/file-names.js';
import { relativeTo, slashed } from '../util/paths.js';
import type { KeptBundle } from '../history/store.js';

/** Raised when the meaning of a measurement changes, so that older ones are not reused. */
const formatVersion = 5;

/** How to run a benchmark, and the checks that need it. */
export interface Wanted {
  readonly found: FoundBenchmark;
  /** The checks of all budgets that need it. */
  readonly checks: readonly Check[];
  readonly run: RunSettings;
  readonly timeMs: number;
  /** Whether a budget asks for the same answers. */
  readonly comparesAnswers?: boolean;
  /** How long the machine rests before each process. */
  readonly cooldownMs?: number;
}

interface Planned {
  readonly old: BaselineSide | null;
  /** Two jobs with the same key have the same result. */
  readonly key: string;
}

/** A benchmark of a bench file. */
interface BundleJob extends Planned {
  readonly kind: 'bundle';
  readonly target: Target;
  /** The key of this code compared with itself. */
  readonly restKey: string;
  /** Returns the old code with its own bench file, for a current one that does not run there; null if there is none. */
  readonly ownBaseline: () => Promise<OwnBaseline | null>;
}

/** A benchmark of a command. */
interface CommandJob extends Planned {
  readonly kind: 'command';
  readonly target: CommandTarget;
}

/** A benchmark that cannot run, for example because a commit lacks what it needs. */
interface UnableJob extends Planned {
  readonly kind: 'unable';
  readonly target: Pick<Target, 'name' | 'settings' | 'timeMs' | 'cooldownMs'>;
  readonly failure: RunFailure;
}

/** One benchmark to measure, for all budgets that need it. */
export type Job = BundleJob | CommandJob | UnableJob;

/** Old code with the bench file that it had. */
export interface OwnBaseline {
  readonly url: string;
  readonly note: string;
}

/** The old side to compare a benchmark with; if there is none, `note` says why. */
interface WantedSide {
  readonly old: BaselineSide | null;
  readonly note: string | null;
}

interface BuiltBundle extends BundleFacts {
  readonly url: string;
  readonly hash: string;
}

interface MissingBundle extends BundleFacts {
  readonly url: null;
  readonly hash: null;
  /** Why there is no old code, in a few words. */
  readonly lacks: string;
}

type OldBundle = BuiltBundle | MissingBundle;

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
  readonly unsafe: readonly string[];
  readonly remarks: readonly string[];
  /** Files of the working tree that it uses because there are no old ones. */
  readonly borrowed: readonly string[];
  /** The files of the commit that it contains, without the bench file. */
  readonly inputs: readonly string[];
}

/** Turns a benchmark into a job that can run: both bundles, and the key under which its measurement is kept. */
export class Planner {
  /** By the baseline setting. */
  readonly #found = new Map<string, { stamp: string; side: WantedSide }>();
  readonly ownBenchFiles: OwnBenchFiles;
  readonly #oldBundles = new Map<string, Promise<OldBundle>>();
  /** The last old bundle of each bench file. */
  readonly #lastOld = new Map<string, { commit: string | null; text: string; built: OldBundle }>();
  readonly #worktrees: Worktrees | null;
  readonly #checkedOut: CheckedOut | null;
  readonly #unchanged = new Map<string, Promise<boolean>>();
  #warnings: readonly Problem[] = [];

  constructor(
    readonly parts: {
      readonly root: string;
      readonly bundler: Bundler;
      readonly store: BundleStore;
      readonly history: History;
      readonly git: Git | null;
      /** Why `git` is null. */
      readonly gitMessage: string;
      readonly machine: Machine;
      /** The runtime that runs builds. */
      readonly runtime: Runtime;
      readonly workerPath: string;
    },
  ) {
    const { root, git } = parts;
    this.ownBenchFiles = new OwnBenchFiles(parts.bundler);
    this.#worktrees = git === null ? null : new Worktrees(root, git);
    this.#checkedOut =
      git === null || this.#worktrees === null ? null : new CheckedOut({ ...parts, git, worktrees: this.#worktrees });
  }

  /** The problems of the baselines when they were last read: an error for one that this clone lacks. */
  get warnings(): readonly Problem[] {
    return this.#warnings;
  }

  /** Returns the old side that a baseline setting means now, or one sentence that says why there is none. */
  async baselineSide(setting: string): Promise<WantedSide> {
    const stamp = JSON.stringify(await Promise.all([baselinesStamp(this.parts.root), this.#gitStamp()]));
    const known = this.#found.get(setting);
    if (known?.stamp === stamp) return known.side;
    const { root } = this.parts;
    const baselines = await readBaselines(root);
    const problem = (file: string, message: string): Problem => {
      const start = { line: 1, column: 1 };
      return { location: { file: `${root}/${file}`, start, end: start }, message };
    };
    const warnings = baselines.warnings.map(({ file, message }) => ({
      ...problem(file, message),
      warning: true as const,
    }));
    const found = await findBaseline(setting, { ...this.parts, baselines });
    const lost = 'message' in found && found.isLost === true ? [problem(configFileName, sentence(found.message))] : [];
    this.#warnings = [...lost, ...warnings];
    const side = 'message' in found ? { old: null, note: found.message } : { old: found, note: null };
    this.#found.set(setting, { stamp, side });
    return side;
  }

  /** Changes with every commit, checkout and fetch. A hundred times faster than running git on every save. */
  async #gitStamp(): Promise<readonly string[]> {
    const { git } = this.parts;
    if (git === null) return [];
    const files = ['HEAD', 'logs/HEAD', 'FETCH_HEAD', 'packed-refs', 'index'];
    const stats = files.map((file) => stat(path.join(git.gitFolder, file)).catch(() => null));
    return (await Promise.all(stats)).map((one) => (one === null ? '' : `${one.mtimeMs} ${one.size}`));
  }

  /** Returns the job of a benchmark, whose file must have a bundle. `past` is measured in place of the working tree. */
  async job(
    wanted: Wanted,
    side: WantedSide,
    past: BaselineSide | null = null,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Job> {
    const { origin } = wanted.found;
    switch (origin.kind) {
      case 'file':
        return this.#bundleJob(origin, wanted, side, past, signal);
      case 'command':
        return this.#commandJob(origin, wanted, side);
      default:
        return unreachable(origin);
    }
  }

  async #bundleJob(
    file: BenchFile,
    { found: { name }, checks, run, timeMs, comparesAnswers = false, cooldownMs = 0 }: Wanted,
    side: WantedSide,
    past: BaselineSide | null,
    signal: AbortSignal,
  ): Promise<Job> {
    if (file.bundle === null) throw new Error(`${file.file} has no bundle`);
    const isolation = file.preparation?.isolation === 'worktree' ? 'worktree' : run.isolation;
    const bundleOf = (code: BaselineSide): Promise<OldBundle> =>
      isolation === 'worktree' ? this.#fromCheckout(file, code, signal) : this.#oldBundle(file, code);
    const current = past === null ? { ...file.bundle, url: this.parts.store.url(file.bundle) } : await bundleOf(past);
    const fitting = side.old === null ? null : await bundleOf(side.old);
    const withOwn = async (): Promise<BuiltBundle | null> =>
      side.old === null || isolation === 'worktree' ? null : this.#ownSide(file, side.old);
    const owned = fitting?.url === null ? await withOwn() : null;
    const old = owned ?? fitting;
    const timed = checks.filter(({ metric }) => isLatency(metric));
    const latency =
      timed.length === 0 ? 'none' : timed.some((check) => check.bound.kind === 'baseline') ? 'both' : 'current';
    const percentiles = timed.flatMap(({ metric }) => (metric.kind === 'percentile' ? [metric.percentile] : []));
    const observe = observationOf(checks, run);
    const { cycles, concurrency, warmup, runs } = run;
    const settings = { cycles, concurrency, warmup, runs, isolation };
    // In a checkout, all of the old code really is old.
    const { root, bundler } = this.parts;
    const outside = new Set([...current.outside, ...(old?.outside ?? [])]);
    const all = new Set([...outside, ...current.beside, ...(old?.beside ?? [])]);
    const reached = await bundler.reached([...all]);
    const common = old?.isPlaced === true ? await bundler.reached([...outside]) : reached;
    const code = side.old?.code ?? null;
    const shared = code === null ? [] : await sharedFiles(common, code, root, side.old?.baseline.name ?? '');
    const loaded: readonly string[] = past === null && old?.isCheckedOut === true ? file.bundle.dynamic : [];
    const own = isolation === 'worktree' ? [] : current.unsafe.filter((each) => !loaded.includes(each));
    const found = [...own, ...(old?.unsafe ?? []), ...(isolation === 'worktree' ? [] : shared)];
    const unsafe = [...new Set(found)].join(' ');
    const isEqual = old !== null && old.url !== null && old.hash === current.hash;
    // If both sides run the same copy of some code, equal bundles prove nothing, unless no file has changed at all.
    const isBlind = isEqual && unsafe !== '' && (await this.#hasChanges(side.old));
    const ownNote =
      owned === null || fitting?.url !== null || side.old === null
        ? null
        : ownBenchNote(side.old.baseline.name, fitting.lacks);
    const notCompared = old?.url === null ? old.lacks : isBlind ? unsafe : null;
    const notes = [...new Set([...(isEqual ? [] : found), ...current.remarks, ...(old?.remarks ?? [])])].join(' ');
    const target: Omit<Target, 'current'> = {
      name,
      benchFile: file.file,
      baseline: isBlind ? null : (old?.url ?? null),
      launch: this.parts.store.launch(file.bundle),
      note: old === null ? side.note : [ownNote, notes].filter(Boolean).join('; ') || null,
      ...(notCompared !== null && { notCompared }),
      ...(isEqual && !isBlind && unsafe !== '' && { unseen: unsafe }),
      latency,
      percentiles: [...new Set(percentiles)].sort((a, b) => a - b),
      observe,
      comparesAnswers,
      settings,
      timeMs,
      cooldownMs,
    };
    const watched = await contents(file.watched);
    // Old code that does not run with the current bench file runs with its own.
    const isDifferent = fitting !== null && fitting.url !== null && fitting.hash !== current.hash;
    const ownText = isDifferent ? ((await side.old?.code?.read(file.file)) ?? null) : null;
    const ownHash = ownText === null ? null : createHash('sha256').update(ownText).digest('hex');
    const keyBeside = (oldHash: string | null): string => {
      const key = JSON.stringify([
        formatVersion,
        current.hash,
        oldHash,
        target.note,
        ...(notCompared === null ? [] : [notCompared]),
        ...(target.unseen === undefined ? [] : [target.unseen]),
        name,
        latency,
        target.percentiles,
        observe,
        settings,
        // The machine is part of the key, so that a shared history never reuses another machine's figures.
        machineId(this.parts.machine),
        this.parts.machine.node,
        watched,
        reached.hash,
        // What code loads at run time may have been built from any of them.
        ...(file.sources === undefined || current.unsafe.length === 0 ? [] : [file.sources]),
        ...(cooldownMs === 0 ? [] : [cooldownMs]),
        ...(comparesAnswers && !isBlind ? ['answers'] : []),
        ...(ownHash !== null && oldHash !== current.hash ? [ownHash] : []),
      ]);
      return createHash('sha256').update(key).digest('hex');
    };
    const planned = { old: side.old, key: keyBeside(isBlind ? null : (old?.hash ?? null)) };
    if (current.url === null)
      return { kind: 'unable', ...planned, target, failure: { kind: 'compile', message: current.lacks } };
    const restKey = keyBeside(current.hash);
    const ownBaseline = async (): Promise<OwnBaseline | null> => {
      const found = owned === null ? await withOwn() : null;
      return found === null || found.url === old?.url || side.old === null
        ? null
        : { url: found.url, note: ownBenchNote(side.old.baseline.name, '') };
    };
    return { kind: 'bundle', ...planned, target: { ...target, current: current.url }, restKey, ownBaseline };
  }

  async #commandJob(
    { command, watched }: BenchCommand,
    { found: { name }, run, timeMs, cooldownMs = 0 }: Wanted,
    side: WantedSide,
  ): Promise<Job> {
    const { root, git, machine } = this.parts;
    const wanted = { name, source: command, watched, run, timeMs, cooldownMs };
    const unchanged = this.#unchanged;
    const planned = await planCommand(wanted, side, { root, git, worktrees: this.#worktrees, unchanged });
    const key = JSON.stringify([formatVersion, 'command', ...planned.key, machineId(machine)]);
    const hash = createHash('sha256').update(key).digest('hex');
    return { kind: 'command', target: planned.target, old: side.old, key: hash };
  }

  /** Returns the old code with its own bench file; null if there is none, or if it does not build. */
  async #ownSide(file: BenchFile, old: BaselineSide): Promise<BuiltBundle | null> {
    const built = await this.ownBenchFiles.bundle(file.file, old);
    if (built === null) return null;
    const { hash, unsafe, borrowed, outside, isCheckedOut } = built;
    return { url: this.parts.store.url(built), hash, ...nothingLacks, unsafe, borrowed, outside, isCheckedOut };
  }

  /** Bundles the current bench file in a checkout of the old commit, for code that is built or needs its files on disk. */
  async #fromCheckout(file: BenchFile, side: BaselineSide, signal: AbortSignal): Promise<OldBundle> {
    if (this.#checkedOut === null || side.baseline.commit === null)
      return noBundle('"isolation": "worktree" needs a commit to check out');
    const built = await this.#checkedOut.bundle(file, side.baseline, signal);
    if (!built.ok) return noBundle(built.error);
    const { bundle, unsafe } = built.value;
    const { hash, outside } = bundle;
    return { url: this.parts.store.url(bundle), hash, ...nothingLacks, unsafe, outside };
  }

  /** Bundles the current bench file with the old code. Cached until either of them changes. */
  async #oldBundle(file: BenchFile, old: BaselineSide): Promise<OldBundle> {
    const key = JSON.stringify([old.baseline, old.captured, old.note, file.file, file.text]);
    const known = this.#oldBundles.get(key);
    if (known !== undefined && (await this.#isStill(await known, old))) return known;
    const built = this.#buildOld(file, old);
    this.#oldBundles.set(key, built);
    // Each text of a bench file is an entry of its own, and a session only goes back to recent ones.
    for (const stale of [...this.#oldBundles.keys()].slice(0, -200)) this.#oldBundles.delete(stale);
    return built;
  }

  async #buildOld(file: BenchFile, old: BaselineSide): Promise<OldBundle> {
    const last = this.#lastOld.get(file.file);
    const commit = old.code?.commit ?? null;
    if (last?.text === file.text && (await this.#isAlike(last.built, last.commit, commit))) return last.built;
    const built = await this.#bundleOld(file, old);
    this.#lastOld.set(file.file, { commit, text: file.text, built });
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
    const needsCheckout = await this.#hasChanges(old, built.isLoading ? undefined : built.beside);
    if (built.isCheckedOut !== needsCheckout) return false;
    // The least recently used ones are deleted.
    return !needsCheckout || (await this.#worktrees?.of(old.code.commit))?.ok === true;
  }

  /** Checks out code that loads something at run time, unless both sides load the same because no file has changed. */
  async #checkOut(old: BaselineSide, reads?: readonly string[]): Promise<CheckedOutCode | null> {
    const { git } = this.parts;
    const { code, baseline } = old;
    if (git === null || code === null || !(await this.#hasChanges(old, reads))) return null;
    const tree = await this.#worktrees?.of(code.commit);
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
      const kept = captured === null ? null : this.parts.history.bundle(captured.name, own);
      if (kept !== null) {
        const bundle = JSON.parse(kept) as KeptBundle;
        return { url: this.parts.store.url(bundle), hash: bundle.hash, ...nothingLacks };
      }
      return noBundle(why ?? `baseline "${captured?.name ?? ''}" has no code for this bench file`);
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
      };
    }
    const { kind, message } = built.error;
    const isOurs = kind === 'missing' || kind === 'elsewhere';
    const missing = noBundle(isOurs ? message : `the old code does not build: ${message}`);
    return { ...missing, isFinal: kind !== 'elsewhere' };
  }

  /** Whether a baseline is the commit that is checked out, and no file differs from it. */
  async isHeadItself(baseline: Baseline | null): Promise<boolean> {
    const { git } = this.parts;
    const commit = baseline?.commit ?? null;
    if (git === null || commit === null || (await git.head())?.commit !== commit) return false;
    return (await git.changedFiles(commit)).every(isAside);
  }

  /**
   * Whether any file that may be code or data differs between a baseline and the working tree; with `reads`, whether one does
   * that these files run or read.
   */
  async #hasChanges(old: BaselineSide | null, reads?: readonly string[]): Promise<boolean> {
    const { git, bundler } = this.parts;
    const commit = old?.code?.commit;
    if (git === null || commit === undefined) return false;
    const changed = await git.changedFiles(commit);
    if (reads === undefined) return changed.some((file) => !isAside(file));
    const files = new Set([...reads, ...(await bundler.reached(reads)).files].map(slashed));
    return changed.some((file) => files.has(file));
  }
}

const nothingLacks = {
  ...{ unsafe: [], remarks: [], borrowed: [], inputs: [], outside: [], beside: [] },
  ...{ isFinal: true, isLoading: false, isCheckedOut: false, isPlaced: false },
};

const noBundle = (lacks: string): MissingBundle => ({
  ...{ url: null, hash: null, lacks },
  ...nothingLacks,
});

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

/** Whether no benchmark reads a file: prose, or our own. */
const isAside = (file: string): boolean =>
  file.endsWith('.md') || file.endsWith(`/${configFileName}`) || file.includes('/.perf-budget/');

/** Whether a metric is about single iterations, which are timed only if a check needs them. */
function isLatency({ kind }: Metric): boolean {
  return kind === 'mean' || kind === 'median' || kind === 'min' || kind === 'max' || kind === 'percentile';
}

/** Returns a hash of the contents of these files, which are inputs that no import shows. */
async function contents(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file).catch(() => '')).update('\0');
  return files.length === 0 ? '' : hash.digest('hex');
}
