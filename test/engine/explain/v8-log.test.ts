import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SlowReason } from '../../../src/core/results/causes.js';
import { BundleStore } from '../../../src/engine/bundle/bundle-store.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import { slowReasons } from '../../../src/engine/explain/v8-log.js';
import { WorkerPool } from '../../../src/engine/workers/pool.js';
import { silent } from '../../../src/engine/util/log.js';
import { findRuntime } from '../../../src/engine/workers/runtime.js';

let root: string;
let bundler: Bundler;
let store: BundleStore;
let pool: WorkerPool;

const anyNumber = expect.any(Number) as number;
const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'perf budget 100% ü '));
  bundler = new Bundler(root);
  store = new BundleStore();
  pool = new WorkerPool(await findRuntime(null), workerPath, root, silent);
});

afterAll(async () => {
  pool.dispose();
  await bundler.dispose();
  store.dispose();
  await rm(root, { recursive: true, force: true });
});

/** Bundles the bench file with this library, and returns the address of the bundle. */
async function bundleOf(library: string): Promise<string> {
  const benchFile = path.join(root, 'a.bench.ts');
  await writeFile(path.join(root, 'lib.ts'), library);
  await writeFile(
    benchFile,
    `import { bench } from 'vitest';\nimport { run } from './lib.ts';\n\nbench('case', () => run());\n`,
  );
  const bundle = await bundler.current(benchFile);
  if (!bundle.ok) throw new Error(bundle.error.message);
  return store.url(bundle.value);
}

async function reasons(
  current: string,
  old: string | null,
  { execArgv = [] as readonly string[], mostBytes = 64_000_000, ms = 300 } = {},
): Promise<readonly SlowReason[]> {
  const baseline = old === null ? null : await bundleOf(old);
  const found = await slowReasons(
    {
      ...{ name: 'case', benchFile: path.join(root, 'a.bench.ts'), current: await bundleOf(current), baseline },
      launch: { prelude: null, execArgv },
      settings: { concurrency: 1 },
    },
    pool,
    {
      warmMs: 300,
      ms,
      mostBytes,
      signal: new AbortController().signal,
      root,
      workerPath,
      read: (file) => readFile(file, 'utf8'),
    },
  );
  if (!found.ok) throw new Error(found.error.kind);
  return found.value;
}

const shapes = (properties: string): string => `
const points = [${properties}];
class Sum {
  of(all) {
    let sum = 0;
    for (const point of all)
      sum += point.kind;
    return sum;
  }
}
const sum = new Sum();
export const run = () => sum.of(points);
`;
const fewShapes = shapes('{ a: 1, kind: 1 }, { b: 1, kind: 2 }, { a: 2, kind: 3 }');
const manyShapes = shapes(
  '{ a: 1, kind: 1 }, { b: 1, kind: 2 }, { c: 1, kind: 3 }, { d: 1, kind: 4 }, { e: 1, kind: 5 }',
);

test('a property that becomes megamorphic is told with the line and the remedy', async () => {
  expect(await reasons(manyShapes, fewShapes)).toEqual([
    {
      kind: 'megamorphic',
      ...{ file: 'lib.ts', line: 7, column: anyNumber, function: 'Sum.of' },
      message:
        '`kind` is read here of objects of more than four shapes, so V8 looks it up each time. Give them the same properties in the same order, or use a function for each shape.',
    },
  ]);
});

const chain = (drop: string): string => `
let last = null;
export function run() {
  const entry = { previous: last, value: 1, next: null };
  entry.value++;
  ${drop}
  last = entry;
  return entry.value;
}
`;

test('an object that becomes a dictionary is told', async () => {
  expect(await reasons(chain('delete entry.previous;'), chain('entry.previous = undefined;'))).toEqual([
    {
      kind: 'dictionary',
      ...{ file: 'lib.ts', line: 6, column: anyNumber, function: 'run' },
      message:
        '`delete` turns the object into a dictionary, whose properties are slower to read and write. Set the property to undefined, or use a Map.',
    },
  ]);
});

/** A function of so many statements, of some fourteen bytes of bytecode each. */
const long = (statements: number): string => `
export function run() {
  return mixed(Date.now());
}
function mixed(x) {
  let s = x;
${Array.from({ length: statements }, (_, i) => `  s = (s * ${i + 3} + x) ^ ${i};\n  if (s > ${i * 7}) s -= x;`).join('\n')}
  return s;
}
`;

test('a function that is too long to be optimized is told', async () => {
  const [reason, ...others] = await reasons(long(2000), long(50));
  expect(others).toEqual([]);
  expect(reason).toEqual({
    kind: 'not optimized',
    ...{ file: 'lib.ts', line: 5, column: anyNumber, function: 'mixed' },
    message: expect.stringMatching(
      /^V8 never optimizes this function, because it is too long: \d+ KiB of bytecode, and 60 KiB are the most\. Split it into smaller functions\.$/,
    ) as string,
  });
});

const prototypes = (changes: string): string => `
function Point(x) {
  this.x = x;
}
function make(x) {
  return new Point(x);
}
let calls = 0;
let next = 0;
export function run() {
  if (Date.now() >= next) {
    next = Date.now() + 15;
    ${changes}
  }
  let sum = 0;
  for (let i = 0; i < 5; i++)
    sum += make(i).x;
  return sum;
}
`;

test('optimized code that V8 gives up again and again is told', async () => {
  const found = await reasons(prototypes('Point.prototype = { kind: calls };'), prototypes('calls++;'));
  // Which function has the other one inside, and loses its code with it, is V8's affair.
  expect(found).toContainEqual({
    kind: 'deoptimized',
    ...{ file: 'lib.ts', line: anyNumber, column: anyNumber, function: expect.any(String) as string },
    message: expect.stringMatching(
      /^V8 gave up the optimized code of this function \d+ times in \d+ ms, because .+ changed\. Change prototypes, classes and globals only while the program starts\.$/,
    ) as string,
  });
});

test('what the old code has too is no reason, wherever it stands', async () => {
  // The line moves, and the statement changes.
  const other = manyShapes
    .replace('let sum = 0;', '\n\n    let sum = 1;')
    .replace('sum += point.kind', 'sum += 2 * point.kind');
  expect(await reasons(other, manyShapes)).toEqual([]);
  expect(await reasons(chain('delete entry.previous; last = 1;'), chain('delete entry.previous;'))).toEqual([]);
  expect(await reasons(manyShapes, manyShapes)).toEqual([]);
});

test('without old code, all of it is told', async () => {
  expect(await reasons(manyShapes, null)).toHaveLength(1);
});

test('where V8 cannot be asked, there are no reasons', async () => {
  expect(await reasons(manyShapes, null, { execArgv: ['--no-such-option'] })).toEqual([]);
  // It never optimizes anything.
  expect(await reasons(long(2000), null, { execArgv: ['--jitless'] })).toEqual([]);
  // Its log would fill the disk in its minute.
  expect(await reasons(chain('delete entry.previous;'), null, { ms: 60_000, mostBytes: 5_000_000 })).toEqual([]);
});
