import type { Slice } from '../../core/stats/slices.js';
import type { Answers, SideName } from '../../worker/protocol.js';
import type { SideProfile } from './benchmark-workers.js';

/** The length of a slice under the profiler: a turn of the other side costs samples of what surrounds it. */
export const profiledSliceNs = 20e6;

interface ProfiledSide {
  readonly side: SideName;
  /** Those that have run since the profiler was started. */
  readonly slices: readonly Slice[];
}

/** What a side of a measurement can be asked for here. `Side` is whatever stands for one. */
export interface ProfiledSides<Side> {
  readonly start: (side: Side) => Promise<unknown>;
  readonly stop: (side: Side) => Promise<Answers['profile-stop']>;
  /** Runs a slice of about this many nanoseconds, in the phase that is measured. Returns the nanoseconds that it took. */
  readonly run: (side: Side, ns: number) => Promise<number>;
  readonly isLate: () => boolean;
}

/**
 * Profiles all sides while their slices run in turns, A B B A, until these have taken `ms` milliseconds in all. Each side runs as
 * often as the other one, and once at least, however long that takes. `slices`: how many a side runs in its turn.
 */
export async function profileTurns<Side extends ProfiledSide>(
  sides: readonly Side[],
  ms: number,
  slices: number,
  { start, stop, run, isLate }: ProfiledSides<Side>,
): Promise<readonly SideProfile[]> {
  await Promise.all(sides.map((side) => start(side)));
  let [order, spent] = [sides, 0];
  do {
    for (const side of order)
      for (let left = slices; left > 0 && (left === slices || !isLate()); left--)
        spent += await run(side, profiledSliceNs);
    order = order.toReversed();
  } while (spent < ms * 1e6 && !isLate());
  return Promise.all(sides.map(async (side) => profileOf(side, await stop(side))));
}

export const profileOf = (
  { side, slices }: ProfiledSide,
  { iterations, profile }: Answers['profile-stop'],
): SideProfile => ({ side, iterations, slices: [...slices], profile });
