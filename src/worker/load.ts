import { isWithin } from '../core/language/name-pattern.js';
import type { RunFailure } from '../core/results/measurement.js';
import type { Case } from './collect/case.js';
import { collect, type Collected, type Settings } from './collect/collect.js';
import { Refusal } from './collect/collector.js';
import { isSameName } from './collect/same-name.js';
import { isA } from './collect/signal.js';
import { describeError, thrownAt } from './observe/thrown-at.js';
import type { OpenRequest } from './protocol.js';

/** A failure that the user's code caused. */
export class Failure extends Error {
  constructor(readonly failure: RunFailure) {
    super(failure.message);
  }
}

type Loading = Pick<OpenRequest, 'launch' | 'bundle'>;
export type Cases = Extract<Collected, { kind: 'cases' }>;

/**
 * Loads a bundle for one of its benchmarks, or for the names of all if `wanted` is null. Throws `Failure`. `channel`: the worker's own,
 * which must not keep the process alive meanwhile.
 */
export async function load(
  { launch, bundle }: Loading,
  wanted: string | null,
  channel: Settings['channel'] = null,
): Promise<Cases> {
  // Not before: Node reads the map of whatever it loads from then on, and ours helps nobody.
  process.setSourceMapsEnabled(true);
  const prelude = launch?.prelude ?? null;
  const evaluate = (url: string) => async (): Promise<void> => {
    if (prelude !== null) await import(prelude);
    await import(url);
  };
  let collected = await collect(evaluate(bundle), wanted, { channel });
  // Its name may have a part that each load makes anew, so the script was not held. A module is evaluated once for each address.
  if (collected.kind === 'cases' && wanted !== null && isMadeAnew(wanted, collected.cases))
    collected = await collect(evaluate(`${bundle}${bundle.includes('?') ? '&' : '?'}again`), wanted, {
      channel,
      isAlike: true,
    });
  if (collected.kind === 'cases') return collected;
  const words = describeError(collected.error);
  const message = isA(collected.error, Refusal) ? words : `the bench file threw while loading: ${words}`;
  throw new Failure({ kind: 'import', message, ...thrownAt(collected.error) });
}

/** Whether no case has this name, but exactly one that is the same but for such a part. */
const isMadeAnew = (name: string, cases: readonly Case[]): boolean =>
  !cases.some((one) => one.name === name) && cases.filter((one) => isSameName(one.name, name)).length === 1;

/** Returns the benchmark of this name. Throws `Failure` if there is none. */
export function find(loaded: Pick<Cases, 'cases' | 'failures'>, name: string): Case {
  const exact = loaded.cases.find((one) => one.name === name);
  // The name may have a part that each load makes anew. If several have, nothing tells which is which.
  const [found, other] = exact === undefined ? loaded.cases.filter((one) => isSameName(one.name, name)) : [exact];
  if (found !== undefined && other === undefined) return found;
  const failure = loaded.failures.find((one) => isWithin(name, one.name));
  if (failure !== undefined) throw new Failure(failureOf(failure));
  throw new Failure({ kind: 'not-found', message: `the bench file has no benchmark "${name}"` });
}

/** Says what a suite or a test threw before it had defined all its benchmarks. */
export function failureOf({ name, error }: { readonly name: string; readonly error: unknown }): RunFailure {
  const what = name === '' ? 'the bench file' : `"${name}"`;
  return {
    kind: 'threw',
    message: `${what} threw before it defined this benchmark: ${describeError(error)}`,
    ...thrownAt(error),
  };
}
