// What the user's code has put in their place does not count.
import { setImmediate, setTimeout } from 'node:timers';
import type { Case } from './case.js';
import { Collector, Refusal, type Failure } from './collector.js';
import { guard, type Ended } from './guard.js';
import type { Reports } from './reports.js';
import { isA, Signal } from './signal.js';
import { isSameName } from './same-name.js';
import { standIns } from './stand-ins.js';

export type Collected =
  | {
      readonly kind: 'cases';
      readonly cases: readonly Case[];
      /** The names of those that can be measured one after the other, without loading the bundle again. */
      readonly together: readonly string[];
      /** What suites and tests threw, so that what they would have defined is not among the cases. */
      readonly failures: readonly Failure[];
      /** Runs what the file defers until all measurements are done: vitest's `afterAll`, the rest of a test. */
      readonly end: () => Promise<void>;
      /** What the file reports with `report()`, now and while its cases run. */
      readonly reports: Reports;
    }
  | { readonly kind: 'threw'; readonly error: unknown };

export interface Settings {
  /** How long to wait for a script that stays alive but defines nothing more, in milliseconds. */
  readonly graceMs?: number;
  /** Whether the script is also held at a name that is like `wanted` but for a part that each load makes anew. */
  readonly isAlike?: boolean;
  /** The worker's own channel, which must not keep the process alive while the worker waits for the script's end. */
  readonly channel?: { readonly ref: () => void; readonly unref: () => void } | null;
}

/**
 * Loads a bundle and gathers the cases that it defines.
 *
 * With `wanted`, the script is held where it runs the case of that name, and never continues. All other runs (all runs, if
 * `wanted` is null) return results of zero at once, so that the script goes on and defines its later cases. Resolves when the
 * script is held or has nothing left to do.
 */
export async function collect(
  load: () => Promise<unknown>,
  wanted: string | null,
  { graceMs = 1000, channel = null, isAlike = false }: Settings = {},
): Promise<Collected> {
  const collector = new Collector(wanted, standIns, isAlike ? isSameName : undefined);
  const watch = guard(collector, channel);
  const state = { isLoaded: false };
  const evaluated = (async () => {
    await load();
    state.isLoaded = true;
    await collector.settle();
    if (!collector.declarative) await quiet(collector, wanted, graceMs);
  })();
  let ended: Ended | null = null;
  try {
    ended = await Promise.race([collector.held.then(() => null), watch.ended, evaluated.then(() => null)]);
  } catch (error) {
    // What fails on a made-up result would not have failed on a real one.
    if (!isA(error, Signal) && !collector.pretended) return { kind: 'threw', error };
  } finally {
    // By the next turn, a signal that was thrown has been caught or has become a rejection.
    await new Promise((resolve) => setImmediate(resolve));
    watch.release();
  }
  // The script may have caught it.
  if (collector.refused !== null) return { kind: 'threw', error: new Refusal(collector.refused) };
  const { cases, together, reports, failures } = collector;
  // Scripts end themselves when their work is done.
  const isPremature = ended !== null && (ended.kind === 'exit' || !state.isLoaded);
  if (ended !== null && isPremature && (collector.declarative || cases.length === 0))
    return { kind: 'threw', error: new Refusal(`the bench file ${ended.words}`) };
  return { kind: 'cases', cases, together, failures, end: () => collector.end(), reports };
}

/** Waits for a script that something keeps alive after its evaluation; one that has nothing left to do ends by itself. */
async function quiet(collector: Collector, wanted: string | null, graceMs: number): Promise<void> {
  for (let waited = 0, seen = collector.activity; ; waited++, seen = collector.activity) {
    // A wanted case may be defined but not run yet, and a script without cases may still be loading its data.
    if (waited >= (wanted === null && collector.cases.length > 0 ? 1 : 10)) return;
    await new Promise((resolve) => setTimeout(resolve, graceMs).unref());
    if (collector.activity !== seen) waited = -1;
  }
}
