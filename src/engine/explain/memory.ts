import { explainRetained as retainedCauses, type SideRetainers } from '../../core/cause/retained.js';
import { allocatedByFunction, explainAllocations, type FunctionAllocation } from '../../core/cause/allocations.js';
import type { SideAllocations } from '../../core/cause/allocation-units.js';
import type { Code } from '../../core/cause/code.js';
import { err, ok, type Result } from '../../core/result.js';
import type { Allocations } from '../../core/results/allocations.js';
import type { Explanation } from '../../core/results/causes.js';
import type { RunFailure } from '../../core/results/measurement.js';
import {
  disagreementNote,
  externalNote,
  inlinedNote,
  leastExplainedNote,
  nothingRetainedNote,
  retainerPath,
  sameAllocationsNote,
  tooLargeNote,
} from '../../core/text/memory-notes.js';
import type { Observed, ObserveRequest, SideName } from '../../worker/protocol.js';
import type { Target } from '../measure/target.js';
import type { Aborted, BenchmarkWorkers } from '../workers/benchmark-workers.js';
import { placesIn } from './places.js';

/** How long the profiler runs in each process, twice, in milliseconds; and the most for everything after loading. */
const sampleMs = 250;
const deadlineMs = 6000;
const timeoutMs = { allocations: 15_000, retainers: 60_000 };
/** Memory outside of the heap of this part of the difference is worth a note. */
const worthNoting = 0.1;
/** The heap's figure has the gaps that V8 leaves before objects that do not fit: 8 to 13% more for arrays and maps that grow. */
const gaps = 0.25;

/** Both sides of a benchmark, of which the memory is to be explained. */
export interface MemoryTarget extends Pick<Target, 'name' | 'benchFile' | 'current' | 'launch'> {
  readonly baseline: string;
  /** The folder of the configuration. Files are named relative to it, with forward slashes. */
  readonly folder: string;
  /** The user's files of both sides, by those names. */
  readonly code: { readonly baseline: Code; readonly current: Code };
}

/** The verdict's bytes a call; null if there is no such figure, as for `heap`. */
export type MeasuredBytes = { readonly baseline: number; readonly current: number } | null;

export interface ExplainedAllocations {
  readonly explanation: Explanation;
  /** What each function allocates itself. */
  readonly functions: readonly FunctionAllocation[];
}

/** Explains what a call allocates, old code against new, by fresh processes. */
export async function explainAllocated(
  target: MemoryTarget,
  measured: MeasuredBytes,
  workers: BenchmarkWorkers,
  signal: AbortSignal,
): Promise<Result<ExplainedAllocations, RunFailure | Aborted>> {
  // At once, because the bytes do not depend on how fast they run.
  const [baseline, current] = await Promise.all([
    sideOf('baseline', target, workers, signal),
    sideOf('current', target, workers, signal),
  ]);
  if (!current.ok) return current;
  if (!baseline.ok) return baseline;
  const explained = explainAllocations(baseline.value, current.value, measured);
  const { inlinedInto, ...explanation } = explained;
  const difference = explained.current.value - explained.baseline.value;
  const [old, now] = [baseline.value.allocations, current.value.allocations];
  const notes: string[] = [];
  const outside = now.external - old.external;
  if (Math.abs(outside) > Math.max(1, worthNoting * Math.abs(difference)))
    notes.push(externalNote(old.external, now.external));
  else if (explained.explained === null && measured !== null && Math.abs(difference) >= 1)
    notes.push(sameAllocationsNote());
  else if (explained.explained !== null && explained.explained < 0.5)
    notes.push(leastExplainedNote(explained.explained));
  for (const name of inlinedInto) notes.push(inlinedNote(name));
  for (const { sampled, heap } of [sumsOf(old), sumsOf(now)])
    if (Math.abs(sampled - heap) > gaps * Math.max(sampled, heap) && explanation.causes.length > 0)
      notes.push(disagreementNote(sampled, heap));
  return ok({
    explanation: { ...explanation, note: notes.length === 0 ? null : notes.join(' ') },
    functions: allocatedByFunction(baseline.value, current.value),
  });
}

