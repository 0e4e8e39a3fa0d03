import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { afterEach, expect, test } from 'vitest';
import { execFileSync } from 'node:child_process';
import { MemoryStore } from '../../../src/engine/history/memory.js';
import { History } from '../../../src/engine/history/history.js';
import { Noise } from '../../../src/engine/measure/noise.js';
import { openProject } from '../../../src/engine/project/open.js';
import { silent } from '../../../src/engine/util/log.js';
import { commit, remove, repository, temporaryFolder } from '../repository.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');
const usualPath = process.env['PATH'] ?? '';
const folders: string[] = [];

afterEach(() => {
  process.env['PATH'] = usualPath;
  folders.splice(0).forEach(remove);
});

function folder(): string {
  const made = temporaryFolder();
  folders.push(made);
  return made;
}

/** Puts a `git` first on the PATH that leaves a line in a file for each start. Returns the number of starts so far. */
function countedGit(): () => number {
  const [bin, log] = [folder(), path.join(folder(), 'log')];
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  writeFileSync(path.join(bin, 'git'), `#!/bin/sh\necho >> '${log}'\nexec '${real}' "$@"\n`);
  writeFileSync(log, '');
  chmodSync(path.join(bin, 'git'), 0o755);
  process.env['PATH'] = `${bin}${path.delimiter}${usualPath}`;
  return () => readFileSync(log, 'utf8').length;
}

/** How often a check of so many budgets starts git. */
async function startsOfGit(count: number): Promise<number> {
  const root = repository(folder());
  const numbers = Array.from({ length: count }, (_, index) => index);
  const figures = numbers.map((n) => ({ name: `x${n}`, unit: 'ns', value: n + 1 }));
  const budgets = numbers.map((n) => [`budget ${n}`, { benchmark: `c/x${n}`, limit: ['time <= 1 ms'] }]);
  const command = { name: 'c', command: ['cat', 'out.json'], reads: 'github-action-benchmark', watch: ['out.json'] };
  commit(root, {
    'out.json': JSON.stringify(figures),
    'perf-budget.jsonc': JSON.stringify({ benchmarks: [command], budgets: Object.fromEntries(budgets) as unknown }),
  });
  const starts = countedGit();
  const project = await openProject(path.join(root, 'perf-budget.jsonc'), {
    ...{ log: silent, trusted: true, nodePath: process.execPath, workerPath },
  });
  try {
    const report = await project.run({});
    expect(report.budgets.map(({ verdict }) => verdict)).toEqual(numbers.map(() => 'pass'));
    expect((await project.history(`budget ${count - 1}`, 1))[0]?.commit).not.toBeNull();
  } finally {
    await project.dispose();
    process.env['PATH'] = usualPath;
  }
  return starts();
}

test.skipIf(process.platform === 'win32')(
  'a check of 200 budgets starts git as often as one of 2',
  { timeout: 240_000 },
  async () => {
    expect(await startsOfGit(200)).toBe(await startsOfGit(2));
  },
);

test('the history of thousands of budgets without runs is not looked up in its file', () => {
  let opened = 0;
  const behind = { rows: () => (opened++, []), ownRows: () => (opened++, []) };
  const memory = MemoryStore.from(new MemoryStore(), 100, behind);
  for (let n = 0; n < 10_000; n++)
    expect([...memory.ownRows(`budget ${n}`, 1), ...memory.rows(`budget ${n}`, 400)]).toEqual([]);
  expect(opened).toBe(0);
});

test('the noise of thousands of benchmarks is read once, and what is learned counts at once', async () => {
  const history = await History.open(folder());
  let read = 0;
  const counted = {
    noise: (machine: string) => (read++, history.noise(machine)),
    addNoise: (...row: Parameters<History['addNoise']>) => history.addNoise(...row),
  };
  const now = Date.parse('2026-11-29T12:00:00Z');
  const noise = new Noise(counted as unknown as History, 'here', () => now);
  for (let n = 0; n < 500; n++) noise.learn(`bench ${n}`, [0.1, -0.1, 0.08, -0.09]);
  expect(read).toBe(1);
  const { sigma } = noise.prior('another');
  expect(sigma).toBeGreaterThan(0.03);
  expect(new Noise(history, 'here', () => now).prior('another').sigma).toBeCloseTo(sigma, 10);
  history.close();
});
