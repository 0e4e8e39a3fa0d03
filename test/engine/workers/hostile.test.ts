import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BundleStore } from '../../../src/engine/bundle/bundle-store.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import { WorkerPool } from '../../../src/engine/workers/pool.js';
import { silent } from '../../../src/engine/util/log.js';
import { findRuntime, type Runtime } from '../../../src/engine/workers/runtime.js';

// What a benchmark does to its own process is its own failure, and nobody else's.

const worker = path.resolve(import.meta.dirname, '../../../dist/worker.js');
let folder: string;
let bundler: Bundler;
let store: BundleStore;
let runtime: Runtime;
let sharedPool: WorkerPool;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'perf-budget-hostile-'));
  bundler = new Bundler(folder);
  store = new BundleStore();
  runtime = await findRuntime(null);
  sharedPool = new WorkerPool(runtime, worker, folder, silent);
});

afterAll(async () => {
  sharedPool.dispose();
  await bundler.dispose();
  store.dispose();
  await rm(folder, { recursive: true, force: true });
});

let files = 0;

async function measured(body: string, { pool = sharedPool, timeoutMs = 20_000 } = {}) {
  const benchFile = path.join(folder, `${files++}.bench.ts`);
  await writeFile(benchFile, `import { bench } from 'vitest';\nimport fs from 'node:fs';\n${body}`);
  const bundle = await bundler.current(benchFile);
  if (!bundle.ok) throw new Error(bundle.error.message);
  const answer = await pool.request(
    {
      type: 'measure',
      ...{ name: 'case', benchFile, sides: [{ side: 'current', bundle: store.url(bundle.value) }] },
      ...{ cold: false, sampleMs: 30, warmMs: 300, warmup: null, concurrency: 1, deadlineMs: 2000, latency: null },
    },
    { timeoutMs, signal: new AbortController().signal },
  );
  if (!answer.ok) return answer.error;
  if (answer.value.type !== 'measured') throw new Error(`answered ${answer.value.type}`);
  return answer.value.sides[0]?.time;
}

/** Work of some milliseconds on any machine: a figure of nanoseconds would be a forged one. */
const work = 'let x = 0; for (let i = 0; i < 5e6; i++) x = (x * 31 + i) % 1009; globalThis.x = x;';
const isMeasured: unknown = expect.toSatisfy((time: unknown) => typeof time === 'number' && time > 1e5 && time < 1e9);

describe('messages of the user’s own are nobody’s', () => {
  test.each([
    ['a text over the channel of Node', `process.send?.('ready');`],
    ['an answer over the channel of Node', `process.send?.({ type: 'sliced', slice: { wall: 1, iterations: 1 } });`],
    ['junk into every pipe', `for (let to = 3; to < 12; to++) try { fs.writeSync(to, 'x'.repeat(100)); } catch {}`],
    ['listeners that are taken away', `process.removeAllListeners();`],
    ['a disconnect', `process.disconnect?.();`],
  ])('%s', async (_, code) => {
    expect(await measured(`bench('case', () => { ${code} ${work} });`)).toEqual(isMeasured);
  });

  test('there is no channel of Node, as when a bench file is run by itself', async () => {
    const code = `bench('case', () => { if (process.send !== undefined || process.connected) throw new Error('a channel'); ${work} });`;
    expect(await measured(code)).toEqual(isMeasured);
  });
});

describe('what it replaces', () => {
  test.each([
    ['the clock', `performance.now = () => 7; Date.now = () => 7; process.hrtime.bigint = () => 7n;`],
    ['timers', `globalThis.setTimeout = globalThis.setImmediate = () => 0;`],
    ['the serializer of JSON', `JSON.stringify = JSON.parse = () => 'x';`],
    ['the environment', `process.env = null;`],
    ['what every object has', `Object.prototype.wall = 1; Array.prototype.extra = 'x';`],
  ])('changes no figure: %s', async (_, code) => {
    expect(await measured(`${code}\nbench('case', () => { ${work} });`)).toEqual(isMeasured);
  });

  test('its end of our pipe', async () => {
    const code = `bench('case', () => { for (let to = 3; to < 40; to++) try { fs.closeSync(to); } catch {} });`;
    expect(await measured(code)).toMatchObject({ kind: 'crashed' });
  });
});

