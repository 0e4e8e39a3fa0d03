import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Check, Metric, RunSettings } from '../../core/language/budget.js';
import type { Machine, RunFailure } from '../../core/results/measurement.js';
import { observationOf } from '../../core/results/observations.js';
import type { Problem } from '../../core/problem.js';
import { unreachable } from '../../core/result.js';
import { findBaseline, type BaselineSide } from '../baseline/resolve.js';
import type { BenchCommand, BenchFile, FoundBenchmark } from '../discovery/bench-files.js';
import { Bundler } from '../bundle/bundler.js';
import { baselinesStamp, readBaselines } from '../baseline/files.js';
import type { BundleStore } from '../bundle/bundle-store.js';
import type { CommandTarget } from '../command/command.js';
import { planCommand } from '../command/dependencies.js';
import { Worktrees } from '../git/worktrees.js';
import type { Git } from '../git/repository.js';
import type { History } from '../history/history.js';
import { machineId } from '../workers/machine.js';
import type { Target } from './target.js';
import { relativeTo, slashed } from '../util/paths.js';
import type { KeptBundle } from '../history/store.js';

/** Changes when a measurement's meaning does, so that older ones are not taken for it. */
const formatVersion = 4;

/** How a benchmark is to be run, and what is asked about it. */
export interface Wanted {
  readonly found: FoundBenchmark;
  /** Of all budgets that ask about it. */
  readonly checks: readonly Check[];
  readonly run: RunSettings;
  readonly timeMs: number;
  /** What the machine rests before each process. */
  readonly cooldownMs?: number;
}

interface Planned {
  readonly old: BaselineSide | null;
  /** Two jobs of the same key have the same answer. */
  readonly key: string;
}

/** A benchmark of a bench file. */
interface BundleJob extends Planned {
  readonly kind: 'bundle';
  readonly target: Target;
  /** The key of the same code with nothing changed. */
  readonly restKey: string;
}

/** A benchmark of a command. */
interface CommandJob extends Planned {
  readonly kind: 'command';
  readonly target: CommandTarget;
}

/** A benchmark that cannot run: a commit may lack what it needs. */
interface UnableJob extends Planned {
  readonly kind: 'unable';
  readonly target: Pick<Target, 'name' | 'settings' | 'timeMs' | 'cooldownMs'>;
  readonly failure: RunFailure;
}

/** One benchmark that is to be measured, for all budgets that ask about it. */
export type Job = BundleJob | CommandJob | UnableJob;

/** What a benchmark is to be compared with; where that is nothing, `note` says why. */
interface WantedSide {
  readonly old: BaselineSide | null;
  readonly note: string | null;
}

interface BuiltBundle extends BundleFacts {
  readonly url: string;
  readonly hash: string;
  readonly note: null;
}

interface MissingBundle extends BundleFacts {
  readonly url: null;
  readonly hash: null;
  /** Why there is none, in the words of a comparison; null where nobody wants one. */
  readonly note: string | null;
  /** The same in the words of a commit that is measured itself. */
  readonly lacks: string;
}

type OldBundle = BuiltBundle | MissingBundle;

interface BundleFacts {
  readonly unsafe: readonly string[];
  /** Files on disk that it uses for want of old ones. */
  readonly borrowed: readonly string[];
  /** The files of the commit in it, the bench file not among them. */
  readonly inputs: readonly string[];
}

/** Turns a benchmark into something that can run: both bundles, and the key under which its measurement is known. */
export class Planner {
  /** By the setting. */
  readonly #found = new Map<string, { stamp: string; side: WantedSide }>();
  readonly #oldBundles = new Map<string, Promise<OldBundle>>();
  /** The last of each bench file. */
  readonly #lastOld = new Map<string, { commit: string | null; text: string; built: OldBundle }>();
  #worktrees: Worktrees | null = null;
  readonly #unchanged = new Map<string, Promise<boolean>>();
  #warnings: readonly Problem[] = [];

  constructor(
    readonly parts: {
      readonly root: string;
      readonly bundler: Bundler;
      readonly store: BundleStore;
      readonly history: History;
      readonly git: Git | null;
      /** Why there is no `git`. */
      readonly gitMessage: string;
      readonly machine: Machine;
    },
  ) {}

  /** What was wrong with the captured baselines when they were last looked at. */
  get warnings(): readonly Problem[] {
    return this.#warnings;
  }

