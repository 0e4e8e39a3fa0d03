import { readFile } from 'node:fs/promises';
import { descendantsOf } from '../../system/processes.js';
import { outputOf } from '../processes/output.js';

/**
 * Returns the resident memory in bytes of a process and, on Linux, of all that it started; null if it has ended or the system does
 * not report it. Pages that several of them share count several times.
 */
export async function residentBytes(pid: number): Promise<number | null> {
  try {
    if (process.platform === 'linux') {
      const own = await residentOnLinux(pid);
      const others = await Promise.all(descendantsOf(pid).map((one) => residentOnLinux(one).catch(() => 0)));
      return others.reduce((sum, bytes) => sum + bytes, own);
    }
    if (process.platform === 'darwin') {
      const kilobytes = await outputOf('ps', ['-o', 'rss=', '-p', String(pid)]);
      return kilobytes === null ? null : Number(kilobytes) * 1024;
    }
  } catch {
    // It has ended since the last look.
  }
  return null;
}

/** proc(5): the second field of statm is the resident set, in pages of 4 KiB on every common machine. */
const residentOnLinux = async (pid: number): Promise<number> =>
  Number((await readFile(`/proc/${pid}/statm`, 'latin1')).split(' ')[1]) * 4096;
