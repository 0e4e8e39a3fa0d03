import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { Child } from '../../../src/engine/processes/child.js';

const folder = mkdtempSync(path.join(tmpdir(), 'perf-budget-child-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (command: readonly string[], cwd = folder): Child =>
  new Child(command[0] ?? '', command.slice(1), {
    ...{ cwd, env: process.env, stdio: ['ignore', 'pipe', 'pipe'], startsPrograms: true },
  });

/** Whether a process has ended; a zombie has. */
function isGone(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return true;
  }
}

const pidIn = (text: string): number => Number(/pid (\d+)/.exec(text)?.[1]);

async function outputOf(child: Child): Promise<string> {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await vi.waitFor(() => expect(text).toContain('\n'), 20_000);
  return text;
}

test('a process ends with its code', async () => {
  expect(await start([process.execPath, '-e', 'process.exit(3)']).ended).toEqual({
    ...{ kind: 'exit', code: 3, signal: null },
  });
});

test.each([
  ['there is no such program', [path.join(folder, 'nothing')], folder],
  ['its folder does not exist', [process.execPath], path.join(folder, 'nowhere')],
  ['its folder is a file', [process.execPath], import.meta.filename],
  ['an argument has a NUL', [process.execPath, 'a\0b'], folder],
])('a process that cannot be started says so: %s', async (_, command, cwd) => {
  const child = start(command, cwd);
  expect(await child.ended).toMatchObject({ kind: 'unstarted' });
  expect(child.isRunning).toBe(false);
  child.kill();
});

describe.runIf(process.platform === 'linux')('what it leaves behind ends with it', () => {
  // It has left the group, has the pipe open, and is found by its environment.
  const daemon = `setsid sh -c 'echo pid $$; touch "$0"; exec sleep 300'`;
  /** Starts it, and goes on when it runs. */
  const started = (name: string): string => `${daemon} ${name} & until [ -e ${name} ]; do sleep 0.01; done`;

  test('after it has exited, and its pipe is not waited for', async () => {
    const child = start(['sh', '-c', started('first')]);
    const pid = pidIn(await outputOf(child));
    expect(await child.ended).toEqual({ kind: 'exit', code: 0, signal: null });
    await vi.waitFor(() => expect(isGone(pid)).toBe(true), 5000);
  });

  test('when it is killed', async () => {
    const child = start(['sh', '-c', `${started('second')}; sleep 300`]);
    const pid = pidIn(await outputOf(child));
    child.kill();
    expect(await child.ended).toEqual({ kind: 'exit', code: null, signal: 'SIGKILL' });
    await vi.waitFor(() => expect(isGone(pid)).toBe(true), 5000);
  });

  test('also without its environment, as long as it is a descendant', async () => {
    const child = start(['sh', '-c', `env -i setsid sh -c 'echo pid $$; exec sleep 300' & wait`]);
    const pid = pidIn(await outputOf(child));
    child.kill();
    await vi.waitFor(() => expect(isGone(pid)).toBe(true), 5000);
  });
});

test.runIf(process.platform !== 'win32')('a pipe that a stranger holds open is abandoned after a second', async () => {
  // Nothing marks it any more, and it is nobody's descendant.
  const child = start([
    'sh',
    '-c',
    `(env -i setsid sh -c 'echo pid $$; touch third; exec sleep 300' &); until [ -e third ]; do sleep 0.01; done`,
  ]);
  const pid = pidIn(await outputOf(child));
  try {
    expect(await child.ended).toEqual({ kind: 'exit', code: 0, signal: null });
    expect(isGone(pid)).toBe(false);
  } finally {
    process.kill(pid, 'SIGKILL');
  }
});
