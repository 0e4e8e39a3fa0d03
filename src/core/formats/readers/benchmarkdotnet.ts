import * as v from 'valibot';
import {
  figure,
  maybe,
  metrics,
  number,
  parse,
  rateOf,
  some,
  type Figure,
  type Output,
  type Reading,
} from './reader.js';

const statistics = v.object({
  ...{ N: number, Min: maybe, Median: number, Mean: number, Max: maybe },
  ConfidenceInterval: v.nullish(v.object({ Lower: maybe, Upper: maybe })),
  Percentiles: v.nullish(v.record(v.string(), maybe)),
});
const schema = v.object({
  Title: v.string(),
  Benchmarks: v.array(
    v.object({
      FullName: v.string(),
      Statistics: v.nullish(statistics),
      Memory: v.nullish(v.object({ BytesAllocatedPerOperation: maybe })),
    }),
  ),
});

/** Reads the output of BenchmarkDotNet's JSON exporters, in nanoseconds; failed benchmarks, without statistics, are left out. */
export function readBenchmarkDotNet(output: Output): Reading {
  const parsed = parse(schema, output);
  if (!parsed.ok) return parsed;
  return some(
    parsed.value.Benchmarks.flatMap(({ FullName: name, Statistics: read, Memory: memory }) => {
      if (!read) return [];
      const { N: samples, Mean, Median, Min, Max, ConfidenceInterval: ends, Percentiles } = read;
      const of = (value: number | undefined, more = {}): Figure | undefined =>
        figure(value, 'ns', 1, { ...more, samples });
      const percentiles = Object.entries(Percentiles ?? {}).flatMap(([p, value]): [string, Figure | undefined][] =>
        /^P(?:0|50|100)$/.test(p) ? [] : [[p.toLowerCase(), of(value)]],
      );
      const time = of(Median);
      return {
        name,
        metrics: metrics({
          ...{ time, throughput: rateOf(time), median: time, min: of(Min), max: of(Max) },
          mean: of(Mean, { low: ends?.Lower, high: ends?.Upper }),
          ...Object.fromEntries(percentiles),
          allocated: figure(memory?.BytesAllocatedPerOperation, 'B'),
        }),
      };
    }),
    'No benchmark in the output has statistics: all of them failed.',
  );
}
