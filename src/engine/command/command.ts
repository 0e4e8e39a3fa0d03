import * as l10n from '@vscode/l10n';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { BenchmarkSource, RunSettings } from '../../core/language/budget.js';
import type { Comparison, Estimate, Side } from '../../core/stats/estimate.js';
import { interval } from '../../core/stats/interval.js';
import {
  comparePrograms,
  programPrior,
  programTime,
  type ProgramRun,
  type RunPair,
} from '../../core/stats/program-runs.js';
import type { Standing } from '../../core/judge/judge.js';
import type { Measurement, RunFailure } from '../../core/results/measurement.js';
import { read, type Figure, type ReadBenchmark } from '../../core/formats/readers/index.js';
import { err, ok, type Result } from '../../core/result.js';
import { mean } from '../../core/stats/stats.js';
import type { SideName } from '../../worker/protocol.js';
import { runProgram, shownAs } from './process.js';
import type { Worktree } from '../git/worktrees.js';
import { Cooldown } from '../workers/cooldown.js';
import type { Aborted } from '../workers/benchmark-workers.js';
import type { Runtime } from '../workers/runtime.js';
import type { LimitFunction } from 'p-limit';
import { inBaseUnit } from '../../core/stats/estimate.js';
import { commandBenchmarks } from '../../core/formats/readers/reader.js';

/** One pair of runs shows no spread, and a claim needs more rounds than a pass, as with bench files. */
const leastRounds = 3;
const leastRoundsToClaim = 5;
const mostRounds = 48;
/** A command that hangs is stopped, but a whole suite of a compiled language may take minutes. */
const runMs = 5 * 60_000;
const buildMs = 15 * 60_000;

export type CommandSource = Extract<BenchmarkSource, { kind: 'command' }>;

/** Where old code is that another program may run as well. */
export interface OldFolder {
  readonly root: string;
  readonly exclusively: Worktree['exclusively'];
}

/** A command of the configuration to measure; one command may have several benchmarks. */
export interface CommandTarget {
  /** The benchmark to measure, as a budget names it. */
  readonly name: string;
  readonly source: CommandSource;
  /** The folder of the configuration. */
  readonly root: string;
  /** Builds the old code and returns the same folder in it; null if there is none, `same` if no dependency has changed. */
  readonly old: ((options: CommandOptions) => Promise<Result<OldFolder, RunFailure | Aborted>>) | 'same' | null;
  readonly note: string | null;
  readonly settings: Pick<RunSettings, 'runs' | 'warmup'>;
  readonly timeMs: number;
  readonly cooldownMs: number;
  /** Targets with the same value need the same runs. */
  readonly shares: string;
}

/** One run of both sides. */
type Round = Partial<Record<SideName, readonly ReadBenchmark[]>>;

/** What the runs of one command have shown so far, for all of its benchmarks. */
export interface Rounds {
  readonly rounds: Round[];
  /** Where the old code is, or why it cannot run. */
  old: { readonly root: string | null; readonly note: string | null; readonly folder?: OldFolder } | null;
  /** Whether both sides are built and warmed up. */
  isReady: boolean;
  /** Why the current code cannot run; it applies to all of its benchmarks. */
  failure: RunFailure | null;
  elapsedMs: number;
}

export const noRounds = (): Rounds => ({ rounds: [], old: null, isReady: false, failure: null, elapsedMs: 0 });

export interface CommandOptions {
  readonly runtime: Runtime;
  readonly workerPath: string;
  readonly signal: AbortSignal;
  readonly comparisons?: number;
  /** Shared by everything that is measured at the same time. */
  readonly mutex?: LimitFunction;
  /** Called with the names of the benchmarks in the output. */
  readonly onNames?: (names: readonly string[]) => void;
  /** Replaces the limit of five minutes for a run. */
  readonly timeoutMs?: number;
}

/**
 * Measures one benchmark of a command: runs old and current code in turns until `judge` has its answer or the time is over,
 * but at least three times. `taken` has the runs that another benchmark of the same command needed, and gets the new ones.
 * If the old code fails, only the comparison is lost.
 */
