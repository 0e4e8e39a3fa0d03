import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../../src/core/config/config.js';
import { unknownMachine, type Machine } from '../../../src/core/results/measurement.js';
import { BundleStore } from '../../../src/engine/bundle/bundle-store.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import { History } from '../../../src/engine/history/history.js';
import { Planner } from '../../../src/engine/measure/plan.js';

const laptop: Machine = {
  ...{ cpu: 'AMD Ryzen 7', cores: 16, os: 'Linux 6.8.0-45-generic x64', node: '24.21.0' },
  ...{ power: 'mains', governor: 'powersave', virtual: false, memory: 32e9 },
};

/** The key under which a machine knows the answer about the same code. */
async function keyOn(machine: Machine): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'perf budget ü '));
  const [store, bundler, history] = [new BundleStore(), new Bundler(root), await History.open(root)];
  try {
    const programs = { runtime: { command: process.execPath, env: process.env }, workerPath: '' };
    const planner = new Planner({
      ...{ root, bundler, store, history, git: null, gitMessage: 'no git', machine },
      ...programs,
    });
    const shared = {
      unsafe: [],
      dynamic: [],
      isCheckedOut: false,
      borrowed: [],
      outside: [],
      beside: [],
      isPlaced: false,
    };
    const bundle = {
      code: '',
      hash: 'h',
      inputs: [],
      imports: new Map(),
      launch: null,
      dependencies: [],
      remarks: [],
      ...shared,
    };
    const found = { names: ['a'], calls: [], inputs: new Set<string>(), watched: [] };
    const origin = {
      kind: 'file' as const,
      ...found,
      file: '/b.bench.ts',
      text: '',
      bundle,
      failure: null,
      failures: [],
    };
    const text =
      '{ "benchmarks": [{ "files": "b" }], "budgets": { "a": { "benchmark": "a", "limit": ["time <= 1 s"] } } }';
    const [budget] = parseConfig('/w/perf-budget.jsonc', text).config?.budgets ?? [];
    if (budget === undefined) throw new Error('the budget is gone');
    const wanted = { found: { origin, name: 'a', size: null }, checks: budget.checks, run: budget.run, timeMs: 2000 };
    return (await planner.job(wanted, { old: null, note: null })).key;
  } finally {
    history.close();
    store.dispose();
    await bundler.dispose();
    await rm(root, { recursive: true, force: true });
  }
}

test('what one machine measured is no answer on another, and still one on battery or after a kernel update', async () => {
  const here = await keyOn(laptop);
  expect(await keyOn({ ...laptop, os: 'Linux 6.9.1 x64', power: 'battery', governor: 'performance' })).toBe(here);
  const others = [
    { ...laptop, cpu: 'AMD Ryzen 9' },
    { ...laptop, cores: 8 },
    { ...laptop, virtual: true },
    unknownMachine,
  ];
  const keys = await Promise.all([...others, { ...laptop, node: '22.21.0' }].map(keyOn));
  expect(new Set([here, ...keys]).size).toBe(1 + keys.length);
});
