import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import type { Check, Metric, RunSettings } from '../../core/language/budget.js';
import type { Baseline, Machine, RunFailure } from '../../core/results/measurement.js';
import { observationOf } from '../../core/results/observations.js';
import type { Problem } from '../../core/problem.js';
import { unreachable } from '../../core/result.js';
import { ownBenchNote } from '../../core/text/measurement-notes.js';
import { findBaseline, type BaselineSide } from '../baseline/resolve.js';
import type { BenchCommand, BenchFile, BenchOrigin } from '../discovery/bench-origin.js';
import type { FoundBenchmark } from '../discovery/lookup.js';
import type { Bundler } from '../bundle/bundler.js';
import { baselinesStamp, readBaselines } from '../baseline/files.js';
import type { Reached } from '../bundle/reached.js';
import type { OldCode } from '../bundle/tree.js';
import type { BundleStore } from '../bundle/bundle-store.js';
import type { CommandSource, CommandTarget } from '../command/command.js';
import { planCommand, stateOf } from '../command/dependencies.js';
import { CheckedOut } from './checked-out.js';
import { Worktrees } from '../git/worktrees.js';
import { GitError, type Git } from '../git/repository.js';
import type { Runtime } from '../workers/runtime.js';
import type { History } from '../history/history.js';
import { machineId } from '../workers/machine.js';
import { GitFaults, problemIn } from './git-faults.js';
import { commitStamp, gitStamp } from './git-stamp.js';
import { contents, sharedFiles } from './shared-files.js';
import { isAside, OldBundles, type BuiltBundle, type OldBundle } from './old-bundles.js';
import { ownBench, type OwnBenchFiles } from './own-bench.js';
import type { Target } from './target.js';
import { configFileName } from '../../core/config/file-names.js';
import { sentence } from '../../core/text/words.js';

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
  /** Whether a commit that is measured in place of the working tree runs its own bench file if the current one does not run there. */
  readonly pastMayHaveOwn?: boolean;
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

interface Shared {
  readonly commit: string;
  readonly at: number;
  readonly sentences: Promise<readonly string[]>;
}

/** Raised when figures of commands are judged otherwise than they were. */
const commandVersion = 2;
/** Milliseconds. */
const sharedMs = 250;

/** Turns a benchmark into a job that can run: both bundles, and the key under which its measurement is kept. */
export class Planner {
  /** By the baseline setting. */
  readonly #found = new Map<string, { stamp: string; commit: string | null; side: WantedSide }>();
  readonly #old: OldBundles;
  readonly #worktrees: Worktrees | null;
  readonly #shared = new WeakMap<Reached, Shared>();
  readonly #unchanged = new Map<string, Promise<boolean>>();
  readonly #states = new WeakMap<readonly string[], { readonly at: number; readonly state: Promise<string> }>();
  #warnings: readonly Problem[] = [];
  /** While Git cannot read the repository, planning goes on without it. */
  readonly faults: GitFaults;

  constructor(
    readonly parts: {
      readonly root: string;
      readonly bundler: Bundler;
      readonly store: BundleStore;
      readonly history: History;
      readonly git: Git | null;
      /** Why `git` is null. */
      readonly gitMessage: string;
      /** Whether there is a repository, which Git cannot or will not read. */
      readonly isGitBroken?: boolean;
      readonly machine: Machine;
      /** The runtime that runs builds. */
      readonly runtime: Runtime;
      readonly workerPath: string;
    },
  ) {
    const { root, git } = parts;
    const unopened = parts.isGitBroken === true ? parts.gitMessage : null;
    this.faults = new GitFaults(`${root}/${configFileName}`, unopened);
    const worktrees = git === null ? null : new Worktrees(root, git);
    const checkedOut = git === null || worktrees === null ? null : new CheckedOut({ ...parts, git, worktrees });
    this.#worktrees = worktrees;
    this.#old = new OldBundles({ ...parts, worktrees, checkedOut });
  }

  get ownBenchFiles(): OwnBenchFiles {
    return this.#old.ownBenchFiles;
  }

