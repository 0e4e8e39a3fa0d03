import * as v from 'valibot';
import {
  figure,
  maybe,
  metrics,
  ns,
  parse,
  pathOf,
  rateOf,
  some,
  around,
  samples,
  distribution,
  type Reading,
} from './reader.js';
import { tinybenchMetrics, tinybenchResult } from './tinybench.js';

const four = v.object({
  files: v.array(
    v.object({
      filepath: v.string(),
      groups: v.array(
        v.object({
          fullName: v.string(),
          benchmarks: v.array(
            v.object({
              name: v.string(),
              mean: maybe,
              median: maybe,
              min: maybe,
              max: maybe,
              p75: maybe,
              p99: maybe,
              p995: maybe,
              p999: maybe,
              sem: maybe,
              sampleCount: maybe,
              samples,
            }),
          ),
        }),
      ),
    }),
  ),
});

const five = v.object({
  testResults: v.array(
    v.object({
      assertionResults: v.array(
        v.object({
          benchmarks: v.optional(
            v.array(
              v.object({
                name: v.string(),
                tasks: v.array(v.object({ name: v.string(), ...tinybenchResult.entries })),
              }),
            ),
            [],
          ),
        }),
      ),
    }),
  ),
});

/** Groups and tests are named `file > suite > test`, and a benchmark's path is `suite/test/case`. */
const path = (group: string, name: string): string => pathOf(...group.split(' > '), name);

/** Reads `vitest bench --outputJson` of vitest 4, or `--reporter=json` of vitest 5. Failed benchmarks are left out. */
export function readVitest(text: string): Reading {
  const new_ = parse(five, text);
  if (new_.ok) {
    const groups = new_.value.testResults.flatMap((file) => file.assertionResults.flatMap((test) => test.benchmarks));
    return some(
      groups.flatMap(({ name, tasks }) =>
        tasks.map((task) => ({ name: path(name, task.name), metrics: tinybenchMetrics(task) })),
      ),
    );
  }
  const old = parse(four, text);
  if (!old.ok) return /"(testResults|assertionResults)"/.test(text) ? new_ : old;
  return some(
    old.value.files.flatMap(({ groups }) =>
      groups.flatMap(({ fullName, benchmarks }) =>
        benchmarks.map((one) => {
          const count = { samples: one.sampleCount };
          const of = (value: number | undefined) => figure(value, 'ns', ns.ms, count);
          const mean = figure(one.mean, 'ns', ns.ms, { ...around(one.mean, one.sem), ...count });
          const time = of(one.median) ?? mean;
          const summary = metrics({
            time,
            throughput: rateOf(time),
            mean,
            median: of(one.median),
            min: of(one.min),
            max: of(one.max),
            p75: of(one.p75),
            p99: of(one.p99),
            'p99.5': of(one.p995),
            'p99.9': of(one.p999),
          });
          // The group's name begins with the name of the file.
          return {
            name: path(fullName.split(' > ').slice(1).join(' > '), one.name),
            metrics: distribution(one.samples, ns.ms) ?? summary,
          };
        }),
      ),
    ),
  );
}
