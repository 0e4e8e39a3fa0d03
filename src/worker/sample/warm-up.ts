import { isNeverHotter, type Slice } from '../../core/stats/slices.js';
import type { Clocks } from './clock.js';

/** Code runs at least this long before it counts, in nanoseconds of its own. */
const leastNs = 20e6;
/** The length of a slice. */
const sliceNs = 2e6;
/** How many slices show whether code still gets faster, and by how much it may have done so. */
const looks = 3;
const faster = 0.97;

/**
 * Runs slices that double from one iteration until the code is as fast as it becomes: V8 has had the calls that its last
 * compiler waits for, and the pace stands still. Gives up after `ms` milliseconds of its own, in which it ran without other
 * programs. `pace`: nanoseconds of the first call; `least`: the minimum of iterations; `iterations`: exactly so many, instead;
 * `needed`: how many calls V8's last compiler needs. If so many do not fit, ends at once. `used` reads the nanoseconds of processor
 * time of all threads of this process.
 */
export async function warmUp(
  slice: (iterations: number) => Promise<Slice>,
  clocks: Clocks,
  {
    pace: first,
    iterations,
    least,
    needed,
    ms,
    used,
  }: {
    readonly pace: number;
    readonly iterations: number | null;
    readonly least: number;
    readonly needed: number;
    readonly ms: number;
    readonly used: () => number;
  },
): Promise<{ readonly pace: number; readonly isHot: boolean }> {
  if (iterations !== null) {
    // The first call was one of them.
    if (iterations <= 1) return { pace: first, isHot: true };
    const { wall } = await slice(iterations - 1);
    return { pace: wall / (iterations - 1), isHot: true };
  }
  let pace = first;
  let done = 1;
  let spent = 0;
  let computed = 0;
  // What waits, for timers or disks, has no need to become hot. What waits for a thread of its own has.
  const waits = (): boolean => computed < 0.5 * spent;
  const recent: number[] = [];
  /** One slice may have been disturbed, or the compiler may have taken its time. */
  const leastRecent = (): number => Math.min(...recent.slice(-looks));
  const stands = (): boolean => {
    return recent.length >= 2 * looks && leastRecent() > faster * Math.min(...recent.slice(-2 * looks, -looks));
  };
  const end = clocks.wall() + 4 * ms * 1e6;
  for (let most = 1; ; most *= 2) {
    if (done >= least && (spent >= ms * 1e6 || clocks.wall() > end)) break;
    if (done >= Math.max(least, needed) && spent >= leastNs && stands()) break;
    if (waits() && done >= least && spent >= leastNs && stands()) break;
    if (!waits() && spent >= leastNs && (needed - done) * leastRecent() > 1.5 * (ms * 1e6 - spent)) break;
    const usedBefore = used();
    const one = await slice(Math.max(1, Math.min(most, Math.floor(sliceNs / pace))));
    pace = one.wall / one.iterations;
    done += one.iterations;
    // Nothing warms up while other programs have the processors.
    spent += Math.max(0, one.wall - (one.queued ?? 0));
    computed += used() - usedBefore;
    recent.push(pace);
    if (isNeverHotter([one])) return { pace, isHot: true };
  }
  return { pace: leastRecent(), isHot: done >= needed || waits() };
}
