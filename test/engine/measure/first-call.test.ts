import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { BundleStore } from '../../../src/engine/bundle/bundle-store.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import { WorkerPool } from '../../../src/engine/workers/pool.js';
import { silent } from '../../../src/engine/util/log.js';
import { findRuntime } from '../../../src/engine/workers/runtime.js';
import type { SideName } from '../../../src/worker/protocol.js';
import { remove, temporaryFolder, write } from '../repository.js';

const folder = temporaryFolder();
const benchFile = path.join(folder, 'a.bench.ts');
const calls = path.join(folder, 'calls');
const bundler = new Bundler(folder);
const store = new BundleStore();
const worker = path.resolve(import.meta.dirname, '../../../dist/worker.js');
const pool = new WorkerPool(await findRuntime(null), worker, folder, silent);

beforeEach(() => rmSync(calls, { force: true }));
afterAll(async () => {
  pool.dispose();
  await bundler.dispose();
  store.dispose();
  remove(folder);
});

async function bundled(body: string): Promise<string> {
  const text = `import { appendFileSync } from 'node:fs'; import { bench } from 'vitest'; bench('case', () => { ${body} });`;
  write(folder, { 'a.bench.ts': text });
  const bundle = await bundler.current(benchFile);
  if (!bundle.ok) throw new Error(bundle.error.message);
  return store.url(bundle.value);
}

const call = (word: string): string =>
  `appendFileSync(${JSON.stringify(calls)}, process.pid + ' ${word}\\n'); for (const end = Date.now() + 5; Date.now() < end;);`;

const cold = (sides: readonly { side: SideName; bundle: string }[], signal = new AbortController().signal) =>
  pool.request(
    {
      type: 'measure',
      name: 'case',
      benchFile,
      sides,
      cold: true,
      sampleMs: 30,
      deadlineMs: 500,
      warmMs: 800,
      warmup: 0,
      concurrency: 1,
      latency: { sides: ['current', 'baseline'], ms: 30, iterations: 100 },
    },
    { timeoutMs: 20_000, signal },
  );

test('each side is called once, in the given order, in a process of its own', async () => {
  const baseline = await bundled(call('old'));
  const current = await bundled(call('new'));
  const answer = await cold([
    { side: 'baseline', bundle: baseline },
    { side: 'current', bundle: current },
  ]);
  if (!answer.ok || answer.value.type !== 'measured') throw new Error(JSON.stringify(answer));
  const [old, now] = answer.value.sides;
  expect(answer.value).toMatchObject({
    type: 'measured',
    slices: 2,
    sides: [
      { side: 'baseline', iterations: 1 },
      { side: 'current', iterations: 1 },
    ],
  });
  expect(answer.value.logRatio).toBeCloseTo(Math.log((now?.time ?? NaN) / (old?.time ?? NaN)), 9);
  // It is the only latency as well, however many were asked for. It keeps the processor busy for at least four milliseconds.
  for (const side of [old, now]) {
    expect(side?.batch).toBe(1);
    expect(side?.latencies).toHaveLength(1);
    expect(side?.latencies[0]).toBeGreaterThan(3.9e6);
  }
  const lines = readFileSync(calls, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  expect(lines.map(([, word]) => word)).toEqual(['old', 'new']);
  expect(new Set(lines.map(([pid]) => pid)).size).toBe(2);
});

test('without old code there is no ratio', async () => {
  const answer = await cold([{ side: 'current', bundle: await bundled(call('new')) }]);
  expect(answer).toMatchObject({ ok: true, value: { logRatio: null, slices: 1 } });
});

test('a failure says whose it is', async () => {
  const baseline = await bundled('process.exit(4);');
  const current = await bundled(call('new'));
  const sides = [
    { side: 'current', bundle: current },
    { side: 'baseline', bundle: baseline },
  ] as const;
  expect(await cold(sides)).toMatchObject({ ok: false, error: { kind: 'exited', side: 'baseline' } });
});

test('an abort is an abort', async () => {
  const bundle = await bundled(call('new'));
  const answer = await cold([{ side: 'current', bundle }], AbortSignal.abort());
  expect(answer).toEqual({ ok: false, error: { kind: 'aborted' } });
});
