import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { explainTime } from '../../core/cause/explain-time.js';
import { withAllocations } from '../../core/cause/with-allocations.js';
import type { Code } from '../../core/cause/code.js';
import { withReasons } from '../../core/cause/with-reasons.js';
import type { Cause, Explanation } from '../../core/results/causes.js';
import type { Measurement, RunFailure } from '../../core/results/measurement.js';
import { err, ok, type Result } from '../../core/result.js';
import { defaultCycles } from '../../core/results/observations.js';
import { timeNote } from '../../core/text/cause-notes.js';
import type { OldCode } from '../bundle/tree.js';
import type { BundleStore } from '../bundle/bundle-store.js';
import type { BundleJob, Explain } from '../measure/explaining.js';
import { warmMsFor } from '../measure/paired.js';
import type { Target } from '../measure/target.js';
import type { Log } from '../util/log.js';
import { relativeTo } from '../util/paths.js';
import type { Aborted, BenchmarkWorkers, MeasureRequest, SideProfile } from '../workers/benchmark-workers.js';
import {
  explainAllocated,
  explainRetained,
  type ExplainedAllocations,
  type MeasuredBytes,
  type MemoryTarget,
} from './memory.js';
import { slowReasons } from './v8-log.js';
import { codeOfSide, layOut, sideTicks, type ProfiledSide, type ReadText } from './side-profile.js';

/** How far apart the samples of the profiler are, in microseconds. */
const intervalUs = 200;
/** For how long both sides run under it, in milliseconds: the smaller the difference, the more samples it takes to place it. */
const profileMs = { least: 250, most: 600, ofFactorE: 100 };
/**
 * How long the warm-up before it should take, in milliseconds, with the calls that V8 needs per call of its threshold, at the pace
 * of code that is not hot yet. Below the least threshold, code stays worse than it becomes.
 */
const warm = { ms: 250, callsPerThreshold: 3.5, slowdown: 3, leastThreshold: 100, mostThreshold: 1000 };
/** How long both sides run while V8 logs, and the most that their warm-up may take then, in milliseconds. */
const loggedMs = 200;
const loggedWarmMs = 400;

export interface ExplainerParts {
  readonly root: string;
  readonly workers: BenchmarkWorkers;
  readonly store: BundleStore;
  readonly workerPath: string;
  readonly log: Log;
}

/** Both sides of a benchmark that was compared; `null` for the code of the working tree. */
interface Sides {
  readonly target: Target;
  readonly old: OldCode | null;
  readonly current: OldCode | null;
}

/** An explanation, and the profiles that it rests on. */
export interface Explained {
  readonly explanation: Explanation;
  readonly profiles: readonly SideProfile[];
  readonly sides: { readonly baseline: ProfiledSide; readonly current: ProfiledSide };
}

/** Finds out where differences are, and remembers the profiles for as long as somebody has the causes. */
export class Explainer {
  readonly #profiled = new WeakMap<readonly Cause[], Explained>();
  readonly #explanations = new WeakMap<readonly Cause[], Explanation>();

  constructor(readonly parts: ExplainerParts) {}

  /** Returns the profiles that these causes rest on; null if they are from memory, or from an earlier session. */
  profiled(causes: readonly Cause[]): Explained | null {
    return this.#profiled.get(causes) ?? null;
  }

  /** Returns the explanation that these causes are of; null if it is from an earlier session. */
  explanation(causes: readonly Cause[]): Explanation | null {
    return this.#explanations.get(causes) ?? null;
  }

