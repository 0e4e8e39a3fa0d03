import { Collections } from './collections.js';
import type { Slice } from '../../core/stats/slices.js';
import { begun, type Case, type Hook, type Mode } from '../collect/case.js';
import type {
  Called,
  Closed,
  LatencyRequest,
  Opened,
  OpenRequest,
  Profiled,
  Sliced,
  Timed,
  Warmed,
  WarmRequest,
} from '../protocol.js';
import type { Clocks } from './clock.js';
import { isAsEmpty } from './empty.js';
import { collectYoung, touchYoung, turn, usedBytes } from './garbage.js';
import { latencies } from './latency.js';
import { buildLoop, isThenable, lastValue, overriddenDuration, type Loop, type Outside } from './loop.js';
import { startProfile, stopProfile } from './profiler.js';
import { callsNeeded } from './tiers.js';
import { warmUp } from './warm-up.js';

/** How many calls show whether a function returns promises, and the nanoseconds that they may take together. */
const probes = 64;
const probeNs = 2e6;
/** At least so many, unless one takes longer than this. */
const leastProbes = 3;
const longNs = 10e6;
/** A slice may be so many times as long as asked, if what a loop of its own runs around it takes as long. */
const mostStretch = 16;
/**
 * Bytes per nanosecond from which on a function allocates. A page that is new costs some 0.2 ns a byte, so code that allocates
 * less spends under 0.1% of its time on new pages.
 */
const allocating = 0.002;
/** How many slices at the end of the warm-up show it. */
const looks = 3;
/**
 * Nanoseconds per iteration above which a function surely does something: one that returns a promise, and any other. The call of an
 * empty one takes 4.5 ns on a slow machine, and twice that beside other programs.
 */
const something = { async: 200, sync: 25 };

type TimedSlice = Omit<Slice, 'collections' | 'collecting'>;

/** Returns the nanoseconds of processor time that all threads of this process have used. */
function processTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e3;
}

/** Measures one benchmark step by step, as the engine asks. Throws what the user's code throws. */
export class Sampler {
  #loop: Loop;
  /** The benchmark as it is now that its hooks have run. */
  #benchmark: Case;
  /** The phase that its hooks have begun. */
  #mode: Mode | null = null;
  /** Nanoseconds that a loop of its own takes around its iterations. */
  #around = 0;
  /** Its function returns promises, at least sometimes. */
  #async = false;
  /** At other times it returns none. */
  #mixed = false;
  /** Its function returns its own duration. */
  #overrides = false;
  /** Wall-clock nanoseconds per iteration: the latest figure, and the least. */
  #pace = Infinity;
  #least = Infinity;
  /** Whether the loop may take the function into itself. */
  #inlined = false;
  /** Whether an iteration takes no longer than one of an empty function; null as long as nobody has looked. */
  #empty: boolean | null = null;
  /** Bytes that the last slice of a warm-up allocated; less than nothing if they were collected. */
  #allocated = 0;
  /** How many iterations have run, and how many of them before the profiler was started. */
  #done = 0;
  #before = 0;
  readonly #collections = new Collections();

  constructor(
    readonly defined: Case,
    readonly settings: Pick<OpenRequest, 'concurrency' | 'tiering'>,
    readonly clocks: Clocks,
  ) {
    this.#benchmark = this.#withMode(defined);
    this.#loop = this.#build();
  }

  get hooks(): Opened['hooks'] {
    const { before, after, beforeEach, afterEach, hasPhases = false } = this.defined;
    if (hasPhases && before.length + after.length > 0) return 'phase';
    return beforeEach.length + afterEach.length > 0 ? 'iteration' : 'none';
  }

