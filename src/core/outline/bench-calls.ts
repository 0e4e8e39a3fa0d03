import type { Node } from '@babel/types';
import type { Range } from '../problem.js';
import { calleeOf, type Callee } from './callee.js';
import { isFunction, keyName, rangeOf, statementsOf, unwrap } from './parse.js';
import { scopesOf, type Scope } from './scope.js';

export type { Callee } from './callee.js';

/** One place in a bench file that defines a benchmark, or several if it is in a loop. */
export interface BenchCall {
  /** `suite/case`; null if it is known only when the file runs. */
  readonly name: string | null;
  /** The first argument; if it is a string, with its quotes. */
  readonly nameRange: Range;
  /** What it measures; null if the code does not show it. */
  readonly callee: Callee | null;
}

type Call = Extract<Node, { type: 'CallExpression' }>;

/** A call that opens a suite or defines a benchmark, with its names from the outside in; null: known only at run time. */
interface Definition {
  readonly kind: 'suite' | 'benchmark';
  readonly names: readonly (string | null)[];
  readonly nameNode: Node;
  readonly fn: Node | undefined;
  readonly scope: Scope;
}

/**
 * Finds the benchmarks that a file defines with vitest's `bench` and `describe`, or with `add` of tinybench or Benchmark.js, in
 * the order of the text. Never throws: in broken code it finds what it can.
 */
export function benchCalls(text: string, filename: string): BenchCall[] {
  const scopes = scopesOf(statementsOf(text, filename));
  const definitions = scopes.nodes
    .flatMap(({ node, scope }) => (node.type === 'CallExpression' ? (definitionOf(node, scope) ?? []) : []))
    .sort((a, b) => rangeOf(a.nameNode).start - rangeOf(b.nameNode).start);

  const found: BenchCall[] = [];
  const suites: { readonly end: number; readonly names: readonly (string | null)[] }[] = [];
  for (const { kind, names, nameNode, fn, scope } of definitions) {
    const nameRange = rangeOf(nameNode);
    while ((suites.at(-1)?.end ?? Infinity) <= nameRange.start) suites.pop();
    const path = [...(suites.at(-1)?.names ?? []), ...names];
    if (kind === 'benchmark') {
      const name = path.includes(null) ? null : path.join('/');
      found.push({ name, nameRange, callee: fn === undefined ? null : calleeOf(fn, scope, scopes) });
    } else if (fn !== undefined) suites.push({ end: rangeOf(fn).end, names: path });
  }
  return found;
}

function definitionOf(call: Call, scope: Scope): Definition | null {
  const [nameNode, ...others] = call.arguments;
  if (nameNode === undefined) return null;
  // vitest takes its options before the function as well as after it.
  const fn = others.find((argument) => argument.type !== 'ObjectExpression');
  const defined = { nameNode, fn, scope };
  const { callee } = call;
  if (callee.type === 'MemberExpression' && keyName(callee.property, callee.computed) === 'add') {
    if (fn === undefined) return null;
    const suite = suiteOf(callee.object, scope);
    if (suite === null || (suite === 'unknown' && !(isText(nameNode) && isFunction(fn)))) return null;
    return { ...defined, kind: 'benchmark', names: [...(suite === 'unknown' ? [] : suite), textOf(nameNode, scope)] };
  }
  const vitest = vitestFunction(callee, scope);
  if (vitest === null) return null;
  return {
    ...defined,
    kind: vitest.name === 'bench' ? 'benchmark' : 'suite',
    names: [vitest.each ? null : textOf(nameNode, scope)],
  };
}

