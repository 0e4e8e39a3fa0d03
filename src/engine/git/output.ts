import { sep } from 'node:path';

/** Returns a path as Git writes it. On systems where a backslash separates no folders, it is an ordinary character. */
export const gitPath = (path: string): string => path.replaceAll(sep, '/');

export const split = (text: string, separator: string): string[] => text.split(separator).filter((part) => part !== '');

/** Returns the text before and after the first separator. */
export function pair(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + 1)];
}
