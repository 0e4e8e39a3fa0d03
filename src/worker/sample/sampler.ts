import { Collections } from './collections.js';
import type { Slice } from '../../core/stats/slices.js';
import type { Case } from '../collect/case.js';
import type { Called, Closed, LatencyRequest, OpenRequest, Sliced, Timed, Warmed, WarmRequest } from '../protocol.js';
import type { Clocks } from './clock.js';
import { emptyTime } from './empty.js';
import { collectYoung, turn } from './garbage.js';
import { latencies } from './latency.js';
import { buildLoop, isThenable, lastValue, overriddenDuration, type Loop, type Outside } from './loop.js';
import { callsNeeded } from './tiers.js';
import { warmUp } from './warm-up.js';

/** How many calls show whether a function returns promises, and the nanoseconds that they may take together. */
const probes = 64;
const probeNs = 2e6;
/** At least so many, unless one takes longer than this. */
const leastProbes = 3;
const longNs = 10e6;
/** Nanoseconds per iteration above which a function surely does something: one that returns a promise, and any other. */
const something = { async: 200, sync: 5 };

type TimedSlice = Omit<Slice, 'collections' | 'collecting'>;

/** Returns the nanoseconds of processor time that all threads of this process have used. */
function processTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e3;
}

/** Measures one benchmark step by step, as the engine asks. Throws what the user's code throws. */
export class Sampler {
  #loop: Loop;
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
  readonly #collections = new Collections();

  constructor(
    readonly benchmark: Case,
    readonly settings: Pick<OpenRequest, 'concurrency' | 'tiering'>,
    readonly clocks: Clocks,
  ) {
    this.#loop = this.#build();
  }

  /** Runs the hooks that run once, before the first call. */
  async prepare(): Promise<void> {
    for (const hook of this.benchmark.before) await hook('run');
  }

  /** Calls the function for the first time, which also shows whether it returns a promise. */
  async call(): Promise<Called> {
    const { benchmark } = this;
    for (const hook of benchmark.beforeEach) await hook('run');
    await this.#collections.read();
    const read = this.#watch();
    const value = benchmark.fn();
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
    const warmed = await warmUp((iterations) => this.#slice(iterations), this.clocks, {
      pace: this.#pace,
      iterations: request.iterations,
      least: this.#inFlight,
      needed: this.settings.tiering === null ? 0 : callsNeeded(this.settings.tiering),
      ms: request.ms,
      used: processTime,
    });
    this.#pace = warmed.pace;
    collectYoung();
    return { type: 'warmed', ...warmed };
  }

  async slice(iterations: number): Promise<Sliced> {
    const wasAsync = this.#async;
    const slice = await this.#slice(Math.max(iterations, this.#inFlight));
    return { type: 'sliced', slice, restarts: this.#async !== wasAsync };
  }

  async latency({ ms, iterations }: LatencyRequest): Promise<Timed> {
    const warm = {
      ...{ benchmark: this.benchmark, loop: this.#loop, concurrency: this.#inFlight },
      ...{ async: this.#async, overrides: this.#overrides, pace: this.#pace },
    };
    return { type: 'timed', ...(await latencies(warm, ms, iterations, this.clocks)) };
  }

  /** Runs the hooks that run once, after the last call. */
  async close(): Promise<Closed> {
    for (const hook of this.benchmark.after) await hook('run');
    this.#collections.close();
    return {
      type: 'closed',
      mixed: this.#mixed,
      empty: await this.#empty(),
      async: this.#async,
    };
  }

  async #slice(iterations: number): Promise<Slice> {
    await this.#collections.read();
    const read = this.#watch();
    const running = this.#loop(iterations);
    const outside = 'then' in running ? await running : running;
    const timed = read(iterations, outside, null);
    const slice = { ...timed, ...(await this.#collections.read()) };
    if (!this.#async && isThenable(lastValue())) {
      // The function returned its first promise only now, so what was measured before was not its work.
      this.#mixed = true;
      await lastValue();
      this.#setAsync(true);
      return this.#slice(this.#inFlight);
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
    if (this.#overrides || this.#pace > longNs) return;
    const { benchmark, clocks } = this;
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
    this.#loop = this.#build();
  }

  #build(): Loop {
    const { benchmark, clocks, settings } = this;
    const kind = {
      async: this.#async,
      overrides: this.#overrides,
      concurrency: settings.concurrency,
      inlined: this.#inlined,
    };
    return buildLoop(benchmark, kind, clocks);
  }

  get #inFlight(): number {
    return this.#async && !this.#overrides ? this.settings.concurrency : 1;
  }

  async #empty(): Promise<number | null> {
    if (this.#overrides || this.#inFlight > 1) return null;
    if (this.#least > something[this.#async ? 'async' : 'sync']) return null;
    return emptyTime(this.benchmark, { async: this.#async, inlined: this.#inlined, now: this.clocks.wall });
  }
}
