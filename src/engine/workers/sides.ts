import * as l10n from '@vscode/l10n';
import { err, ok, type Result } from '../../core/result.js';
import type { RunFailure } from '../../core/results/measurement.js';
import {
  clockOf,
  hasFewCollections,
  isNeverHotter,
  isSettled,
  type ClockName,
  type Slice,
} from '../../core/stats/slices.js';
import { sum } from '../../core/stats/stats.js';
import type { Mode } from '../../worker/collect/case.js';
import type { Answers, Called, Closed, Opened, SideName, SideRequest, Tiering, Timed } from '../../worker/protocol.js';
import type { Aborted, Measured, MeasureRequest, RequestOptions, SideProfile } from './benchmark-workers.js';
import { lateMessage } from './late-message.js';
import { measuredOf } from './measured.js';
import { profileOf, profileTurns } from './profiled-turns.js';
import type { Worker } from './worker.js';

/** The limit for loading a bench file, in milliseconds; it is not measuring. */
const loadLimitMs = 60_000;
/** Shorter slices drown in timer and scheduler noise, longer ones let the machine drift between the two sides. */
const sliceNs = 4e6;
/** Nothing takes less time, in nanoseconds. */
const leastPace = 0.01;
/** If all sides take fewer nanoseconds, a call of the function would be too large a part of the figure. */
const inlinedNs = 100;
/** The minimum number of slices of all sides, unless they need more than `patience` times the usual time. */
const enoughSlices = 16;
const patience = 3;
/** How many times sampling may start again because the code still became faster. */
const mostExtensions = 3;

/** V8's last compiler has compiled everything after this many times the calls that it waits for. */
const callsPerThreshold = 3.5;
/** If the first call takes longer, loops must be replaced while they run; it is not waited for longer than for a second. */
const shortMs = 20;
const patienceMs = 1000;
/** With fewer calls, V8 knows nothing about the types. */
const leastThreshold = 4;

/** After its hooks have begun a phase, a side runs at least this many slices, so that little of the time goes into hooks. */
const leastTurn = 4;

/** Returns how many iterations fill a slice. A clock that the user's code has replaced may have measured nothing. */
const perSlice = (pace: number, ns = sliceNs): number => Math.max(1, Math.floor(ns / Math.max(pace, leastPace)));

/** One side and its process. */
interface Side {
  readonly side: SideName;
  readonly bundle: string;
  readonly worker: Worker;
  slices: Slice[];
  /** Wall-clock nanoseconds per iteration, as last seen. */
  pace: number;
  isHot: boolean;
  /** The phase that its hooks have begun. */
  mode: Mode | null;
}

/** Thrown and caught in this file: what ends the measurement of all sides. */
class Stop extends Error {
  constructor(readonly failure: RunFailure | Aborted) {
    super(failure.kind);
  }
}

/**
 * Measures one benchmark, each side in a process of its own, because two versions in one process share the feedback of built-in
 * functions, the space for code and the garbage collector; in production one runs alone. The processes load and warm up at
 * once, and then take turns, slice by slice: A B B A, never both, so that a machine that changes its speed does so for both.
 * `workers` have one process for each side, in order. They are left running. `tiering`: when V8 uses its last compiler.
 */
export async function measureSides(
  request: MeasureRequest,
  workers: readonly Worker[],
  tiering: Tiering,
  options: RequestOptions,
): Promise<Result<SidesMeasured | TooSlow, RunFailure | Aborted>> {
  try {
    return ok(await new Sides(request, workers, tiering, options).measure());
  } catch (error) {
    if (error instanceof Stop) return err(error.failure);
    throw error;
  }
}

/** What the sides measured, and the names of the benchmarks that their processes can open after this one. */
type SidesMeasured = Measured & { readonly others: readonly string[] };

/** A call takes too long for this tiering. Fresh processes should use another one. */
export interface TooSlow {
  readonly type: 'too-slow';
  readonly tiering: Tiering;
  /** Milliseconds that it took to load the code. */
  readonly loadMs: number;
}

class Sides {
  readonly #sides: readonly Side[];
  #limit = Infinity;
  #deadline = Infinity;
  #hooks: Opened['hooks'] = 'none';
  /** Milliseconds that hooks took, all of them and the last ones. */
  #hooksMs = 0;
  #switchMs = 0;

