import { allocationSites, outline } from '../outline/index.js';
import { Lines, type Range } from '../problem.js';
import type { Code } from './code.js';
import { diffLines } from './line-diff.js';

/** A line of the current code, from one, and whether the user changed it. */
export interface AllocationLine {
  readonly line: number;
  readonly column: number;
  readonly changed: boolean;
}

/**
 * Returns the line of a function that must be the one that allocates more: the only one that can allocate among those that the user
 * changed; else the only one in the function. Null if there are several, because V8 tells no more than the function. `was`: the
 * same function in the old code; null if it is new.
 */
export function allocationLine(
  { file, path }: { readonly file: string; readonly path: string | null },
  now: Code,
  was: { readonly file: string; readonly path: string | null; readonly code: Code } | null,
): AllocationLine | null {
  const text = now.read(file);
  if (text === null) return null;
  const sites = allocationSites(text, file, path);
  const changed = changedLines(text, file, path, was);
  const own = sites.filter(({ line }) => changed.has(line));
  const [only, other] = own.length === 1 ? own : sites;
  return only === undefined || other !== undefined ? null : { ...only, changed: changed.has(only.line) };
}

/** Returns the lines of a function that the old one did not have, wherever that was and whatever its name. */
function changedLines(
  text: string,
  file: string,
  path: string | null,
  was: Parameters<typeof allocationLine>[2],
): ReadonlySet<number> {
  const old = was?.code.read(was.file) ?? '';
  const before = was?.path ?? null;
  if (path === null || was === null || before === null) return diffLines(old, text).changed;
  const range = rangeOfFunction(text, file, path);
  if (range === null) return new Set();
  const first = new Lines(file, text).position(range.start).line;
  const { changed } = diffLines(was.code.functionText(was.file, before), text.slice(range.start, range.end));
  return new Set([...changed].map((line) => first + line - 1));
}

const rangeOfFunction = (text: string, file: string, path: string): Range | null =>
  outline(text, file).find((one) => one.path === path)?.range ?? null;
