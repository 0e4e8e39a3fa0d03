import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ticksOf } from '../../../src/core/cause/profile.js';
import { BundleStore } from '../../../src/engine/bundle/bundle-store.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import { silent } from '../../../src/engine/util/log.js';
import { WorkerPool } from '../../../src/engine/workers/pool.js';
import { findRuntime } from '../../../src/engine/workers/runtime.js';

const worker = path.resolve(import.meta.dirname, '../../../dist/worker.js');
let folder: string;
let bundler: Bundler;
let store: BundleStore;
let pool: WorkerPool;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'perf budget ü '));
  bundler = new Bundler(folder);
  store = new BundleStore();
  pool = new WorkerPool(await findRuntime(null), worker, folder, silent);
});

afterAll(async () => {
  pool.dispose();
  await bundler.dispose();
  store.dispose();
  await rm(folder, { recursive: true, force: true });
});

let files = 0;

/** Profiles `case` of a bench file on both sides. `lib` is what its variable `lib` has: a module that is loaded as it is, with its lines. */
async function profiled(
  body: string,
  {
    lib = '',
    signal = new AbortController().signal,
    warmup = null as number | null,
    timeoutMs = 20_000,
    ms = 150,
    intervalUs = 200,
    concurrency = 1,
  } = {},
) {
  const number = files++;
  const module = path.join(folder, `lib-${number}.mjs`);
  await writeFile(module, lib);
  const benchFile = path.join(folder, `${number}.bench.ts`);
  await writeFile(
    benchFile,
    `const at: string = '${pathToFileURL(module).href}';\nconst lib = await import(at);\n${body}`,
  );
  const bundled = await bundler.current(benchFile);
  if (!bundled.ok) throw new Error(bundled.error.message);
  const bundle = store.url(bundled.value);
  const answer = await pool.request(
    {
      type: 'measure',
      ...{ name: 'case', benchFile, cold: warmup === 0, warmup, concurrency, deadlineMs: 3000 },
      sides: [
        { side: 'current', bundle },
        { side: 'baseline', bundle: `${bundle}?old` },
      ],
      ...{ sampleMs: 30, warmMs: 800, latency: { sides: ['current'], ms: 20, iterations: 10 } },
      profile: { ms, intervalUs, threshold: 1000 },
    },
    { timeoutMs, signal },
  );
  if (!answer.ok) return { failure: answer.error, sides: [], profiles: [] };
  if (answer.value.type !== 'measured') throw new Error(`answered ${answer.value.type}`);
  const { sides, profiles = [] } = answer.value;
  const scripts = { bundle, worker: pathToFileURL(worker).href };
  return { failure: null, sides, profiles: profiles.map((one) => ({ ...one, ticks: ticksOf(one.profile, scripts) })) };
}

type Profiled = Awaited<ReturnType<typeof profiled>>;

/** `name:line` of what most ticks are in, a side. Where the loop has taken the function into itself, it has no name. */
const topOf = ({ failure, profiles }: Profiled) =>
  failure ??
  profiles.map(({ side, ticks: { lines } }) => [side, `${lines[0]?.function?.name ?? ''}:${lines[0]?.line ?? 0}`]);

const ticksIn = (lines: readonly { readonly ticks: number }[]): number =>
  lines.reduce((sum, one) => sum + one.ticks, 0);

/** The share of a line in the ticks of all lines, least of both sides. The collector may run by chance. */
const shareOf = ({ profiles }: Profiled, line: number): number =>
  Math.min(
    ...profiles.map(({ ticks }) => {
      const found = ticks.lines.filter((one) => one.line === line);
      return ticksIn(found) / ticksIn(ticks.lines);
    }),
  );

const countOf = (slices: readonly { readonly iterations: number }[]): number =>
  slices.reduce((sum, one) => sum + one.iterations, 0);

/** `slow` spends its time in its line 9. */
const work = `const data = Array.from({ length: 3000 }, (_, i) => i);
export function quick() {
  let x = 0;
  for (const one of data) x += one;
  return x;
}
export function slow() {
  let x = 0;
  for (const one of data) x = Math.tan(x + one) / 3.1;
  return x;
}
export function often() {
  let x = 0;
  for (let i = 0; i < 100; i++) x += quick();
  return x;
}
`;

test('both sides are profiled in turns, and most ticks are in the line that takes most of the time', async () => {
  const answer = await profiled(`import { bench } from 'vitest';\nbench('case', () => [lib.quick(), lib.slow()]);`, {
    lib: work,
  });
  expect(topOf(answer)).toEqual([
    ['current', 'slow:9'],
    ['baseline', 'slow:9'],
  ]);
  expect(shareOf(answer, 9)).toBeGreaterThan(0.7);
  for (const { iterations, slices = [], profile } of answer.profiles) {
    expect(iterations).toBe(countOf(slices));
    expect(slices.length).toBeGreaterThan(1);
    expect(profile.samples?.length).toBe(profile.timeDeltas?.length);
  }
  const counts = answer.profiles.map(({ slices = [] }) => slices.length);
  expect(counts[0]).toBe(counts[1]);
  // The figures are those of code under a profiler, and no distribution is taken.
  expect(answer.sides.map(({ latencies }) => latencies.length)).toEqual([0, 0]);
});

