import { Script } from 'node:vm';
import { marks } from '../../core/cause/v8-log.js';
import type { Case } from '../collect/case.js';
import type { ObserveRequest } from '../protocol.js';
import { now } from '../sample/now.js';
import { Sampler } from '../sample/sampler.js';
import { observedTiering } from '../sample/tiers.js';

const sliceMs = 4;
/** On a busy machine, it takes so many times as long until V8 has had its samples. */
const mostStretch = 4;

/**
 * Warms a case up as it is warmed up to be measured, and then runs it between two marks in V8's log. Returns how many iterations
 * ran between them. Without V8's flags for a log, nothing is written.
 */
export async function observeSteady(
  benchmark: Case,
  {
    warmMs,
    sampleMs,
    concurrency,
  }: Pick<Extract<ObserveRequest['what'], { kind: 'steady' }>, 'warmMs' | 'sampleMs' | 'concurrency'>,
): Promise<number> {
  const clocks = { wall: () => now() * 1e6, cpu: null, schedule: null };
  const sampler = new Sampler(benchmark, { concurrency, tiering: observedTiering }, clocks);
  await sampler.begin('run');
  await sampler.call();
  let { pace } = await sampler.warm({ type: 'warm', iterations: null, ms: warmMs, inlined: false });
  let iterations = 0;
  mark(marks.steady);
  const [from, used] = [now(), computedMs()];
  for (let spent = 0; spent < mostStretch * sampleMs; spent = now() - from) {
    if (spent >= sampleMs && computedMs() - used >= sampleMs) break;
    const { slice } = await sampler.slice(Math.max(1, Math.floor((sliceMs * 1e6) / Math.max(pace, 1))));
    iterations += slice.iterations;
    pace = slice.wall / slice.iterations;
  }
  mark(marks.end);
  await sampler.close();
  return iterations;
}

/** The milliseconds of processor time that this process has used. */
function computedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

/** V8 logs every script that it compiles, with its name, in the order of what else it logs. */
const mark = (filename: string): Script => new Script('', { filename });
