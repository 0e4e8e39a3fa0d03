import { Session } from 'node:inspector/promises';
import { begun, type Case } from '../collect/case.js';
import type { Reached, ReachedCase, ReachRequest } from '../protocol.js';
import { now } from '../sample/now.js';

/** Calls each of these benchmarks once, until the deadline (milliseconds from now), and tells which functions ran. */
export async function reach(
  { bundle, deadlineMs }: Pick<ReachRequest, 'bundle' | 'deadlineMs'>,
  benchmarks: readonly Case[],
  describe: (error: unknown) => string,
): Promise<Reached> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  /** Returns the functions that ran since it was last asked. */
  const taken = async (): Promise<ReachedCase['functions']> => {
    const { result } = await session.post('Profiler.takePreciseCoverage');
    // It may be loaded a second time, by another query.
    const own = result.filter(({ url }) => url.startsWith(bundle)).flatMap(({ functions }) => functions);
    return own.flatMap(({ ranges: [range] }) => {
      // The module itself has no function that could be named.
      const ran = range !== undefined && range.count > 0 && range.startOffset > 0;
      return ran ? [{ offset: range.startOffset, calls: range.count }] : [];
    });
  };
  const started = now();
  const cases: ReachedCase[] = [];
  for (const benchmark of benchmarks) {
    if (cases.length > 0 && now() - started > deadlineMs) break;
    cases.push({ name: benchmark.name, ...(await called(benchmark, taken, describe)) });
  }
  session.disconnect();
  return { type: 'reached', cases };
}

async function called(
  defined: Case,
  taken: () => Promise<ReachedCase['functions']>,
  describe: (error: unknown) => string,
): Promise<Omit<ReachedCase, 'name'>> {
  try {
    for (const hook of defined.before) await hook('run');
    const { beforeEach, fn, afterEach, after } = begun(defined);
    for (const hook of beforeEach) await hook('run');
    await taken();
    const from = now();
    await fn();
    const ms = now() - from;
    const functions = await taken();
    for (const hook of [...afterEach, ...after]) await hook('run');
    return { failure: null, ms, functions };
  } catch (error) {
    return { failure: describe(error), ms: 0, functions: [] };
  }
}
