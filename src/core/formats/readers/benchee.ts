import * as v from 'valibot';
import {
  around,
  distribution,
  figure,
  maybe,
  metrics,
  parse,
  pathOf,
  rateOf,
  samples,
  some,
  type Output,
  type Reading,
} from './reader.js';

const data = v.object({
  statistics: v.nullish(
    v.object({
      average: maybe,
      median: maybe,
      minimum: maybe,
      maximum: maybe,
      std_dev: maybe,
      sample_size: maybe,
      percentiles: v.nullish(v.record(v.string(), maybe)),
    }),
  ),
  samples: v.nullish(samples),
});
const schema = v.array(
  v.object({
    job_name: v.string(),
    name: v.optional(v.string()),
    input_name: v.nullish(v.string()),
    run_time_data: data,
    memory_usage_data: v.optional(data),
  }),
);

/** Reads the output of benchee_json, in nanoseconds. A benchmark is named `job`, or `job/input` if there are inputs. */
export function readBenchee(output: Output): Reading {
  const parsed = parse(schema, output);
  if (!parsed.ok) return parsed;
  return some(
    parsed.value.map(({ job_name: job, name, input_name: input, run_time_data: time, memory_usage_data: memory }) => {
      const {
        average,
        median,
        minimum,
        maximum,
        std_dev: deviation,
        sample_size: count,
        percentiles,
      } = time.statistics ?? {};
      const of = (value: number | undefined, ends = {}) => figure(value, 'ns', 1, { ...ends, samples: count });
      const error = deviation === undefined || count === undefined ? undefined : deviation / Math.sqrt(count);
      const summary = {
        time: of(median ?? average),
        throughput: rateOf(of(median ?? average)),
        ...{ mean: of(average, around(average, error)), median: of(median), min: of(minimum), max: of(maximum) },
        ...Object.fromEntries(
          Object.entries(percentiles ?? {}).map(([p, value]) => [p === '50' ? 'median' : `p${p}`, of(value)]),
        ),
      };
      const used = memory?.statistics;
      return {
        name: pathOf(name ?? job, input === '__no_input' ? null : input),
        metrics: metrics({
          ...(distribution(time.samples ?? undefined, 1) ?? summary),
          allocated: figure(used?.average, 'B', 1, { samples: used?.sample_size }),
        }),
      };
    }),
  );
}
