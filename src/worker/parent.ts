import { Worker } from 'node:worker_threads';

/** Kills this process and everything that the user's code has started. */
export function end(): void {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    process.kill(process.pid, 'SIGKILL');
  }
}

/**
 * Ends this process group when the engine is gone: when the channel closes or, because an endless loop never notices that, when
 * a thread that looks once a second sees it. `parent` is the engine's process id. The engine passes it, because it may be gone
 * by now.
 */
export function dieWith(parent: number): void {
  process.on('disconnect', end);
  const watch = `
    const parent = require('node:worker_threads').workerData;
    const alive = () => { try { return process.kill(parent, 0); } catch (error) { return error.code === 'EPERM'; } };
    setInterval(() => {
      if (process.ppid === parent && alive()) return;
      try { process.kill(-process.pid, 'SIGKILL'); } catch { process.kill(process.pid, 'SIGKILL'); }
    }, 1000);`;
  new Worker(watch, { eval: true, workerData: parent, stdout: true, stderr: true }).unref();
}
