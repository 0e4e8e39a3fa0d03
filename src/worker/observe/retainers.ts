import { Session } from 'node:inspector/promises';
import { pathToFileURL } from 'node:url';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import type { RetainedGroup, Retainers } from '../../core/results/retainers.js';
import type { Case } from '../collect/case.js';
import { collectGarbage, collectYoung } from '../sample/garbage.js';
import { now } from '../sample/now.js';
import { isCode } from './allocation-table.js';
import { takeHeapSnapshot, type HeapSnapshot } from './heap-snapshot.js';
import { pathsIn } from './retainer-paths.js';

/** A larger heap takes a snapshot of minutes and gigabytes. */
const largestHeap = 160e6;
/** A group is a leak if so many of its objects, or bytes in one place, are left for a cycle. */
const leastCount = 0.25;
const leastBytes = 4;
/** What is left behind once, whatever runs. */
const leastObjects = 8;
const leastAgreement = 0.8;
const mostGroups = 10;
/** How often objects are moved while the cycles run. */
const mostSettled = 50;

/**
 * Runs a case's cycles once so that caches are full, and then again while V8 keeps track of what is allocated and where. A heap
 * snapshot then shows what of that is still there, and what holds it. Each time takes at most a quarter of the deadline, or one cycle.
 */
export async function observeRetainers(
  benchmark: Case,
  { cycles, deadlineMs }: { readonly cycles: number; readonly deadlineMs: number },
): Promise<Retainers> {
  // Otherwise an inlined function's objects would be those of the function that it is inlined into.
  setFlagsFromString('--no-turbo-inlining');
  setFlagsFromString('--max-inlined-bytecode-size=0');
  setFlagsFromString('--max-inlined-bytecode-size-small=0');
  // Where V8 has looked at an object, which it does 20 times a second while it keeps track, it forgets who made it as soon as the
  // object moves. So objects move at once, out of the young generation, and then stay.
  setFlagsFromString('--no-compact');
  const stretch = Math.ceil(cycles / mostSettled);
  const run = async (settle = (): void => undefined): Promise<number> => {
    // Of its own beginning, because V8 may take seconds to begin its tracking.
    const started = now();
    let ran = 0;
    for (; ran < cycles && (ran === 0 || now() - started < deadlineMs / 4); ran++) {
      for (const hook of benchmark.beforeEach) await hook('run');
      await benchmark.fn();
      for (const hook of benchmark.afterEach) await hook('run');
      if (ran % stretch === 0) settle();
    }
    settle();
    return ran;
  };
  await run();
  await collectGarbage();
  const session = new Session();
  session.connect();
  const size = (): number => getHeapStatistics().used_heap_size;
  if (size() > largestHeap) return { cycles: 0, groups: [], tooLarge: size() };
  const since = newestObject((await takeHeapSnapshot(session)).snapshot());
  await session.post('HeapProfiler.startTrackingHeapObjects', { trackAllocations: true });
  const ran = await run(collectYoung);
  await collectGarbage();
  if (size() > largestHeap) return { cycles: ran, groups: [], tooLarge: size() };
  const taken = await takeHeapSnapshot(session);
  // That ends the tracking, which would also be of what reading the snapshot allocates.
  session.disconnect();
  return { cycles: ran, groups: groupsIn(taken.snapshot(), since, ran), tooLarge: null };
}

/** Returns the largest number that V8 has given to an object so far. Those of its heap are odd. */
function newestObject(snapshot: HeapSnapshot): number {
  let newest = 0;
  for (let node = 0; node < snapshot.count; node++)
    if (snapshot.idOf(node) % 2 === 1) newest = Math.max(newest, snapshot.idOf(node));
  return newest;
}

/** Returns what is newer than the object `since` in a snapshot and there for about each cycle, most bytes first. */
export function groupsIn(snapshot: HeapSnapshot, since: number, cycles: number): RetainedGroup[] {
  const isNew = (node: number): boolean => snapshot.idOf(node) % 2 === 1 && snapshot.idOf(node) > since;
  const paths = pathsIn(snapshot, isNew);
  const groups = new Map<string, Group>();
  for (let node = 0; node < snapshot.count; node++) {
    if (!isNew(node)) continue;
    const held = paths.held(node);
    // Without a step of the user's, V8 or Node keeps it for itself.
    if (held === null || held.path.length === 0) continue;
    const { constructor, path } = held;
    const key = JSON.stringify([constructor, path]);
    const group = groups.get(key) ?? { constructor, path, count: 0, bytes: 0, allocators: new Map<string, number>() };
    groups.set(key, group);
    // A store that was copied as it grew also has what the cycles before have left.
    group.bytes += snapshot.sizeOf(node) / (held.isStore ? 2 : 1);
    if (held.node !== node) continue;
    group.count++;
    const allocator = JSON.stringify(allocatorOf(snapshot, node));
    group.allocators.set(allocator, (group.allocators.get(allocator) ?? 0) + 1);
  }
  return [...groups.values()]
    .filter(({ count, bytes }) =>
      count > 1 ? count >= Math.max(leastObjects, leastCount * cycles) : bytes >= leastBytes * Math.max(cycles, 64),
    )
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, mostGroups)
    .map(({ allocators, ...group }) => ({ ...group, allocatedIn: mostOf(allocators) }));
}

interface Group extends Omit<RetainedGroup, 'allocatedIn'> {
  count: number;
  bytes: number;
  /** How many of its objects each function has allocated, by its JSON. */
  readonly allocators: Map<string, number>;
}

/** Returns the function that has allocated nearly all objects of which it is known; null if there is none. */
function mostOf(allocators: ReadonlyMap<string, number>): RetainedGroup['allocatedIn'] {
  const known = [...allocators].filter(([allocator]) => allocator !== 'null');
  const all = known.reduce((sum, [, count]) => sum + count, 0);
  const most = known.find(([, count]) => count >= leastAgreement * all);
  return most === undefined ? null : (JSON.parse(most[0]) as RetainedGroup['allocatedIn']);
}

function allocatorOf(snapshot: HeapSnapshot, node: number): RetainedGroup['allocatedIn'] {
  for (const { name, script, line, column } of snapshot.traceOf(node)) {
    // A module of CommonJS has a path in place of an address.
    const url = /^(?:\/|[A-Za-z]:[\\/])/.test(script) ? pathToFileURL(script).href : script;
    if (isCode(url)) return { function: name, url, line, column };
  }
  return null;
}
