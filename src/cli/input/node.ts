import path from 'node:path';
import type { GlobalOptions } from './options.js';

/** Returns the Node to measure with: a name stays as it is, for the PATH; a path is relative to the working directory. */
export function nodePath({ node, directory }: GlobalOptions): string | null {
  return node === null || !/[\\/]/.test(node) ? node : path.resolve(directory, node);
}
