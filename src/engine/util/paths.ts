import path, { posix } from 'node:path';

/** Writes a path with `/` on every system, so that it can be compared and shown. */
export const slashed = (file: string): string => file.replaceAll('\\', '/');

/** Returns a path as users write it in their configuration. */
export const relativeTo = (root: string, file: string): string => posix.relative(slashed(root), slashed(file));

/** Whether a file or folder is a folder or in it. On Windows, nothing is in a folder of another drive. */
export function isWithin(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** Returns the name of the installed package that a file belongs to; null if it belongs to none. */
export function packageOf(file: string): string | null {
  const parts = slashed(file).split('/');
  const at = parts.lastIndexOf('node_modules');
  const name = parts[at + 1];
  if (at === -1 || name === undefined) return null;
  return name.startsWith('@') ? `${name}/${parts[at + 2] ?? ''}` : name;
}
