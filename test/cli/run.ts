import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { CheckDocument } from '../../src/core/formats/reporters/document.js';
import { remove, temporaryFolder } from '../engine/repository.js';
import { maskFigures } from './figures.js';

export const program = path.resolve(import.meta.dirname, '../../dist/cli.js');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Options {
  readonly env?: Readonly<Record<string, string>>;
  /** A file descriptor in place of the pipe that is read. */
  readonly stdout?: number;
  /** Whether to measure, and to look for causes, because the test is about them. */
  readonly isReal?: boolean;
  /** Called with the running program, for signals. */
  readonly running?: (child: ChildProcess) => void;
}

/** The developer's own settings must not matter; the Node that runs the tests measures. */
export const environment = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(GIT_|GITHUB_|CI$|NO_COLOR$|FORCE_COLOR$|NODE_)/.test(name)),
  ),
  PATH: [path.dirname(process.execPath), process.env['PATH'] ?? ''].join(path.delimiter),
};

/** Fixes the figures, because most tests here are about reports, captures and histories. */
const scripted = `--require="${path.resolve(import.meta.dirname, 'scripted-measurement.cjs')}"`;

/** Runs the built program in a folder, to its end. */
export function perfBudget(
  cwd: string,
  args: readonly string[],
  { env, running, stdout: file, isReal = false }: Options = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    // Where something breaks on purpose, its causes take a second each and say the same.
    const isBrief = !isReal && args[0] === 'check' && !args.includes('--no-causes') && !args.includes('--help');
    const child = spawn(process.execPath, [program, ...args, ...(isBrief ? ['--no-causes'] : [])], {
      cwd,
      env: { ...environment, ...(isReal ? {} : { NODE_OPTIONS: scripted }), ...env },
      stdio: ['ignore', file ?? 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    running?.(child);
  });
}

/** Names of folders and commits, and points in time, made the same from run to run; columns keep their order only. */
function steadyNames(text: string): string {
  return text
    .replaceAll(/\S*perf-budget-test-\w+/g, 'FOLDER')
    .replaceAll(/\b[0-9a-f]{7}\b(?! is)/g, 'COMMIT')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'WHEN')
    .replaceAll(/ {3,}/g, '   ');
}

/** The same, and figures that no document of the same run has. Where there is one, `checked` says more. */
export function steady(text: string): string {
  return steadyNames(text)
    .replaceAll(/[+−]?[\d.,]+ (?:ns|µs|ms|s|min)(?![\p{L}\d])/gu, 'TIME')
    .replaceAll(/[\d.,]+[kMG]? ops\/s/g, 'RATE')
    .replaceAll(/[\d.,]+[kMG]? to RATE/g, 'RATE to RATE')
    .replaceAll(/[\d.,]+ to TIME/g, 'TIME to TIME')
    .replaceAll(/[+−±]?[\d.,]+(?:%| times)(?: faster| slower)? \([+−]?[\d.,]+ … [+−]?[\d.,]+\)/g, 'CHANGE')
    .replaceAll(/[+−][\d.,]+ to [+−][\d.,]+%/g, 'INTERVAL')
    .replaceAll(/[\d.,]+% (?=slower|faster)/g, 'SHARE ');
}

/** Waits until a benchmark has written its process id, and returns it. */
export async function processId(file: string): Promise<number> {
  await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8') !== '', { timeout: 30_000 }).toBe(true);
  return Number(readFileSync(file, 'utf8').trim().split('\n').at(-1));
}

/** Fails where one of the processes is still there after a few seconds. */
export async function expectEnded(pids: readonly number[]): Promise<void> {
  for (let turn = 0; turn < 50 && pids.some(isAlive); turn++) await sleep(100);
  expect(pids.filter(isAlive)).toEqual([]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie that nobody has waited for has ended.
    return !/^\d+ \(.*\) Z/s.test(existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '');
  } catch {
    return false;
  }
}

/** Everything that a person sees, made the same from run to run. */
export function seen(ended: Ended, root = ''): string {
  return steady(whole(ended, root));
}

type Figures = Pick<CheckDocument, 'budgets' | 'elapsedMs'>;

/** The same, but the figures must be those of the run’s document. */
export function seenWith(document: Figures, ended: Ended, root = ''): string {
  return steadyNames(maskFigures(whole(ended, root), document));
}

/** Runs `check` with a document beside its report, and sees it with that. */
export async function checked(
  root: string,
  args: readonly string[],
  options: Options = {},
  shown = '',
): Promise<string> {
  const folder = temporaryFolder();
  const file = `${folder}/check.json`;
  const ended = await perfBudget(root, [...args, '--json', file], options);
  const document = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as CheckDocument) : null;
  remove(folder);
  return seenWith(document ?? { budgets: [], elapsedMs: 0 }, ended, shown);
}

function whole({ code, stdout, stderr }: Ended, root: string): string {
  const parts = [`exit code ${code}`, stdout, ...(stderr === '' ? [] : ['--- standard error', stderr])];
  const text = parts.map((part) => part.trimEnd()).join('\n');
  return root === '' ? text : text.replaceAll(root, 'ROOT');
}
