import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { openChannel } from './channel.js';
import { openKoffi } from '../system/foreign.js';
import { end } from './parent.js';

// Runs one program and reports what it used. This is a process of its own because the system counts all children of a process
// together, and this process has only one.

/** The one message to the engine. */
export type ProcessReply =
  | {
      readonly type: 'ended';
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
      /** Wall-clock nanoseconds from start to end. */
      readonly wall: number;
      /** Processor nanoseconds of all its threads and of the processes that it waited for; null if unknown. */
      readonly cpu: number | null;
      /** Bytes: the peak size of the largest of these processes is between the two; null if unknown. */
      readonly rss: { readonly low: number; readonly high: number } | null;
    }
  | { readonly type: 'unstarted'; readonly code: string | null; readonly message: string };

const [program = '', ...args] = process.argv.slice(2);
// This process only waits, so it sees at once that the engine is gone.
const { send } = await openChannel(() => undefined, end);

/** Afterwards the engine ends this process, and with it what the program left running. */
const reply = (message: ProcessReply): void => send(message);

/** `struct rusage` of getrusage(2) is the same on 64-bit Linux and macOS except for the unit of the size. */
const system: Partial<Record<NodeJS.Platform, { library: string; rssBytes: number }>> = {
  linux: { library: 'libc.so.6', rssBytes: 1024 },
  darwin: { library: 'libSystem.dylib', rssBytes: 1 },
};
const RUSAGE_CHILDREN = -1;

interface Used {
  readonly cpu: number;
  readonly rss: number;
}

/** Returns a function that reads what the ended children used; null if this system cannot tell. */
async function openUsage(): Promise<(() => Used) | null> {
  const found = system[process.platform];
  if (found === undefined) return null;
  try {
    const koffi = await openKoffi();
    const getrusage = koffi.load(found.library).func('int getrusage(int who, _Out_ uint8_t* usage)') as (
      who: number,
      usage: Uint8Array,
    ) => number;
    return () => {
      const usage = new DataView(new ArrayBuffer(144));
      getrusage(RUSAGE_CHILDREN, new Uint8Array(usage.buffer));
      const seconds = (at: number): number => Number(usage.getBigInt64(at, true)) + usage.getInt32(at + 8, true) / 1e6;
      return {
        cpu: Math.round((seconds(0) + seconds(16)) * 1e9),
        rss: Number(usage.getBigInt64(32, true)) * found.rssBytes,
      };
    };
  } catch {
    return null;
  }
}

/** Returns the peak size of a running process in bytes, from `status` (see proc(5)); 0 if it has ended or has none. */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

const looksMs = [1, 2, 4, 8, 16, 32, 64, 128];

const usage = await openUsage();
/** A fork counts with its parent's size until it runs its own program, so a peak up to this says nothing about the program. */
const floor = process.resourceUsage().maxRSS * 1024;
// This may be what makes an editor's own program run as Node.
delete process.env['ELECTRON_RUN_AS_NODE'];
const started = process.hrtime.bigint();
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], windowsHide: true });
let seen = 0;
let looks = 0;
let timer: NodeJS.Timeout | undefined;
function look(): void {
  seen = Math.max(seen, peakOf(child.pid ?? 0));
  timer = setTimeout(look, looksMs[looks++] ?? 250);
}
if (process.platform === 'linux') timer = setTimeout(look, 1);
child.on('error', (error: NodeJS.ErrnoException) => {
  clearTimeout(timer);
  reply({ type: 'unstarted', code: error.code ?? null, message: error.message });
});
child.on('exit', (code, signal) => {
  const wall = Number(process.hrtime.bigint() - started);
  clearTimeout(timer);
  const used = usage?.() ?? null;
  const rss = used === null ? null : { low: used.rss > floor ? used.rss : Math.min(seen, used.rss), high: used.rss };
  reply({ type: 'ended', code, signal, wall, cpu: used?.cpu ?? null, rss });
});
