import type { Profiler } from 'node:inspector';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { withInlined, type CallFrame } from '../../core/cause/inlined.js';
import { loopScript } from '../../core/cause/profile.js';
import type { Explained } from './explainer.js';
import type { CpuProfile } from './request.js';
import type { ProfiledSide } from './side-profile.js';

/** Returns the profile of a side of an explanation, as `.cpuprofile` files and their viewers want it. */
export function cpuProfile(
  { profiles, sides }: Explained,
  name: 'baseline' | 'current',
  workerPath: string,
): CpuProfile | undefined {
  const profile = profiles.find(({ side }) => side === name)?.profile;
  return profile && placed(profile, sides[name], workerPath);
}

/** Returns a profile with the places of the user's files, in which each of their functions has its own samples, and of them alone. */
export function placed(
  profile: CpuProfile,
  { code, url }: Pick<ProfiledSide, 'code' | 'url'>,
  workerPath: string,
): CpuProfile {
  const ours = pathToFileURL(`${path.dirname(workerPath)}/`).href;
  const isBundle = (frame: CallFrame): boolean => frame.url === url || frame.url.startsWith(`${url}?`);
  const functionAt = (line: number): number => code.lines[line - code.firstLine]?.fn ?? -1;
  const ownOf = ({ callFrame }: Profiler.ProfileNode): number => functionAt(callFrame.lineNumber + 1);
  /** What V8 calls each function; it is the same for all profiles of one. */
  const names = new Map<number, CallFrame>();
  for (const node of profile.nodes) if (isBundle(node.callFrame)) names.set(ownOf(node), node.callFrame);
  const frameOf = (fn: number, frame: CallFrame): CallFrame => {
    const { name, place } = code.functions[fn] ?? { name: null, place: null };
    if (place === null) return frame;
    const { functionName, scriptId } = names.get(fn) ?? { ...frame, functionName: name?.split('.').at(-1) ?? '' };
    const { file, line, column } = place;
    return {
      functionName,
      scriptId,
      url: pathToFileURL(file).href,
      lineNumber: line - 1,
      columnNumber: column - 1,
    };
  };
  const raw = new Map(profile.nodes.map((node) => [node.id, node]));
  const nodes = profile.nodes.map((node) =>
    isBundle(node.callFrame) ? { ...node, callFrame: frameOf(ownOf(node), node.callFrame) } : node,
  );
  const split = withInlined({ ...profile, nodes }, ({ id }, line) => {
    const node = raw.get(id);
    if (node === undefined) return null;
    const isOurs = node.callFrame.url === loopScript.url;
    const fn = functionAt(line);
    const place = code.functions[fn]?.place ?? null;
    if (place === null) return null;
    if (!isOurs && (!isBundle(node.callFrame) || fn === ownOf(node))) return null;
    return frameOf(fn, node.callFrame);
  });
  const calls = onlyCalls(
    split,
    ({ callFrame }) =>
      callFrame.url === loopScript.url || (callFrame.url.startsWith('file:') && !callFrame.url.startsWith(ours)),
  );
  return {
    ...calls,
    nodes: calls.nodes.map((node) => ({
      ...node,
      ...(node.positionTicks !== undefined && {
        positionTicks: node.positionTicks.map(({ line, ticks }) => ({
          line: code.lines[line - code.firstLine]?.line ?? line,
          ticks,
        })),
      }),
    })),
  };
}

/**
 * Returns a profile without what our process does between the calls, and without waiting: it keeps user code, what that calls and
 * what calls it, and the collector.
 */
function onlyCalls(profile: CpuProfile, isCode: (node: Profiler.ProfileNode) => boolean): CpuProfile {
  const kept = new Set<number>();
  // Callers come first.
  for (const node of profile.nodes) {
    const { id, callFrame, children = [] } = node;
    if (!kept.has(id) && !isCode(node) && callFrame.functionName !== '(garbage collector)') continue;
    for (const one of [id, ...children]) kept.add(one);
  }
  for (const { id, children = [] } of profile.nodes.toReversed())
    if (children.some((child) => kept.has(child))) kept.add(id);
  const { samples, timeDeltas } = profile;
  const isKept = (index: number): boolean => kept.has(samples?.[index] ?? -1);
  return {
    ...profile,
    nodes: profile.nodes
      .filter(({ id }) => kept.has(id))
      .map((node) => ({
        ...node,
        ...(node.children && { children: node.children.filter((child) => kept.has(child)) }),
      })),
    ...(samples !== undefined && { samples: samples.filter((_, index) => isKept(index)) }),
    ...(timeDeltas !== undefined && { timeDeltas: timeDeltas.filter((_, index) => isKept(index)) }),
  };
}
