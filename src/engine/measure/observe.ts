import type { Observation } from '../../core/results/observations.js';
import {
  retainedMetrics,
  runningMetrics,
  attemptMetrics,
  type AttemptFigures,
} from '../../core/results/observations.js';
import type { RunFailure } from '../../core/results/measurement.js';
import { err, ok, type Result } from '../../core/result.js';
import type { Observed as Answer, ObserveRequest, SideName } from '../../worker/protocol.js';
import { Cooldown } from '../workers/cooldown.js';
import type { Aborted, RequestOptions, BenchmarkWorkers } from '../workers/benchmark-workers.js';
import type { Target } from './target.js';
import type { Side } from '../../core/stats/estimate.js';

/** Milliseconds of what one process runs for `running`. */
const sampleMs = 150;
/** How many processes a side: what a single one shows may be its own. */
const processes = 3;
/** As few as show a spread: what one process reports once would pass for a fact. */
const leastProcesses = 2;
/** Into how many parts the time is cut for what one process may take. */
const share = { running: processes, cycles: 2, attempts: 1 } as const;
/** As many crashes are as plain as more. */
const mostCrashes = 10;

/** A `Target` of which something is to be observed. `timeMs` is for each kind of observation. */
export type ObserveTarget = Pick<Target, 'name' | 'benchFile' | 'current' | 'baseline' | 'timeMs'> & {
  readonly observe: Observation;
  readonly settings: Pick<Target['settings'], 'runs'>;
};

/** What was read off a benchmark besides its time. */
export interface ObservedMetrics {
  /** To be spread into `Side.metrics`. */
  readonly current: Side['metrics'];
  /** Null where no check asks for it, or the old code could not be run. */
  readonly baseline: Side['metrics'] | null;
  /** A sentence for the user: what the errors were, why the old code could not run. */
  readonly note: string | null;
  /** Why some of the metrics are missing. */
  readonly failure: RunFailure | null;
}

type OnAttempts = NonNullable<RequestOptions['onAttempts']>;
/** Observes one side in a fresh process. */
type ObserveSide = (
  side: SideName,
  what: ObserveRequest['what'],
  onAttempts?: OnAttempts,
) => Promise<Result<Answer, RunFailure>>;

/** Thrown here and caught here: nobody waits any more. */
class Abort extends Error {}

/**
 * Observes one benchmark in fresh processes that do nothing else, its sides in turns. What one kind of observation cannot
 * do costs neither the other kinds nor the other side.
 */
export async function observe(
  target: ObserveTarget,
  workers: BenchmarkWorkers,
  options: { readonly signal: AbortSignal },
  cooldown = new Cooldown(0, options.signal),
): Promise<Result<ObservedMetrics, Aborted>> {
  const { observe: wanted, current, timeMs } = target;
  const old = wanted.baseline && target.baseline !== current ? target.baseline : null;
  const sides: SideName[] = old === null ? ['current'] : ['current', 'baseline'];
  const runs = { least: target.settings.runs ?? leastProcesses, most: target.settings.runs ?? processes };
  const observeSide: ObserveSide = async (side, what, onAttempts) => {
    const request: ObserveRequest = {
      type: 'observe',
      ...{ name: target.name, benchFile: target.benchFile, side, what },
      bundle: side === 'current' || old === null ? current : old,
      deadlineMs: timeMs / share[what.kind],
    };
    const limits = { ...options, timeoutMs: 2 * timeMs + 8_000, ...(onAttempts !== undefined && { onAttempts }) };
    const answer = await cooldown.turn(() => workers.request(request, limits));
    if (!answer.ok) {
      if (answer.error.kind === 'aborted') throw new Abort();
      return err(answer.error);
    }
    if (answer.value.type !== 'observed') throw new Error(`a worker answered ${answer.value.type} to observe`);
    return ok(answer.value);
  };

  const found = { current: {}, baseline: {} } satisfies Record<SideName, Side['metrics']>;
  const failures: Partial<Record<SideName, RunFailure>> = {};
  const notes: string[] = [];
  const take = (side: SideName, taken: Result<Side['metrics'], RunFailure>): void => {
    if (taken.ok) Object.assign(found[side], taken.value);
    else failures[side] ??= taken.error;
  };
  try {
    if (wanted.attempts !== null) {
      for (const side of sides) {
        const attempts = await attempt(side, wanted.attempts, observeSide);
        take(side, attempts.ok ? ok(attemptMetrics(attempts.value)) : attempts);
        if (side === 'current' && attempts.ok) notes.push(...attempts.value.notes);
      }
    }
    const { cycles } = wanted;
    if (wanted.running) {
      const what = { kind: 'running', sampleMs } as const;
      const answers = await inTurns(sides, runs, timeMs, cooldown, (side) => observeSide(side, what));
      for (const side of sides) {
        const figures = answers[side].ok
          ? answers[side].value.flatMap((one) => (one.kind === 'running' ? one.figures : []))
          : [];
        take(side, answers[side].ok ? ok(runningMetrics(figures)) : answers[side]);
      }
    }
    if (cycles !== null) {
      const answers = await inTurns(sides, runs, timeMs, cooldown, (side) =>
        observeSide(side, { kind: 'cycles', cycles }),
      );
      for (const side of sides) {
        const points = answers[side].ok
          ? answers[side].value.flatMap((one) => (one.kind === 'cycles' ? [one.points] : []))
          : [];
        const metrics = retainedMetrics(points, cycles);
        take(side, answers[side].ok ? ok(metrics) : answers[side]);
        if (answers[side].ok && metrics['retained'] === undefined)
          notes.push('retained needs three cycles, which did not fit into the time: set a longer "time"');
      }
    }
  } catch (error) {
    if (error instanceof Abort) return err({ kind: 'aborted' });
    throw error;
  }
  if (failures.baseline !== undefined)
    notes.push(`the old code cannot run this benchmark: ${failures.baseline.message}`);
  const same = wanted.baseline && target.baseline === current;
  const isThere = old !== null && Object.keys(found.baseline).length > 0;
  return ok({
    current: found.current,
    baseline: same ? found.current : isThere ? found.baseline : null,
    note: notes.length === 0 ? null : notes.join('; '),
    failure: failures.current ?? null,
  });
}