  /** The old side that a setting means now, or one sentence that says why there is none. */
  async baselineSide(setting: string): Promise<WantedSide> {
    const stamp = JSON.stringify(await Promise.all([baselinesStamp(this.parts.root), this.#gitStamp()]));
    const known = this.#found.get(setting);
    if (known?.stamp === stamp) return known.side;
    const { root } = this.parts;
    const baselines = await readBaselines(root);
    this.#warnings = baselines.warnings.map(({ file, message }) => {
      const start = { line: 1, column: 1 };
      return { location: { file: `${root}/${file}`, start, end: start }, message, warning: true };
    });
    const found = await findBaseline(setting, { ...this.parts, baselines });
    const side = 'message' in found ? { old: null, note: found.message } : { old: found, note: null };
    this.#found.set(setting, { stamp, side });
    return side;
  }

  /** Changes with every commit, checkout and fetch; looking at it is a hundred times faster than asking git at every save. */
  async #gitStamp(): Promise<readonly string[]> {
    const { git } = this.parts;
    if (git === null) return [];
    const files = ['HEAD', 'logs/HEAD', 'FETCH_HEAD', 'packed-refs', 'index'];
    const stats = files.map((file) => stat(path.join(git.gitFolder, file)).catch(() => null));
    return (await Promise.all(stats)).map((one) => (one === null ? '' : `${one.mtimeMs} ${one.size}`));
  }

  /** The bench file's bundle must be there. `past` is the code that is measured in place of the working tree's. */
  async job(wanted: Wanted, side: WantedSide, past: BaselineSide | null = null): Promise<Job> {
    const { origin } = wanted.found;
    switch (origin.kind) {
      case 'file':
        return this.#bundleJob(origin, wanted, side, past);
      case 'command':
        return this.#commandJob(origin, wanted, side);
      default:
        return unreachable(origin);
    }
  }

