import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Running {
  readonly pid: number;
  readonly command: string;
}

/** Whether this system shows the environment and the folder of other processes. */
export const canSeeProcesses = process.platform === 'linux';

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** Returns the processes that have `mark` in their environment, or `folder` in their arguments or as their working directory. */
export function processesOf(mark: string, folder: string): readonly Running[] {
  if (!canSeeProcesses) return [];
  return readdirSync('/proc').flatMap((name): Running[] => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    const read = (file: string): string => attempt(() => readFileSync(`/proc/${name}/${file}`, 'latin1')) ?? '';
    const command = read('cmdline').replaceAll('\0', ' ').trim();
    const cwd = attempt(() => readlinkSync(`/proc/${name}/cwd`)) ?? '';
    const isOurs =
      read('environ').split('\0').includes(mark) || command.includes(folder) || `${cwd}/`.startsWith(`${folder}/`);
    // A zombie that its parent has not waited for has ended.
    if (!isOurs || /^\d+ \(.*\) Z/s.test(read('stat'))) return [];
    return [{ pid, command: command.slice(0, 200) || read('comm').trim() }];
  });
}

/** Waits until none is left, for at most `ms`; returns those that are. */
export async function waitForEnd(mark: string, folder: string, ms: number): Promise<readonly Running[]> {
  const end = performance.now() + ms;
  for (;;) {
    const left = processesOf(mark, folder);
    if (left.length === 0 || performance.now() > end) return left;
    await sleep(100);
  }
}

/** Kills processes of a case, so that the next one has the machine for itself. */
export function killAll(processes: readonly Running[]): void {
  for (const { pid } of processes) attempt(() => process.kill(pid, 'SIGKILL'));
}
