import type { Node } from '@babel/types';
import type { Range } from '../problem.js';
import { childrenOf, isFunction, keyName, rangeOf, statementsOf, unwrap } from './parse.js';

/** A function, method or class that code and budgets can refer to. */
export interface Symbol {
  /** `tokenize`, `Registry.lookup`, `Registry.#find`, `default`; a function inside another one is `outer.inner`. */
  readonly path: string;
  readonly nameRange: Range;
  /** The whole declaration. */
  readonly range: Range;
}

/** A node to visit, and the path of what contains it. */
interface Task {
  readonly node: Node;
  readonly path: string;
}

/** `export { local as exported }`, `export default local`, `module.exports = local`. */
interface Alias {
  readonly exported: string;
  readonly local: string;
}

/**
 * Lists the symbols of a file in the order of their names in the text. A path can occur twice (a getter and its setter). Never
 * throws: in broken code it finds what it can.
 */
export function outline(text: string, filename: string): Symbol[] {
  const finder = new Finder(text);
  finder.walk(statementsOf(text, filename));
  return [...finder.symbols, ...finder.aliased()].sort((a, b) => a.nameRange.start - b.nameRange.start);
}

class Finder {
  readonly symbols: Symbol[] = [];
  readonly #aliases: Alias[] = [];
  /** A stack instead of recursion, so that no depth of nesting overflows. */
  readonly #tasks: Task[] = [];

  constructor(readonly text: string) {}

  walk(statements: readonly Node[]): void {
    for (const node of statements) this.#tasks.push({ node, path: '' });
    for (let task = this.#tasks.pop(); task !== undefined; task = this.#tasks.pop()) this.#visit(task.node, task.path);
  }

  /** Returns what is exported under another name, with all its members, under that name too. */
  aliased(): Symbol[] {
    return this.#aliases.flatMap(({ exported, local }) =>
      exported === local
        ? []
        : this.symbols
            .filter(({ path }) => path === local || path.startsWith(`${local}.`))
            .map((symbol) => ({ ...symbol, path: exported + symbol.path.slice(local.length) })),
    );
  }