  readonly explain: Explain = async (job, measurement, asked) => {
    const { metric, current, signal, onProgress } = asked;
    const onExplanation = (explanation: Explanation): void => {
      this.#explanations.set(explanation.causes, explanation);
      asked.onExplanation(explanation);
    };
    const { target, old } = job;
    const sides = { target, old: old?.code ?? null, current };
    if (metric !== 'time') {
      onProgress?.('looking at the memory');
      // What keeps memory takes heap snapshots, for which somebody has to ask.
      if (metric === 'retained' && !asked.retainers) return ok(null);
      const found = await (metric === 'retained'
        ? this.#retained(sides, measurement, signal)
        : this.#allocated(sides, measurement, signal));
      if (!found.ok) return found;
      onExplanation(found.value.explanation);
      return ok(null);
    }
    onProgress?.('profiling');
    const found = await this.#time(job, sides, measurement, signal);
    if (!found.ok) return found;
    let { explanation } = found.value;
    const tell = (told: Explanation): void => {
      explanation = told;
      this.#profiled.set(told.causes, { ...found.value, explanation: told });
      onExplanation(told);
    };
    tell(explanation);
    const isSlower = (measurement.comparison?.low ?? 1) > 1;
    if (!isSlower || explanation.causes.length === 0) return ok(null);
    if (explanation.causes.some(({ kind }) => kind === 'garbage collection')) {
      onProgress?.('looking at the memory');
      const memory = await this.#allocated(sides, measurement, signal);
      if (memory.ok) tell(withAllocations(explanation, memory.value.functions, memory.value.code));
      else if (memory.error.kind === 'aborted') return memory;
    }
    onProgress?.('asking V8');
    const { root, workers, workerPath } = this.parts;
    const read = reader(current, found.value.sides.current, root, target.benchFile);
    const options = { warmMs: loggedWarmMs, ms: loggedMs, signal, root, workerPath, read };
    const reasons = await slowReasons(target, workers, options);
    if (!reasons.ok) return reasons;
    if (reasons.value.length > 0) tell(withReasons(explanation, reasons.value));
    return ok(null);
  };

  async #allocated(
    sides: Sides,
    measurement: Measurement,
    signal: AbortSignal,
  ): Promise<Result<ExplainedAllocations & { readonly code: Code }, RunFailure | Aborted>> {
    const memory = await this.#memory(sides);
    if (!memory.ok) return memory;
    const { workers } = this.parts;
    const found = await explainAllocated(memory.value, bytesOf(measurement, 'allocated'), workers, signal);
    return found.ok ? ok({ ...found.value, code: memory.value.code.current }) : found;
  }

  async #retained(
    sides: Sides,
    measurement: Measurement,
    signal: AbortSignal,
  ): Promise<Result<{ readonly explanation: Explanation }, RunFailure | Aborted>> {
    const memory = await this.#memory(sides);
    if (!memory.ok) return memory;
    const cycles = sides.target.settings.cycles ?? defaultCycles;
    const target = { ...memory.value, cycles };
    const found = await explainRetained(target, bytesOf(measurement, 'retained'), this.parts.workers, signal);
    return found.ok ? ok({ explanation: found.value }) : found;
  }

  async #memory({ target, old, current }: Sides): Promise<Result<MemoryTarget, RunFailure>> {
    const { root, store } = this.parts;
    const { name, benchFile, launch, baseline } = target;
    if (baseline === null) return err({ kind: 'not-found', message: 'there is no old code to compare with' });
    const codeOf = async (bundle: string, code: OldCode | null): Promise<Code> => {
      const side = await layOut(bundle, store, { root, benchFile });
      return codeOfSide(side, root, reader(code, side, root, benchFile));
    };
    const code = { baseline: await codeOf(baseline, old), current: await codeOf(target.current, current) };
    return ok({ name, benchFile, launch, current: target.current, baseline, folder: root, code });
  }

  /** If the current bench file does not run with the old code, the old code has its own, as it had for the verdict. */
  async #time(
    job: BundleJob,
    sides: Sides,
    measurement: Measurement,
    signal: AbortSignal,
  ): Promise<Result<Explained, RunFailure | Aborted>> {
    const found = await explainTimeOf(sides, measurement, this.parts, signal);
    if (found.ok || found.error.kind === 'aborted' || found.error.side !== 'baseline') return found;
    const own = await job.ownBaseline();
    if (own === null) return found;
    return explainTimeOf(
      { ...sides, target: { ...sides.target, baseline: own.url } },
      measurement,
      this.parts,
      signal,
      true,
    );
  }
}

/**
 * Profiles both sides in processes of their own, warmed up as they were for the verdict, and divides the difference that the verdict
 * found among functions and lines.
 */
