import { decode, encode, type SourceMapMappings, type SourceMapSegment } from '@jridgewell/sourcemap-codec';
import { type AnyNode, type Identifier, type Node, parse, type Program, type VariableDeclaration } from 'acorn';

/**
 * Restores `const` in a bundle where the source says `const`. esbuild prints every declaration of a module as `var`, and V8
 * folds only a `const` into optimized code, so a loop over `const n = 110` would be far slower here than in the user's own
 * process. A circular import that reads a `const` too early now throws, as it does in Node's own modules.
 *
 * `map` is the source map as JSON. `textOf` returns the text that esbuild read for a name in its `sources`; declarations of
 * sources without one stay as they are.
 */
export function withConstants(
  code: string,
  map: string,
  textOf: (source: string) => string | undefined,
): { readonly code: string; readonly map: string } {
  const program = parsed(code);
  if (program === null) return { code, map };
  const { sources, mappings, ...rest } = JSON.parse(map) as {
    sources: readonly string[];
    mappings: string;
  };
  const decoded = decode(mappings);
  const isConstant = constantsOf(code, decoded, sources, textOf);
  const constants = variables(program).filter(isConstant);
  if (constants.length === 0) return { code, map };
  const assigned = assignedNames(program);
  const replaced = constants.filter((each) => !names(each).some((name) => assigned.has(name)));
  shift(decoded, code, replaced);
  return {
    code: rewritten(code, replaced),
    map: JSON.stringify({ ...rest, sources, mappings: encode(decoded) }),
  };
}

/** Returns null for syntax that is newer than the parser: the bundle runs without its constants, too. */
function parsed(code: string): Program | null {
  try {
    return parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
  } catch {
    return null;
  }
}

/** The `var` declarations of the bundle's top level that could be `const`. */
function variables({ body }: Program): VariableDeclaration[] {
  return body
    .map((each) => (each.type === 'ExportNamedDeclaration' ? each.declaration : each))
    .filter((each) => each?.type === 'VariableDeclaration')
    .filter(({ kind, declarations }) => kind === 'var' && declarations.every(({ init }) => Boolean(init)));
}

/** Space or a comment, in only one way each, or a long comment would take forever. */
const gap = String.raw`(?:\s|/\*(?:[^*]|\*(?!/))*\*/|//.*$)`;
/**
 * The start of a statement that declares constants of a module's own. `const enum` is the one other meaning of the word. V8 folds
 * no constant that a module exports, so what is exported stays a variable.
 */
const exportedConst = new RegExp(`\\bexport${gap}+(?=const(?![\\w$]))`, 'gm');
const constant = new RegExp(`const(?![\\w$]|${gap}+enum(?![\\w$]))`, 'my');

/**
 * Returns whether a declaration was a `const`. esbuild maps the start of a declaration to that of the source's statement,
 * and gives `const a = 1, b = 2` a declaration for each name, all with the same start. Its own variables, such as the
 * exports of a module, have the place of some statement as well, but their names have none.
 */
function constantsOf(
  code: string,
  decoded: SourceMapMappings,
  sources: readonly string[],
  textOf: (source: string) => string | undefined,
): (declaration: VariableDeclaration) => boolean {
  const lines = lineStarts(code);
  /** The segment that an offset lies in, and whether it begins there. */
  const segmentOf = (offset: number): readonly [SourceMapSegment | undefined, boolean] => {
    const line = lastUpTo(lines, offset, (start) => start);
    const column = offset - (lines[line] ?? 0);
    const segments = decoded[line] ?? [];
    const segment = segments[lastUpTo(segments, column, ([start]) => start)];
    return [segment, segment?.[0] === column];
  };
  const texts = sources.map((source) => {
    const text = textOf(source);
    return text === undefined ? null : { text, lines: lineStarts(text), ...exportsOf(text) };
  });
  return ({ start, declarations: [first] }) => {
    // A segment with the place of the one before is left out, so the start may lie in that of a variable of esbuild's own.
    const [from] = segmentOf(start);
    const [name, isPlaced] = segmentOf(first?.id.start ?? 0);
    if (from === undefined || from.length === 1 || from[1] !== name?.[1] || !isPlaced) return false;
    const source = texts[from[1]] ?? null;
    if (source === null) return false;
    const begins = (source.lines[from[2]] ?? Infinity) + from[3];
    constant.lastIndex = begins;
    if (!constant.test(source.text) || source.declared.has(begins)) return false;
    return identifiers(first?.id ?? null).every(({ start }) => {
      const [place] = segmentOf(start);
      if (place === undefined || place.length === 1) return true;
      word.lastIndex = (source.lines[place[2]] ?? Infinity) + place[3];
      return !source.listed.has(word.exec(source.text)?.[0] ?? '');
    });
  };
}

