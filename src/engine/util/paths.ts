import { posix } from 'node:path';

/** Absolute paths are written with `/` on every system, so that they can be compared and shown. */
export const slashed = (path: string): string => path.replaceAll('\\', '/');

/** A path as a user would write it in their configuration. */
export const relativeTo = (root: string, file: string): string => posix.relative(slashed(root), slashed(file));
