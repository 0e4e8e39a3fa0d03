import type { Node } from '@babel/types';
import { childrenOf, isFunction, keyName, unwrap } from './parse.js';
import { typeName, type Import, type Scope, type Scopes } from './scope.js';

/** What a benchmark calls, as its bench file imports it. */
export interface Callee {
  /** The exported name; `default`; `*` if one name stands for the whole module. */
  readonly imported: string;
  /** The method of `imported` (or of its instance), or the function of a whole module; null if `imported` itself is called. */
  readonly member: string | null;
  /** As written: `./tokenizer.js`. */
  readonly source: string;
}

/** How many steps to follow a name through variables and local functions before giving up. */
const patience = 8;

/** Whether arrays, strings or promises have this method: on a returned value it does not tell where the time goes. */
const builtIn = (method: string): boolean =>
  method in Array.prototype || method in String.prototype || method === 'then';

/** Where a value comes from. `made`: an instance or the module itself; otherwise what an imported function returned. */
interface Origin {
  readonly from: Import;
  readonly made: boolean;
}

interface Candidate {
  readonly callee: Callee;
  readonly kind: 'call' | 'new' | 'result';
}

/** Finds the first function from a relative path that a benchmark's function calls, itself or in a helper of the same file. */
export function calleeOf(fn: Node, scope: Scope, scopes: Scopes): Callee | null {
  return new CalleeFinder(scopes).find(unwrap(fn), scope);
}

class CalleeFinder {
  constructor(readonly scopes: Scopes) {}

  find(fn: Node, scope: Scope): Callee | null {
    if (isFunction(fn) || fn.type === 'ObjectMethod') return this.#inBody(fn, scope, 1);
    if (fn.type === 'Identifier') {
      const binding = scope.find(fn.name);
      if (binding?.kind === 'function') return this.#inBody(binding.node, scope.scopeOf(fn.name) ?? scope, 1);
    }
    if (fn.type === 'CallExpression' && fn.callee.type === 'MemberExpression') {
      // bench('x', registry.lookup.bind(registry))
      if (keyName(fn.callee.property, fn.callee.computed) === 'bind') return this.find(unwrap(fn.callee.object), scope);
    }
    return this.#called(fn, scope)?.callee ?? null;
  }