/** So many processes of every side, whoever comes second coming first in the next round; more while there is time. */
async function inTurns(
  sides: readonly SideName[],
  runs: { readonly least: number; readonly most: number },
  timeMs: number,
  clock: Pick<Cooldown, 'now'>,
  observeSide: (side: SideName) => Promise<Result<Answer, RunFailure>>,
): Promise<Record<SideName, Result<Answer[], RunFailure>>> {
  const taken: Record<SideName, Result<Answer[], RunFailure>> = { current: ok([]), baseline: ok([]) };
  const started = clock.now();
  for (let round = 0; round < runs.most; round++) {
    const elapsed = clock.now() - started;
    if (round >= runs.least && elapsed + elapsed / round > timeMs) break;
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const so = taken[side];
      if (!so.ok) continue;
      const answer = await observeSide(side);
      taken[side] = answer.ok ? ok([...so.value, answer.value]) : answer;
    }
  }
  return taken;
}

/** All iterations, in one process where it lives so long; after each that does not, a fresh one goes on with the rest. */
async function attempt(
  side: SideName,
  { iterations, concurrency }: { readonly iterations: number; readonly concurrency: number },
  observeSide: ObserveSide,
): Promise<Result<AttemptFigures & { readonly notes: readonly string[] }, RunFailure>> {
  const sum = { iterations: 0, errors: 0, crashes: 0 };
  let threw: string | null = null;
  let crashed: string | null = null;
  while (sum.iterations < iterations && sum.crashes < mostCrashes) {
    let last: Parameters<OnAttempts>[0] = { iterations: 0, errors: 0, message: null };
    const what = { kind: 'attempts', iterations: iterations - sum.iterations, concurrency } as const;
    const answer = await observeSide(side, what, (attempts) => (last = attempts));
    if (answer.ok && answer.value.kind === 'attempts') last = answer.value.attempts;
    if (!answer.ok && !isCrash(answer.error)) return answer;
    // What died with the process was at least one iteration.
    sum.iterations += last.iterations + (answer.ok ? 0 : 1);
    sum.errors += last.errors;
    threw ??= last.message;
    if (answer.ok) break;
    sum.crashes++;
    crashed ??= answer.error.message;
  }
  const notes: string[] = [];
  if (threw !== null) notes.push(`${sum.errors} of ${sum.iterations} iterations failed, the first with: ${threw}`);
  if (crashed !== null) notes.push(`${sum.crashes} ${sum.crashes === 1 ? 'crash' : 'crashes'}, the first: ${crashed}`);
  return ok({ ...sum, notes });
}

const isCrash = ({ kind }: RunFailure): boolean => kind === 'crashed' || kind === 'exited' || kind === 'memory';
