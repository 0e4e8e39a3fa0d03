import { readdirSync, readFileSync } from 'node:fs';

// What the system knows of processes. Only Linux shows it to everybody, in /proc (proc(5)); elsewhere nothing is found.

/**
 * The variable that a process of ours and all that it starts have in their environment: the marks of the processes that they
 * come from, separated by spaces. A program that leaves its process group, as daemons do, is found by it.
 */
export const markVariable = 'PERF_BUDGET_PROCESS';

const entry = new RegExp(`(?:^|\\0)${markVariable}=([^\\0]*)`);

/** Kills processes; one that has ended already is none. */
function kill(pids: Iterable<number>): void {
  for (const pid of pids)
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended, or it belongs to somebody else.
    }
}

/** Returns the ids of everything that a process has started, directly or not, and that still runs. */
export function descendantsOf(pid: number): readonly number[] {
  const found = new Set<number>();
  const look = (parent: number): void => {
    for (const child of childrenOf(parent)) {
      if (found.has(child)) continue;
      found.add(child);
      look(child);
    }
  };
  look(pid);
  return [...found];
}

function childrenOf(pid: number): readonly number[] {
  try {
    // Each thread has a list of those that it started.
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.flatMap((thread) => {
      const list = readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').trim();
      return list === '' ? [] : list.split(' ').map(Number);
    });
  } catch {
    return [];
  }
}

/** Returns the other processes of this user that have one of these marks. */
function markedWith(marks: ReadonlySet<string>): readonly number[] {
  let names: readonly string[] = [];
  try {
    names = process.platform === 'linux' ? readdirSync('/proc') : [];
  } catch {
    // There is no /proc.
  }
  return names.flatMap((name) => {
    const pid = Number(name);
    return Number.isInteger(pid) && pid !== process.pid && marksOf(pid).some((mark) => marks.has(mark)) ? [pid] : [];
  });
}

function marksOf(pid: number): readonly string[] {
  try {
    return entry.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))?.[1]?.split(' ') ?? [];
  } catch {
    return [];
  }
}

/** Kills the process group of a leader (POSIX only), and everything that the leader has started, in whatever group it is. */
export function killGroup(leader: number): void {
  const started = descendantsOf(leader);
  // A leader that saw its children end first could go on with what comes after them; this process ends with its own group.
  if (leader === process.pid) kill(started);
  kill([-leader]);
  kill(started);
}

/** How often is looked for what was started meanwhile. */
const mostLooks = 4;

/** Kills everything that has one of these marks, this process excluded. Returns whether nothing new was found in the end. */
export function killMarked(marks: ReadonlySet<string>): boolean {
  const killed = new Set<number>();
  for (let look = 0; look < mostLooks; look++) {
    const found = markedWith(marks).filter((pid) => !killed.has(pid));
    if (found.length === 0) return true;
    kill(found);
    for (const pid of found) killed.add(pid);
  }
  return false;
}