describe('what is thrown is said, whatever it is', () => {
  test.each([
    ['null', 'null', 'null'],
    ['Symbol("s")', 'Symbol("s")', 'Symbol(s)'],
    [
      'a revoked proxy',
      '(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()',
      'something that cannot be shown',
    ],
    ['Object.create(null)', 'Object.create(null)', '[Object: null prototype] {}'],
    ['a plain object', '({ code: 5 })', '{ code: 5 }'],
    ['an empty message', 'new RangeError()', 'RangeError'],
    ['a message that is an object', `Object.assign(new Error(), { message: { a: 1 } })`, '{ a: 1 }'],
    [
      'a message that throws',
      `Object.defineProperty(new Error(), 'message', { get() { throw new Error('inner'); } })`,
      'something that cannot be shown',
    ],
    ['a stack that throws', `Object.defineProperty(new Error('m'), 'stack', { get() { throw 1; } })`, 'm'],
  ])('%s', async (_, thrown, words) => {
    expect(await measured(`bench('case', () => { throw ${thrown}; });`)).toMatchObject({
      ...{ kind: 'threw', message: `the benchmark threw: ${words}` },
    });
  });

  test('a message of 50 MB, cut', async () => {
    const failure = await measured(`bench('case', () => { throw new Error('x'.repeat(50e6)); });`);
    expect(failure).toMatchObject({ kind: 'threw', message: `the benchmark threw: ${'x'.repeat(999)}…` });
  });
});

describe('a bench file that does not end its evaluation', () => {
  test.each([
    ['process.exit(0);', 'the bench file called process.exit(0) while it was loaded'],
    [
      'await new Promise(() => {});',
      'the bench file never finishes loading: something that it awaits at its top level never settles',
    ],
  ])('%s', async (code, message) => {
    expect(await measured(`bench('case', () => {});\n${code}`)).toMatchObject({ kind: 'import', message });
  });
});

describe.runIf(process.platform === 'linux')('processes', () => {
  const isRunning = (pid: number): boolean => existsSync(`/proc/${pid}/cmdline`);

  test('that it has detached end with it', async () => {
    const list = path.join(folder, 'pids');
    const code = `
      import { spawn } from 'node:child_process';
      let n = 0;
      bench('case', () => {
        for (; n < 20; n++) {
          const args = n % 2 === 0 ? ['sleep', '300'] : ['env', '-i', '/bin/sleep', '300'];
          const child = spawn('setsid', args, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
          fs.appendFileSync(${JSON.stringify(list)}, child.pid + '\\n');
          child.unref();
        }
        ${work}
      });`;
    expect(await measured(code)).toEqual(isMeasured);
    const pids = (await readFile(list, 'utf8')).trim().split('\n').map(Number);
    // Slow code is measured anew with another tiering.
    expect(pids.length).toBeGreaterThanOrEqual(20);
    await vi.waitFor(() => expect(pids.filter(isRunning)).toEqual([]), 10_000);
  });

  test('are measured by a `node` that starts the real one as its child', async () => {
    const shim = path.join(folder, 'node');
    const name = path.join(folder, 'pid');
    const real = `"${runtime.command}" "$@" & echo $! > ${name}; wait $!`;
    await writeFile(shim, `#!/bin/sh\n${real}\nexit $?\n`);
    await chmod(shim, 0o755);
    const pool = new WorkerPool({ ...runtime, command: shim }, worker, folder, silent);
    try {
      expect(await measured(`bench('case', () => { ${work} });`, { pool })).toEqual(isMeasured);
    } finally {
      pool.dispose();
    }
    const pid = Number(await readFile(name, 'utf8'));
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), 10_000);
  });
});