  #visit(node: Node, path: string): void {
    switch (node.type) {
      case 'FunctionDeclaration':
      case 'ClassDeclaration':
        if (node.id) return this.#named(node, path, node.id.name, node.id, node);
        break;
      case 'TSModuleDeclaration':
        if (node.id.type === 'Identifier') {
          this.#tasks.push({ node: node.body, path: join(path, node.id.name) });
          return;
        }
        break;
      case 'VariableDeclarator':
        if (node.id.type === 'Identifier' && node.init) {
          return this.#named(node, path, node.id.name, node.id, node.init);
        }
        break;
      case 'ClassMethod':
      case 'ClassPrivateMethod':
      case 'ClassProperty':
      case 'ClassPrivateProperty':
      case 'ClassAccessorProperty':
        return this.#member(node, path);
      case 'AssignmentExpression':
        return this.#assignment(node, path);
      case 'ReturnStatement':
        if (node.argument?.type === 'ObjectExpression' && path !== '') return this.#value(node.argument, path);
        break;
      case 'ExportDefaultDeclaration':
        return this.#default(node);
      case 'ExportNamedDeclaration':
        this.#exports(node);
        break;
      default:
    }
    this.#into(node, path);
  }

  #into(node: Node, path: string): void {
    for (const child of childrenOf(node)) this.#tasks.push({ node: child, path });
  }

  /** `nameNode` gives `value` its `name`; the value is a symbol if it is a function or a class. */
  #named(whole: Node, path: string, name: string, nameNode: Node, value: Node): void {
    const own = join(path, name);
    if (isSymbol(value)) this.symbols.push({ path: own, nameRange: rangeOf(nameNode), range: rangeOf(whole) });
    this.#value(value, own);
  }

  /** Visits a value whose path is known; the members of an object literal belong to that path. */
  #value(value: Node, path: string): void {
    const inner = unwrap(value);
    if (inner.type === 'AssignmentExpression' || !(inner.type === 'ObjectExpression' || isSymbol(inner))) {
      this.#tasks.push({ node: inner, path });
      return;
    }
    if (inner.type !== 'ObjectExpression') return this.#into(inner, path);
    for (const property of inner.properties) {
      if (property.type === 'SpreadElement') this.#into(property, path);
      else this.#member(property, path);
    }
  }

  #member(node: Extract<Node, { key: Node }>, path: string): void {
    const computed = 'computed' in node && node.computed;
    const name = keyName(node.key, computed);
    const value = 'value' in node ? node.value : node;
    if (name === null || !value || typeof value !== 'object') return this.#into(node, path);
    this.#named(node, path, name, node.key, value);
  }

  #assignment(node: Extract<Node, { type: 'AssignmentExpression' }>, path: string): void {
    const target = exportedAs(chainOf(node.left), path);
    if (target === null) return this.#into(node, path);
    const right = unwrap(node.right);
    if (right.type === 'Identifier') this.#aliases.push({ exported: target.path, local: right.name });
    if (target.path === 'default' && right.type === 'ObjectExpression') {
      // The members of `module.exports = { … }` are what the module exports.
      for (const property of right.properties) {
        if (property.type === 'ObjectProperty' && property.value.type === 'Identifier') {
          const exported = keyName(property.key, property.computed);
          if (exported !== null) this.#aliases.push({ exported, local: property.value.name });
        }
      }
      return this.#value(right, '');
    }
    if (isSymbol(right)) {
      this.symbols.push({ path: target.path, nameRange: rangeOf(target.nameNode), range: rangeOf(node) });
    }
    this.#value(right, target.path);
  }

  #default(node: Extract<Node, { type: 'ExportDefaultDeclaration' }>): void {
    const declared = unwrap(node.declaration);
    if (declared.type === 'Identifier') {
      this.#aliases.push({ exported: 'default', local: declared.name });
      return;
    }
    if ('id' in declared && declared.id?.type === 'Identifier') {
      this.#aliases.push({ exported: 'default', local: declared.id.name });
      return this.#named(declared, '', declared.id.name, declared.id, declared);
    }
    if (isSymbol(declared)) {
      const start = this.text.indexOf('default', node.start ?? 0);
      this.symbols.push({ path: 'default', nameRange: { start, end: start + 'default'.length }, range: rangeOf(node) });
    }
    this.#value(declared, 'default');
  }

  #exports(node: Extract<Node, { type: 'ExportNamedDeclaration' }>): void {
    if (node.source) return;
    for (const specifier of node.specifiers) {
      if (specifier.type !== 'ExportSpecifier') continue;
      const exported = keyName(specifier.exported, false);
      if (exported !== null) this.#aliases.push({ exported, local: specifier.local.name });
    }
  }
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function isSymbol(value: Node): boolean {
  const inner = unwrap(value);
  switch (inner.type) {
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
    case 'ClassExpression':
    case 'ClassMethod':
    case 'ClassPrivateMethod':
    case 'ObjectMethod':
      return true;
    case 'CallExpression': // const parse = memoize((text) => …)
      return inner.callee.type === 'Identifier' && inner.arguments[0] !== undefined && isFunction(inner.arguments[0]);
    case 'AssignmentExpression': // const parse = exports.parse = (text) => …
      return isSymbol(inner.right);
    default:
      return isFunction(inner);
  }
}

interface Link {
  readonly name: string;
  readonly node: Node;
}

/** Returns the names in `a.b.c`; empty for anything else. */
function chainOf(node: Node): Link[] {
  const links: Link[] = [];
  let at = node;
  while (at.type === 'MemberExpression') {
    const name = keyName(at.property, at.computed);
    if (name === null) return [];
    links.push({ name, node: at.property });
    at = at.object;
  }
  if (at.type === 'Identifier') links.push({ name: at.name, node: at });
  else if (at.type === 'ThisExpression') links.push({ name: 'this', node: at });
  else return [];
  return links.reverse();
}

/** Returns the path under which to find what is assigned to `chain` inside `path`; null if it has none. */
function exportedAs(chain: readonly Link[], path: string): { path: string; nameNode: Node } | null {
  const last = chain.at(-1);
  if (last === undefined) return null;
  let names = chain.map(({ name }) => name);
  if (names[0] === 'module' && names[1] === 'exports') names = names.length === 2 ? ['default'] : names.slice(2);
  else if (names[0] === 'exports') names = names.slice(1);
  else if (names[0] === 'this') names = [instanceOf(path), ...names.slice(1)];
  else if (names.length === 1) return null;
  names = names.filter((name) => name !== 'prototype' && name !== '');
  return names.length === 0 ? null : { path: names.join('.'), nameNode: last.node };
}

/**
 * Returns whose `this` it is in the function at `path`: `Registry` for `Registry.constructor` and for the function `Registry`.
 */
function instanceOf(path: string): string {
  return path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : path;
}
