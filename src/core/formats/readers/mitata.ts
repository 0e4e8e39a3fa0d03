import * as v from 'valibot';
import {
  figure,
  maybe,
  metrics,
  number,
  parse,
  pathOf,
  rateOf,
  some,
  type Figure,
  type Output,
  type Reading,
} from './reader.js';

const stats = v.object({
  ...{ avg: number, p50: number, min: maybe, max: maybe, p75: maybe, p99: maybe, p999: maybe, ticks: maybe },
  samples: v.nullish(v.array(v.unknown())),
  heap: v.optional(v.object({ _: maybe, avg: maybe })),
});
const run = v.union([
  v.object({ name: v.string(), stats, error: v.optional(v.undefined()) }),
  v.object({ name: v.string(), error: v.unknown() }),
]);
const schema = v.object({
  layout: v.array(v.object({ name: v.nullish(v.string()) })),
  benchmarks: v.array(v.object({ group: v.optional(number), runs: v.array(run) })),
});

/** Reads mitata's `format: 'json'`, in nanoseconds; a benchmark in a group is named `group/name`. Failed ones are left out. */
export function readMitata(output: Output): Reading {
  const parsed = parse(schema, output);
  if (!parsed.ok) return parsed;
  const { layout, benchmarks } = parsed.value;
  return some(
    benchmarks.flatMap(({ group, runs }) =>
      runs.flatMap((one) => {
        if (!('stats' in one)) return [];
        const { avg, p50, min, max, p75, p99, p999, ticks, heap, samples } = one.stats;
        const of = (value: number | undefined): Figure | undefined => figure(value, 'ns', 1, { samples: ticks });
        const time = of(p50);
        // Functions too fast for the clock are called in batches; then these are of the means of batches, not of calls.
        const calls = { median: of(p50), min: of(min), max: of(max), p75: of(p75), p99: of(p99), 'p99.9': of(p999) };
        const isSingle = ticks !== undefined && ticks < 2 * (samples?.length ?? heap?._ ?? 0);
        return {
          name: pathOf(layout[group ?? -1]?.name, one.name),
          metrics: metrics({
            time,
            throughput: rateOf(time),
            mean: of(avg),
            ...(isSingle ? calls : {}),
            allocated: figure(heap?.avg, 'B'),
          }),
        };
      }),
    ),
    'No benchmark in the output has a result: all of them failed.',
  );
}
