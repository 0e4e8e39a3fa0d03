/** Our own hot paths, which our own `perf-budget.jsonc` keeps fast. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, bench, describe } from 'vitest';
import { parseConfig } from '../../src/core/config/config.js';
import { estimateSide } from '../../src/core/stats/estimate.js';
import { judge } from '../../src/core/judge/judge.js';
import { budgetResult } from '../../src/core/text/result.js';
import type { Measurement } from '../../src/core/results/measurement.js';
import { benchCalls, outline } from '../../src/core/outline/index.js';
import { History } from '../../src/engine/history/history.js';
import { fillHistory } from './history.js';

const budgetText = (count: number): string => {
  const budgets = Array.from(
    { length: count },
    (_, index) => `    // budget ${index}
    "budget ${index}": {
      "benchmark": "suite ${index % 10}/case ${index}",
      "code": "src/module${index}.ts#Class.method",
      "target": ["p50 <= 1.5 us", "throughput >= 600k ops/s"],
      "limit": ["p95 <= 10 us", "time <= baseline + 10%"],
    },`,
  );
  return `{\n  "benchmarks": [{ "files": "bench/**/*.bench.ts" }],\n  "budgets": {\n${budgets.join('\n')}\n  },\n}\n`;
};

describe('config', () => {
  const text = budgetText(100);
  bench('parse 100 budgets', () => void parseConfig('/w/perf-budget.jsonc', text));
});

describe('selection', () => {
  const source = Array.from(
    { length: 50 },
    (_, index) => `export function f${index}(a: number): number {\n  return a > ${index} ? a : f${index}(a + 1);\n}\n`,
  ).join('\n');
  const benches = `import { bench, describe } from 'vitest';\nimport * as all from './all.js';\ndescribe('all', () => {\n${Array.from(
    { length: 50 },
    (_, index) => `  bench('case ${index}', () => void all.f${index}(1));`,
  ).join('\n')}\n});\n`;
  bench('outline 50 functions', () => void outline(source, 'all.ts'));
  bench('find 50 benchmarks', () => void benchCalls(benches, 'all.bench.ts'));
});

describe('verdict', () => {
  const { config } = parseConfig('/w/perf-budget.jsonc', budgetText(100));
  const latencies = Float64Array.from({ length: 500 }, (_, index) => 1000 + index);
  const processes = [1, 2].map((fork) => ({ time: 1000 + fork, iterations: 1000, latencies, batch: 1 }));
  const side = estimateSide(processes, [50, 95]);
  const measurement: Measurement = {
    benchmark: 'suite/case',
    current: side,
    baseline: side,
    comparison: { ratio: 1.01, low: 0.98, high: 1.04, processes: 2, clock: 'cpu' },
    samples: 80,
    elapsedMs: 700,
    note: null,
  };
  const evidence = {
    members: [{ name: 'suite/case', size: null, measurement, work: { amount: 1, counts: 'ops' } }],
    references: new Map(),
  };
  if (config === null) throw new Error('the configuration must be readable');
  bench('estimate two processes', () => void estimateSide(processes, [50, 95]));
  bench(
    'judge 100 budgets',
    () =>
      void config.budgets.map((budget) =>
        budgetResult(judge(budget, evidence, { cached: false, baselineName: 'HEAD' })),
      ),
  );
});

describe('history', () => {
  let folder = '';
  let history: History | undefined;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'perf-budget-history-'));
    await fillHistory(folder, 20_000);
    history = await History.open(folder);
  });
  afterAll(() => {
    history?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  bench('rows of a hover', () => void history?.rows('budget 7', 60));
  bench('latest of every budget', () => void history?.latest());
});
