import * as v from 'valibot';
import { err } from '../../result.js';
import {
  brief,
  maybe,
  metrics,
  ns,
  parse,
  rateOf,
  repeated,
  some,
  type ReadBenchmark,
  type Output,
  type Reading,
} from './reader.js';

const known = [
  'iterations',
  'real_time',
  'cpu_time',
  'threads',
  'repetitions',
  'repetition_index',
  'family_index',
  'per_family_instance_index',
  'aggregate_unit',
];
const entry = v.looseObject({
  name: v.string(),
  run_name: v.optional(v.string()),
  run_type: v.optional(v.string(), 'iteration'),
  aggregate_name: v.optional(v.string()),
  real_time: maybe,
  cpu_time: maybe,
  time_unit: v.optional(v.picklist(['ns', 'us', 'ms', 's'])),
  error_occurred: v.optional(v.boolean(), false),
  skipped: v.optional(v.unknown()),
});
const schema = v.object({ context: v.looseObject({}), benchmarks: v.array(entry) });
type Entry = v.InferOutput<typeof entry>;

/** Reads Google Benchmark's `--benchmark_format=json`; repetitions are one benchmark, and skipped ones are left out. */
export function readGoogleBenchmark(output: Output): Reading {
  const parsed = parse(schema, output);
  if (!parsed.ok) return parsed;
  const runs = new Map<string, Entry[]>();
  for (const one of parsed.value.benchmarks) {
    if (one.error_occurred || Boolean(one.skipped) || one.real_time === undefined) continue;
    if (one.time_unit === undefined) return err(`"${brief(one.name)}" has no "time_unit".`);
    const name = one.run_name ?? one.name;
    const entries = runs.get(name);
    if (entries === undefined) runs.set(name, [one]);
    else entries.push(one);
  }
  return some(
    Array.from(runs, ([name, entries]): ReadBenchmark => {
      const single = entries.filter((one) => one.run_type === 'iteration');
      // If only aggregates are reported, the median is one of them.
      const median = entries.filter((one) => one.aggregate_name === 'median');
      const read = single.length > 0 ? single : median;
      const of = (pick: (one: Entry) => number | undefined) =>
        repeated(
          read.flatMap((one) => {
            const value = pick(one);
            return value === undefined ? [] : [value * ns[one.time_unit ?? 'ns']];
          }),
          'ns',
        );
      const time = of((one) => one.real_time);
      return {
        name,
        metrics: metrics({ time, throughput: rateOf(time), cpu: of((one) => one.cpu_time), ...counters(read) }),
      };
    }),
    'No benchmark in the output has a time: all of them were skipped.',
  );
}

/** Reads the benchmarks' own counters, under their own names. */
function counters(entries: readonly Entry[]): ReadBenchmark['metrics'] {
  const [first] = entries;
  const counted = new Map(
    Object.keys(first ?? {}).flatMap((name): [string, number[]][] => (known.includes(name) ? [] : [[name, []]])),
  );
  for (const one of entries) {
    for (const [name, value] of Object.entries(one)) if (typeof value === 'number') counted.get(name)?.push(value);
  }
  return metrics(
    Object.fromEntries(
      Array.from(counted, ([name, values]) => {
        const unit = /^(bytes|items)_per_second$/.exec(name)?.[1];
        return [name, repeated(values, unit === undefined ? '' : unit === 'bytes' ? 'B/s' : `${unit}/s`)];
      }),
    ),
  );
}