export async function measureCommand(
  target: CommandTarget,
  taken: Rounds,
  judge: (measurement: Measurement) => Standing,
  options: CommandOptions,
): Promise<Result<Measurement, RunFailure | Aborted>> {
  if (taken.failure !== null) return err(taken.failure);
  const measured = await measureRounds(target, taken, judge, options);
  if (!measured.ok && measured.error.kind !== 'aborted' && measured.error.kind !== 'not-found')
    taken.failure = measured.error;
  return measured;
}

async function measureRounds(
  target: CommandTarget,
  taken: Rounds,
  judge: (measurement: Measurement) => Standing,
  options: CommandOptions,
): Promise<Result<Measurement, RunFailure | Aborted>> {
  const { settings, timeMs } = target;
  const cooldown = new Cooldown(target.cooldownMs, options.signal, options.mutex);
  if (!taken.isReady) {
    const prepared = await cooldown.turn(() => prepare(target, taken, options));
    if (!prepared.ok) return prepared;
    taken.isReady = true;
  }
  for (;;) {
    if (taken.rounds.length > 0) {
      const { rounds } = taken;
      const [first] = rounds;
      if (!first?.current?.some(({ name }) => name === target.name)) return err(unknown(target, first?.current ?? []));
      const measurement = assemble(target, taken, options);
      const stands = judge(measurement);
      const { comparison } = measurement;
      const claims = stands === 'failed' || (comparison !== null && (comparison.low > 1 || comparison.high < 1));
      const least = Math.max(claims ? leastRoundsToClaim : leastRounds, settings.runs ?? 0);
      const enough = rounds.length >= least;
      // A suspected regression is worth twice the time, and so is what a busy machine hides.
      const limitMs = stands === 'suspected' || measurement.disturbed === true ? 2 * timeMs : timeMs;
      const anotherFits = taken.elapsedMs * (1 + 1 / rounds.length) <= limitMs;
      const answered = stands === 'passed' || stands === 'failed';
      if (enough && (answered || !anotherFits || rounds.length >= mostRounds)) return ok(measurement);
    }
    const started = cooldown.now();
    const round = await cooldown.turn(() => runRound(target, taken, options));
    if (!round.ok) return round;
    taken.elapsedMs += cooldown.now() - started;
    taken.rounds.push(round.value);
    if (taken.rounds.length === 1) options.onNames?.(round.value.current?.map(({ name }) => name) ?? []);
  }
}

/** Builds both sides and warms them up. */
async function prepare(
  target: CommandTarget,
  taken: Rounds,
  options: CommandOptions,
): Promise<Result<null, RunFailure | Aborted>> {
  const { source, settings } = target;
  const built = await build(source, target.root, options);
  if (!built.ok) return built;
  const old = await baselineSide(target, options);
  if (!old.ok) return old;
  taken.old = old.value;
  // Benchmarks warm themselves up. The first run of a whole process reads from disk what later runs find in memory.
  for (let left = settings.warmup ?? (source.reads === null ? 1 : 0); left > 0; left--) {
    const warm = await runRound(target, taken, options);
    if (!warm.ok) return warm;
  }
  return ok(null);
}

/** Runs the command once to learn the names of its benchmarks. */
export async function commandNames(
  source: CommandSource,
  root: string,
  options: CommandOptions,
): Promise<Result<readonly string[], RunFailure | Aborted>> {
  const built = await build(source, root, options);
  if (!built.ok) return built;
  const one = await runOnce(source, root, options);
  return one.ok ? ok(one.value.map(({ name }) => name)) : one;
}

/** Runs the build of a command in one folder. */
export async function build(
  { build: command, name }: CommandSource,
  cwd: string,
  options: CommandOptions,
): Promise<Result<null, RunFailure | Aborted>> {
  if (command === null) return ok(null);
  const ran = await runProgram(command, { ...options, cwd, timeoutMs: buildMs, reads: false });
  if (ran.ok) return ok(null);
  if (ran.error.kind === 'aborted') return ran;
  return err({ ...ran.error, message: l10n.t`the build of "${name}" failed: ${ran.error.message}` });
}

async function baselineSide(
  target: CommandTarget,
  options: CommandOptions,
): Promise<Result<NonNullable<Rounds['old']>, Aborted>> {
  if (target.old === null || target.old === 'same') return ok({ root: null, note: target.note });
  const old = await target.old(options);
  if (old.ok) return ok({ root: old.value.root, note: target.note, folder: old.value });
  if (old.error.kind === 'aborted') return err({ kind: 'aborted' });
  return ok({ root: null, note: l10n.t`the old code cannot run: ${old.error.message}` });
}