  constructor(
    readonly request: MeasureRequest,
    workers: readonly Worker[],
    readonly tiering: Tiering,
    readonly options: RequestOptions,
  ) {
    this.#sides = request.sides.flatMap((side, index) => {
      const worker = workers[index];
      return worker === undefined ? [] : [{ ...side, worker, slices: [], pace: Infinity, isHot: false, mode: null }];
    });
  }

  async measure(): Promise<SidesMeasured | TooSlow> {
    const { request } = this;
    const begun = performance.now();
    const opened = await Promise.all(this.#sides.map((side) => this.#open(side)));
    const others = opened.reduce(
      (all, { others }) => all.filter((name) => others.includes(name)),
      opened[0]?.others ?? [],
    );
    const { cold, warmup, profile } = request;
    const isPlain = cold || warmup !== null;
    for (const { hooks } of opened) if (hooks !== 'none' && this.#hooks !== 'phase') this.#hooks = hooks;
    const first = isPlain || this.#hooks === 'none' ? 'run' : 'warmup';
    // With a library, no other benchmark is open at the same time: hooks may listen on a port, or write a file.
    if (this.#hooks !== 'phase') await Promise.all(this.#sides.map((side) => this.#enter(side, first)));
    const loadedMs = performance.now() - begun;
    this.#hooksMs = 0;
    this.options.onSampling?.();
    this.#limit = performance.now() + this.options.timeoutMs;
    this.#deadline = performance.now() + request.deadlineMs;
    const profiles: SideProfile[] = [];
    const called = await this.#callAll(first, profiles);
    if (called === null)
      return { type: 'too-slow', tiering: { ...this.tiering, replacesLoops: true }, loadMs: loadedMs + this.#hooksMs };
    const overrides = called.some((one) => one.overrides);
    const firstMs = sum(called.map(({ slice }) => slice.wall / 1e6));
    // If a second call would pass the deadline, the first call is the only measurement. It may have done what no other has to do.
    const isAgain = !cold && (profile !== undefined || performance.now() + firstMs < this.#deadline);
    if (isAgain) {
      const threshold = (await this.#warmAll(firstMs, first, false)) ? this.#lowerThreshold() : null;
      if (threshold !== null) {
        await this.#closeAll();
        return { type: 'too-slow', tiering: { ...this.tiering, threshold }, loadMs: loadedMs + this.#hooksMs };
      }
      const isShort = warmup === null && this.#sides.every(({ pace }) => pace < inlinedNs);
      if (isShort) await this.#warmAll(firstMs, first, true);
      if (profile === undefined) await this.#sampleAll();
      else profiles.push(...(await this.#profileAll(profile)));
    }
    const timed = profile === undefined ? await this.#latencies() : new Map<Side, Timed>();
    const closed = await this.#closeAll();
    const loadMs = loadedMs + this.#hooksMs;
    const busyMs = performance.now() - begun - loadMs;
    const clock: ClockName = overrides ? 'wall' : this.#clock();
    // A given number of calls is not asked whether it was enough.
    const isHot = isPlain || (isAgain && this.#sides.every((side) => side.isHot || isNeverHotter(side.slices)));
    const facts = { isHot, loadMs, busyMs, others, ...(profile !== undefined && { profiles }) };
    return { ...measuredOf(this.#sides, clock, timed, closed), ...facts };
  }

  #clock(): ClockName {
    return clockOf(this.#sides.flatMap(({ slices }) => slices));
  }

  async #open(side: Side) {
    const { name, benchFile, concurrency, cold, warmup, launch, profile } = this.request;
    const { side: which, bundle } = side;
    const tiering = cold || warmup !== null ? null : this.tiering;
    const request = {
      type: 'open',
      ...{ name, benchFile, concurrency, tiering, bundle, launch },
      ...{ side: which, profileUs: profile?.intervalUs },
    } as const;
    const late = l10n.t`the bench file did not finish loading in ${Math.round(loadLimitMs / 1000)} s`;
    return this.#ask(side, request, { timeoutMs: loadLimitMs, late });
  }

  /** Begins a phase of a side. If the hooks are around phases, ends the other side's, and runs some iterations that do not count. */
  async #enter(side: Side, mode: Mode): Promise<void> {
    if (side.mode === mode || (side.mode !== null && this.#hooks === 'none')) return;
    const from = performance.now();
    const limit = { timeoutMs: loadLimitMs, late: l10n.t('the hooks of the benchmark did not finish') };
    const isExclusive = this.#hooks === 'phase';
    for (const other of this.#sides) {
      if (!isExclusive || other === side || other.mode === null) continue;
      await this.#ask(other, { type: 'end' }, limit);
      other.mode = null;
    }
    await this.#ask(side, { type: 'begin', mode }, limit);
    side.mode = mode;
    // The first ones may connect, or fill a cache.
    if (isExclusive && mode === 'run' && side.pace < sliceNs)
      await this.#ask(side, { type: 'slice', iterations: perSlice(side.pace * leastTurn) });
    const spent = performance.now() - from;
    this.#switchMs = spent;
    this.#hooksMs += spent;
    this.#limit += spent;
    this.#deadline += spent;
  }

  /**
   * Calls each side for the first time, one after the other, because this may be all that there is time for. Null if it takes so
   * long that loops must be replaced while they run. If only these calls count, they are what is profiled.
   */
  async #callAll(mode: Mode, profiles: SideProfile[]): Promise<readonly Called[] | null> {
    const { cold, warmup } = this.request;
    const isProfiled = cold && this.request.profile !== undefined;
    const isImpatient = !cold && warmup === null && !this.tiering.replacesLoops;
    const all: Called[] = [];
    for (const side of this.#sides) {
      await this.#enter(side, mode);
      if (isProfiled) await this.#ask(side, { type: 'profile-start' });
      const called = await this.#call(side, isImpatient);
      if (called === null) return null;
      side.slices = [called.slice];
      if (isProfiled) profiles.push(profileOf(side, await this.#ask(side, { type: 'profile-stop' })));
      side.pace = called.slice.wall;
      all.push(called);
    }
    return all;
  }

  async #call(side: Side, isImpatient: boolean): Promise<Called | null> {
    if (!isImpatient) return this.#ask(side, { type: 'call' });
    try {
      const limit = { timeoutMs: patienceMs, late: '' };
      const called = await this.#ask(side, { type: 'call' }, limit);
      const { wall, cpu } = called.slice;
      if ((cpu ?? wall) <= shortMs * 1e6) return called;
      await this.#closeAll();
    } catch (error) {
      if (!(error instanceof Stop) || error.failure.kind !== 'timeout') throw error;
      await this.#closeAll();
    }
    return null;
  }

  /** Runs the teardown of each side, except of one that still computes. */
  async #closeAll(): Promise<readonly Closed[]> {
    const closed: Closed[] = [];
    for (const side of this.#sides) if (side.worker.isIdle) closed.push(await this.#ask(side, { type: 'close' }));
    return closed;
  }

  /** Warms up all sides, at once if the hooks allow it. Returns false if there is no time for that, because the first slices must still fit. */
  async #warmAll(firstMs: number, mode: Mode, inlined: boolean): Promise<boolean> {
    const { warmMs, warmup: iterations } = this.request;
    const ms = Math.min(warmMs, this.#deadline - 2 * firstMs - performance.now());
    if (iterations === null && ms <= 0) return false;
    const warm = async (side: Side): Promise<void> => {
      await this.#enter(side, mode);
      const { pace, isHot } = await this.#ask(side, { type: 'warm', iterations, ms, inlined });
      side.pace = pace;
      side.isHot = isHot;
    };
    // The side that is open comes first.
    if (this.#hooks === 'phase') for (const side of this.#sides.toReversed()) await warm(side);
    else await Promise.all(this.#sides.map(warm));
    return true;
  }

  /** Returns a threshold with which the calls that V8 waits for fit into the warm-up; null if they did, or never will. */
  #lowerThreshold(): number | null {
    // For a profile, it was chosen before.
    if (this.request.profile !== undefined) return null;
    if (this.request.warmup !== null || this.#sides.every(({ isHot }) => isHot)) return null;
    const slowest = Math.max(...this.#sides.map(({ pace }) => pace));
    const affordable = Math.floor((0.8 * this.request.warmMs * 1e6) / slowest / callsPerThreshold);
    const lower = Math.max(leastThreshold, affordable);
    return lower < 0.8 * this.tiering.threshold ? lower : null;
  }

  /** Runs slices in turns: quads A B B A, or a pair A B if an iteration is too long for more. */
  async #sampleAll(): Promise<void> {
    const { sampleMs } = this.request;
    const [firstSide] = this.#sides;
    if (firstSide !== undefined) await this.#enter(firstSide, 'run');
    const perTurn = this.#slicesPerTurn();
    const isWhole = this.#sides.length === 2 && perTurn < enoughSlices;
    const order = isWhole ? [...this.#sides, ...this.#sides.toReversed()] : this.#sides;
    const count = this.#sides.length;
    const isLate = (): boolean => performance.now() > this.#deadline;
    for (let extension = 0; extension <= mostExtensions; extension++) {
      for (const side of this.#sides) side.slices = [];
      const started = performance.now() - this.#hooksMs;
      // Even if other programs take part of the time, there are as many slices as the faster half needs.
      const more = (taken: number): boolean => {
        const spent = performance.now() - this.#hooksMs - started;
        if (spent < count * sampleMs || spent > patience * count * sampleMs) return spent < count * sampleMs;
        return taken < enoughSlices || this.#sides.some(({ slices }) => hasFewCollections(slices, 'wall'));
      };
      for (let turn = 0, taken = 0; turn < count || (more(taken) && !isLate());) {
        for (const side of order) {
          if (turn >= count && turn % 2 === 0 && isLate()) break;
          await this.#enter(side, 'run');
          for (let left = perTurn; left > 0 && (left === perTurn || !isLate()); left--, taken++)
            await this.#slice(side);
          turn++;
        }
      }
      const clock = this.#clock();
      if (isLate() || this.request.warmup !== null || this.#sides.every(({ slices }) => isSettled(slices, clock)))
        return;
    }
  }

  async #profileAll({ ms }: NonNullable<MeasureRequest['profile']>): Promise<readonly SideProfile[]> {
    const [firstSide] = this.#sides;
    if (firstSide !== undefined) await this.#enter(firstSide, 'run');
    for (const side of this.#sides) side.slices = [];
    return profileTurns(this.#sides, ms, this.#slicesPerTurn(), {
      start: (side) => this.#ask(side, { type: 'profile-start' }),
      stop: (side) => this.#ask(side, { type: 'profile-stop' }),
      run: async (side, ns) => {
        await this.#enter(side, 'run');
        return this.#slice(side, ns);
      },
      isLate: () => performance.now() > this.#deadline,
    });
  }

  /** How many slices a side runs before the other one does: as many as take as long as the hooks between them. */
  #slicesPerTurn(): number {
    if (this.#hooks !== 'phase') return 1;
    const sliceMs = Math.max(sliceNs, ...this.#sides.map(({ pace }) => pace)) / 1e6;
    return Math.min(enoughSlices, Math.max(leastTurn, Math.ceil(this.#switchMs / sliceMs)));
  }

  /** Returns the nanoseconds that it took. */
  async #slice(side: Side, ns = sliceNs): Promise<number> {
    const iterations = perSlice(side.pace, ns);
    const { slice, restarts } = await this.#ask(side, { type: 'slice', iterations });
    if (restarts) side.slices = [];
    side.slices.push(slice);
    side.pace = slice.wall / slice.iterations;
    return slice.wall;
  }

  async #latencies(): Promise<ReadonlyMap<Side, Timed>> {
    const { latency, deadlineMs } = this.request;
    const found = new Map<Side, Timed>();
    for (const side of this.#sides) {
      if (latency?.sides.includes(side.side) !== true) continue;
      const { slices } = side;
      // Iterations this long were already timed one by one.
      const isLate = this.request.cold || performance.now() > this.#deadline;
      if (isLate && slices.every((one) => one.iterations === 1)) {
        const latencies = Float64Array.from(slices, (one) => one.wall).sort();
        found.set(side, { type: 'timed', latencies, batch: 1 });
        continue;
      }
      // As many as the percentiles need, but for no more than half of this process's time.
      const affordable = Math.floor((deadlineMs * 1e6) / 2 / side.pace);
      const iterations = Math.max(1, Math.min(latency.iterations, affordable));
      await this.#enter(side, 'run');
      found.set(side, await this.#ask(side, { type: 'latency', ms: latency.ms, iterations }));
    }
    return found;
  }

  get #late(): string {
    const longest = Math.max(0, ...this.#sides.map(({ slices }) => slices[0]?.wall ?? 0));
    return lateMessage(this.options.timeoutMs, longest < sliceNs ? null : longest);
  }

  /** Asks the process of a side. Throws `Stop` if it does not answer. */
  async #ask<Type extends SideRequest['type']>(
    { side, worker }: Side,
    request: Extract<SideRequest, { readonly type: Type }>,
    limit = { timeoutMs: this.#limit - performance.now(), late: this.#late },
  ): Promise<Answers[Type]> {
    const answer = await worker.ask<Type>(request, { signal: this.options.signal, ...limit });
    if (!answer.ok) throw new Stop(answer.error.kind === 'aborted' ? answer.error : { ...answer.error, side });
    return answer.value;
  }
}
