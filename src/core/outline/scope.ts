import type { Node } from '@babel/types';
import { childrenOf, isFunction, keyName, unwrap } from './parse.js';

/** An export of a module, as another file imports it. */
export interface Import {
  /** The exported name; `default`; `*` for the whole module. */
  readonly imported: string;
  readonly source: string;
}

/** What a name is bound to. */
export type Binding =
  | { readonly kind: 'import'; readonly from: Import }
  | { readonly kind: 'function'; readonly node: Node }
  /** `init` is the first value of the variable, null if unknown; `type` is the name of its declared type. */
  | { readonly kind: 'variable'; readonly constant: boolean; init: Node | null; readonly type: string | null };

export class Scope {
  readonly #bindings = new Map<string, Binding>();

  constructor(readonly parent: Scope | null) {}

  declare(name: string, binding: Binding): void {
    if (!this.#bindings.has(name)) this.#bindings.set(name, binding);
  }

  find(name: string): Binding | null {
    return this.#bindings.get(name) ?? this.parent?.find(name) ?? null;
  }

  /** Returns the nearest scope that declares `name`: a function of that name runs in it. */
  scopeOf(name: string): Scope | null {
    return this.#bindings.has(name) ? this : (this.parent?.scopeOf(name) ?? null);
  }
}

/** All nodes in the order of the text, and the scope of each node that opens one. */
export interface Scopes {
  readonly nodes: readonly { readonly node: Node; readonly scope: Scope }[];
  readonly opened: ReadonlyMap<Node, Scope>;
}

export function scopesOf(statements: readonly Node[]): Scopes {
  const nodes: { node: Node; scope: Scope }[] = [];
  const opened = new Map<Node, Scope>();
  const root = new Scope(null);
  const tasks = statements.map((node) => ({ node, scope: root })).reverse();
  for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
    const { node, scope: outer } = task;
    nodes.push(task);
    let scope = outer;
    if (opensScope(node)) {
      scope = new Scope(outer);
      opened.set(node, scope);
    }
    declare(node, outer, scope);
    for (const child of childrenOf(node).reverse()) tasks.push({ node: child, scope });
  }
  for (const { node, scope } of nodes) assign(node, scope);
  return { nodes, opened };
}

function opensScope(node: Node): boolean {
  return (
    isFunction(node) ||
    node.type === 'FunctionDeclaration' ||
    node.type === 'ObjectMethod' ||
    node.type === 'ClassMethod' ||
    node.type === 'BlockStatement' ||
    node.type === 'ForStatement' ||
    node.type === 'ForOfStatement' ||
    node.type === 'ForInStatement' ||
    node.type === 'CatchClause'
  );
}

/** `scope` contains the node; `inner` is the scope that the node opens, or the same one. */
function declare(node: Node, scope: Scope, inner: Scope): void {
  switch (node.type) {
    case 'ImportDeclaration':
      for (const specifier of node.specifiers) {
        const imported =
          specifier.type === 'ImportSpecifier'
            ? (keyName(specifier.imported, false) ?? '')
            : specifier.type === 'ImportDefaultSpecifier'
              ? 'default'
              : '*';
        scope.declare(specifier.local.name, { kind: 'import', from: { imported, source: node.source.value } });
      }
      return;
    case 'VariableDeclaration':
      for (const { id, init } of node.declarations) variable(id, init ?? null, node.kind === 'const', scope);
      return;
    case 'FunctionDeclaration':
      if (node.id) scope.declare(node.id.name, { kind: 'function', node });
      break;
    default:
  }
  if ('params' in node && Array.isArray(node.params))
    for (const param of node.params) variable(param, null, false, inner);
  if (node.type === 'CatchClause' && node.param) variable(node.param, null, false, inner);
}

function variable(pattern: Node, init: Node | null, constant: boolean, scope: Scope): void {
  const source = init === null ? null : requiredFrom(init);
  switch (pattern.type) {
    case 'Identifier':
      if (source !== null) scope.declare(pattern.name, { kind: 'import', from: source });
      else if (init !== null && isFunction(unwrap(init))) {
        scope.declare(pattern.name, { kind: 'function', node: unwrap(init) });
      } else scope.declare(pattern.name, { kind: 'variable', constant, init, type: typeOf(pattern) });
      return;
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        if (property.type === 'RestElement') variable(property.argument, null, constant, scope);
        else {
          const key = keyName(property.key, property.computed);
          if (source?.imported === '*' && key !== null && property.value.type === 'Identifier') {
            scope.declare(property.value.name, { kind: 'import', from: { ...source, imported: key } });
          } else variable(property.value, null, constant, scope);
        }
      }
      return;
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element !== null) variable(element, null, constant, scope);
      return;
    case 'AssignmentPattern':
      return variable(pattern.left, null, constant, scope);
    case 'RestElement':
      return variable(pattern.argument, null, constant, scope);
    case 'TSParameterProperty':
      return variable(pattern.parameter, null, constant, scope);
    default:
  }
}

/** Reads `require('./x')`, `require('./x').y` or `await import('./x')`; null for every other value. */
function requiredFrom(init: Node): Import | null {
  const value = unwrap(init);
  if (value.type === 'MemberExpression') {
    const module = requiredFrom(value.object);
    const imported = keyName(value.property, value.computed);
    return module === null || imported === null || module.imported !== '*' ? null : { ...module, imported };
  }
  if (value.type !== 'CallExpression') return null;
  const loads =
    value.callee.type === 'Import' || (value.callee.type === 'Identifier' && value.callee.name === 'require');
  const [source] = value.arguments;
  return loads && source?.type === 'StringLiteral' ? { imported: '*', source: source.value } : null;
}

/** Returns the declared type: `Registry` for `x: Registry<string>`. */
function typeOf(node: Extract<Node, { type: 'Identifier' }>): string | null {
  return node.typeAnnotation?.type === 'TSTypeAnnotation' ? typeName(node.typeAnnotation.typeAnnotation) : null;
}

/** Returns the first name in a type such as `Registry<string>`, `Promise<Registry>`, `Registry | undefined`. */
export function typeName(type: Node): string | null {
  switch (type.type) {
    case 'TSTypeReference': {
      const name = type.typeName.type === 'Identifier' ? type.typeName.name : null;
      const inner = type.typeParameters?.params[0];
      return name === 'Promise' && inner !== undefined ? typeName(inner) : name;
    }
    case 'TSUnionType':
      return type.types.map(typeName).find((name) => name !== null) ?? null;
    default:
      return null;
  }
}

/** Gives a variable without a value the first one assigned anywhere: `let x; beforeEach(() => { x = new X(); })`. */
function assign(node: Node, scope: Scope): void {
  if (node.type !== 'AssignmentExpression' || node.left.type !== 'Identifier') return;
  const binding = scope.find(node.left.name);
  if (binding?.kind === 'variable') binding.init ??= node.right;
}
