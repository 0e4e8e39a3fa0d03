import { Worker } from 'node:worker_threads';
import { killGroup, killMarked, markVariable } from '../system/processes.js';

const mark = process.env[markVariable]?.split(' ').at(-1);

/** Kills this process and everything that the user's code has started. */
export function end(): void {
  if (mark !== undefined) killMarked(new Set([mark]));
  if (process.platform !== 'win32') killGroup(process.pid);
  process.kill(process.pid, 'SIGKILL');
}

/**
 * Ends this process when the engine is gone, although an endless loop never notices that the channel is closed: a thread sees the
 * end of a second pipe. It is not asked whether the engine's process lives, because the engine may be a thread that has ended, and
 * not who the parent is, because a `node` on the PATH may start the real one.
 */
export function dieWithEngine(): void {
  new Worker(new URL('watch.js', import.meta.url), { stdout: true, stderr: true }).unref();
}
