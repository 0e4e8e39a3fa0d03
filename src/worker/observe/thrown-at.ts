import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import type { RunFailure } from '../../core/results/measurement.js';

interface Frame {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The most characters of a message and of a stack. Nobody reads more, and an error can have megabytes. */
const longestMessage = 1000;
const longestStack = 20_000;
const longestLine = 2000;

/** Returns the first line of what an error says. Whatever was thrown, this does not throw. */
export function describeError(error: unknown): string {
  const said = tryTo(() => {
    const { message, name } = Object(error) as { message?: unknown; name?: unknown };
    if (message !== undefined && message !== '') return asText(message);
    return error instanceof Error && typeof name === 'string' ? name : asText(error);
  });
  const line = (said ?? 'something that cannot be shown').slice(0, longestMessage).split('\n', 1)[0] ?? '';
  return line.length < longestMessage ? line : `${line.slice(0, -1)}…`;
}

const asText = (value: unknown): string =>
  typeof value === 'object' && value !== null ? inspect(value, { depth: 0, breakLength: Infinity }) : String(value);

/** Reads something of what was thrown; null if reading it throws, too. */
function tryTo(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/**
 * Returns where in the user's own code an error arose: the first frame of its stack that names one of their files, and the
 * stack without our own frames. Node has put the places of the source files into it.
 */
export function thrownAt(error: unknown): Pick<RunFailure, 'file' | 'line' | 'column' | 'stack'> {
  const said = tryTo(() => (error instanceof Error && typeof error.stack === 'string' ? error.stack : ''));
  if (said === null || said === '') return {};
  const lines = said.slice(0, longestStack).split('\n');
  const frames = lines.flatMap((line) => frameOf(line) ?? []);
  const first = frames.find(({ file }) => isUsers(file));
  const ours = lines.filter((line) => {
    const frame = frameOf(line);
    return frame === null ? !/^\s+at .*\(?(?:node:internal|perf-budget:)/.test(line) : !isOurs(frame.file);
  });
  const stack = { stack: ours.join('\n') };
  return first === undefined ? stack : { file: first.file, line: first.line, column: first.column, ...stack };
}

/** `at name (place)` or `at place`; the name may have parentheses and spaces, and so may the place. */
function frameOf(line: string): Frame | null {
  if (line.length > longestLine) return null;
  const found = /^\s+at (?:.*? \((?=file:|\/|[A-Za-z]:[\\/]))?(?:async )?(.+?):(\d+):(\d+)\)?$/.exec(line);
  if (found === null) return null;
  const [, place = '', row, column] = found;
  const file = place.startsWith('file:') ? tryTo(() => fileURLToPath(place)) : place;
  if (file === null || !/^(?:\/|[A-Za-z]:[\\/])/.test(file)) return null;
  return { file, line: Number(row), column: Number(column) };
}

/** The worker's own bundle. */
const self = fileURLToPath(import.meta.url);
const isOurs = (file: string): boolean => file === self || /[\\/]dist[\\/]worker\.js$/.test(file);

/** Whether a file is neither ours, nor of a package, nor a bundle without a source map. */
const isUsers = (file: string): boolean =>
  !isOurs(file) &&
  !/[\\/]node_modules[\\/]/.test(file) &&
  !/[\\/]perf-budget-[^\\/]+[\\/](?:\d+[\\/])?[0-9a-f]{32}\.mjs/.test(file);
