import { existsSync, readFileSync } from 'node:fs';
import { openKoffi } from '../../system/foreign.js';
import { now } from './now.js';

/** Clock readings; only the differences between them mean anything. */
export interface Clocks {
  /** Wall-clock nanoseconds. */
  readonly wall: () => number;
  /** Nanoseconds of processor time that this thread has used; null if this system cannot tell them to a microsecond. */
  readonly cpu: (() => number) | null;
  /**
   * Nanoseconds in which this thread was ready to run but other programs had the processors, and how often it has waited
   * voluntarily (for a disk, a timer, another thread). Null if unknown.
   */
  readonly schedule: (() => { readonly queued: number; readonly waits: number }) | null;
}

/** `CLOCK_THREAD_CPUTIME_ID`: linux/time.h, and Darwin's <time.h>. */
const threadClock: Partial<Record<NodeJS.Platform, { library: string; id: number }>> = {
  linux: { library: 'libc.so.6', id: 3 },
  darwin: { library: 'libSystem.dylib', id: 16 },
};

/** proc(5): nanoseconds on a processor, nanoseconds in its queue, and time slices; and a table that counts context switches. */
const schedstat = '/proc/thread-self/schedstat';
const status = '/proc/thread-self/status';

/**
 * Opens the clocks. `process.threadCpuUsage` is missing before Node 23.9 and steps by milliseconds, so this asks the system
 * through a foreign-function call, which takes about a microsecond. If that fails (musl, Windows), only the wall clock is left.
 */
export async function openClocks(): Promise<Clocks> {
  const wall = (): number => now() * 1e6;
  const system = threadClock[process.platform];
  if (system === undefined) return { wall, cpu: null, schedule: null };
  try {
    const koffi = await openKoffi();
    const library = koffi.load(system.library);
    const clockGettime = library.func('int clock_gettime(int clock, _Out_ int64_t* time)') as (
      clock: number,
      time: BigInt64Array,
    ) => number;
    const time = new BigInt64Array(2);
    const cpu = (): number => {
      clockGettime(system.id, time);
      return Number(time[0]) * 1e9 + Number(time[1]);
    };
    if (!existsSync(schedstat)) return { wall, cpu, schedule: null };
    const schedule = (): { queued: number; waits: number } => ({
      queued: Number(readFileSync(schedstat, 'latin1').split(' ')[1]),
      waits: Number(/^voluntary_ctxt_switches:\s*(\d+)$/m.exec(readFileSync(status, 'latin1'))?.[1] ?? 0),
    });
    return { wall, cpu, schedule };
  } catch {
    return { wall, cpu: null, schedule: null };
  }
}
