import { err } from '../../result.js';
import { brief, metrics, pathOf, rateOf, repeated, some, type Figure, type Output, type Reading } from './reader.js';

/** `BenchmarkSort-8   1269   19263 ns/op   4120 B/op` (golang/proposal, design/14313-benchmark-format). */
const line = /^(Benchmark\S*)\s+\d+(?:\s+(\S.*)?)?$/;

/**
 * Reads the output of `go test -bench`, package by package; repetitions (`-count`) are one benchmark. Drops the number of
 * processors if every name ends in it. A name that several packages share gets its package in front.
 */
export function readGo(output: Output): Reading {
  const found = new Map<string, { pkg: string; name: string; values: Map<string, number[]> }>();
  let pkg = '';
  for (const each of output.text.split(/\r?\n/)) {
    pkg = /^pkg: (.*)$/.exec(each)?.[1] ?? pkg;
    const [, name, rest] = line.exec(each) ?? [];
    if (name === undefined) continue;
    const words = rest?.trim().split(/\s+/) ?? [];
    if (words.length % 2 !== 0 || words.length === 0)
      return err(`${brief(name)} has a number without a unit: ${JSON.stringify(brief(each.trim()))}.`);
    const key = `${pkg}\0${name}`;
    const one = found.get(key) ?? { pkg, name, values: new Map<string, number[]>() };
    found.set(key, one);
    for (let at = 0; at < words.length; at += 2) {
      const [value, unit = ''] = [Number(words[at]), words[at + 1]];
      if (!Number.isFinite(value))
        return err(`${brief(name)}: ${brief(`${words[at] ?? ''} ${unit}`)} is not a number.`);
      const values = one.values.get(unit);
      if (values === undefined) one.values.set(unit, [value]);
      else values.push(value);
    }
  }
  const all = [...found.values()];
  const processors = /-\d+$/.exec(all[0]?.name ?? '')?.[0];
  const isShared = processors !== undefined && all.every(({ name }) => name.endsWith(processors));
  const named = all.map((one) => ({ ...one, name: isShared ? one.name.slice(0, -processors.length) : one.name }));
  const packages = new Map<string, Set<string>>();
  for (const one of named) packages.set(one.name, (packages.get(one.name) ?? new Set()).add(one.pkg));
  return some(
    named.map((one) => {
      const twice = (packages.get(one.name)?.size ?? 0) > 1;
      return { name: pathOf(twice ? one.pkg : '', one.name), metrics: metricsOf(one.values) };
    }),
    'The output has no benchmark lines, such as "BenchmarkSort-8 1269 19263 ns/op". "go test -bench ." prints them.',
  );
}

/** Returns the metrics of the figures of each unit: `ns/op`, `B/op`, `MB/s`, and what `b.ReportMetric` reports. */
export function metricsOf(values: ReadonlyMap<string, readonly number[]>): ReturnType<typeof metrics> {
  const all: Record<string, Figure | undefined> = {};
  for (const [unit, numbers] of values) {
    if (unit === 'ns/op') {
      all['time'] = repeated(numbers, 'ns');
      all['throughput'] = rateOf(all['time']);
    } else if (unit === 'B/op') {
      all['allocated'] = repeated(numbers, 'B');
    } else if (unit === 'MB/s') {
      all['bandwidth'] = repeated(
        numbers.map((value) => value * 1e6),
        'B/s',
      );
    } else {
      // `allocs/op`, and the metrics of `b.ReportMetric`.
      all[unit.replace(/\/op$/, '')] = repeated(numbers, '');
    }
  }
  return metrics(all);
}
