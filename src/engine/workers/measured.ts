import { measuresNothing } from '../../core/stats/empty.js';
import { timeOf, usualTime, type ClockName, type Slice } from '../../core/stats/slices.js';
import { sum } from '../../core/stats/stats.js';
import type { Closed, SideName, Timed } from '../../worker/protocol.js';
import type { Measured } from './benchmark-workers.js';

interface MeasuredSide {
  readonly side: SideName;
  readonly slices: readonly Slice[];
}

/** Returns what the slices of all sides say. `closed`: what each of them was when it ended. */
export function measuredOf<Side extends MeasuredSide>(
  sides: readonly Side[],
  clock: ClockName,
  timed: ReadonlyMap<Side, Timed>,
  closed: readonly Closed[],
): Omit<Measured, 'isHot' | 'loadMs' | 'busyMs'> {
  const facts = sides.map((side, index) => {
    const time = timeOf(side.slices, clock);
    const { async = false, empty = false } = closed[index] ?? {};
    const nothing = !async && clock === 'cpu' && (empty || measuresNothing(time));
    return { side, time, nothing, asEmpty: async && empty };
  });
  const current = facts.find(({ side }) => side.side === 'current');
  const baseline = facts.find(({ side }) => side.side === 'baseline');
  const isCompared = current !== undefined && baseline !== undefined && !facts.every(({ nothing }) => nothing);
  return {
    type: 'measured',
    sides: sides.map((side) => {
      const { latencies = new Float64Array(), batch = 1 } = timed.get(side) ?? {};
      const iterations = sum(side.slices.map((one) => one.iterations));
      return { side: side.side, time: usualTime(side.slices, clock), iterations, latencies, batch };
    }),
    // Two empty loops have nothing to compare.
    logRatio: isCompared ? Math.log(current.time / baseline.time) : null,
    clock,
    slices: sum(sides.map(({ slices }) => slices.length)),
    nothing: current?.nothing ?? false,
    asEmpty: current?.asEmpty ?? false,
    mixed: closed.some(({ mixed }) => mixed),
  };
}
