import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import type { Refused } from './protocol.js';

interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** One of esbuild's errors, or of Rolldown's. */
interface Located {
  readonly text?: string;
  readonly message?: string;
  readonly id?: string;
  readonly loc?: Place;
  readonly location?: { readonly file: string; readonly line: number; readonly column: number } | null;
}

/** What esbuild, Rollup and their plugins add to an error. */
interface ToolError {
  readonly errors?: readonly Located[];
  readonly id?: string;
  readonly loc?: Place;
}

/** Says what went wrong in the project's own tools, and where. Whatever was thrown, this does not throw. */
export function refusalOf(error: unknown): Refused {
  try {
    return refusalOfError(error);
  } catch {
    return { type: 'refused', message: 'it threw something that cannot be shown' };
  }
}

function refusalOfError(error: unknown): Refused {
  if (!(error instanceof Error)) return { type: 'refused', message: String(error) };
  const { errors, ...own } = error as Error & ToolError;
  const first = errors?.[0];
  const [id, loc] = [first?.id ?? own.id, first?.loc ?? own.loc];
  const message = firstLine(first?.text ?? first?.message ?? error.message) || error.name;
  if (first?.location) {
    const { file, line, column } = first.location;
    return { type: 'refused', message, file, line, column: column + 1 };
  }
  const file = loc?.file ?? id;
  if (file !== undefined && loc?.line !== undefined)
    return { type: 'refused', message, file: plain(file), line: loc.line, column: (loc.column ?? 0) + 1 };
  if (file !== undefined) return { type: 'refused', message, file: plain(file) };
  return { type: 'refused', message, ...placeOf(error) };
}

/** Without colours and Rolldown's `[PARSE_ERROR]`. */
function firstLine(text: string): string {
  const line = stripVTControlCharacters(text)
    .split('\n')
    .find((each) => each.trim() !== '');
  return line?.replace(/^\[\w+\]/, '').trim() ?? '';
}

const plain = (id: string): string => id.replace(/[?#].*$/, '').replace(/^\0/, '');

/** Returns the first place in a stack that is the user's own. Vite loads a configuration from a bundle beside it. */
function placeOf(error: Error): Pick<Refused, 'file' | 'line' | 'column'> {
  for (const frame of (error.stack ?? '').split('\n')) {
    const [, where = '', line, column] =
      /\(?(?:async )?((?:file:\/\/)?[^()\s][^()]*?):(\d+):(\d+)\)?$/.exec(frame.trim().replace(/^at /, '')) ?? [];
    if (where === '' || where.startsWith('node:') || where === import.meta.url) continue;
    const file = where.startsWith('file:') ? fileURLToPath(where) : where;
    const config = /^(.*)\.timestamp-[^/\\]+\.mjs$/
      .exec(file)?.[1]
      ?.replace(/[\\/]node_modules[\\/]\.vite-temp(?=[\\/])/, '');
    // Its lines are those of the bundle, which are not the user's.
    if (config !== undefined) return { file: config };
    if (!file.includes('node_modules')) return { file, line: Number(line), column: Number(column) };
  }
  return {};
}
