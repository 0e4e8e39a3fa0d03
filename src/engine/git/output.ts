import { sep } from 'node:path';

/** A path as Git writes it. A backslash is a character like any other where it separates no folders. */
export const gitPath = (path: string): string => path.replaceAll(sep, '/');

export const split = (text: string, separator: string): string[] => text.split(separator).filter((part) => part !== '');

/** The text before and after the first separator. */
export function pair(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + 1)];
}
