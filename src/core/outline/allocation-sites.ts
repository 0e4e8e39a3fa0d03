import type { Node } from '@babel/types';
import { Lines } from '../problem.js';
import { childrenOf, keyName, rangeOf, statementsOf, unwrap } from './parse.js';
import { outline } from './symbols.js';

/**
 * Returns the first place of each line in a function where an object may be allocated, in order, without functions inside of it that
 * have names of their own. `path` is null for code outside of functions.
 */
export function allocationSites(
  text: string,
  file: string,
  path: string | null,
): readonly { readonly line: number; readonly column: number }[] {
  const symbols = outline(text, file);
  const range = path === null ? { start: 0, end: text.length } : symbols.find((one) => one.path === path)?.range;
  if (range === undefined) return [];
  const inner = new Set(
    symbols.flatMap((one) => {
      const { start, end } = one.range;
      const isInside = start >= range.start && end <= range.end && end - start < range.end - range.start;
      return isInside ? [`${start} ${end}`] : [];
    }),
  );
  const lines = new Lines(file, text);
  const found = new Map<number, number>();
  // A stack instead of recursion, so that no depth of nesting overflows.
  const tasks: Node[] = statementsOf(text, file);
  for (let node = tasks.pop(); node !== undefined; node = tasks.pop()) {
    const { start, end } = rangeOf(node);
    if (end <= range.start || start >= range.end || node.type.startsWith('TS')) {
      // A namespace, an assertion or an enumeration has code in it, and types allocate nothing.
      if (end > range.start && start < range.end) tasks.push(...childrenOf(node));
      continue;
    }
    const isOther = inner.has(`${start} ${end}`);
    if (start >= range.start && end <= range.end && !(start === range.start && end === range.end)) {
      // An inner function is a closure that is made out here.
      const at = isOther && !node.type.startsWith('Class') ? start : siteOf(node);
      if (at !== null) {
        const { line, column } = lines.position(at);
        found.set(line, Math.min(column, found.get(line) ?? Infinity));
      }
    }
    if (!isOther) tasks.push(...childrenOf(node));
  }
  return [...found].map(([line, column]) => ({ line, column })).toSorted((a, b) => a.line - b.line);
}

/** Built-in methods that return nothing new. A function of the user's with such a name is one that V8 tells apart. */
const plainMethods = new Set(
  'has get includes indexOf lastIndexOf charCodeAt codePointAt startsWith endsWith test some every isArray isInteger isNaN'.split(
    ' ',
  ),
);

/** Returns the offset where an expression allocates, or may; null if it does not. */
function siteOf(node: Node): number | null {
  const { start } = rangeOf(node);
  switch (node.type) {
    case 'ObjectExpression':
    case 'ArrayExpression':
    case 'NewExpression':
    case 'TaggedTemplateExpression':
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
    case 'FunctionDeclaration':
    case 'ObjectMethod':
    case 'ClassExpression':
    case 'ClassDeclaration':
    case 'RegExpLiteral':
    case 'BigIntLiteral':
    case 'SpreadElement':
    case 'RestElement':
    case 'ArrayPattern':
    case 'AwaitExpression':
    case 'YieldExpression':
    case 'JSXElement':
    case 'JSXFragment':
    case 'ImportExpression':
      return start;
    case 'TemplateLiteral':
      return node.expressions.length > 0 ? start : null;
    case 'CallExpression':
    case 'OptionalCallExpression': {
      const callee = unwrap(node.callee);
      if (callee.type !== 'MemberExpression' && callee.type !== 'OptionalMemberExpression') return start;
      const name = keyName(callee.property, callee.computed);
      const isMath = callee.object.type === 'Identifier' && callee.object.name === 'Math';
      if (isMath || (name !== null && plainMethods.has(name))) return null;
      return rangeOf(callee.property).start;
    }
    case 'BinaryExpression':
      return node.operator === '+' && mayBeText(node.left, node.right) ? rangeOf(node.right).start : null;
    case 'AssignmentExpression':
      return node.operator === '+=' && mayBeText(node.left, node.right) ? start : null;
    default:
      return null;
  }
}

/** Whether `+` may join texts: one of its sides is a text, or neither is a number. */
function mayBeText(left: Node, right: Node): boolean {
  const kinds = [left, right].map((side) => unwrap(side).type);
  if (kinds.some((kind) => kind === 'StringLiteral' || kind === 'TemplateLiteral')) return true;
  return !kinds.some((kind) => kind === 'NumericLiteral' || kind === 'UpdateExpression');
}