  /** The problems of the baselines when they were last read: an error for one that this clone lacks. */
  get warnings(): readonly Problem[] {
    return [...this.#warnings, ...this.faults.warnings];
  }

  dispose(): void {
    this.#worktrees?.release();
  }

  /**
   * Returns the old side that a baseline setting means now, or one sentence that says why there is none. If Git cannot read the
   * repository, that is one problem, and only captured figures are left to compare with.
   */
  async baselineSide(setting: string): Promise<WantedSide> {
    try {
      return await this.#baselineSide(setting);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      this.faults.failed(error);
      return this.#baselineSide(setting);
    }
  }

  async #baselineSide(setting: string): Promise<WantedSide> {
    const { broken } = this.faults;
    const { git } = this.parts;
    const stamp = JSON.stringify([await baselinesStamp(this.parts.root), await gitStamp(git), broken]);
    const known = this.#found.get(setting);
    if (known?.stamp === stamp + (await commitStamp(git, known?.commit ?? null))) return known.side;
    const { root } = this.parts;
    const baselines = await readBaselines(root);
    const problem = (file: string, message: string): Problem => problemIn(`${root}/${file}`, message);
    const warnings = baselines.warnings.map(({ file, message }) => ({
      ...problem(file, message),
      warning: true as const,
    }));
    const sources = broken === null ? this.parts : { ...this.parts, git: null };
    const found = await findBaseline(setting, { ...sources, baselines });
    const isLost = 'message' in found && found.isLost === true;
    const lost = broken ?? (isLost ? sentence(found.message) : null);
    this.#warnings = [...(lost === null ? [] : [problem(configFileName, lost)]), ...warnings];
    const note = broken === null ? null : l10n.t('Git cannot read the repository');
    const side = 'message' in found ? { old: null, note: note ?? found.message } : { old: found, note: null };
    const commit = side.old?.code?.commit ?? null;
    this.#found.set(setting, { stamp: stamp + (await commitStamp(git, commit)), commit, side });
    return side;
  }