const word = /[\p{ID_Continue}$]+/uy;

/** Where a module's exported constants are declared, and the names in its lists of exports, `export { n, m as o }`. */
function exportsOf(text: string): {
  readonly declared: ReadonlySet<number>;
  readonly listed: ReadonlySet<string>;
} {
  const declared = Array.from(text.matchAll(exportedConst), ({ 0: { length }, index }) => index + length);
  const lists = Array.from(text.matchAll(/\bexport\s*\{([^}]*)\}/g), ([, list = '']) => list.split(','));
  return {
    declared: new Set(declared),
    listed: new Set(lists.flat().map((each) => each.trim().split(/\s/)[0] ?? '')),
  };
}

/** The index of the last item that is at most `most`; -1 if there is none. */
function lastUpTo<T>(items: readonly T[], most: number, valueOf: (item: T) => number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueOf(items[middle] as T) <= most) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Where each line begins, as esbuild counts lines. */
export const lineStarts = (text: string): number[] => [
  0,
  ...Array.from(text.matchAll(/\r\n|[\n\r\u2028\u2029]/g), ({ 0: end, index }) => index + end.length),
];

/**
 * Every name that anything assigns, whatever its scope: esbuild gives a local variable another name than that of a variable
 * it would hide. Nothing should assign a constant, but if something in a bundle does, it has to keep working.
 */
function assignedNames(program: Program): ReadonlySet<string> {
  const found = new Set<string>();
  // Not recursive, because a long sum is a deep tree.
  const open: AnyNode[] = [program];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.type === 'AssignmentExpression' || node.type === 'ForInStatement' || node.type === 'ForOfStatement')
      for (const name of names(node.left)) found.add(name);
    else if (node.type === 'UpdateExpression') for (const name of names(node.argument)) found.add(name);
    for (const child of Object.values(node) as unknown[])
      for (const each of Array.isArray(child) ? (child as unknown[]) : [child]) if (isNode(each)) open.push(each);
  }
  return found;
}

const isNode = (value: unknown): value is AnyNode =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Node>).type === 'string';

/** The names that a declaration or the target of an assignment gives a value. The target may also be a property. */
const names = (target: AnyNode | null): readonly string[] => identifiers(target).map(({ name }) => name);

function identifiers(target: AnyNode | null): readonly Identifier[] {
  if (target?.type === 'Identifier') return [target];
  if (target?.type === 'VariableDeclaration') return target.declarations.flatMap(({ id }) => identifiers(id));
  if (target?.type === 'ObjectPattern') return target.properties.flatMap(identifiers);
  if (target?.type === 'ArrayPattern') return target.elements.flatMap(identifiers);
  if (target?.type === 'Property') return identifiers(target.value);
  if (target?.type === 'AssignmentPattern') return identifiers(target.left);
  if (target?.type === 'RestElement') return identifiers(target.argument);
  return [];
}

function rewritten(code: string, replaced: readonly VariableDeclaration[]): string {
  const ends = [0, ...replaced.map(({ start }) => start + 'var'.length)];
  const parts = ends.map((end, index) => code.slice(end, replaced[index]?.start));
  return parts.join('const');
}

/** Moves what is mapped behind each replaced `var` on its line. */
function shift(decoded: SourceMapMappings, code: string, replaced: readonly VariableDeclaration[]): void {
  const lines = lineStarts(code);
  const before = (offset: number): number => lastUpTo(replaced, offset - 1, ({ start }) => start) + 1;
  for (const [line, segments] of decoded.entries()) {
    const start = lines[line] ?? code.length;
    const earlier = before(start);
    for (const segment of segments)
      segment[0] += (before(start + segment[0]) - earlier) * ('const'.length - 'var'.length);
  }
}
