import * as l10n from '@vscode/l10n';
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

/** How long one process runs for `running`, in milliseconds. */
const sampleMs = 150;
/** How many processes to run for each side, because a single one may be peculiar. */
const processes = 3;
/** The fewest that show a spread. A single value would pass for a fact. */
const leastProcesses = 2;
/** One process may take the time divided by this. */
const share = {
  ...{ running: processes, cycles: 2, allocations: 1, retainers: 1, attempts: 1, answers: 2, steady: 1 },
} as const;
/** After this many crashes, more would tell us nothing new. */
const mostCrashes = 10;

/** A `Target` to observe. `timeMs` applies to each kind of observation. */
export type ObserveTarget = Pick<Target, 'name' | 'benchFile' | 'current' | 'baseline' | 'launch' | 'timeMs'> & {
  readonly observe: Observation;
  readonly settings: Pick<Target['settings'], 'runs'>;
};

/** The figures of a benchmark besides its time. */
export interface ObservedMetrics {
  /** To spread into `Side.metrics`. */
  readonly current: Side['metrics'];
  /** Null if no check needs it, or if the old code could not run. */
  readonly baseline: Side['metrics'] | null;
  /** A sentence for the user: which errors there were, why the old code could not run. */
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

/** Thrown and caught in this file when the run is aborted. */
class Abort extends Error {}

/**
 * Observes one benchmark in fresh processes that do nothing else, alternating between its sides. If one kind of observation
 * fails on one side, the other kinds and the other side still get their figures.
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
      launch: target.launch,
      bundle: side === 'current' || old === null ? current : old,
      deadlineMs: timeMs / share[what.kind],
    };
    const limits = { ...options, timeoutMs: 2 * timeMs + 8_000, ...(onAttempts !== undefined && { onAttempts }) };
    const answer = await cooldown.turn(() => workers.request(request, limits));
    if (!answer.ok) {
      if (answer.error.kind === 'aborted') throw new Abort();
      return err({ ...answer.error, side });
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
          notes.push(l10n.t('retained needs three cycles, which did not fit into the time: set a longer "time"'));
      }
    }
  } catch (error) {
    if (error instanceof Abort) return err({ kind: 'aborted' });
    throw error;
  }
  if (failures.baseline !== undefined)
    notes.push(l10n.t`the old code cannot run this benchmark: ${failures.baseline.message}`);
  const same = wanted.baseline && target.baseline === current;
  const isThere = old !== null && Object.keys(found.baseline).length > 0;
  return ok({
    current: found.current,
    baseline: same ? found.current : isThere ? found.baseline : null,
    note: notes.length === 0 ? null : notes.join('; '),
    failure: failures.current ?? null,
  });
}

/** Runs `runs.least` processes of each side, then more while there is time. The sides swap order in every round. */
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

/** Runs all iterations in one process. If it crashes, a fresh one continues with the rest. */
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
    // At least one iteration died with the process.
    sum.iterations += last.iterations + (answer.ok ? 0 : 1);
    sum.errors += last.errors;
    threw ??= last.message;
    if (answer.ok) break;
    sum.crashes++;
    crashed ??= answer.error.message;
  }
  const notes: string[] = [];
  if (threw !== null)
    notes.push(l10n.t`${sum.errors} of ${sum.iterations} iterations failed, the first with: ${threw}`);
  if (crashed !== null)
    notes.push(
      sum.crashes === 1
        ? l10n.t`${sum.crashes} crash, the first: ${crashed}`
        : l10n.t`${sum.crashes} crashes, the first: ${crashed}`,
    );
  return ok({ ...sum, notes });
}

const isCrash = ({ kind }: RunFailure): boolean => kind === 'crashed' || kind === 'exited' || kind === 'memory';