/** Runs each side once. The side that ran first in one round runs second in the next. */
async function runRound(
  target: CommandTarget,
  taken: Rounds,
  options: CommandOptions,
): Promise<Result<Round, RunFailure | Aborted>> {
  const sides: SideName[] = ['current', 'baseline'];
  if (taken.rounds.length % 2 === 1) sides.reverse();
  const round: Round = {};
  for (const side of sides) {
    const root = side === 'current' ? target.root : (taken.old?.root ?? null);
    if (root === null) continue;
    const run = (): ReturnType<typeof runOnce> => runOnce(target.source, root, options);
    const folder = side === 'baseline' ? taken.old?.folder : undefined;
    // What it writes there would otherwise mix with what another program's run writes.
    const ran = folder === undefined ? await run() : await folder.exclusively(run, options.signal);
    if (ran === null) return err({ kind: 'aborted' });
    if (ran.ok) round[side] = ran.value;
    else if (side === 'current' || ran.error.kind === 'aborted') return ran;
    // Rounds without old code compare nothing, so the old code is not tried again.
    else taken.old = { root: null, note: l10n.t`the old code cannot run: ${ran.error.message}` };
  }
  return ok(round);
}

async function runOnce(
  source: CommandSource,
  cwd: string,
  options: CommandOptions,
): Promise<Result<readonly ReadBenchmark[], RunFailure | Aborted>> {
  const { command, from, reads } = source;
  const written = from === null ? null : path.resolve(cwd, from);
  const before = written === null ? null : await stampOf(written);
  const wantsOutput = reads !== null && written === null;
  const timeoutMs = options.timeoutMs ?? runMs;
  const ran = await runProgram(command, { ...options, cwd, timeoutMs, reads: wantsOutput });
  if (!ran.ok) return ran;
  const { wall, cpu, rss, output } = ran.value;
  if (reads === null) {
    const metrics: Record<string, Figure> = { time: { value: wall, unit: 'ns' } };
    metrics['throughput'] = { value: 1e9 / wall, unit: '1/s' };
    if (cpu !== null) metrics['cpu'] = { value: cpu, unit: 'ns' };
    if (rss !== null) metrics['rss'] = { value: rss.high, low: rss.low, high: rss.high, unit: 'B' };
    return ok([{ name: source.name, metrics }]);
  }
  let text = output;
  if (written !== null && from !== null) {
    const after = await stampOf(written);
    const why =
      after === null ? l10n.t`did not write ${from}` : after === before ? l10n.t`did not change ${from}` : null;
    if (why !== null) return err({ kind: 'threw', message: `"${shownAs(command)}" ${why}` });
    text = await readFile(written, 'utf8').catch(() => '');
  }
  const reading = read(reads, text);
  if (!reading.ok) {
    const what = from ?? l10n.t`the output of "${shownAs(command)}"`;
    return err({ kind: 'threw', message: `${what}: ${reading.error.replace(/\.$/, '')}` });
  }
  return ok(commandBenchmarks(source.name, reading.value));
}

async function stampOf(file: string): Promise<string | null> {
  const found = await stat(file, { bigint: true }).catch(() => null);
  return found === null ? null : `${found.mtimeNs} ${found.size}`;
}

function unknown({ name, source }: CommandTarget, all: readonly ReadBenchmark[]): RunFailure {
  const shown = all.slice(0, 6).map((one) => one.name);
  const more = all.length > shown.length ? ', …' : '';
  return {
    kind: 'not-found',
    message: l10n.t`"${shownAs(source.command)}" has no benchmark "${name}". It has ${shown.join(', ')}${more}`,
  };
}

function figuresOf(name: string, side: SideName, rounds: readonly Round[]): readonly ReadBenchmark['metrics'][] {
  return rounds.flatMap((round) => round[side]?.filter((one) => one.name === name).map(({ metrics }) => metrics) ?? []);
}

/** Returns what a run took; null if its output has no time. */
function runOf(metrics: ReadBenchmark['metrics'] | undefined): ProgramRun | null {
  const wall = metrics?.['time']?.value;
  return wall === undefined || !(wall > 0) ? null : { wall, cpu: metrics?.['cpu']?.value ?? null };
}

