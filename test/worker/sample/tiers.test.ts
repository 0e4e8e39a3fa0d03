import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Tiering } from '../../../src/worker/protocol.js';
import { callsNeeded } from '../../../src/worker/sample/tiers.js';
import { remove, temporaryFolder, write } from '../../engine/repository.js';
import { nodeOf } from '../../host/node.mjs';

const run = promisify(execFile);
const folder = temporaryFolder();

/** Functions on which V8 on its defaults takes its time: a loop of its own, and loops of built-ins with a callback. */
const functions = `const values = Array.from({ length: 500 }, (_, i) => Math.sin(i) * 1000);
export const loop = () => { let s = 0; for (let i = 0; i < values.length; i++) s += values[i]; return s; };
export const reduce = () => values.reduce((a, b) => a + b, 0);
export const each = () => { let s = 0; values.forEach((v) => { s += v; }); return s; };
`;

/** Prints for each function after how many calls TurboFan's code was seen first, and whether Maglev's was before. V8's own word. */
const script = `import { useLastCompilerSoon } from './tiers.mjs';
const tiering = JSON.parse(process.argv[2]);
if (tiering !== null) useLastCompilerSoon(tiering);
const { loop, reduce, each } = await import('./functions.mjs');
// OptimizationStatus in V8's runtime.h, which lost a bit before Node 26.
const first = Number(process.versions.node.split('.')[0]) < 26 ? 5 : 4;
const [maglevved, turbofanned] = [1 << first, 2 << first];
const seen = {};
for (const fn of [loop, reduce, each]) {
  let calls = 0;
  let maglev = false;
  let status = 0;
  while (calls < 4000 && (status & turbofanned) === 0) {
    for (let i = 0; i < 50; i++, calls++) fn();
    status = %GetOptimizationStatus(fn);
    maglev ||= (status & maglevved) !== 0;
  }
  seen[fn.name] = { calls, turbofan: (status & turbofanned) !== 0, maglev };
}
console.log(JSON.stringify(seen));
`;

type Seen = Readonly<
  Record<'loop' | 'reduce' | 'each', { readonly calls: number; readonly turbofan: boolean; readonly maglev: boolean }>
>;

async function seen(major: string, tiering: Tiering | null): Promise<Seen> {
  // With the compiler beside the code, the count would depend on who else has the processor.
  const args = [
    '--no-concurrent-recompilation',
    '--allow-natives-syntax',
    path.join(folder, 'script.mjs'),
    JSON.stringify(tiering),
  ];
  return JSON.parse((await run(await nodeOf(major), args)).stdout) as Seen;
}

beforeAll(async () => {
  write(folder, { 'functions.mjs': functions, 'script.mjs': script });
  const entry = path.resolve(import.meta.dirname, '../../../src/worker/sample/tiers.ts');
  await build({ entryPoints: [entry], format: 'esm', outfile: path.join(folder, 'tiers.mjs'), logLevel: 'error' });
});
afterAll(() => remove(folder));

const usual: Tiering = { threshold: 1000, replacesLoops: false };

test.each(['20', '22', '24', '26'])(
  'on Node %s, code reaches V8’s last compiler within the calls that the warm-up makes, and without a detour',
  async (major) => {
    for (const tiering of [usual, { threshold: 200, replacesLoops: true }])
      for (const { calls, turbofan, maglev } of Object.values(await seen(major, tiering))) {
        expect({ turbofan, maglev }).toEqual({ turbofan: true, maglev: false });
        expect(calls).toBeLessThanOrEqual(callsNeeded(tiering));
      }
  },
);

test('on its defaults it takes the detour, and longer', async () => {
  const { reduce } = await seen('24', null);
  expect(reduce).toEqual({ calls: 4000, turbofan: false, maglev: true });
});
