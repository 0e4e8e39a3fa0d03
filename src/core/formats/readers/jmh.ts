import * as v from 'valibot';
import { err } from '../../result.js';
import {
  brief,
  figure,
  maybe,
  metrics,
  ns,
  number,
  parse,
  pathOf,
  rateOf,
  some,
  timeOf,
  type Figure,
  type ReadBenchmark,
  type Output,
  type Reading,
} from './reader.js';

const metric = v.object({
  score: number,
  scoreUnit: v.string(),
  scoreConfidence: v.optional(v.array(maybe)),
  scorePercentiles: v.optional(v.record(v.string(), maybe)),
  rawData: v.optional(v.array(v.array(maybe))),
});
const schema = v.array(
  v.object({
    benchmark: v.string(),
    mode: v.string(),
    params: v.optional(v.record(v.string(), v.string())),
    primaryMetric: metric,
    secondaryMetrics: v.optional(v.record(v.string(), v.unknown()), {}),
  }),
);
type Metric = v.InferOutput<typeof metric>;

const scales: ReadonlyMap<string, number> = new Map(Object.entries(ns));

/** Reads the output of JMH's `-rf json`. Benchmarks with parameters are named `Class.method/size=10,kind=a`. */
export function readJmh(output: Output): Reading {
  const parsed = parse(schema, output);
  if (!parsed.ok) return parsed;
  const read: ReadBenchmark[] = [];
  for (const { benchmark, mode, params = {}, primaryMetric, secondaryMetrics } of parsed.value) {
    const name = pathOf(
      benchmark,
      Object.entries(params)
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
    );
    const unit = primaryMetric.scoreUnit;
    const scale = scales.get(unit.replace(/^ops\/|\/op$/, ''));
    if (scale === undefined)
      return err(`${brief(name)} is in "${brief(unit)}", which is neither a time nor a throughput.`);
    const isRate = unit.startsWith('ops/');
    const score = scored(primaryMetric, isRate ? '1/s' : 'ns', isRate ? ns.s / scale : scale);
    // Only in this mode are percentiles of single calls; in the others they are of the means of whole iterations.
    const percentiles = mode === 'sample' ? Object.entries(primaryMetric.scorePercentiles ?? {}) : [];
    const calls = percentiles.flatMap(([p, value]): [string, Figure | undefined][] => {
      const key = p === '0.0' ? 'min' : p === '100.0' ? 'max' : Number(p) === 50 ? 'median' : `p${Number(p)}`;
      return [[key, figure(value, 'ns', scale)]];
    });
    const calculated = Object.fromEntries(calls);
    const time = calculated['median'] ?? score;
    const both = isRate ? { time: timeOf(score), throughput: score } : { time, throughput: rateOf(time), mean: score };
    read.push({ name, metrics: metrics({ ...both, ...calculated, ...secondary(secondaryMetrics) }) });
  }
  return some(read);
}

const scored = (
  { score, scoreConfidence: [low, high] = [], rawData }: Metric,
  unit: string,
  scale: number,
): Figure | undefined => figure(score, unit, scale, { low, high, samples: rawData?.flat().length });

/** Reads what profilers add; `gc.alloc.rate.norm` is what one call allocates. */
function secondary(all: Readonly<Record<string, unknown>>): ReadBenchmark['metrics'] {
  const read = Object.entries(all).flatMap(([name, value]): [string, Figure | undefined][] => {
    const parsed = v.safeParse(metric, value);
    if (!parsed.success) return [];
    const { score, scoreUnit } = parsed.output;
    const key = name.replace(/^·/, '');
    return [key === 'gc.alloc.rate.norm' ? ['allocated', figure(score, 'B')] : [key, figure(score, scoreUnit)]];
  });
  return metrics(Object.fromEntries(read));
}
