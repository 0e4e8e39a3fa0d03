import { err, ok, type Result } from '../../src/core/result.js';
import type { RunFailure } from '../../src/core/results/measurement.js';
import type {
  Aborted,
  BenchmarkAnswer,
  BenchmarkRequest,
  BenchmarkWorkers,
  Measured,
  MeasureRequest,
  RequestOptions,
} from '../../src/engine/workers/benchmark-workers.js';
import type { SideName } from '../../src/worker/protocol.js';

/** What a request is answered with; figures stand for themselves, and a failure has a `kind`. */
export type Script = (
  request: BenchmarkRequest,
  count: number,
  options: RequestOptions,
) => BenchmarkAnswer | RunFailure | null;

/** Workers that start no process, and answer as a test says; null is never an answer. */
export class ScriptedWorkers implements BenchmarkWorkers {
  readonly requests: { readonly request: BenchmarkRequest; readonly options: RequestOptions }[] = [];

  constructor(readonly script: Script) {}

  prepare(): void {
    // Nothing has to start.
  }

  dispose(): void {
    // Nothing has started.
  }

  async request(
    request: BenchmarkRequest,
    options: RequestOptions,
  ): Promise<Result<BenchmarkAnswer, RunFailure | Aborted>> {
    const { signal } = options;
    const aborted = err({ kind: 'aborted' } as const);
    if (signal.aborted) return aborted;
    this.requests.push({ request, options });
    const answer = this.script(request, this.requests.length, options);
    if (answer === null) return new Promise((resolve) => signal.addEventListener('abort', () => resolve(aborted)));
    return 'type' in answer ? ok(answer) : err(answer);
  }
}

/** The answer of processes in which an iteration of each side takes so many nanoseconds. */
export function measured(
  { sides }: MeasureRequest,
  times: Readonly<Partial<Record<SideName, number>>>,
  rest: Partial<Omit<Measured, 'type' | 'sides'>> = {},
): Measured {
  const { current, baseline } = times;
  const isPair = sides.length === 2 && current !== undefined && baseline !== undefined;
  return {
    type: 'measured',
    sides: sides.map(({ side }) => ({
      ...{ side, time: times[side] ?? NaN },
      ...{ iterations: 100, latencies: new Float64Array(), batch: 1 },
    })),
    logRatio: isPair ? Math.log(current / baseline) : null,
    ...{ clock: 'cpu', slices: 8, nothing: false, asEmpty: false, mixed: false, isHot: true },
    ...{ loadMs: 0, busyMs: 100, ...rest },
  };
}
