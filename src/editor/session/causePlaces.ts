import path from 'node:path';
import type { Location } from '../../core/problem.js';
import type { Cause } from '../../core/results/causes.js';
import { slashed } from '../../engine/util/paths.js';

/** Known causes always get the same location, so that it moves on with unsaved edits. */
const known = new WeakMap<Cause, Location | null>();

/** Returns the place of a cause in the saved file; null if no file can be opened. `root`: the folder of the configuration. */
export function causeLocation(cause: Cause, root: string): Location | null {
  const before = known.get(cause);
  if (before !== undefined) return before;
  const location = locationOf(cause, root);
  known.set(cause, location);
  return location;
}

function locationOf({ file, line, column, text }: Cause, root: string): Location | null {
  // `node:fs` is no file, but `C:/` begins one.
  if (file === null || /^\w{2,}:/.test(file)) return null;
  const start = { line: line ?? 1, column: column ?? 1 };
  // VS Code ends a range at the end of its line.
  const end = { line: start.line, column: start.column + text.length };
  return { file: slashed(path.resolve(root, file)), start, end };
}