  /** Begins a phase, and ends the one before it. Hooks that no library runs twice run before the first one only. */
  async begin(mode: Mode): Promise<void> {
    const isFirst = this.#mode === null;
    if (this.#mode === mode) return;
    if (!isFirst && this.hooks === 'phase') await this.end();
    const runs = this.#mode === null;
    this.#mode = mode;
    if (!runs) return;
    for (const hook of this.defined.before) await hook(mode);
    this.#benchmark = this.#withMode(begun(this.defined));
    this.#loop = this.#build();
  }

  /** Runs the hooks that end the phase. */
  async end(): Promise<void> {
    const mode = this.#mode;
    // Now, because without its phase the case may throw.
    if (mode === 'run') this.#empty ??= await this.#isAsEmpty();
    this.#mode = null;
    if (mode !== null) for (const hook of this.defined.after) await hook(mode);
  }

  #withMode(benchmark: Case): Case {
    const bound = (hooks: readonly Hook[]): readonly Hook[] => hooks.map((hook) => () => hook(this.#mode ?? 'run'));
    return { ...benchmark, beforeEach: bound(benchmark.beforeEach), afterEach: bound(benchmark.afterEach) };
  }

  /** Calls the function for the first time, which also shows whether it returns a promise. */
  async call(): Promise<Called> {
    const benchmark = this.#benchmark;
    if (benchmark.loop !== undefined) return { type: 'called', slice: await this.#slice(1), overrides: false };
    for (const hook of benchmark.beforeEach) await hook('run');
    await this.#collections.read();
    const read = this.#watch();
    const value = benchmark.fn();
    this.#done++;
    this.#async = isThenable(value);
    const overridden = overriddenDuration(this.#async ? await value : value);
    const timed = read(1, null, overridden === null ? null : overridden * 1e6);
    const slice = { ...timed, ...(await this.#collections.read()) };
    for (const hook of benchmark.afterEach) await hook('run');
    // An unhandled rejection surfaces in the next turn, before the answer.
    await turn();
    this.#overrides = overridden !== null;
    this.#loop = this.#build();
    this.#pace = slice.wall;
    return { type: 'called', slice, overrides: this.#overrides };
  }

  async warm(request: WarmRequest): Promise<Warmed> {
    if (request.inlined) {
      this.#inlined = true;
      this.#loop = this.#build();
    } else if (request.iterations === null) {
      await this.#probe();
    }
    const rates: number[] = [];
    const slice = async (iterations: number): Promise<Slice> => {
      const taken = await this.#slice(iterations, true);
      rates.push(this.#allocated / Math.min(taken.wall, taken.cpu ?? Infinity));
      return taken;
    };
    const warmed = await warmUp(slice, this.clocks, {
      pace: this.#pace,
      iterations: request.iterations,
      least: this.#inFlight,
      needed: this.settings.tiering === null ? 0 : callsNeeded(this.settings.tiering),
      ms: request.ms,
      used: processTime,
    });
    this.#pace = warmed.pace;
    const isQuiet = rates.length > 0 && rates.slice(-looks).every((rate) => rate >= 0 && rate < allocating);
    if (!isQuiet) touchYoung();
    collectYoung();
    return { type: 'warmed', ...warmed };
  }

  async slice(iterations: number): Promise<Sliced> {
    const wasAsync = this.#async;
    const worthwhile = Math.min(mostStretch * iterations, Math.floor(this.#around / this.#pace));
    const slice = await this.#slice(Math.max(iterations, this.#inFlight, worthwhile));
    return { type: 'sliced', slice, restarts: this.#async !== wasAsync };
  }

  async latency({ ms, iterations }: LatencyRequest): Promise<Timed> {
    const warm = {
      ...{ benchmark: this.#benchmark, loop: this.#loop, concurrency: this.#inFlight },
      ...{ async: this.#async, overrides: this.#overrides, pace: this.#pace },
    };
    return { type: 'timed', ...(await latencies(warm, ms, iterations, this.clocks)) };
  }

  startProfile(): void {
    startProfile();
    this.#before = this.#done;
  }

  stopProfile(): Profiled {
    return { type: 'profiled', profile: stopProfile(), iterations: this.#done - this.#before };
  }

  /** Ends the phase, and says what kind of function it was. */
  async close(): Promise<Closed> {
    await this.end();
    this.#collections.close();
    return { type: 'closed', mixed: this.#mixed, empty: this.#empty ?? false, async: this.#async };
  }

  async #slice(iterations: number, isWarmUp = false): Promise<Slice> {
    await this.#collections.read();
    const read = this.#watch();
    this.#done += iterations;
    const used = isWarmUp ? usedBytes() : 0;
    const running = this.#loop(iterations);
    const outside = 'then' in running ? await running : running;
    if (isWarmUp) this.#allocated = usedBytes() - used;
    const timed = read(iterations, outside, outside.told ?? null);
    const slice = { ...timed, ...(await this.#collections.read()) };
    if (this.#benchmark.loop !== undefined) this.#around = outside.wall;
    else if (!this.#async && isThenable(lastValue())) {
      // The function returned its first promise only now, so what was measured before was not its work.
      this.#mixed = true;
      await lastValue();
      this.#setAsync(true);
      return this.#slice(this.#inFlight, isWarmUp);
    }
    this.#pace = slice.wall / iterations;
    this.#least = Math.min(this.#least, this.#pace);
    return slice;
  }

  /** Starts the clocks. What it returns reads them; `wallNs` stands for the wall clock if the function tells its own duration. */
  #watch(): (iterations: number, outside: Outside | null, wallNs: number | null) => TimedSlice {
    const { clocks } = this;
    const before = clocks.schedule?.() ?? null;
    const cpu = clocks.cpu?.() ?? null;
    const wall = clocks.wall();
    return (iterations, outside, wallNs) => {
      const wallTime = Math.max(wallNs ?? clocks.wall() - wall - (outside?.wall ?? 0), 1);
      const cpuTime = cpu === null ? null : Math.max((clocks.cpu?.() ?? 0) - cpu - (outside?.cpu ?? 0), 1);
      const after = before === null ? null : (clocks.schedule?.() ?? null);
      return {
        ...{ iterations, wall: wallTime, cpu: cpuTime },
        queued: before === null || after === null ? null : after.queued - before.queued,
        waits: before === null || after === null ? null : after.waits - before.waits,
      };
    };
  }

  /** Calls the function a few more times, to see if it returns a promise only on its first call, or only on later ones. */
  async #probe(): Promise<void> {
    const { clocks } = this;
    const benchmark = this.#benchmark;
    if (this.#overrides || this.#pace > longNs || benchmark.loop !== undefined) return;
    let promises = 0;
    let calls = 0;
    for (const end = clocks.wall() + probeNs; calls < probes && (calls < leastProbes || clocks.wall() < end); calls++) {
      for (const hook of benchmark.beforeEach) await hook('run');
      const value = benchmark.fn();
      if (isThenable(value)) promises++;
      await value;
      for (const hook of benchmark.afterEach) await hook('run');
    }
    this.#mixed = promises > 0 && promises < calls;
    if (promises > 0 !== this.#async) this.#setAsync(promises > 0);
  }

  #setAsync(async: boolean): void {
    this.#async = async;
    this.#empty = null;
    this.#loop = this.#build();
  }

  #build(): Loop {
    const { clocks } = this;
    const kind = {
      async: this.#async,
      overrides: this.#overrides,
      concurrency: this.#concurrency,
      inlined: this.#inlined,
    };
    return buildLoop(this.#benchmark, kind, clocks);
  }

  get #inFlight(): number {
    return this.#async && !this.#overrides ? this.#concurrency : 1;
  }

  /** What the budget says, or else the bench file. */
  get #concurrency(): number {
    const { concurrency } = this.settings;
    return concurrency > 1 ? concurrency : Math.max(1, Math.floor(this.defined.concurrency ?? 1));
  }

  async #isAsEmpty(): Promise<boolean> {
    if (this.#overrides || this.#inFlight > 1 || this.#least > something[this.#async ? 'async' : 'sync']) return false;
    const options = { async: this.#async, inlined: this.#inlined, clocks: this.clocks };
    // These calls are ours: what throws only now, such as an iterator at its end, was measured, and does something.
    return isAsEmpty(this.#loop, this.#benchmark, options).catch(() => false);
  }
}
