import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Code } from '../../../src/core/cause/code.js';
import type { Explanation } from '../../../src/core/results/causes.js';
import { BundleStore } from '../../../src/engine/bundle/bundle-store.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import { explainAllocated, explainRetained, type ExplainedAllocations } from '../../../src/engine/explain/memory.js';
import { silent } from '../../../src/engine/util/log.js';
import { WorkerPool } from '../../../src/engine/workers/pool.js';
import { findRuntime } from '../../../src/engine/workers/runtime.js';
import { remove, temporaryFolder, write } from '../repository.js';

const folder = temporaryFolder();
const bundler = new Bundler(folder);
const store = new BundleStore();
const worker = path.resolve(import.meta.dirname, '../../../dist/worker.js');
const pool = new WorkerPool(await findRuntime(null), worker, folder, silent);
const benchFile = path.join(folder, 'a.bench.ts');

afterAll(async () => {
  pool.dispose();
  await bundler.dispose();
  store.dispose();
  remove(folder);
});

/** Bundles `lib.ts` with a bench file that calls its `run`, and keeps its text. */
async function bundled(lib: string): Promise<{ readonly url: string; readonly code: Code }> {
  write(folder, {
    'lib.ts': lib,
    'a.bench.ts': `import { bench } from 'vitest';\nimport { run } from './lib.js';\nbench('case', () => run());\n`,
  });
  const bundle = await bundler.current(benchFile);
  if (!bundle.ok) throw new Error(bundle.error.message);
  const texts = new Map(['lib.ts', 'a.bench.ts'].map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
  return { url: store.url(bundle.value), code: new Code((file) => texts.get(file) ?? null) };
}

async function explained(old: string, now: string): Promise<ExplainedAllocations> {
  const [baseline, current] = [await bundled(old), await bundled(now)];
  const target = { name: 'case', benchFile, launch: undefined, folder, baseline: baseline.url, current: current.url };
  const code = { baseline: baseline.code, current: current.code };
  const answer = await explainAllocated({ ...target, code }, null, pool, new AbortController().signal);
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.value;
}

/** V8 inlines all of it into one function, and what `pair` returns is never allocated. */
const lib = (point: string): string => `let kept: unknown;
interface Point { x: number; y: number }
function pair(i: number): { a: number; b: number } {
  return { a: i, b: i + 1 };
}
function point(i: number): Point {
  const { a, b } = pair(i);
  ${point}
}
function list(i: number): unknown[] {
  return [point(i), i, i];
}
export function run(): void {
  kept = list(3);
}
export const last = () => kept;
`;

describe('allocated', () => {
  test('names the function and the line, whatever V8 has inlined, with the bytes that a hand counts', async () => {
    const { explanation, functions } = await explained(
      lib('return { x: a, y: b };'),
      lib('return { x: a, y: b, ...(i > 2 && { z: [i, i, i, i] }) } as Point;'),
    );
    expect(explanation.causes).toHaveLength(1);
    expect(explanation.causes[0]).toMatchObject({
      kind: 'allocated',
      function: 'point',
      file: 'lib.ts',
      line: 8,
      changed: true,
      text: 'return { x: a, y: b, ...(i > 2 && { z: [i, i, i, i] }) } as Point;',
    });
    // 40 bytes for the point, 72 for the list.
    expect(explanation.baseline.value).toBeGreaterThan(105);
    expect(explanation.baseline.value).toBeLessThan(119);
    expect(explanation.explained).toBeGreaterThan(0.85);
    expect(explanation.note).toBeNull();
    const of = (name: string): number => functions.find((one) => one.function === name)?.current ?? 0;
    expect(of('list')).toBeGreaterThan(66);
    expect(of('list')).toBeLessThan(78);
  });

  test('code that is the same has no cause', async () => {
    const { explanation } = await explained(lib('return { x: a, y: b };'), lib('return { y: b, x: a };'));
    expect(explanation).toMatchObject({ causes: [], explained: null, note: null });
  });

  test('array buffers are told as what no function is known of', async () => {
    const run = (size: number): string =>
      `let kept: unknown;\nexport const last = () => kept;\nexport function run(): void {\n  kept = new Uint8Array(${size});\n}\n`;
    const { explanation } = await explained(run(1000), run(9000));
    expect(explanation.causes).toEqual([]);
    expect(explanation.note).toMatch(/^\+8 KB of the difference is in array buffers/);
  });

  test('a benchmark that throws is a failure, with its side', async () => {
    const [baseline, current] = [
      await bundled('export function run(): void { throw new Error("boom"); }'),
      await bundled(lib('')),
    ];
    const target = { name: 'case', benchFile, launch: undefined, folder, baseline: baseline.url, current: current.url };
    const code = { baseline: baseline.code, current: current.code };
    const answer = await explainAllocated({ ...target, code }, null, pool, new AbortController().signal);
    expect(answer).toMatchObject({
      ok: false,
      error: { kind: 'threw', message: 'the benchmark threw: boom', side: 'baseline' },
    });
  });
});

/** Leaks in every usual way, each in a function of its own; `false` for none. */
const leaky = (leaks: boolean): string => `import { EventEmitter } from 'node:events';
class Entry {
  data = new Array(20).fill('Entry');
}
class Cache {
  entries = new Map<number, Entry>();
}
class Item {
  data = new Array(20).fill("Item");
}
class Heard {
  data = new Array(20).fill("Heard");
}
class Hidden {
  data = new Array(20).fill("Hidden");
}
class Timed {
  data = new Array(20).fill("Timed");
}
const cache = new Cache();
const items: Item[] = [];
const bus = new EventEmitter().setMaxListeners(0);
let n = 0;
function remember(): void {
  cache.entries.set(n, new Entry());
}
function collect(): void {
  items.push(new Item());
}
function listen(): void {
  const heard = new Heard();
  bus.on('event', () => heard);
}
function makeStore(): (one: unknown) => void {
  const hidden: unknown[] = [];
  return function store(one) {
    hidden.push(one);
  };
}
const store = makeStore();
function hide(): void {
  store(new Hidden());
}
function wait(): void {
  const timed = new Timed();
  setTimeout(() => timed, 1e8).unref();
}
export function run(): void {
  n++;
  if (!${String(leaks)}) return;
  for (const leak of [remember, collect, listen, hide, wait]) leak();
}
`;

describe('retained', () => {
  test('names what each cycle leaves behind, what holds it, and who made it, for caches, arrays, listeners, closures and timers', async () => {
    const [baseline, current] = [await bundled(leaky(false)), await bundled(leaky(true))];
    const target = {
      name: 'case',
      benchFile,
      launch: undefined,
      folder,
      cycles: 100,
      baseline: baseline.url,
      current: current.url,
    };
    const code = { baseline: baseline.code, current: current.code };
    const answer = await explainRetained({ ...target, code }, null, pool, new AbortController().signal);
    if (!answer.ok) throw new Error(JSON.stringify(answer.error));
    const { causes, explained, note } = answer.value;
    const found = causes.map(({ function: name, line, retainer }) => ({ name, line, ...retainer }));
    const line = (text: string): number =>
      leaky(true)
        .split('\n')
        .findIndex((one) => one.includes(text)) + 1;
    expect(found.toSorted((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1))).toEqual([
      {
        name: 'collect',
        line: line('new Item()'),
        constructor: 'Item',
        path: ['variable items', 'Array'],
      },
      {
        name: 'hide',
        line: line('new Hidden()'),
        constructor: 'Hidden',
        path: ['variable store', expect.stringMatching(/^hidden in the closure context of store/), 'Array'],
      },
      // Of two lines that allocate, nobody can tell which one it is.
      {
        name: 'listen',
        line: null,
        constructor: 'function',
        path: ['variable bus', 'EventEmitter._events', 'Object.event', 'Array'],
      },
      {
        name: 'remember',
        line: line('new Entry()'),
        constructor: 'Entry',
        path: ['variable cache', 'Cache.entries', 'Map'],
      },
      { name: 'wait', line: null, constructor: 'Timeout', path: ['timers'] },
    ]);
    // Three words of header, one property in a word of its own, four words of an array, two and twenty of its store.
    const item = causes.find(({ function: name }) => name === 'collect');
    expect(item?.current.value).toBeGreaterThan(230);
    expect(item?.current.value).toBeLessThan(260);
    expect(explained).toBeGreaterThan(0.8);
    expect(note).toBeNull();
  });

  test('an array of numbers that only grows, without old code to compare with; and a heap that is too large', async () => {
    const run = (body: string): string =>
      `const all: number[] = [];\nexport const last = () => all;\nexport function run(): void {\n  ${body}\n}\n`;
    const ask = async (body: string, cycles: number): Promise<Explanation> => {
      const { url, code } = await bundled(run(body));
      const target = { name: 'case', benchFile, launch: undefined, folder, cycles, baseline: null, current: url };
      const answer = await explainRetained(
        { ...target, code: { baseline: code, current: code } },
        { baseline: 0, current: 800 },
        pool,
        new AbortController().signal,
      );
      if (!answer.ok) throw new Error(JSON.stringify(answer.error));
      return answer.value;
    };
    const { causes } = await ask('for (let i = 0; i < 100; i++) all.push(i / 3);', 100);
    expect(causes).toMatchObject([
      { kind: 'retained', function: 'run', line: 4, retainer: { constructor: 'Array', path: ['variable all'] } },
    ]);
    const { causes: none, note } = await ask('for (let i = 0; i < 3e7; i++) all.push(i / 3);', 1);
    expect(none).toEqual([]);
    expect(note).toMatch(/^The heap holds \d+ MB, which is too large for a snapshot/);
  });
});