  /** Lets go of the checkouts, and deletes the bundles that neither these bench files nor these URLs need, while nothing runs. */
  forget(files: readonly BenchOrigin[], urls: readonly string[]): void {
    this.#worktrees?.release();
    const current = files.flatMap((origin) => (origin.kind === 'file' ? (origin.bundle ?? []) : []));
    this.parts.store.forgetOthers(current, [...urls, ...this.#old.urls()]);
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
    { found: { name }, checks, run, timeMs, comparesAnswers = false, cooldownMs = 0, pastMayHaveOwn = false }: Wanted,
    side: WantedSide,
    past: BaselineSide | null,
    signal: AbortSignal,
  ): Promise<Job> {
    if (file.bundle === null) throw new Error(`${file.file} has no bundle`);
    const isolation = file.preparation?.isolation === 'worktree' ? 'worktree' : run.isolation;
    const bundleOf = (code: BaselineSide): Promise<OldBundle> =>
      isolation === 'worktree' ? this.#old.fromCheckout(file, code, signal) : this.#old.of(file, code);
    const ownOf = async (code: BaselineSide | null): Promise<BuiltBundle | null> => {
      if (code === null || signal.aborted) return null;
      return isolation === 'worktree'
        ? this.#old.ownFromCheckout(file, code, signal)
        : this.#old.withOwnBench(file, code);
    };
    const withOwn = (): Promise<BuiltBundle | null> => ownOf(side.old);
    const fits = past === null ? null : await bundleOf(past);
    const ownPast = fits?.url === null && pastMayHaveOwn ? await ownOf(past) : null;
    const current = ownPast ?? fits ?? { ...file.bundle, url: this.parts.store.url(file.bundle) };
    const fitting = side.old === null ? null : await bundleOf(side.old);
    const owned = fitting?.url === null ? await withOwn() : null;
    const old = owned ?? fitting;
    const timed = checks.filter(({ metric }) => isLatency(metric));
    const latency =
      timed.length === 0 ? 'none' : timed.some((check) => check.bound.kind === 'baseline') ? 'both' : 'current';
    const percentiles = timed.flatMap(({ metric }) => (metric.kind === 'percentile' ? [metric.percentile] : []));
    const observe = observationOf(checks, run);
    const { cycles, concurrency, warmup, runs } = run;
    const settings = { cycles, concurrency, warmup, runs, isolation };
    const { bundler } = this.parts;
    const isApart = isolation === 'worktree';
    const outside = new Set([...current.outside, ...(isApart ? [] : (old?.outside ?? []))]);
    const all = new Set([...outside, ...current.beside, ...(old?.beside ?? [])]);
    const reached = await bundler.reached([...all]);
    // In a checkout, all of the old code really is old, but both sides have the same working directory.
    const isOldBeside = isApart || old?.isPlaced === true;
    const used = isOldBeside ? await bundler.reached([...outside]) : reached;
    const common = isApart ? { ...used, versions: new Map<string, string>() } : used;
    const code = side.old?.code ?? null;
    const shared = code === null ? [] : await this.#sharedFiles(common, code, side.old?.baseline.name ?? '');
    const loaded: readonly string[] = past === null && old?.isCheckedOut === true ? file.bundle.dynamic : [];
    const own = isApart ? [] : current.unsafe.filter((each) => !loaded.includes(each));
    const found = [...own, ...(old?.unsafe ?? []), ...shared];
    const unsafe = [...new Set(found)].join(' ');
    const isEqual = old !== null && old.url !== null && old.hash === current.hash;
    // If both sides run the same copy of some code, equal bundles prove nothing, unless no file has changed at all.
    const isBlind = isEqual && unsafe !== '' && (old.isOther || (await this.#old.hasChanges(side.old)));
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
    const ownText = isDifferent && code !== null ? await ownBench(code, file.file) : null;
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

  /** Many benchmarks of a run ask about the same files, so answers are cached briefly. */
  #sharedFiles(reached: Reached, code: OldCode, name: string): Promise<readonly string[]> {
    const known = this.#shared.get(reached);
    const now = performance.now();
    if (known?.commit === code.commit && now - known.at < sharedMs) return known.sentences;
    const sentences = sharedFiles(reached, code, this.parts.root, name);
    this.#shared.set(reached, { commit: code.commit, at: now, sentences });
    return sentences;
  }

  async #commandJob(
    { command, watched }: BenchCommand,
    { found: { name }, run, timeMs, cooldownMs = 0 }: Wanted,
    side: WantedSide,
  ): Promise<Job> {
    const { root, git, machine } = this.parts;
    const state = await this.#stateOf(command, watched);
    const wanted = { name, source: command, watched, state, run, timeMs, cooldownMs };
    const unchanged = this.#unchanged;
    const planned = await planCommand(wanted, side, { root, git, worktrees: this.#worktrees, unchanged });
    const key = JSON.stringify([formatVersion, 'command', commandVersion, ...planned.key, machineId(machine)]);
    const hash = createHash('sha256').update(key).digest('hex');
    return { kind: 'command', target: planned.target, old: side.old, key: hash };
  }

  /** A command may have thousands of benchmarks, and commands may share their files, so answers are cached briefly. */
  #stateOf(command: CommandSource, watched: readonly string[]): Promise<string> {
    const known = this.#states.get(watched);
    const now = performance.now();
    if (known !== undefined && now - known.at < sharedMs) return known.state;
    const state = stateOf(command, watched);
    this.#states.set(watched, { at: now, state });
    return state;
  }

  /** Whether a baseline is the commit that is checked out, and no file differs from it. */
  async isHeadItself(baseline: Baseline | null): Promise<boolean> {
    const { git } = this.parts;
    const commit = baseline?.commit ?? null;
    if (git === null || commit === null) return false;
    try {
      return (await git.head())?.commit === commit && (await git.changedFiles(commit)).every(isAside);
    } catch (error) {
      if (error instanceof GitError) return false;
      throw error;
    }
  }
}

/** Whether a metric is about single iterations, which are timed only if a check needs them. */
function isLatency({ kind }: Metric): boolean {
  return kind === 'mean' || kind === 'median' || kind === 'min' || kind === 'max' || kind === 'percentile';
}
