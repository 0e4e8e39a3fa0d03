import * as v from 'valibot';
import {
  around,
  distribution,
  figure,
  maybe,
  metrics,
  ns,
  number,
  parse,
  rateOf,
  samples,
  some,
  type Output,
  type Reading,
} from './reader.js';

const stats = v.object({
  mean: number,
  median: maybe,
  min: maybe,
  max: maybe,
  stddev: maybe,
  rounds: number,
  data: samples,
});
const schema = v.object({
  machine_info: v.looseObject({}),
  benchmarks: v.array(v.object({ name: v.string(), fullname: v.string(), group: v.nullish(v.string()), stats })),
});

/** Reads the output of `pytest --benchmark-json`, in seconds. Tests that share a name get their full names. */
export function readPytestBenchmark(output: Output): Reading {
  const parsed = parse(schema, output);
  if (!parsed.ok) return parsed;
  const { benchmarks } = parsed.value;
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { name } of benchmarks) (seen.has(name) ? shared : seen).add(name);
  return some(
    benchmarks.map(({ name, fullname, stats: { data, rounds, mean, stddev, median, min, max } }) => {
      const of = (value: number | undefined, ends = {}) => figure(value, 'ns', ns.s, { ...ends, samples: rounds });
      const time = of(median ?? mean);
      const error = stddev === undefined ? undefined : stddev / Math.sqrt(rounds);
      const summary = {
        time,
        throughput: rateOf(time),
        mean: of(mean, around(mean, error)),
        median: of(median),
        min: of(min),
        max: of(max),
      };
      return { name: shared.has(name) ? fullname : name, metrics: distribution(data, ns.s) ?? metrics(summary) };
    }),
  );
}
