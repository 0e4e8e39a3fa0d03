import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AllocatingPlace } from '../../core/cause/allocation-units.js';
import { Lines } from '../../core/problem.js';
import { positionsIn, type Position } from '../bundle/positions.js';
import { slashed } from '../util/paths.js';

/** A place in a script as V8 counts it: from zero. */
interface ScriptPlace {
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Returns a function that finds the place in the user's files, relative to `folder`, of a place in a bundle, or in a file of a
 * package; null if nobody knows.
 */
export async function placesIn(
  bundle: string,
  folder: string,
): Promise<(place: ScriptPlace) => AllocatingPlace | null> {
  const code = await readFile(new URL(bundle), 'utf8').catch(() => '');
  const lines = new Lines(bundle, code);
  const positionAt = positionsIn(code);
  return ({ url, line, column }) => {
    // It may be loaded a second time, by another query.
    const found = url.startsWith(bundle)
      ? positionAt(lines.offset({ line: line + 1, column: column + 1 }))
      : inFile({ url, line, column });
    if (found === null) return null;
    const file = slashed(path.relative(folder, found.file));
    return { file, line: found.line, column: found.column, package: packageOf(found.file) };
  };
}

/** A file that was loaded as it is. */
function inFile({ url, line, column }: ScriptPlace): Position | null {
  if (!URL.canParse(url) || !url.startsWith('file:///')) return null;
  return { file: slashed(fileURLToPath(url)), line: line + 1, column: column + 1 };
}

/** `lodash`, `@scope/name`; null for a file that no package manager has installed. */
const packageOf = (file: string): string | null => /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? null;