async function explainTimeOf(
  { target, old, current }: Sides,
  measurement: Measurement,
  { root, workers, store, workerPath }: ExplainerParts,
  signal: AbortSignal,
  hasOwnBench = false,
): Promise<Result<Explained, RunFailure | Aborted>> {
  const { comparison } = measurement;
  const time = measurement.current.metrics['time'];
  const { baseline } = target;
  if (comparison === null || time === undefined || baseline === null)
    return err({ kind: 'not-found', message: 'nothing was compared' });
  workers.prepare();
  const sides = {
    baseline: await layOut(baseline, store, { root, benchFile: target.benchFile }),
    current: await layOut(target.current, store, { root, benchFile: target.benchFile }),
  };
  const answer = await workers.request(profileRequest(target, sides, { time: time.value, ratio: comparison.ratio }), {
    signal,
    timeoutMs: 4 * target.timeMs + 8_000,
    isLast: true,
  });
  if (!answer.ok) return answer;
  const profiles = answer.value.type === 'measured' ? (answer.value.profiles ?? []) : [];
  const [before, after] = (['baseline', 'current'] as const).map((side) => profiles.find((one) => one.side === side));
  if (before === undefined || after === undefined)
    return err({ kind: 'crashed', message: 'V8 returned no profile of the benchmark' });
  const worker = pathToFileURL(workerPath).href;
  const ticks = {
    old: await sideTicks(before, sides.baseline, {
      root,
      worker,
      read: reader(old, sides.baseline, root, hasOwnBench ? null : target.benchFile),
    }),
    now: await sideTicks(after, sides.current, {
      root,
      worker,
      read: reader(current, sides.current, root, target.benchFile),
    }),
  };
  const { ratio, low, high } = comparison;
  const found = explainTime(ticks.old, ticks.now, { current: time.value, baseline: time.value / ratio, low, high });
  const causes = found.causes.map((cause) => placedIn(root, cause));
  const explanation = { ...found, causes, note: timeNote({ ...found, causes }) };
  return ok({ explanation, profiles, sides });
}

/** `time`: nanoseconds of a call; `ratio`: how many times that of the old code. */
function profileRequest(
  target: Target,
  sides: Explained['sides'],
  { time, ratio }: { readonly time: number; readonly ratio: number },
): MeasureRequest {
  const { name, benchFile, launch, settings, timeMs } = target;
  const { least, most, ofFactorE } = profileMs;
  const ms = Math.min(most, Math.max(least, ofFactorE / Math.abs(Math.log(ratio))));
  const threshold = thresholdFor(Math.max(time, time / ratio));
  return {
    type: 'measure',
    ...{ name, benchFile, launch },
    sides: [
      { side: 'baseline', bundle: sides.baseline.url },
      { side: 'current', bundle: sides.current.url },
    ],
    cold: settings.warmup === 0,
    warmup: settings.warmup,
    concurrency: settings.concurrency,
    sampleMs: ms / 2,
    warmMs: warmMsFor(timeMs),
    deadlineMs: Math.max(2 * (ms + warmMsFor(timeMs)), timeMs),
    latency: null,
    profile: { ms, intervalUs, threshold },
  };
}

/** After how many calls V8 may use its last compiler, if a call takes so many nanoseconds when it is warm. */
export function thresholdFor(ns: number): number {
  const affordable = Math.floor((warm.ms * 1e6) / (ns * warm.slowdown) / warm.callsPerThreshold);
  return Math.min(warm.mostThreshold, Math.max(warm.leastThreshold, affordable));
}

/** Returns what reads the files of a side: from Git, from its checkout, or from the working tree, as the bench file always is. */
const reader =
  (code: OldCode | null, { checkout }: ProfiledSide, root: string, benchFile: string | null): ReadText =>
  async (file) => {
    if (code !== null && file !== benchFile) return (await code.read(file))?.toString() ?? null;
    const there = checkout === null ? file : `${checkout}${file.slice(root.length)}`;
    return readFile(there, 'utf8').catch(() => null);
  };

/** What the verdict knows of a figure of both sides. */
function bytesOf({ baseline, current }: Measurement, metric: 'allocated' | 'retained'): MeasuredBytes {
  const [was, is] = [baseline?.metrics[metric]?.value, current.metrics[metric]?.value];
  return was === undefined || is === undefined ? null : { baseline: was, current: is };
}

/** Names files as results do: relative to the folder of the configuration. */
const placedIn = (root: string, cause: Cause): Cause =>
  cause.file === null ? cause : { ...cause, file: relativeTo(root, cause.file) };
