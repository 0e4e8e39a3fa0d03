import {
  comparisonOfEqual,
  firstDifference,
  firstSpot,
  type Answer,
  type AnswerComparison,
  type AnswerSpot,
} from '../../core/results/answers.js';
import { err, ok, type Result } from '../../core/result.js';
import type { ObserveRequest, SideName } from '../../worker/protocol.js';
import type { Aborted, BenchmarkWorkers } from '../workers/benchmark-workers.js';
import type { Cooldown } from '../workers/cooldown.js';
import type { Target } from './target.js';

/** How many calls are compared. Later ones often repeat the inputs. */
const calls = 3;
/** How many more processes of each side must agree before a difference is one: an answer may be random. */
const again = 2;

/** Compares what old and new code return, each in processes of its own. Null if there is no old code. */
export async function compareAnswers(
  target: Pick<Target, 'name' | 'benchFile' | 'current' | 'baseline' | 'launch' | 'timeMs'>,
  workers: BenchmarkWorkers,
  options: { readonly signal: AbortSignal },
  cooldown: Cooldown,
): Promise<Result<AnswerComparison | null, Aborted>> {
  const { name, benchFile, launch, timeMs } = target;
  const bundles: Readonly<Record<SideName, string | null>> = target;
  if (bundles.baseline === null) return ok(null);
  /** Throws `Failed` if the side fails. */
  const ask = async (side: SideName, show: AnswerSpot | null): Promise<readonly Answer[]> => {
    const bundle = bundles[side] ?? '';
    const what = { kind: 'answers', calls, show } as const;
    const asked = { type: 'observe', name, benchFile, launch, side, bundle, what } as const;
    const request: ObserveRequest = { ...asked, deadlineMs: timeMs / 2 };
    const limits = { ...options, timeoutMs: 2 * timeMs + 8_000 };
    const answer = await cooldown.turn(() => workers.request(request, limits));
    if (!answer.ok) {
      if (answer.error.kind === 'aborted') throw new Abort();
      throw new Failed(answer.error.message);
    }
    const { value } = answer;
    if (value.type !== 'observed' || value.kind !== 'answers') throw new Error(`a worker answered ${value.type}`);
    return value.answers;
  };
  try {
    const current = await ask('current', null);
    const baseline = await ask('baseline', null);
    const spot = firstSpot(current, baseline);
    if (spot === null) return ok(comparisonOfEqual(current));
    const shown = { current: [] as readonly Answer[], baseline: [] as readonly Answer[] };
    for (let round = 0; round < again; round++) {
      for (const side of ['baseline', 'current'] as const) {
        const repeated = await ask(side, spot);
        if (firstSpot(repeated, side === 'current' ? current : baseline) !== null) return ok({ kind: 'varies' });
        shown[side] = repeated;
      }
    }
    const { call } = spot;
    return ok(firstDifference(call, shown.current[call]?.shown ?? [], shown.baseline[call]?.shown ?? []));
  } catch (error) {
    if (error instanceof Abort) return err({ kind: 'aborted' });
    if (error instanceof Failed) return ok({ kind: 'failed', why: error.message });
    throw error;
  }
}

/** Thrown and caught in this file when the run is aborted. */
class Abort extends Error {}

/** Thrown and caught in this file when a side fails. */
class Failed extends Error {}
