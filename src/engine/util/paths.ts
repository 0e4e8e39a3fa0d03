import { posix } from 'node:path';

/** Writes a path with `/` on every system, so that it can be compared and shown. */
export const slashed = (path: string): string => path.replaceAll('\\', '/');

/** Returns a path as users write it in their configuration. */
export const relativeTo = (root: string, file: string): string => posix.relative(slashed(root), slashed(file));
