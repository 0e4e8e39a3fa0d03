import * as v from 'valibot';
import {
  around,
  figure,
  maybe,
  metrics,
  number,
  parse,
  pathOf,
  rateOf,
  some,
  ns,
  type ReadBenchmark,
  type Output,
  type Reading,
} from './reader.js';

const statistics = v.object({
  mean: number,
  min: maybe,
  max: maybe,
  p50: maybe,
  p75: maybe,
  p99: maybe,
  p995: maybe,
  p999: maybe,
  sem: maybe,
  mad: maybe,
  samplesCount: maybe,
});

export const tinybenchResult = v.object({ latency: statistics, throughput: v.object({ mean: number }) });

/** Returns the metrics of a result of tinybench 6, which vitest 5 prints too. Latencies are in milliseconds. */
export function tinybenchMetrics({ latency }: v.InferOutput<typeof tinybenchResult>): ReadBenchmark['metrics'] {
  const { mean, p50, sem, mad, samplesCount: samples } = latency;
  const of = (value: number | undefined, ends = {}) => figure(value, 'ns', ns.ms, { ...ends, samples });
  // The standard error of a median is √(π/2) times that of a mean, and 1.4826 mad is a deviation that outliers do not move.
  const spread = mad === undefined || samples === undefined ? undefined : (1.2533 * 1.4826 * mad) / Math.sqrt(samples);
  const median = of(p50, around(p50, spread));
  const average = of(mean, around(mean, sem));
  const { min, max, p75, p99, p995, p999 } = latency;
  return metrics({
    time: median ?? average,
    throughput: rateOf(median ?? average),
    ...{ mean: average, median, min: of(min), max: of(max) },
    ...{ p75: of(p75), p99: of(p99), 'p99.5': of(p995), 'p99.9': of(p999) },
  });
}

const unfinished = v.object({ state: v.string(), latency: v.optional(v.never()) });
const task = v.object({ name: v.string(), result: v.union([tinybenchResult, unfinished]) });
const schema = v.union([
  v.pipe(v.array(task), v.minLength(1)),
  v.pipe(
    v.object({ name: v.optional(v.string()), tasks: v.array(task) }),
    v.transform(({ name, tasks }) => tasks.map((one) => ({ ...one, name: pathOf(name, one.name) }))),
  ),
]);

/** Reads tinybench 6's `bench.tasks` as JSON, each with `name` and `result`, or `{ name, tasks }`. Failed tasks are left out. */
export function readTinybench(output: Output): Reading {
  const tasks = parse(schema, output);
  if (!tasks.ok) return tasks;
  const measured = tasks.value.flatMap(({ name, result }) =>
    'throughput' in result ? [{ name, metrics: tinybenchMetrics(result) }] : [],
  );
  return some(measured, 'No task in the output has a result: all of them failed.');
}
