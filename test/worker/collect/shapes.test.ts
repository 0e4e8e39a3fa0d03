import { Bench } from 'tinybench';
import * as realTinybench from 'tinybench';
import { expect, test } from 'vitest';
import * as realVitest from 'vitest';
import { Collector } from '../../../src/worker/collect/collector.js';
import { standIns } from '../../../src/worker/collect/stand-ins.js';

type Library = Record<string, unknown>;

test('a made-up result has every field of a real one', async () => {
  const collector = new Collector(null, standIns);
  const library = collector.library('tinybench') as { Bench: typeof Bench };
  const [ours, real] = await Promise.all(
    [library.Bench, Bench].map(async (Made) => {
      const bench = new Made({ name: 'x', time: 0, iterations: 2, warmup: false, retainSamples: true });
      bench.add('a', () => 1);
      const [task] = await bench.run();
      return { result: task?.result as unknown as Library, row: bench.table()[0], bench };
    }),
  );
  for (const part of ['latency', 'throughput'] as const) {
    const keys = (result: Library | undefined) => Object.keys(result?.[part] as object).sort();
    expect(keys(ours?.result)).toEqual(keys(real?.result));
  }
  expect(Object.keys(ours?.result ?? {})).toEqual(expect.arrayContaining(Object.keys(real?.result ?? {})));
  expect(Object.keys(ours?.row ?? {})).toEqual(Object.keys(real?.row ?? {}));
  expect(ours?.result['state']).toBe(real?.result['state']);
  for (const key of [
    'time',
    'iterations',
    'warmupTime',
    'warmupIterations',
    'throws',
    'retainSamples',
    'name',
  ] as const)
    expect([key, ours?.bench[key]]).toEqual([key, real?.bench[key]]);
});

test('the stand-ins export what the libraries export', () => {
  const collector = new Collector(null, standIns);
  const names = (library: object) => Object.keys(library).sort();
  expect(names(collector.library('tinybench') as Library)).toEqual(expect.arrayContaining(names(realTinybench)));
  // What only the runner itself is for.
  const inner = ['BenchmarkRunner', 'EvaluatedModules', 'Snapshots', 'TestRunner', 'createExpect', 'recordArtifact'];
  const wanted = names(realVitest).filter((name) => !inner.includes(name));
  expect(names(collector.library('vitest') as Library)).toEqual(expect.arrayContaining(wanted));
});
