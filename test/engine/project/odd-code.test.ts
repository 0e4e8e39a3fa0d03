import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import type { BudgetResult } from '../../../src/core/results/measurement.js';
import { openProject } from '../../../src/engine/project/open.js';
import { Worker } from '../../../src/engine/workers/worker.js';
import { silent } from '../../../src/engine/util/log.js';
import type { WorkerRequest } from '../../../src/worker/protocol.js';
import { commit, remove, repository, temporaryFolder, write } from '../repository.js';

/** Everything that processes are asked, in order. */
const ask = vi.spyOn(Worker.prototype, 'ask');
const asked = (): readonly { readonly worker: unknown; readonly request: WorkerRequest }[] =>
  ask.mock.calls.map(([request], index) => ({ worker: ask.mock.contexts[index], request }));

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

interface Judged {
  readonly budgets: readonly BudgetResult[];
  readonly root: string;
}

/** Measures `src/work.js`, of which `after` is the current version and `before` the old one; `use` looks before all is removed. */
async function judged(
  before: string,
  after: string,
  budgets: object,
  use: (judged: Judged) => void,
  benchFile = `import { bench } from 'vitest';\nimport { work } from './src/work.js';\nbench('work', () => work());\n`,
): Promise<void> {
  const root = repository(temporaryFolder());
  ask.mockClear();
  try {
    const config = { benchmarks: [{ files: '*.bench.ts' }], budgets };
    commit(root, { 'a.bench.ts': benchFile, 'perf-budget.jsonc': JSON.stringify(config), 'src/work.js': before });
    write(root, { 'src/work.js': after });
    const options = { log: silent, trusted: true, nodePath: null, workerPath };
    const project = await openProject(path.join(root, 'perf-budget.jsonc'), options);
    const { budgets: results } = await project.run({ causes: false });
    await project.dispose();
    use({ budgets: results, root });
  } finally {
    remove(root);
  }
}

/** What ends the name of a test, and code that adds up to a local `total`. The other version has another name for it: it is measured. */
const odd: Readonly<Record<string, string>> = {
  'that gets an object of a new shape in each call': `let calls = 0;
const read = (object) => { let total = 0; for (let i = 0; i < 100; i++) total += object.x * i; return total; };
export function work() {
  return read({ ['k' + (calls++ % 100_000)]: 1, x: calls });
}
`,
  // Every 2,000 calls, a new function has been optimized for one shape when it gets others.
  'that is optimized and deoptimized for ever': `let calls = 0;
let add;
const shapes = [(i) => ({ x: i }), (i) => ({ y: 1, x: i }), (i) => ({ x: i + 0.5 }), (i) => ({ x: 'a' })];
export function work() {
  const turn = calls++ % 2000;
  const text = '/* ' + calls + ' */ let total = 0; for (let i = 0; i < 50; i++) total += make(i).x; return total;';
  if (turn === 0) add = new Function('make', text);
  return add(shapes[turn < 1500 ? 0 : 1 + (turn % 3)]);
}
`,
  'with a direct eval': `export function work() {
  let total = 0;
  for (let i = 0; i < 20; i++) eval('total += i');
  return total;
}
`,
  'whose first thousand calls fill a cache': `const cache = new Map();
let calls = 0;
function slow(key) { let total = key; for (let i = 0; i < 5000; i++) total += Math.sqrt(i); return total; }
export function work() {
  const key = calls++ % 1000;
  let total = cache.get(key);
  if (total === undefined) cache.set(key, (total = slow(key)));
  return total;
}
`,
  'that was made of a text': `const add = new Function('n', 'let total = 0; for (let i = 0; i < n; i++) total += i % 7; return total;');
export function work() {
  return add(2000);
}
`,
  // (func (export "sum") (param $n i32) (result i32) (local $s i32)
  //   (loop (local.set $s (i32.add (local.get $s) (local.get $n)))
  //     (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
  //   (local.get $s))
  'that calls WebAssembly': `const bytes = '0061736d01000000' + '010601' + '60017f017f' + '03020100' + '0707010373756d0000'
  + '0a1b01' + '1901017f' + '0340' + '200120006a2101' + '200041016b2200' + '0d000b' + '20010b';
const { sum } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(bytes, 'hex'))).exports;
if (sum(4) !== 10) throw new Error('it adds wrongly');
export function work() {
  let total = 0;
  for (let i = 1; i < 10; i++) total += sum(1000);
  return total;
}
`,
  'that asks a thread': `import { Worker } from 'node:worker_threads';
const worker = new Worker(
  "const { parentPort } = require('node:worker_threads'); parentPort.on('message', (n) => { let s = 0; for (let i = 0; i < n; i++) s += Math.sqrt(i); parentPort.postMessage(s); });",
  { eval: true },
);
worker.unref();
export async function work() {
  const total = await new Promise((resolve) => { worker.once('message', resolve); worker.postMessage(20_000); });
  return total;
}
`,
};

test.each(Object.entries(odd))('unchanged code %s is no regression', async (_, code) => {
  // A busy machine may need it all; a check ends as soon as it has its answer.
  const budgets = { work: { benchmark: 'work', time: '20 s', limit: ['time <= baseline * 3'] } };
  await judged(code, code.replaceAll('total', 'sumOfAll'), budgets, ({ budgets: [result] }) => {
    expect(result, JSON.stringify(result)).toMatchObject({ verdict: 'pass' });
    // Both versions ran.
    expect(result?.comparison?.low).toBeLessThan(result?.comparison?.high ?? NaN);
  });
});

