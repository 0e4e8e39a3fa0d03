import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

// Runs one program and says what it took, as a process of its own: what the system counts for a process's children is
// about all of them together, and here there is one.

/** What the engine hears once, over the channel. */
export type ProcessReply =
  | {
      readonly type: 'ended';
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
      /** Nanoseconds on the wall, from its start to its end. */
      readonly wall: number;
      /** Nanoseconds of processor time of all its threads and of the processes that it waited for; null where unknown. */
      readonly cpu: number | null;
      /** Bytes: the most that one of them occupied is between these; null where unknown. */
      readonly rss: { readonly low: number; readonly high: number } | null;
    }
  | { readonly type: 'unstarted'; readonly code: string | null; readonly message: string };

const [program = '', ...args] = process.argv.slice(2);

function reply(message: ProcessReply): void {
  // What it left running is ended by the engine, which ends this process's whole group.
  process.send?.(message);
}

/** `struct rusage` of getrusage(2) is alike on 64-bit Linux and macOS but for the unit of the size. */
const system: Partial<Record<NodeJS.Platform, { library: string; rssBytes: number }>> = {
  linux: { library: 'libc.so.6', rssBytes: 1024 },
  darwin: { library: 'libSystem.dylib', rssBytes: 1 },
};
const RUSAGE_CHILDREN = -1;

interface Used {
  readonly cpu: number;
  readonly rss: number;
}

/** Asks for what the children that have ended used; null where this system cannot be asked. */
async function openUsage(): Promise<(() => Used) | null> {
  const found = system[process.platform];
  if (found === undefined) return null;
  try {
    const { default: koffi } = await import('koffi');
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

/** The peak of a process that runs, in bytes, as proc(5) has it in `status`; 0 where it has ended or has none. */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

const looksMs = [1, 2, 4, 8, 16, 32, 64, 128];

const usage = await openUsage();
// The engine is gone, and with it whoever wanted to know.
process.on('disconnect', () => {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    process.exit(1);
  }
});
/** A fork is counted with all that its parent occupies until it runs its own program: below that, nothing is known. */
const floor = process.resourceUsage().maxRSS * 1024;
// It may be what makes an editor's own program a Node.
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
