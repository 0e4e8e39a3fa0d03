import { fileURLToPath } from 'node:url';
import type { RunFailure } from '../../core/results/measurement.js';

interface Frame {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Returns where in the user's own code an error arose: the first frame of its stack that names one of their files, and the
 * stack without our own frames. Node has put the places of the source files into it.
 */
export function thrownAt(error: unknown): Pick<RunFailure, 'file' | 'line' | 'column' | 'stack'> {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return {};
  const lines = error.stack.split('\n');
  const frames = lines.flatMap((line) => frameOf(line) ?? []);
  const first = frames.find(({ file }) => isUsers(file));
  const ours = lines.filter((line) => {
    const frame = frameOf(line);
    return frame === null ? !/^\s+at .*\(?node:internal/.test(line) : !isOurs(frame.file);
  });
  const stack = { stack: ours.join('\n') };
  return first === undefined ? stack : { file: first.file, line: first.line, column: first.column, ...stack };
}

/** `at name (place)` or `at place`; the name may have parentheses and spaces, and so may the place. */
function frameOf(line: string): Frame | null {
  const found = /^\s+at (?:.*? \((?=file:|\/|[A-Za-z]:[\\/]))?(?:async )?(.+?):(\d+):(\d+)\)?$/.exec(line);
  if (found === null) return null;
  const [, place = '', row, column] = found;
  const file = place.startsWith('file:') ? fileURLToPath(place) : place;
  if (!/^(?:\/|[A-Za-z]:[\\/])/.test(file)) return null;
  return { file, line: Number(row), column: Number(column) };
}

/** The worker's own bundle. */
const self = fileURLToPath(import.meta.url);
const isOurs = (file: string): boolean => file === self || /[\\/]dist[\\/]worker\.js$/.test(file);

/** Whether a file is neither ours, nor of a package, nor a bundle without a source map. */
const isUsers = (file: string): boolean =>
  !isOurs(file) && !/[\\/]node_modules[\\/]/.test(file) && !/[\\/]perf-budget-[^\\/]+[\\/][0-9a-f]{32}\.mjs/.test(file);