// As code does whose objects, or whose own place in memory, fall well in one process and badly in the next.
test('unchanged code that is faster in some processes than in others, for good, is neither passed nor failed', async () => {
  const log = temporaryFolder();
  // Who is called first is the slow one, and the sides take turns in that, pair by pair.
  const code = `import { mkdirSync } from 'node:fs';
let steps = 0;
function choose() {
  for (let process = 0; ; process++) {
    try {
      mkdirSync(${JSON.stringify(log)} + '/' + process);
      return process % 2 === 0 ? 3000 : 2000;
    } catch {}
  }
}
export function work() {
  steps ||= choose();
  let total = 0;
  for (let i = 0; i < steps; i++) total += Math.sqrt(i);
  return total;
}
`;
  // Beside other programs, the time of a default budget may be over after two pairs.
  const budgets = { work: { benchmark: 'work', time: '3 s', limit: ['time <= baseline + 10%'] } };
  try {
    await judged(code, code.replaceAll('total', 'sumOfAll'), budgets, ({ budgets: [result] }) => {
      expect(result, JSON.stringify(result)).toMatchObject({ verdict: 'undecided' });
      // One pair after another was asked.
      expect(readdirSync(log).length).toBeGreaterThan(4);
    });
  } finally {
    remove(log);
  }
});

// Not optimized, `reduce` takes more than ten times as long as the loop; in the long run, as long.
test('code of which only the first call takes long becomes hot all the same', async () => {
  const code = (body: string): string => `const values = Array.from({ length: 5000 }, (_, i) => i);
let isReady = false;
export function work() {
  if (!isReady) for (const end = performance.now() + 300; performance.now() < end;);
  isReady = true;
  ${body}
}
`;
  const loop = code('let s = 0; for (let i = 0; i < values.length; i++) s += values[i]; return s;');
  const budgets = { work: { benchmark: 'work', time: '8 s', limit: ['time <= baseline * 2', 'time <= 5 ms'] } };
  await judged(loop, code('return values.reduce((a, b) => a + b, 0);'), budgets, ({ budgets: [result] }) => {
    expect(result, JSON.stringify(result)).toMatchObject({ verdict: 'pass' });
    expect(result?.note).toBeUndefined();
  });
});

test('a given number of iterations comes before the first that counts, and V8 is as it is', async () => {
  const warmup = 100;
  const code =
    'export function work() { let total = 0; for (let i = 0; i < 2000; i++) total += i % 7; return total; }\n';
  // How many calls each process had in all.
  const benchFile = (file: string): string => `import { appendFileSync } from 'node:fs';
import { afterAll, bench } from 'vitest';
import { work } from './src/work.js';
let calls = 0;
bench('work', () => { calls++; return work(); });
afterAll(() => appendFileSync(${file}, calls + '\\n'));
`;
  const budgets = { work: { benchmark: 'work', warmup, limit: ['time <= baseline * 3'] } };
  const renamed = code.replaceAll('total', 'sumOfAll');
  await judged(
    code,
    renamed,
    budgets,
    ({ budgets: [result], root }) => {
      expect(result, JSON.stringify(result)).toMatchObject({ verdict: 'pass' });
      const opened = asked().flatMap(({ request }) => (request.type === 'open' ? [request.tiering] : []));
      expect(opened.length).toBeGreaterThanOrEqual(4);
      expect(new Set(opened)).toEqual(new Set([null]));
      const finished = asked().flatMap(({ worker, request }) => (request.type === 'finish' ? [worker] : []));
      const sliced = finished.map((worker) => {
        const slices = asked().flatMap((one) =>
          one.worker === worker && one.request.type === 'slice' ? [one.request.iterations] : [],
        );
        expect(slices.length).toBeGreaterThan(0);
        return slices.reduce((sum, one) => sum + one, 0);
      });
      const ascending = (counts: readonly number[]): readonly number[] => counts.toSorted((a, b) => a - b);
      // The teardowns of both sides run at once, so the lines are in any order.
      const calls = readFileSync(path.join(root, 'calls'), 'utf8').trim().split('\n').map(Number);
      expect(ascending(calls)).toEqual(ascending(sliced.map((count) => warmup + count)));
    },
    benchFile(`new URL('./calls', import.meta.url)`),
  );
});

test('slow code that takes three times as long fails, alone and in a sum', async () => {
  const code = (rounds: number): string => `const turns = 5e6;
export function work() {
  let total = 0;
  for (let round = 0; round < ${rounds}; round++) for (let i = 0; i < turns; i++) total += Math.sqrt(i ^ round);
  return total;
}
`;
  const limit = ['time <= baseline * 2'];
  const budgets = { work: { benchmark: 'work', limit }, both: { sum: ['work', 'quick'], limit } };
  const benchFile = `import { bench } from 'vitest';
import { work } from './src/work.js';
bench('work', () => work());
bench('quick', () => { let sum = 0; for (let i = 0; i < 1000; i++) sum += Math.sqrt(i); return sum; });
`;
  await judged(
    code(4),
    code(12),
    budgets,
    ({ budgets: results }) => {
      for (const result of results) {
        expect(result, JSON.stringify(result)).toMatchObject({ verdict: 'fail' });
        expect(result.comparison?.ratio).toBeGreaterThan(2);
        expect(result.comparison?.ratio).toBeLessThan(4);
      }
    },
    benchFile,
  );
});
