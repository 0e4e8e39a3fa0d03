import type { Machine } from '../../core/results/measurement.js';
import type { BenchmarkWorkers } from '../workers/benchmark-workers.js';
import type { Log } from '../util/log.js';
import { powerSource } from '../workers/machine.js';
import { measure } from './paired.js';
import type { Target } from './target.js';
import type { Noise } from './noise.js';

const usual = {
  /** How long nothing may have happened before a run starts. */
  waitMs: 20_000,
  /** The longest that one benchmark may take. */
  runMs: 2_000,
  /** How long to wait before the same benchmark may run again. */
  againMs: 3_600_000,
  /** How many runs a session may have. */
  most: 6,
};

/** The instances of all projects in this process, because each one's work is noise to the others. */
const all = new Set<Idle>();

/**
 * Measures code against itself while nothing else runs, to learn the noise floor of this machine: the same bundle is loaded
 * as two modules, so that all differences are chance. Stops at once when anything else wants to run, and never runs on
 * battery. For editors; the command line is never idle.
 */
export class Idle {
  readonly #times: typeof usual;
  /** By name, the most recently measured last. */
  readonly #targets = new Map<string, Target>();
  readonly #ran = new Map<string, number>();
  #runs = 0;
  #isBusy = false;
  #timer: NodeJS.Timeout | undefined;
  #run: AbortController | null = null;

  constructor(
    readonly parts: {
      readonly workers: BenchmarkWorkers;
      readonly noise: Noise;
      readonly log: Log;
      readonly power?: () => Promise<Machine['power']>;
      readonly now?: () => number;
    },
    times: Partial<typeof usual> = {},
  ) {
    this.#times = { ...usual, ...times };
    all.add(this);
  }

  /** Adds a target that was just measured, because its noise is worth knowing. */
  measured(target: Target): void {
    this.#targets.delete(target.name);
    this.#targets.set(target.name, target);
  }

  /** The URLs of the files that it may still run. */
  get urls(): readonly string[] {
    return [...this.#targets.values()].flatMap(({ current, launch }) => [current, launch?.prelude ?? []].flat());
  }

  /** Something else runs until `rest` is called. Aborts all idle runs before it returns. */
  busy(): void {
    this.#isBusy = true;
    for (const one of all) one.#stop();
  }

  rest(): void {
    this.#isBusy = false;
    this.touch();
  }

  /** Something happened: starts the wait again. */
  touch(): void {
    for (const one of all) {
      one.#stop();
      one.#wait();
    }
  }

  dispose(): void {
    this.#stop();
    all.delete(this);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#run?.abort();
    this.#run = null;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    const target = this.#next();
    if (target === undefined || this.#runs >= this.#times.most) return;
    const start = (): void =>
      void this.#measure(target).catch((error: unknown) => this.parts.log.error(`idle: ${String(error)}`));
    this.#timer = setTimeout(start, this.#times.waitMs).unref();
  }

  /** Returns the most recently measured target that was not run here within `againMs`. */
  #next(): Target | undefined {
    const since = this.#now() - this.#times.againMs;
    return [...this.#targets.values()].findLast(({ name }) => (this.#ran.get(name) ?? -Infinity) <= since);
  }

  async #measure(target: Target): Promise<void> {
    if ([...all].some((one) => one.#isBusy || one.#run !== null)) return;
    const controller = new AbortController();
    this.#run = controller;
    const { workers, noise, log } = this.parts;
    const { signal } = controller;
    if ((await (this.parts.power ?? powerSource)()) === 'battery' || signal.aborted) {
      if (this.#run === controller) this.#run = null;
      return;
    }
    this.#runs++;
    this.#ran.set(target.name, this.#now());
    const { runMs } = this.#times;
    // The last process may be slower than the others, and a run that takes too long teaches nothing.
    const timeMs = 0.75 * runMs;
    // A different query loads the same text as a second module, with compiled code and feedback of its own.
    const beside: Target = {
      ...target,
      baseline: `${target.current}?again`,
      latency: 'none',
      observe: null,
      comparesAnswers: false,
      timeMs,
    };
    const learn = (logRatios: readonly number[]): void => noise.learn(target.name, logRatios, 'same');
    const late = setTimeout(() => controller.abort(), runMs);
    const result = await measure(beside, workers, () => 'open', { signal, learn });
    clearTimeout(late);
    if (result.ok) log.debug(`idle: ${target.name} beside itself, ${JSON.stringify(result.value.comparison)}`);
    if (this.#run !== controller) return;
    this.#run = null;
    this.#wait();
  }

  #now(): number {
    return (this.parts.now ?? Date.now)();
  }
}
