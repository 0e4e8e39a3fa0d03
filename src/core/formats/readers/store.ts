import * as v from 'valibot';
import { err, ok, type Result } from '../../result.js';
import { actionBench, actionMetrics } from './github-action-benchmark.js';
import { figure, metrics, number, parse, type ImportedRun, type ReadBenchmark } from './reader.js';

const bench = v.object({ ...actionBench.entries, extra: v.optional(v.string()) });
const entry = v.object({ commit: v.object({ id: v.string() }), date: number, benches: v.array(bench) });
const schema = v.object({ entries: v.record(v.string(), v.array(entry)) });

const assignment = /^\s*window\.BENCHMARK_DATA\s*=\s*/;

export const isStore = (text: string): boolean => assignment.test(text.replace(/^\uFEFF/, ''));

/** Reads every run from the store of github-action-benchmark (`data.js`), from all of its suites. */
export function readStore(text: string): Result<readonly ImportedRun[], string> {
  const json = text.replace(/^\uFEFF/, '').replace(assignment, '');
  const parsed = parse(schema, json.replace(/;\s*$/, ''));
  if (!parsed.ok) return err(`This cannot be read as the data.js of github-action-benchmark. ${parsed.error}`);
  const runs = Object.values(parsed.value.entries).flat();
  if (runs.length === 0) return err('The data.js of github-action-benchmark has no runs.');
  return ok(runs.map(({ commit, date, benches }) => ({ at: date, commit: commit.id, benchmarks: merged(benches) })));
}

/** Joins the figures that we wrote for one budget into one benchmark again. */
function merged(benches: readonly v.InferOutput<typeof bench>[]): readonly ReadBenchmark[] {
  const all = new Map<string, ReadBenchmark['metrics']>();
  for (const one of benches) {
    const own = ownMetric(one) ?? actionMetrics(one);
    all.set(own.name, { ...all.get(own.name), ...own.metrics });
  }
  return Array.from(all, ([name, known]) => ({ name, metrics: known }));
}

function ownMetric({ extra = '', ...one }: v.InferOutput<typeof bench>): ReadBenchmark | null {
  const [, name, metric] = /^budget: (.*)\nmetric: (.*)\n/.exec(extra) ?? [];
  if (name === undefined || metric === undefined) return null;
  const [read] = Object.values(actionMetrics({ ...one, unit: 'as it is' }).metrics);
  const unit = one.unit === 'ops/s' ? '1/s' : one.unit;
  return { name, metrics: metrics({ [metric]: read && figure(read.value, unit, 1, read) }) };
}
