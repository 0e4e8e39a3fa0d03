import { err, ok, type Result } from '../../core/result.js';
import type { RunFailure } from '../../core/results/measurement.js';
import type { Measured, MeasureRequest } from '../../worker/protocol.js';
import type { Aborted, RequestOptions, BenchmarkWorkers } from '../workers/benchmark-workers.js';

/**
 * Measures the first, cold call of a benchmark. Each side gets a fresh process of its own, in the request's order, because in
 * a shared one the first would load and compile code for the second. Answers as one process with both sides would: the
 * single iteration of each side is both its time and its latency.
 */
export async function measureCold(
  request: MeasureRequest,
  workers: BenchmarkWorkers,
  options: RequestOptions,
): Promise<Result<Measured, RunFailure | Aborted>> {
  const sides: Measured['sides'][number][] = [];
  const clocks: Measured['clock'][] = [];
  let busyMs = 0;
  for (const side of request.sides) {
    // With no time left from the start, only the first call is measured.
    const cold: MeasureRequest = { ...request, sides: [side], deadlineMs: 0, warmup: 0, latency: null };
    const answer = await workers.request(cold, options);
    if (!answer.ok) return answer.error.kind === 'aborted' ? answer : err({ ...answer.error, side: side.side });
    if (answer.value.type !== 'measured') throw new Error(`a worker answered ${answer.value.type} to measure`);
    clocks.push(answer.value.clock);
    busyMs += answer.value.busyMs;
    sides.push(...answer.value.sides.map((one) => ({ ...one, latencies: Float64Array.of(one.time), batch: 1 })));
  }
  const current = sides.find((one) => one.side === 'current');
  const baseline = sides.find((one) => one.side === 'baseline');
  const logRatio =
    current === undefined || baseline === undefined ? null : Math.log(current.time) - Math.log(baseline.time);
  return ok({
    type: 'measured',
    sides,
    logRatio,
    clock: clocks.every((clock) => clock === 'cpu') ? 'cpu' : 'wall',
    slices: sides.length,
    ...{ nothing: false, mixed: false, busyMs },
  });
}
