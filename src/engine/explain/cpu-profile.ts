import { pathToFileURL } from 'node:url';
import type { Explained } from './explainer.js';
import type { CpuProfile } from './request.js';

/** Returns the profile of a side with the places of the user's files, as `.cpuprofile` files and their viewers want them. */
export function cpuProfile({ profiles, sides }: Explained, name: 'baseline' | 'current'): CpuProfile | undefined {
  const { code, url } = sides[name];
  const profile = profiles.find(({ side }) => side === name)?.profile;
  if (profile === undefined) return undefined;
  const nodes = profile.nodes.map((node) => {
    const { callFrame } = node;
    if (callFrame.url !== url && !callFrame.url.startsWith(`${url}?`)) return node;
    const line = code.lines[callFrame.lineNumber + 1 - code.firstLine];
    const start = line === undefined ? null : (code.functions[line.fn]?.place ?? null);
    if (start === null) return node;
    const { positionTicks } = node;
    return {
      ...node,
      callFrame: {
        ...callFrame,
        url: pathToFileURL(start.file).href,
        lineNumber: start.line - 1,
        columnNumber: start.column - 1,
      },
      ...(positionTicks !== undefined && {
        positionTicks: positionTicks.map(({ line: at, ticks }) => ({
          line: code.lines[at - code.firstLine]?.line ?? at,
          ticks,
        })),
      }),
    };
  });
  return { ...profile, nodes };
}
