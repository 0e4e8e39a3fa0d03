import * as v from 'valibot';
import { err, ok, type Result } from '../../result.js';
import { actionBench, actionMetrics } from './github-action-benchmark.js';
import { isTime } from '../../results/time.js';
import {
  commitOf,
  figure,
  metrics,
  number,
  Output,
  parse,
  type Figure,
  type ImportedRun,
  type ReadBenchmark,
} from './reader.js';

const bench = v.object({ ...actionBench.entries, extra: v.optional(v.string()) });
const date = v.pipe(number, v.transform(Math.round), v.check(isTime));
const entry = v.object({ commit: v.object({ id: v.string() }), date, benches: v.array(bench) });
const schema = v.object({ entries: v.record(v.string(), v.array(entry)) });

const assignment = /^\s*window\.BENCHMARK_DATA\s*=\s*/;

export const isStore = (text: string): boolean => assignment.test(text.replace(/^\uFEFF/, ''));

/** Reads every run from the store of github-action-benchmark (`data.js`), from all of its suites. */
export function readStore(text: string): Result<readonly ImportedRun[], string> {
  const json = text.replace(/^\uFEFF/, '').replace(assignment, '');
  const parsed = parse(schema, new Output(json.replace(/;\s*$/, '')));
  if (!parsed.ok) return err(`This cannot be read as the data.js of github-action-benchmark. ${parsed.error}`);
  const runs = Object.values(parsed.value.entries).flat();
  if (runs.length === 0) return err('The data.js of github-action-benchmark has no runs.');
  return ok(
    runs.map(({ commit, date, benches }) => ({ at: date, commit: commitOf(commit.id), benchmarks: merged(benches) })),
  );
}

/** Joins the figures that we wrote for one budget into one benchmark again. */
function merged(benches: readonly v.InferOutput<typeof bench>[]): readonly ReadBenchmark[] {
  const all = new Map<string, Map<string, Figure>>();
  for (const one of benches) {
    const own = ownMetric(one) ?? actionMetrics(one);
    const known = all.get(own.name) ?? new Map<string, Figure>();
    all.set(own.name, known);
    for (const [metric, read] of Object.entries(own.metrics)) known.set(metric, read);
  }
  return Array.from(all, ([name, known]) => ({ name, metrics: Object.fromEntries(known) }));
}

function ownMetric({ extra = '', ...one }: v.InferOutput<typeof bench>): ReadBenchmark | null {
  const [, name, metric] = /^budget: (.*)\nmetric: (.*)\n/.exec(extra) ?? [];
  if (name === undefined || metric === undefined) return null;
  const [read] = Object.values(actionMetrics({ ...one, unit: 'as it is' }).metrics);
  const unit = one.unit === 'ops/s' ? '1/s' : one.unit;
  return { name, metrics: metrics({ [metric]: read && figure(read.value, unit, 1, read) }) };
}
