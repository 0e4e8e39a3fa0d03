import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { createDemo } from '../fixtures/demo.mjs';
import { root } from '../host/install.mjs';

const run = promisify(execFile);

/** A new folder that has to be removed with `removeFolder`; its path has a space and a letter beyond ASCII. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'perf budget wörkspace '));
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

/** The demo as `npm start` opens it. */
export async function demoFolder(): Promise<string> {
  const folder = path.join(await temporaryFolder(), 'demo');
  await createDemo(folder);
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  return folder;
}

/** @param files text by path, relative to the folder */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/** Commits all that lies in a folder, which becomes a git repository if it is none. Returns the first seven digits of its id. */
export async function commitAll(folder: string, message = 'Start'): Promise<string> {
  const author = ['-c', 'user.name=Ada Example', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgSign=false'];
  await run('git', ['-c', 'init.defaultBranch=main', 'init', '--quiet'], { cwd: folder });
  await run('git', ['add', '--all'], { cwd: folder });
  await run('git', [...author, 'commit', '--quiet', '--message', message], { cwd: folder });
  return (await run('git', ['rev-parse', 'HEAD'], { cwd: folder })).stdout.slice(0, 7);
}

/** The benchmarks' processes that run in a folder, as `pid command`. */
export async function running(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    const [cwd, command] = await Promise.all([
      readlink(`/proc/${pid}/cwd`).catch(() => ''),
      readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
    ]);
    if (cwd === folder && command.includes('worker.js')) found.push(`${pid} ${command.replaceAll('\0', ' ').trim()}`);
  }
  return found;
}

/** Runs the command line that was built in this repository. */
export async function perfBudget(
  folder: string,
  ...args: readonly string[]
): Promise<{ readonly stdout: string; readonly code: number }> {
  const child = run(process.execPath, [path.join(root, 'dist', 'cli.js'), ...args], { cwd: folder });
  const { stdout } = await child.catch((error: unknown) => error as { stdout: string });
  return { stdout, code: child.child.exitCode ?? -1 };
}

/** Two benchmarks of a function below a comment, and budgets with mistakes in them. */
export const sumFiles = (comment: string): Readonly<Record<string, string>> => ({
  '.gitignore': '.perf-budget\n',
  'package.json': '{ "type": "module" }\n',
  'src/sum.js': `${comment}
export function sum(n) {
  let total = 0;
  for (let i = 1; i <= n; i++) total += i % 7;
  return total;
}
`,
  'bench/sum.bench.js': `import { bench, describe } from 'vitest';
import { sum } from '../src/sum.js';

describe('sum', () => {
  bench('small', () => {
    sum(2000);
  });
  bench('large', () => {
    sum(4000);
  });
});
`,
  'perf-budget.jsonc': `{
  "benchmarks": [{ "files": "bench/*.bench.js" }],
  "budgets": {
    // Small ones are on every page.
    "sum": { "benchmark": "sum/small", "limit": ["time <= 1 s"] },
    "misspelt": { "benchmark": "sum/smal", "limit": ["tiem <= 2 s"] },
  },
}
`,
});