  async #bundleJob(
    file: BenchFile,
    { found: { name }, checks, run, timeMs, cooldownMs = 0 }: Wanted,
    side: WantedSide,
    past: BaselineSide | null,
  ): Promise<Job> {
    if (file.bundle === null) throw new Error(`${file.file} has no bundle`);
    const bundleOf = (code: BaselineSide): Promise<OldBundle> =>
      run.isolation === 'worktree' ? this.#checkedOut(file, code) : this.#oldBundle(file, code);
    const current = past === null ? { ...file.bundle, url: this.parts.store.url(file.bundle) } : await bundleOf(past);
    const old = side.old === null ? noBundle(side.note) : await bundleOf(side.old);
    const timed = checks.filter(({ metric }) => isLatency(metric));
    const latency =
      timed.length === 0 ? 'none' : timed.some((check) => check.bound.kind === 'baseline') ? 'both' : 'current';
    const percentiles = timed.flatMap(({ metric }) => (metric.kind === 'percentile' ? [metric.percentile] : []));
    const observe = observationOf(checks, run);
    const { cycles, concurrency, warmup, runs, isolation } = run;
    const settings = { cycles, concurrency, warmup, runs, isolation };
    // In a checkout all of the old code is old.
    const found = run.isolation === 'worktree' ? [] : [...current.unsafe, ...old.unsafe];
    const unsafe = [...new Set(found)].join(' ');
    // Equal bundles around code that is the same whatever the commit says prove nothing.
    const blind = unsafe !== '' && old.hash === current.hash;
    const target: Omit<Target, 'current'> = {
      name,
      benchFile: file.file,
      baseline: blind ? null : old.url,
      note: old.note ?? (unsafe === '' ? null : unsafe),
      latency,
      percentiles: [...new Set(percentiles)].sort((a, b) => a - b),
      observe,
      settings,
      timeMs,
      cooldownMs,
    };
    const watched = await contents(file.watched);
    const keyBeside = (oldHash: string | null): string => {
      const key = JSON.stringify([
        formatVersion,
        current.hash,
        oldHash,
        target.note,
        name,
        latency,
        target.percentiles,
        observe,
        settings,
        // The key has the machine in it: a history that several share lends nobody another one's figures.
        machineId(this.parts.machine),
        this.parts.machine.node,
        watched,
        ...(cooldownMs === 0 ? [] : [cooldownMs]),
      ]);
      return createHash('sha256').update(key).digest('hex');
    };
    const planned = { old: side.old, key: keyBeside(blind ? null : old.hash) };
    if (current.url === null)
      return { kind: 'unable', ...planned, target, failure: { kind: 'compile', message: current.lacks } };
    const restKey = keyBeside(current.hash);
    return { kind: 'bundle', ...planned, target: { ...target, current: current.url }, restKey };
  }

  async #commandJob(
    { command, watched }: BenchCommand,
    { found: { name }, run, timeMs, cooldownMs = 0 }: Wanted,
    side: WantedSide,
  ): Promise<Job> {
    const { root, git, machine } = this.parts;
    this.#worktrees ??= git === null ? null : new Worktrees(root, git);
    const wanted = { name, source: command, watched, run, timeMs, cooldownMs };
    const unchanged = this.#unchanged;
    const planned = await planCommand(wanted, side, { root, git, worktrees: this.#worktrees, unchanged });
    const key = JSON.stringify([formatVersion, 'command', ...planned.key, machineId(machine)]);
    const hash = createHash('sha256').update(key).digest('hex');
    return { kind: 'command', target: planned.target, old: side.old, key: hash };
  }

  /** For code that needs its files on disk: the current bench file in a checkout of the old commit. */
  async #checkedOut(file: BenchFile, { baseline }: BaselineSide): Promise<OldBundle> {
    const { root, git, store } = this.parts;
    if (git === null || baseline.commit === null)
      return noBundle('"isolation": "worktree" needs a commit to check out');
    this.#worktrees ??= new Worktrees(root, git);
    const tree = await this.#worktrees.of(baseline.commit);
    if (!tree.ok) return noBundle(tree.error);
    const benchFile = path.join(tree.value.root, relativeTo(root, file.file));
    await mkdir(path.dirname(benchFile), { recursive: true });
    await copyFile(file.file, benchFile);
    const bundler = new Bundler(tree.value.root);
    const built = await bundler.current(benchFile);
    await bundler.dispose();
    if (!built.ok) return noBundle(`the old code does not build: ${built.error.message}`, built.error.message);
    return { url: store.url(built.value), hash: built.value.hash, ...nothingLacks };
  }

  /** The current bench file over the old code; known for as long as neither changes. */
  async #oldBundle(file: BenchFile, old: BaselineSide): Promise<OldBundle> {
    const key = JSON.stringify([old.baseline, old.captured, old.note, file.file, file.text]);
    const known = this.#oldBundles.get(key);
    if (known !== undefined && (await known).borrowed.length === 0) return known;
    const built = this.#buildOld(file, old);
    this.#oldBundles.set(key, built);
    // Each text of a bench file is another entry; the last few are all that a session goes back to.
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

  /** Whether what was built of one commit is what would be built of another: most commits leave most code as it is. */
  async #isAlike({ url, borrowed, inputs }: OldBundle, one: string | null, other: string | null): Promise<boolean> {
    const { git } = this.parts;
    if (git === null || url === null || borrowed.length > 0 || one === null || other === null) return false;
    const paths = inputs.map((file) => git.relative(file));
    return paths.every((path) => path !== null) && git.isAlike(one, other, paths);
  }

  async #bundleOld(file: BenchFile, { code, captured, note: why }: BaselineSide): Promise<OldBundle> {
    if (code === null) {
      const own = relativeTo(this.parts.root, file.file);
      const kept = captured === null ? null : this.parts.history.bundle(captured.name, own);
      if (kept !== null) {
        const bundle = JSON.parse(kept) as KeptBundle;
        return { url: this.parts.store.url(bundle), hash: bundle.hash, ...nothingLacks };
      }
      return noBundle(why ?? `baseline "${captured?.name ?? ''}" has no code for this bench file`);
    }
    const built = await this.parts.bundler.old(file.file, code);
    if (built.ok) {
      const { hash, unsafe, borrowed } = built.value;
      const inputs = built.value.inputs.filter((input) => slashed(input) !== file.file);
      return { url: this.parts.store.url(built.value), hash, ...nothingLacks, unsafe, borrowed, inputs };
    }
    const { kind, message } = built.error;
    return kind === 'missing'
      ? noBundle(`${message}, so there is no old code to compare with.`, message)
      : noBundle(`the old code does not build: ${message}`, message);
  }
}

const nothingLacks = { note: null, unsafe: [], borrowed: [], inputs: [] };

const noBundle = (note: string | null, lacks = note ?? ''): MissingBundle => ({
  ...{ url: null, hash: null, note, lacks },
  ...{ unsafe: [], borrowed: [], inputs: [] },
});

/** Whether a metric is of single iterations, which are timed only where somebody asks. */
function isLatency({ kind }: Metric): boolean {
  return kind === 'mean' || kind === 'median' || kind === 'min' || kind === 'max' || kind === 'percentile';
}

/** A hash of the files that no import shows. */
async function contents(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file).catch(() => '')).update('\0');
  return files.length === 0 ? '' : hash.digest('hex');
}
