import * as v from 'valibot';
import {
  figure,
  maybe,
  metrics,
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

const metric = v.object({ value: number, lower_value: maybe, upper_value: maybe });
const schema = v.record(v.string(), v.record(v.string(), metric));

/** Bencher's own measures whose unit is known. */
const units: Readonly<Record<string, readonly [unit: string, scale: number]>> = {
  latency: ['ns', 1],
  throughput: ['1/s', 1],
  'file-size': ['B', 1],
  'build-time': ['ns', 1e9],
};

/** Reads the Bencher Metric Format; `latency` is `time` in checks. A measure that is not one of Bencher's own has no unit. */
export function readBencher(output: Output): Reading {
  const parsed = parse(schema, output);
  if (!parsed.ok) return parsed;
  return some(Object.entries(parsed.value).map(([name, measures]) => ({ name, metrics: measured(measures) })));
}

function measured(measures: Readonly<Record<string, v.InferOutput<typeof metric>>>): ReadBenchmark['metrics'] {
  const all: Record<string, Figure | undefined> = {};
  for (const [name, { value, lower_value: low, upper_value: high }] of Object.entries(measures)) {
    const [unit, scale] = units[name] ?? ['', 1];
    all[name === 'latency' ? 'time' : name] = figure(value, unit, scale, { low, high });
  }
  const { time, throughput } = all;
  if (time !== undefined) all['throughput'] ??= rateOf(time);
  if (throughput !== undefined) all['time'] ??= timeOf(throughput);
  return metrics(all);
}
