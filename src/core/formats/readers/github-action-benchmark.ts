import * as v from 'valibot';
import { metricsOf } from './go.js';
import {
  metrics,
  figure,
  ns,
  number,
  parse,
  rateOf,
  some,
  timeOf,
  type Figure,
  type ReadBenchmark,
  type Output,
  type Reading,
} from './reader.js';

export const actionBench = v.object({
  name: v.string(),
  value: v.union([number, v.pipe(v.string(), v.transform(Number), number)]),
  unit: v.string(),
  range: v.optional(v.union([v.string(), v.number()])),
});
const schema = v.array(actionBench);

const sizes: Readonly<Record<string, number>> = {
  b: 1,
  byte: 1,
  bytes: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  kilobytes: 1e3,
  megabytes: 1e6,
  gigabytes: 1e9,
};
const times: Readonly<Record<string, number>> = {
  ...ns,
  sec: ns.s,
  second: ns.s,
  seconds: ns.s,
  milliseconds: ns.ms,
  microseconds: ns.us,
  nanoseconds: ns.ns,
  msec: ns.ms,
  usec: ns.us,
};

/** Reads the custom formats of github-action-benchmark; the unit says whether smaller or bigger is better. */
export function readGithubActionBenchmark(output: Output): Reading {
  const parsed = parse(schema, output);
  return parsed.ok ? some(parsed.value.map(actionMetrics)) : parsed;
}

/**
 * Returns the metrics of one entry: a time (`ns/iter`, `ms`) is `time`, a rate of iterations (`ops/sec`) is `throughput`, a
 * size is `size`; anything else is the metric `figure` in its own unit.
 */
export function actionMetrics({ name, value, unit, range }: v.InferOutput<typeof actionBench>): ReadBenchmark {
  // Of `go test -bench`, it keeps the whole rest of the line as the unit.
  const [first = '', ...others] = unit.split('\t');
  if (others.length > 0) {
    const all = others.map((other) => /^\s*(\S+)\s+(\S+)\s*$/.exec(other) ?? []);
    const values = all.map(([, number, own = '']) => [own, [Number(number)]] as const);
    const rest = metricsOf(new Map(values.filter(([own, [number]]) => own !== '' && Number.isFinite(number))));
    return { name, metrics: { ...rest, ...actionMetrics({ name, value, unit: first, range }).metrics } };
  }
  const of = (as: string, scale: number): Figure | undefined => figure(value, as, scale, spread(value, range));
  const [what = '', per] = unit.trim().split('/');
  const scale = times[what] ?? times[what.toLowerCase()];
  if (scale !== undefined && /^(iter|op|call|run|exec)?$/.test(per ?? '')) {
    const time = of('ns', scale);
    return { name, metrics: metrics({ time, throughput: rateOf(time) }) };
  }
  if (/^(ops?|iters?|calls?|runs?|hz)$/i.test(what) && /^(s|sec|second)?$/.test(per ?? '')) {
    const throughput = of('1/s', 1);
    return { name, metrics: metrics({ time: timeOf(throughput), throughput }) };
  }
  if (/^(B|allocs)\/op$/.test(unit.trim())) return { name, metrics: metricsOf(new Map([[unit.trim(), [value]]])) };
  const size = sizes[what.toLowerCase()];
  if (size !== undefined && per === undefined) return { name, metrics: metrics({ size: of('B', size) }) };
  return { name, metrics: metrics({ figure: of(unit.trim(), 1) }) };
}

/** Reads `± 0.5` and `±0.32%`. */
function spread(value: number, range: string | number | undefined): { low?: number; high?: number } {
  const [, number, percent] =
    /^(?:(?:±|\+\/-|\+-)\s*)?([\d.]+(?:e[+-]?\d+)?)\s*(%?)$/i.exec(String(range ?? '').trim()) ?? [];
  if (number === undefined) return {};
  const by = Number(number) * (percent === '%' ? Math.abs(value) / 100 : 1);
  return { low: value - by, high: value + by };
}