function pairsOf(name: string, rounds: readonly Round[]): readonly RunPair[] {
  return rounds.flatMap((round) => {
    const run = (side: SideName): ProgramRun | null => runOf(figuresOf(name, side, [round])[0]);
    const [current, baseline] = [run('current'), run('baseline')];
    return current === null || baseline === null ? [] : [{ current, baseline }];
  });
}

function assemble(target: CommandTarget, { rounds, old, elapsedMs }: Rounds, options: CommandOptions): Measurement {
  const now = figuresOf(target.name, 'current', rounds);
  const current: Side = { metrics: metricsOf(now) };
  const before = figuresOf(target.name, 'baseline', rounds);
  const same = target.old === 'same';
  const unchanged: Comparison = { ratio: 1, low: 1, high: 1, processes: 0, clock: 'wall' };
  const isNew = old?.root !== null && before.length === 0 && !same;
  const isLost = old?.root === null && target.old !== null && !same;
  const pairs = pairsOf(target.name, rounds);
  const compared = same || pairs.length === 0 ? null : comparePrograms(pairs, options);
  const notCompared = isNew ? l10n.t('the benchmark is new: the old code does not have it') : isLost ? old.note : null;
  return {
    benchmark: target.name,
    current,
    baseline: same ? current : before.length === 0 ? null : { metrics: metricsOf(before) },
    comparison: same ? unchanged : (compared?.comparison ?? null),
    samples: rounds.length,
    elapsedMs: Math.round(elapsedMs),
    ...((compared?.disturbed ?? timeOf(now)?.disturbed === true) && { disturbed: true }),
    ...(notCompared !== null && { notCompared }),
    note: notCompared === null ? (old?.note ?? null) : null,
  };
}

/** Combines one figure per run into one estimate. Its interval covers the runs and is no narrower than their own. */
function metricsOf(runs: readonly ReadBenchmark['metrics'][]): Side['metrics'] {
  const keys = new Set(runs.flatMap((metrics) => Object.keys(metrics)));
  const all = Array.from(keys, (key): [string, Estimate] => {
    const figures = runs.flatMap((metrics) => metrics[key] ?? []);
    const unit = figures[0]?.unit ?? '';
    const own = inBaseUnit(key, unit, estimate(figures));
    // The extreme of all runs is that of the most extreme run.
    const extreme = key === 'min' ? own.low : key === 'max' ? own.high : null;
    return [key, extreme === null ? own : { ...own, value: extreme, low: extreme, high: extreme }];
  });
  const metrics = Object.fromEntries(all);
  const { time, throughput } = metrics;
  const least = timeOf(runs)?.low;
  if (time === undefined || least === undefined || least >= time.low) return metrics;
  const high = throughput && (throughput.high * time.low) / least;
  return {
    ...metrics,
    time: { ...time, low: least },
    ...(throughput !== undefined && high !== undefined && { throughput: { ...throughput, high } }),
  };
}

/** Returns the time of these runs; null if one has none. */
function timeOf(runs: readonly ReadBenchmark['metrics'][]): ReturnType<typeof programTime> | null {
  const all = runs.flatMap((metrics) => runOf(metrics) ?? []);
  return all.length === 0 || all.length < runs.length ? null : programTime(all);
}

function estimate(figures: readonly Figure[]): Estimate {
  const values = figures.map(({ value }) => value);
  const own = {
    low: mean(figures.map((one) => one.low ?? one.value)),
    high: mean(figures.map((one) => one.high ?? one.value)),
  };
  const samples = figures.reduce((sum, one) => sum + (one.samples ?? 1), 0);
  const varies = figures.some(({ unit }) => unit === 'ns' || unit.endsWith('/s'));
  if (!varies || values.some((value) => !(value > 0))) {
    const [value, low, high] = [mean(values), Math.min(...values), Math.max(...values)];
    return { value, low: Math.min(low, own.low), high: Math.max(high, own.high), samples };
  }
  const { ratio, low, high } = interval(values.map(Math.log), programPrior);
  return { value: ratio, low: Math.min(low, own.low), high: Math.max(high, own.high), samples };
}
