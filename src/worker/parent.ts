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
 * Ends this process when the engine is gone, although an endless loop never notices that the channel is closed: a thread looks
 * once a second. `engine` is its process id. It need not be our parent, because a `node` on the PATH may start the real one.
 */
export function dieWith(engine: number): void {
  new Worker(new URL('watch.js', import.meta.url), { workerData: engine, stdout: true, stderr: true }).unref();
}
