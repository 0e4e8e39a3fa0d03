import * as v from 'valibot';
import {
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

const schema = v.object({
  results: v.array(
    v.object({
      command: v.string(),
      mean: number,
      median: maybe,
      min: maybe,
      max: maybe,
      user: number,
      system: number,
      times: samples,
      memory_usage_byte: v.optional(v.array(number)),
      exit_codes: v.optional(v.array(v.nullable(v.number()))),
    }),
  ),
});

/** Reads the output of `hyperfine --export-json`, in seconds. A benchmark is named after its command, or by `-n`. */
export function readHyperfine(output: Output): Reading {
  const parsed = parse(schema, output);
  if (!parsed.ok) return parsed;
  return some(
    parsed.value.results.map((one) => {
      const { command: name, times, memory_usage_byte: memory = [], exit_codes: codes } = one;
      const time = figure(one.median ?? one.mean, 'ns', ns.s);
      const of = (value: number | undefined) => figure(value, 'ns', ns.s);
      return {
        name,
        metrics: metrics({
          ...(distribution(times, ns.s) ?? {
            time,
            throughput: rateOf(time),
            mean: of(one.mean),
            median: of(one.median),
            min: of(one.min),
            max: of(one.max),
          }),
          cpu: figure(one.user + one.system, 'ns', ns.s, { samples: times?.length }),
          rss:
            memory.length === 0
              ? undefined
              : figure(
                  memory.reduce((a, b) => Math.max(a, b)),
                  'B',
                  1,
                  { samples: memory.length },
                ),
          errors: codes && figure(codes.filter((code) => code !== 0).length, '', 1, { samples: codes.length }),
        }),
      };
    }),
  );
}
