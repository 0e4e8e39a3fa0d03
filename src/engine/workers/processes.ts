import { execFile, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Kills a process that was started `detached`, and everything that it started. */
export function killTree(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    // Once it has ended, its id may be that of another process.
    if (child.exitCode !== null || child.signalCode !== null) return;
    execFile('taskkill', ['/pid', String(pid), '/T', '/F'], () => undefined);
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The whole group has ended already.
  }
}

/** Returns the resident memory of a process in bytes; null if it has ended or the system does not report it. */
export async function residentBytes(pid: number): Promise<number | null> {
  try {
    if (process.platform === 'linux') {
      // proc(5): the second field of statm is the resident set, in pages of 4 KiB on every common machine.
      return Number((await readFile(`/proc/${pid}/statm`, 'latin1')).split(' ')[1]) * 4096;
    }
    if (process.platform === 'darwin')
      return Number((await run('ps', ['-o', 'rss=', '-p', String(pid)])).stdout) * 1024;
  } catch {
    // It has ended since the last look.
  }
  return null;
}
