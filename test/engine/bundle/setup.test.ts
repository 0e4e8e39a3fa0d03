import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BundleStore } from '../../../src/engine/bundle/bundle-store.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import { WorkerPool } from '../../../src/engine/workers/pool.js';
import { silent } from '../../../src/engine/util/log.js';
import { findRuntime } from '../../../src/engine/workers/runtime.js';
import { remove, temporaryFolder, write } from '../repository.js';

const folder = temporaryFolder();
const bundler = new Bundler(folder);
const store = new BundleStore();
const worker = path.resolve(import.meta.dirname, '../../../dist/worker.js');
const pool = new WorkerPool(await findRuntime(null), worker, folder, silent);

afterAll(async () => {
  pool.dispose();
  await bundler.dispose();
  store.dispose();
  remove(folder);
});

test('what a benchmark sets up takes none of its time', async () => {
  const file = path.join(folder, 'a.bench.ts');
  write(folder, {
    'a.bench.ts': `import { Bench } from 'tinybench';
      const bench = new Bench();
      bench.add('case', () => Math.random(), {
        beforeAll: () => { const end = performance.now() + 400; while (performance.now() < end); },
      });
      await bench.run();`,
  });
  const bundle = await bundler.current(file);
  if (!bundle.ok) throw new Error(bundle.error.message);
  const asked = await pool.request(
    {
      type: 'measure',
      ...{ name: 'case', benchFile: file, sides: [{ side: 'current', bundle: store.url(bundle.value) }] },
      ...{ cold: false, sampleMs: 30, deadlineMs: 300, warmMs: 200, warmup: null, concurrency: 1, latency: null },
    },
    { timeoutMs: 20_000, signal: new AbortController().signal },
  );
  if (!asked.ok || asked.value.type !== 'measured') throw new Error('it was not measured');
  // One iteration would be all, were the time over when it begins.
  expect(asked.value.sides[0]?.iterations).toBeGreaterThan(1000);
});
