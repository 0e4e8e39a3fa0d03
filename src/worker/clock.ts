/** Readings at one moment; differences of them are what counts. */
export interface Clocks {
  /** Nanoseconds on the wall. */
  readonly wall: () => number;
  /** Nanoseconds of processor time that this thread has used; null where this system cannot tell to a microsecond. */
  readonly cpu: (() => number) | null;
  /** How often this thread has waited of its own accord (for a disk, a timer, another thread); null where unknown. */
  readonly waits: (() => number) | null;
}

/** `CLOCK_THREAD_CPUTIME_ID`: linux/time.h, and Darwin's <time.h>. */
const threadClock: Partial<Record<NodeJS.Platform, { library: string; id: number }>> = {
  linux: { library: 'libc.so.6', id: 3 },
  darwin: { library: 'libSystem.dylib', id: 16 },
};

/** getrusage(2): RUSAGE_THREAD, and where `ru_nvcsw` stands in the structure of 64-bit Linux. */
const rusageThread = 1;
const rusageBytes = 144;
const voluntarySwitches = 128;

/**
 * `process.threadCpuUsage` is missing before Node 23.9 and steps by milliseconds, so the system is asked through a
 * foreign-function call of about a microsecond. Where that fails (musl, Windows), the wall clock alone decides.
 */
export async function openClocks(): Promise<Clocks> {
  const wall = (): number => performance.now() * 1e6;
  const system = threadClock[process.platform];
  if (system === undefined) return { wall, cpu: null, waits: null };
  try {
    const { default: koffi } = await import('koffi');
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
    if (process.platform !== 'linux') return { wall, cpu, waits: null };
    const getrusage = library.func('int getrusage(int who, _Out_ uint8_t* usage)') as (
      who: number,
      usage: Uint8Array,
    ) => number;
    const usage = Buffer.alloc(rusageBytes);
    const waits = (): number => {
      getrusage(rusageThread, usage);
      return Number(usage.readBigInt64LE(voluntarySwitches));
    };
    return { wall, cpu, waits };
  } catch {
    return { wall, cpu: null, waits: null };
  }
}