  #inBody(fn: Node, scope: Scope, helpers: number): Callee | null {
    const candidates: Candidate[] = [];
    const local: { node: Node; scope: Scope }[] = [];
    const tasks = [{ node: fn, scope }];
    for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
      const { node } = task;
      const inner = this.scopes.opened.get(node) ?? task.scope;
      if (isCall(node)) {
        const candidate = this.#called(node.callee, inner);
        if (candidate !== null)
          candidates.push(node.type === 'NewExpression' ? { ...candidate, kind: 'new' } : candidate);
        if (node.callee.type === 'Identifier') {
          const binding = inner.find(node.callee.name);
          const declaredIn = inner.scopeOf(node.callee.name);
          if (binding?.kind === 'function' && declaredIn !== null)
            local.push({ node: binding.node, scope: declaredIn });
        }
      }
      for (const child of childrenOf(node).reverse()) tasks.push({ node: child, scope: inner });
    }
    const direct = choose(candidates);
    if (direct !== null || helpers === 0) return direct;
    for (const helper of local) {
      const found = this.#inBody(helper.node, helper.scope, helpers - 1);
      if (found !== null) return found;
    }
    return null;
  }

  /** Resolves what a call of `callee` calls. */
  #called(callee: Node, scope: Scope): Candidate | null {
    const members: string[] = [];
    let at = unwrap(callee);
    while (at.type === 'MemberExpression' || at.type === 'OptionalMemberExpression') {
      const name = keyName(at.property, at.computed);
      if (name === null) return null;
      members.unshift(name);
      at = unwrap(at.object);
    }
    const origin = this.#origin(at, scope, patience);
    if (origin === null || !isCode(origin.from.source)) return null;
    const { imported, source } = origin.from;
    const [first] = members;
    if (first === undefined) {
      // `const lib = require('./lib')` makes `lib` the module and, if it is called, its only export.
      return { callee: { imported: imported === '*' ? 'default' : imported, member: null, source }, kind: 'call' };
    }
    if (!origin.made && builtIn(first)) return null;
    return { callee: { imported, member: members.join('.'), source }, kind: origin.made ? 'call' : 'result' };
  }

  #origin(node: Node, scope: Scope, depth: number): Origin | null {
    if (depth === 0) return null;
    const value = unwrap(node);
    switch (value.type) {
      case 'Identifier':
        return this.#named(value.name, scope, depth);
      case 'NewExpression': {
        const origin = this.#origin(value.callee, scope, depth - 1);
        return origin === null ? null : { from: exportOf(origin.from), made: true };
      }
      case 'CallExpression':
        return this.#returned(value.callee, scope, depth);
      case 'MemberExpression': {
        const origin = this.#origin(value.object, scope, depth - 1);
        const name = keyName(value.property, value.computed);
        if (origin === null || name === null) return null;
        return origin.from.imported === '*' ? { ...origin, from: { ...origin.from, imported: name } } : origin;
      }
      default:
        return null;
    }
  }

  #named(name: string, scope: Scope, depth: number): Origin | null {
    const binding = scope.find(name);
    const declaredIn = scope.scopeOf(name) ?? scope;
    switch (binding?.kind) {
      case 'import':
        return { from: binding.from, made: true };
      case 'variable': {
        const typed = binding.type === null ? null : this.#typed(binding.type, declaredIn);
        return typed ?? (binding.init === null ? null : this.#origin(binding.init, declaredIn, depth - 1));
      }
      default:
        return null;
    }
  }

  #typed(name: string, scope: Scope): Origin | null {
    const binding = scope.find(name);
    return binding?.kind === 'import' ? { from: binding.from, made: true } : null;
  }

  /** Returns where a call's result comes from: the instance that a local helper makes, or else the imported function. */
  #returned(callee: Node, scope: Scope, depth: number): Origin | null {
    const fn = unwrap(callee);
    if (fn.type === 'MemberExpression') {
      // `Router.create()`, `router.add(…)`: usually the same kind of object again.
      const origin = this.#origin(fn.object, scope, depth - 1);
      if (origin === null) return null;
      const name = keyName(fn.property, fn.computed);
      if (origin.from.imported !== '*' || name === null) return origin;
      return { from: { ...origin.from, imported: name }, made: false };
    }
    if (fn.type !== 'Identifier') return null;
    const binding = scope.find(fn.name);
    if (binding?.kind === 'function') {
      return this.#madeBy(binding.node, scope.scopeOf(fn.name) ?? scope, depth - 1);
    }
    const origin = this.#named(fn.name, scope, depth - 1);
    return origin === null ? null : { from: exportOf(origin.from), made: false };
  }

  #madeBy(fn: Node, scope: Scope, depth: number): Origin | null {
    if (
      fn.type !== 'ArrowFunctionExpression' &&
      fn.type !== 'FunctionExpression' &&
      fn.type !== 'FunctionDeclaration'
    ) {
      return null;
    }
    if (fn.returnType?.type === 'TSTypeAnnotation') {
      const name = typeName(fn.returnType.typeAnnotation);
      const typed = name === null ? null : this.#typed(name, scope);
      if (typed !== null) return typed;
    }
    const inner = this.scopes.opened.get(fn) ?? scope;
    const { body } = fn;
    if (body.type !== 'BlockStatement') return this.#origin(body, inner, depth);
    const last = body.body.find((statement) => statement.type === 'ReturnStatement')?.argument;
    return last ? this.#origin(last, this.scopes.opened.get(body) ?? inner, depth) : null;
  }
}

function isCall(node: Node): node is Extract<Node, { type: `${string}CallExpression` | 'NewExpression' }> {
  return node.type === 'CallExpression' || node.type === 'OptionalCallExpression' || node.type === 'NewExpression';
}

/** Treats a module that is called or constructed as a whole as its default export. */
function exportOf(from: Import): Import {
  return from.imported === '*' ? { ...from, imported: 'default' } : from;
}

/** Whether an import is the project's own, and not data. */
function isCode(source: string): boolean {
  return /^\.\.?(\/|$)/.test(source) && !/\.(json|wasm|node|txt|html|css)$/.test(source);
}

/** Returns the first call; if that is only a construction, the method called on the object. */
function choose(candidates: readonly Candidate[]): Callee | null {
  const first = candidates.find(({ kind }) => kind !== 'result') ?? candidates[0];
  if (first === undefined) return null;
  if (first.kind !== 'new') return first.callee;
  const { imported, source } = first.callee;
  const method = candidates.find(
    ({ kind, callee }) => kind !== 'new' && callee.imported === imported && callee.source === source,
  );
  return (method ?? first).callee;
}
