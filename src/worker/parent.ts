import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { killGroup, killMarked, markVariable } from '../system/processes.js';

const mark = process.env[markVariable]?.split(' ').at(-1);

/** Kills this process and everything that the user's code has started. */
export const end = (): void => endGroup(process.pid);

/** The same of another process with the same mark, which leads a group. */
export function endGroup(leader: number): void {
  if (mark !== undefined) killMarked(new Set([mark]));
  if (process.platform !== 'win32') killGroup(leader);
  process.kill(leader, 'SIGKILL');
}

/** The process's end of a second pipe, over which nothing is sent. */
const watched = 4;
/** Waits for the end of the pipe, and becomes the program that follows. */
const waiting = 'read -r line; unset NODE_OPTIONS; exec "$0" "$@"';

/**
 * Ends this process when the engine is gone, although an endless loop never notices that the channel is closed: a shell sees the
 * end of a second pipe, because a thread of Node's would take as long to start as everything else here. It is not asked whether
 * the engine's process lives, because the engine may be a thread that has ended, and not who the parent is, because a `node` on
 * the PATH may start the real one.
 */
export function dieWithEngine(): void {
  if (process.platform === 'win32') {
    void watchInThread();
    return;
  }
  const program = fileURLToPath(new URL('end.js', import.meta.url));
  const shell = spawn('/bin/sh', ['-c', waiting, process.execPath, program, String(process.pid)], {
    stdio: [watched, 'ignore', 'ignore'],
  });
  shell.on('error', () => void watchInThread());
  shell.unref();
}

/** The same where there is no shell. */
async function watchInThread(): Promise<void> {
  const { Worker } = await import('node:worker_threads');
  new Worker(new URL('watch.js', import.meta.url), { stdout: true, stderr: true }).unref();
}
