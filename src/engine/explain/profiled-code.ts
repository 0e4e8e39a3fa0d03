import { decode, encode, type SourceMapMappings } from '@jridgewell/sourcemap-codec';
import { fileOf, type MappedCode, mappedCode, type Position } from '../bundle/positions.js';
import { structureOf } from './line-breaks.js';
import { LineLayout, type Place } from './line-layout.js';

/** What a generated line holds: code of one line of the user's, in one innermost function. */
export interface CodeLine {
  /** Absolute, with slashes; null for what the bundler made: then line and column are those of the bundle's text. */
  readonly file: string | null;
  readonly line: number;
  /** Where the line's code begins, from one. */
  readonly column: number;
  /** The index of the innermost function; -1 for the top level of a file. */
  readonly fn: number;
}

export interface CodeFunction {
  /**
   * As in the bundle: its own name, or that of the variable or property that it is assigned to; `Class.method` in a class. What
   * V8 runs as a function of its own is one: a field's initial value (`Class.field`) and a static block (without a name).
   */
  readonly name: string | null;
  /** The index of the function around it; -1 for none. */
  readonly parent: number;
  /** Where it begins in the user's source; null if the bundler made it. */
  readonly place: Position | null;
  /** Its first and its last generated line. Those between them that are not its own are those of functions inside of it. */
  readonly start: number;
  readonly end: number;
}

/** A bundle that is laid out so that the numbers of its lines, which are all that V8's profiler tells, identify its code. */
export interface ProfiledCode {
  /** To write to a file and import in place of the bundle. It does the same, and its source map leads to the same places. */
  readonly code: string;
  /** The generated line that the bundle begins on, from one. The lines before it are empty. */
  readonly firstLine: number;
  /** What each generated line holds, from `firstLine` on. */
  readonly lines: readonly CodeLine[];
  /** Outer ones before inner ones. Empty if the bundle could not be parsed. */
  readonly functions: readonly CodeFunction[];
}

/**
 * More lines than nearly every file of a package has: functions of packages that V8 inlines count for the numbers of their own lines.
 * Four times as many would take a tenth of a second more to load.
 */
const firstLine = 2 ** 16 + 1;

/**
 * Lays a bundle out for the profiler. V8 tells the line of a sample but not its column, and a bundle has few lines. Only line breaks
 * are added, where they mean nothing, and parentheses around what is returned, thrown or yielded, where a line break alone would
 * mean something. So V8 makes the same bytecode of it; only the text of functions (`toString`) and the line numbers in stacks
 * without source maps differ. A bundle that cannot be parsed (see `structureOf`) keeps its lines, and each that holds code of
 * several lines counts for none of them.
 */
export function profiledCode(bundle: string): ProfiledCode {
  const mapped = mappedCode(bundle);
  const code = mapped?.code ?? bundle;
  // It must stay the first line.
  const hashbang = /^#!.*\n/.exec(code)?.[0] ?? '';
  const decoded = mapped === null ? [] : decode(mapped.map.mappings);
  const layout = new LineLayout(code, structureOf(code), decoded, hashbang.length);
  const text = layout.run();
  const blank = '\n'.repeat(firstLine - (hashbang === '' ? 1 : 2));
  const files = mapped?.map.sources.map((source) => fileOf(source, mapped.map.sourceRoot)) ?? [];
  const positionOf = (place: Place): Position | null => {
    const file = place === null ? null : files[place[1]];
    return place === null || typeof file !== 'string' ? null : { file, line: place[2] + 1, column: place[3] + 1 };
  };
  return {
    code: `${hashbang}${blank}${text}${mapped === null ? '' : mapComment(mapped.map, layout.mappings)}`,
    firstLine,
    lines: layout.lines.map(({ place, line, column, fn }) => {
      const position = positionOf(place) ?? { file: null, line, column };
      return { file: position.file, line: position.line, column: position.column, fn };
    }),
    functions: layout.functions.map(({ found, place, start, end }) => ({
      name: found.name,
      parent: found.parent,
      place: positionOf(place),
      start: firstLine + start,
      end: firstLine + end,
    })),
  };
}

function mapComment(map: MappedCode['map'], mappings: SourceMapMappings): string {
  const moved = { ...map, mappings: `${';'.repeat(firstLine - 1)}${encode(mappings)}` };
  return `//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(moved)).toString('base64')}\n`;
}
