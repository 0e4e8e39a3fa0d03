import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';
import { slashed } from '../util/paths.js';

/** A place in one of the user's files; line and column count from one. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A bundle's source map, and its text without it. */
export interface MappedCode {
  readonly code: string;
  readonly map: SourceMapPayload;
}

/** Returns null for code without an inline source map. */
export function mappedCode(bundle: string): MappedCode | null {
  const found = /\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/.exec(bundle);
  if (found?.[1] === undefined) return null;
  const map = JSON.parse(Buffer.from(found[1], 'base64').toString()) as SourceMapPayload;
  return { code: bundle.slice(0, found.index), map };
}

/** Returns the absolute path of a source of a map; null if it is no file. */
export function fileOf(source: string, sourceRoot: string): string | null {
  const url = new URL(source, sourceRoot === '' ? 'file:///' : sourceRoot);
  return url.protocol === 'file:' ? slashed(fileURLToPath(url)) : null;
}

/** Returns a function that finds the place in the user's files that an offset in this bundle's text is from. */
export function positionsIn(bundle: string): (offset: number) => Position | null {
  const mapped = mappedCode(bundle);
  if (mapped === null) return () => null;
  const map = new SourceMap(mapped.map);
  const lines = [0];
  for (let at = bundle.indexOf('\n'); at !== -1; at = bundle.indexOf('\n', at + 1)) lines.push(at + 1);
  return (offset) => {
    const line = lines.findLastIndex((start) => start <= offset);
    const entry = map.findEntry(line, offset - (lines[line] ?? 0));
    if (!('originalSource' in entry)) return null;
    const file = fileOf(entry.originalSource, mapped.map.sourceRoot);
    return file === null ? null : { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  };
}
