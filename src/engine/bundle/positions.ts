import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';
import { slashed } from '../util/paths.js';

/** A place in one of the user's files; line and column count from one. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Returns a function that finds the place in the user's files that an offset in this bundle's text is from. */
export function positionsIn(code: string): (offset: number) => Position | null {
  const encoded = /\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/.exec(code)?.[1];
  if (encoded === undefined) return () => null;
  const payload = JSON.parse(Buffer.from(encoded, 'base64').toString()) as SourceMapPayload;
  const map = new SourceMap(payload);
  const lines = [0];
  for (let at = code.indexOf('\n'); at !== -1; at = code.indexOf('\n', at + 1)) lines.push(at + 1);
  return (offset) => {
    const line = lines.findLastIndex((start) => start <= offset);
    const entry = map.findEntry(line, offset - (lines[line] ?? 0));
    if (!('originalSource' in entry)) return null;
    const url = new URL(entry.originalSource, payload.sourceRoot === '' ? 'file:///' : payload.sourceRoot);
    if (url.protocol !== 'file:') return null;
    const file = slashed(fileURLToPath(url));
    return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  };
}
