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
  type ReadBenchmark,
  type Output,
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
      name: v.optional(v.string(), ''),
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
export function readVitest(output: Output): Reading {
  const new_ = parse(five, output);
  if (new_.ok) {
    return some(
      distinct(
        new_.value.testResults.flatMap(({ name: file, assertionResults }) =>
          assertionResults.flatMap(({ benchmarks }) =>
            benchmarks.flatMap(({ name, tasks }) =>
              tasks.map((task) => ({ file, name: path(name, task.name), metrics: tinybenchMetrics(task) })),
            ),
          ),
        ),
      ),
    );
  }
  const old = parse(four, output);
  if (!old.ok) return /"(testResults|assertionResults)"/.test(output.text) ? new_ : old;
  return some(
    distinct(
      old.value.files.flatMap(({ filepath, groups }) =>
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
              file: filepath,
              name: path(fullName.split(' > ').slice(1).join(' > '), one.name),
              metrics: distribution(one.samples, ns.ms) ?? summary,
            };
          }),
        ),
      ),
    ),
  );
}

/** A benchmark and the absolute path of its file. */
type InFile = ReadBenchmark & { readonly file: string };

/**
 * Puts the file in front of a name that several files have, as a budget does: `a/parse.bench.ts#parse`. Files are told apart by
 * what their paths do not share; one file in two projects of vitest by a number, because the output does not name the project.
 */
function distinct(all: readonly InFile[]): readonly ReadBenchmark[] {
  const files = [...new Set(all.map(({ file }) => file.replaceAll('\\', '/')))];
  const folders = files.map((file) => file.split('/').slice(0, -1));
  const [first = []] = folders;
  const shared = first.findIndex((part, at) => folders.some((other) => other[at] !== part));
  const skipped = shared === -1 ? first.length : shared;
  const having = new Map<string, Set<string>>();
  for (const { name, file } of all) having.set(name, (having.get(name) ?? new Set()).add(file));
  const seen = new Map<string, number>();
  return all.map(({ file, name, metrics: figures }) => {
    const isShared = (having.get(name)?.size ?? 0) > 1;
    const own = file.replaceAll('\\', '/').split('/').slice(skipped).join('/');
    const full = isShared ? `${own}#${name}` : name;
    const count = (seen.get(full) ?? 0) + 1;
    seen.set(full, count);
    return { name: count === 1 ? full : `${full} (${count})`, metrics: figures };
  });
}
