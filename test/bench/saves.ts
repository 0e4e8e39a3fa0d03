/**
 * Eight hours of saves in the time that they take: what the engine's memory, its descriptors and its files grow by.
 * npm run bench:saves [-- saves]
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Project } from '../../src/engine/project/snapshot.js';
import { createProject } from '../../src/engine/project/open.js';
import { silent } from '../../src/engine/util/log.js';

const [, , home = '', repository = '', wanted = '5000'] = process.argv;
const saves = Number(wanted);
/** Of so many saves, one changes what the code does, so that it is measured; the others change a comment. */
const measuredEvery = 25;
const rows = 20;

const git = (root: string, ...args: readonly string[]) =>
  promisify(execFile)('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], { cwd: root });

const config = `{
  "benchmarks": [{ "files": "*.bench.js" }],
  "defaults": { "time": "100 ms" },
  "budgets": {
    "sum": { "benchmark": "sum", "code": "sum.js#sum", "limit": ["time <= 1 s"] },
    "product": { "benchmark": "product", "limit": ["time <= 1 s"] },
    "both": { "sum": ["sum", "product"], "limit": ["time <= 1 s"] },
  },
}
`;

const code = (step: number, comment: number): string => `// ${comment}
export function sum(n) {
  let total = ${step};
  for (let i = 1; i <= n; i++) total += i % 7;
  return total;
}
export const product = (n) => sum(n) * ${step + 1};
`;

const bench = `import { bench } from 'vitest';
import { product, sum } from './sum.js';
bench('sum', () => { sum(500); });
bench('product', () => { product(500); });
`;

async function settled(project: Project, since: number): Promise<void> {
  for (;;) {
    const { budgets, progress } = project.snapshot;
    const isKnown = budgets.every(({ state }) => state.kind === 'known' && state.known.at >= since);
    if (progress === null && budgets.length > 0 && isKnown) return;
    await new Promise<void>((resolve) => {
      const end = project.onDidChange(() => {
        end();
        resolve();
      });
    });
  }
}

async function sizeOf(folder: string): Promise<{ files: number; bytes: number }> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const all = await Promise.all(names.map((name) => stat(path.join(folder, name)).catch(() => null)));
  return { files: names.length, bytes: all.reduce((sum, one) => sum + (one?.isFile() === true ? one.size : 0), 0) };
}

const root = path.join(home, 'saves');
// What the engine and its processes leave in the system's folder for temporary files is then all there is in it.
const temporary = path.join(home, 'temporary');
await mkdir(temporary, { recursive: true });
process.env['TMPDIR'] = temporary;
if (tmpdir() !== temporary) throw new Error('The folder for temporary files is another one.');
await mkdir(root, { recursive: true });
const file = path.join(root, 'sum.js');
const all = { 'package.json': '{ "type": "module" }\n', '.gitignore': '.perf-budget\n', 'sum.bench.js': bench };
for (const [name, text] of Object.entries({ ...all, 'perf-budget.jsonc': config, 'sum.js': code(0, 0) }))
  await writeFile(path.join(root, name), text);
await git(root, 'init', '-q');
await git(root, 'add', '-A');
await git(root, 'commit', '-qm', 'Add up');

const options = { trusted: true, nodePath: null, workerPath: path.join(repository, 'dist/worker.js'), log: silent };
// In this thread, whose memory can be collected and counted; the editor's engine has one of its own.
const project = await createProject(path.join(root, 'perf-budget.jsonc'), options);
await project.reload();
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
console.log('saves       heap   resident  descriptors  temporary  kept on disk');
const seen: { saves: number; heap: number; descriptors: number; files: number }[] = [];
for (let save = 1; save <= saves; save++) {
  const since = Date.now();
  await writeFile(file, code(Math.floor(save / measuredEvery), save));
  project.filesChanged([file]);
  await settled(project, since);
  if (save % Math.ceil(saves / rows) !== 0) continue;
  await new Promise((resolve) => setTimeout(resolve, 500));
  collect();
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  const descriptors = (await readdir('/proc/self/fd').catch(() => [])).length;
  const { files } = await sizeOf(temporary);
  const kept = (await sizeOf(path.join(root, '.perf-budget'))).bytes / 1e6;
  const heap = heapUsed / 1e6;
  seen.push({ saves: save, heap, descriptors, files });
  console.log(
    [
      String(save).padEnd(6),
      `${heap.toFixed(1)} MB`.padStart(9),
      `${(rss / 1e6).toFixed(1)} MB`.padStart(10),
      String(descriptors).padStart(12),
      String(files).padStart(10),
      `${kept.toFixed(1)} MB`.padStart(13),
    ].join(' '),
  );
}
await project.dispose();
console.log(`Left in the folder for temporary files afterwards: ${(await sizeOf(temporary)).files}`);
const half = seen.slice(Math.floor(seen.length / 2));
for (const what of ['heap', 'descriptors', 'files'] as const) {
  const perThousand = slope(half.map((one) => [one.saves / 1000, one[what]]));
  console.log(`${what} in the second half: ${perThousand.toFixed(2)} more per 1,000 saves`);
}

/** Returns the slope of a line through points, by least squares. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (at: 0 | 1): number => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const up = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return up / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