/** The sum of the samples, without what the loop itself allocates, and the growth of the heap. */
function sumsOf({ functions, heap }: Allocations): { readonly sampled: number; readonly heap: number } {
  const own = functions[0]?.apart.bytes ?? 0;
  return { sampled: functions.reduce((sum, { warm }) => sum + warm.bytes, 0) - own, heap };
}

/** Explains what each of some cycles leaves behind. Without old code (`baseline` is null), all of it. Takes heap snapshots. */
export async function explainRetained(
  target: Omit<MemoryTarget, 'baseline'> & { readonly baseline: string | null; readonly cycles: number },
  measured: MeasuredBytes,
  workers: BenchmarkWorkers,
  signal: AbortSignal,
): Promise<Result<Explanation, RunFailure | Aborted>> {
  const { baseline: old, cycles } = target;
  const what = { kind: 'retainers', cycles } as const;
  // One after the other: a snapshot may take a gigabyte.
  const current = await observed('current', target.current, what, target, workers, signal);
  if (!current.ok) return current;
  const baseline = old === null ? null : await observed('baseline', old, what, target, workers, signal);
  if (baseline?.ok === false) return baseline;
  const sides = [current.value, ...(baseline === null ? [] : [baseline.value])];
  const tooLarge = sides.map(({ retainers }) => retainers.tooLarge).find((size) => size !== null);
  const placesOf = async (bundle: string): Promise<SideRetainers['placeOf']> => {
    const placeOf = await placesIn(bundle, target.folder);
    return ({ allocatedIn }) => (allocatedIn === null ? null : placeOf(allocatedIn));
  };
  const [now, before] = [
    { ...current.value, code: target.code.current, placeOf: await placesOf(target.current) },
    old === null || baseline === null
      ? null
      : { ...baseline.value, code: target.code.baseline, placeOf: await placesOf(old) },
  ];
  const explanation = retainedCauses(before, now, measured, retainerPath);
  if (tooLarge !== undefined) return ok({ ...explanation, causes: [], explained: null, note: tooLargeNote(tooLarge) });
  const { causes, explained } = explanation;
  const note =
    explained === null
      ? null
      : causes.length === 0
        ? nothingRetainedNote()
        : explained < 0.5
          ? leastExplainedNote(explained)
          : null;
  return ok({ ...explanation, note });
}

async function sideOf(
  side: SideName,
  target: MemoryTarget,
  workers: BenchmarkWorkers,
  signal: AbortSignal,
): Promise<Result<SideAllocations, RunFailure | Aborted>> {
  const bundle = target[side];
  const what = { kind: 'allocations', ms: sampleMs } as const;
  const answer = await observed(side, bundle, what, target, workers, signal);
  if (!answer.ok) return answer;
  const { allocations } = answer.value;
  const placeOf = await placesIn(bundle, target.folder);
  return ok({
    allocations,
    code: target.code[side],
    placeOf: (index) => {
      const found = allocations.functions[index];
      return found === undefined ? null : placeOf(found);
    },
  });
}

/** Observes one side in a fresh process. */
async function observed<Kind extends keyof typeof timeoutMs>(
  side: SideName,
  bundle: string,
  what: ObserveRequest['what'] & { readonly kind: Kind },
  { name, benchFile, launch }: Pick<MemoryTarget, 'name' | 'benchFile' | 'launch'>,
  workers: BenchmarkWorkers,
  signal: AbortSignal,
): Promise<Result<Extract<Observed, { readonly kind: Kind }>, RunFailure | Aborted>> {
  const request: ObserveRequest = { type: 'observe', name, benchFile, side, bundle, launch, what, deadlineMs };
  const answer = await workers.request(request, { timeoutMs: timeoutMs[what.kind], signal });
  if (!answer.ok) return err(answer.error.kind === 'aborted' ? answer.error : { ...answer.error, side });
  if (answer.value.type !== 'observed' || answer.value.kind !== what.kind)
    throw new Error(`a worker answered ${answer.value.type} to observe`);
  return ok(answer.value as Extract<Observed, { readonly kind: Kind }>);
}