test('what our loop takes into itself has its own lines', async () => {
  const lib = `let x = 1;\nexport function tiny() {\n  x = (x * 1.1) % 7;\n  return x;\n}\n`;
  const answer = await profiled(`import { bench } from 'vitest';\nbench('case', lib.tiny);`, { lib });
  expect(answer.failure).toBeNull();
  expect(shareOf(answer, 3)).toBeGreaterThan(0.5);
});

test('asynchronous code, several iterations at once', async () => {
  const body = `import { bench } from 'vitest';\nbench('case', async () => { await null; return lib.slow(); });`;
  const answer = await profiled(body, { lib: work, concurrency: 3 });
  expect(topOf(answer)).toEqual([
    ['current', 'slow:9'],
    ['baseline', 'slow:9'],
  ]);
});

describe('hooks', () => {
  test('around an iteration do not count', async () => {
    const body = `import { Bench } from 'tinybench';
const bench = new Bench();
bench.add('case', () => lib.often(), { beforeEach: () => { lib.slow(); } });
await bench.run();`;
    const answer = await profiled(body, { lib: work });
    expect(answer.failure).toBeNull();
    expect(shareOf(answer, 4)).toBeGreaterThan(0.5);
    for (const { ticks } of answer.profiles) expect(ticks.lines.filter(({ line }) => line === 9)).toEqual([]);
    expect(answer.profiles.map(({ ticks }) => ticks.kinds.loop > ticks.total / 20)).toEqual([true, true]);
  });

  test('around a phase run in turns, and the iterations after them count', async () => {
    const body = `import { bench } from 'vitest';
let is = false;
bench('case', () => { if (!is) throw new Error('closed'); lib.slow(); }, { setup: () => { is = true; }, teardown: () => { is = false; } });`;
    const answer = await profiled(body, { lib: work });
    expect(topOf(answer)).toEqual([
      ['current', 'slow:9'],
      ['baseline', 'slow:9'],
    ]);
    const ran = answer.profiles.map(({ iterations, slices = [] }) => iterations - countOf(slices));
    expect(Math.min(...ran)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...ran)).toBeGreaterThan(0);
  });
});

test('only the first call of a fresh process, if that is what counts', async () => {
  const lib = `export function once() {\n  let x = 0;\n  for (let i = 0; i < 3e6; i++) x = Math.tan(x + i);\n  return x;\n}\n`;
  const answer = await profiled(`import { bench } from 'vitest';\nbench('case', () => lib.once());`, {
    lib,
    warmup: 0,
  });
  expect(topOf(answer)).toEqual([
    ['current', 'once:3'],
    ['baseline', 'once:3'],
  ]);
  expect(answer.profiles.map(({ iterations }) => iterations)).toEqual([1, 1]);
});

test('an iteration that takes longer than there is time for is profiled all the same', async () => {
  const lib = `export function long() {\n  let x = 0;\n  for (let i = 0; i < 1e6; i++) x = Math.tan(x + i);\n  return x;\n}\n`;
  const answer = await profiled(`import { bench } from 'vitest';\nbench('case', () => lib.long());`, { lib, ms: 1 });
  expect(topOf(answer)).toEqual([
    ['current', 'long:3'],
    ['baseline', 'long:3'],
  ]);
});

test('what the code does with profilers of its own is its own', async () => {
  const body = `import { bench } from 'vitest';
import inspector from 'node:inspector';
import { syncBuiltinESMExports } from 'node:module';
const session = new inspector.Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.start');
console.profile('mine');
inspector.Session.prototype.post = inspector.Session.prototype.connect = () => { throw new Error('mine'); };
inspector.Session = class {};
syncBuiltinESMExports();
bench('case', () => lib.slow());`;
  expect(topOf(await profiled(body, { lib: work }))).toEqual([
    ['current', 'slow:9'],
    ['baseline', 'slow:9'],
  ]);
});

describe('is a failure, and nothing is profiled', () => {
  /** Runs `code` at its fourth call, which is the first with the profiler on. */
  const fourth = (code: string): string =>
    `import { bench } from 'vitest';\nlet calls = 0;\nbench('case', () => { if (++calls === 4) { ${code} } return lib.slow(); });`;
  const broken = (code: string, options: Parameters<typeof profiled>[1] = {}) =>
    profiled(fourth(code), { ...options, lib: work, warmup: 3, ms: 50 });

  test('what it throws', async () => {
    const { failure } = await broken(`throw new Error('boom');`);
    expect(failure).toMatchObject({ kind: 'threw', message: 'the benchmark threw: boom', side: 'current' });
  });

  test('that it exits', async () => {
    const { failure } = await broken(`process.exit(3);`);
    expect(failure).toMatchObject({ kind: 'exited', side: 'current' });
  });

  test('that it never returns', async () => {
    const { failure } = await broken(`for (;;);`, { timeoutMs: 2000 });
    expect(failure).toMatchObject({ kind: 'timeout', side: 'current' });
  });

  test('an abort', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 500);
    const { failure } = await broken(`for (;;);`, { signal: controller.signal });
    expect(failure).toEqual({ kind: 'aborted' });
  });

  test('that V8 refuses', async () => {
    // No number that V8 can take for an interval.
    const body = `import { bench } from 'vitest';\nbench('case', () => lib.slow());`;
    const { failure } = await profiled(body, { lib: work, intervalUs: 1e12 });
    expect(failure).toMatchObject({
      kind: 'spawn',
      message: expect.stringMatching(/^the code could not be profiled: /) as unknown,
    });
  });
});