/** Recognizes `bench`, `describe.skip`, `describe.each(…)` and the like, imported from vitest or global. */
function vitestFunction(callee: Node, scope: Scope): { name: string; each: boolean } | null {
  let each = false;
  let at = callee;
  for (;;) {
    if (at.type === 'CallExpression') at = at.callee;
    else if (at.type === 'MemberExpression') {
      const modifier = keyName(at.property, at.computed);
      if (modifier === 'each' || modifier === 'for') each = true;
      else if (!/^(only|skip|todo|concurrent|sequential|shuffle|skipIf|runIf)$/.test(modifier ?? '')) return null;
      at = at.object;
    } else break;
  }
  if (at.type !== 'Identifier') return null;
  const binding = scope.find(at.name);
  if (binding !== null && !(binding.kind === 'import' && binding.from.source === 'vitest')) return null;
  const name = binding === null ? at.name : binding.from.imported;
  return name === 'bench' || name === 'describe' || name === 'suite' ? { name, each } : null;
}

/** Returns the suite names that the object of `add` gives its benchmarks; null if it does not collect benchmarks. */
function suiteOf(object: Node, scope: Scope, depth = 8): readonly (string | null)[] | 'unknown' | null {
  let at = unwrap(object);
  // .add(…).add(…)
  while (at.type === 'CallExpression' && at.callee.type === 'MemberExpression') at = unwrap(at.callee.object);
  if (at.type === 'NewExpression') {
    if (!isSuite(at.callee, scope)) return null;
    const [options] = at.arguments;
    return options === undefined ? [] : suiteName(options, scope);
  }
  if (at.type !== 'Identifier') return 'unknown';
  const binding = scope.find(at.name);
  if (binding?.kind === 'import') return null;
  if (binding?.kind !== 'variable' || binding.init === null || depth === 0) return 'unknown';
  return suiteOf(binding.init, scope.scopeOf(at.name) ?? scope, depth - 1);
}

/** Whether it is tinybench's `Bench`, under any name, or Benchmark.js's `Suite`. */
function isSuite(callee: Node, scope: Scope): boolean {
  const last = callee.type === 'MemberExpression' ? keyName(callee.property, callee.computed) : null;
  if (callee.type !== 'Identifier') return last === 'Bench' || last === 'Suite';
  const binding = scope.find(callee.name);
  return binding?.kind === 'import' && binding.from.source === 'tinybench'
    ? binding.from.imported === 'Bench'
    : /(Bench|Suite)$/.test(callee.name);
}

/** Reads the name from `new Bench({ name })` or `new Suite(name)`. */
function suiteName(options: Node, scope: Scope): readonly (string | null)[] {
  const value = constantOf(options, scope);
  if (value === null) return [null];
  if (value.type !== 'ObjectExpression') return [textOf(value, scope)];
  for (const property of value.properties) {
    if (property.type === 'SpreadElement') continue;
    if (keyName(property.key, property.computed) !== 'name') continue;
    return [property.type === 'ObjectProperty' ? textOf(property.value, scope) : null];
  }
  return [];
}

function isText(node: Node): boolean {
  return node.type === 'StringLiteral' || node.type === 'TemplateLiteral';
}

/** Returns the value of a constant; null for a name that is not a constant; any other node as it is. */
function constantOf(node: Node, scope: Scope): Node | null {
  const value = unwrap(node);
  if (value.type !== 'Identifier') return value;
  const binding = scope.find(value.name);
  return binding?.kind === 'variable' && binding.constant && binding.init !== null ? unwrap(binding.init) : null;
}

/** Returns a node's text if it is known before the file runs; else null. */
function textOf(node: Node, scope: Scope): string | null {
  const value = constantOf(node, scope);
  switch (value?.type) {
    case 'StringLiteral':
      return value.value;
    case 'TemplateLiteral': {
      const parts = value.quasis.flatMap(({ value: { cooked } }, i) => {
        const expression = value.expressions[i];
        return expression === undefined ? [cooked ?? null] : [cooked ?? null, simpleText(expression, scope)];
      });
      return parts.includes(null) ? null : parts.join('');
    }
    default:
      return null;
  }
}

/** Returns the text of one constant inside a template: `${version}`. */
function simpleText(node: Node, scope: Scope): string | null {
  const value = constantOf(node, scope);
  return value?.type === 'StringLiteral' ? value.value : value?.type === 'NumericLiteral' ? String(value.value) : null;
}
