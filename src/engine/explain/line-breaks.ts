import { type AnyNode, type Function as FunctionNode, type Node, parse } from 'acorn';

/** What a line break before a token does to the meaning of the code. */
export const breaks = {
  /** Nothing is known: it is not where a token begins. */
  unknown: 0,
  harmless: 1,
  /** It would end a `return`, `throw` or `yield`, so what follows must be put in parentheses, which open before the line break. */
  inParentheses: 2,
  /** It would end the statement, or it is a syntax error. */
  never: 3,
} as const;

/** A function of the bundle; offsets into its text. */
export interface FoundFunction {
  readonly name: string | null;
  /** The index of the function around it; -1 for none. */
  readonly parent: number;
  /** Those of methods begin with their modifiers and names, unless the name is computed outside of the function. */
  readonly start: number;
  readonly end: number;
}

export interface Structure {
  /** One of `breaks` for each offset. */
  readonly breaks: Uint8Array;
  /** The end of what is put into parentheses, by its start. */
  readonly ends: ReadonlyMap<number, number>;
  /** In the order of their starts, outer ones first. */
  readonly functions: readonly FoundFunction[];
}

/** The most characters that are parsed; the parser needs about 200 ms for a million of them, and 100 MB. */
const most = 8_000_000;

/** Returns null for code that is too long, too deep, or newer than the parser. */
export function structureOf(code: string): Structure | null {
  if (code.length > most) return null;
  try {
    const finder = new Finder(code);
    finder.visit(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }), -1, null);
    return finder;
  } catch {
    // A syntax error, or the stack is too small.
    return null;
  }
}

/**
 * Finds where line breaks may be added. A program keeps its meaning with a line break between any two of its tokens, except where
 * the grammar says "no LineTerminator here". Everywhere else, a token that follows another one without a line break is one that the
 * grammar allows there, and semicolons are inserted only before one that it does not allow (ECMA-262, 12.10).
 *
 * A node begins where a token begins, apart from the parts of a template. Those productions are: before `=>`, before `++` and `--`
 * behind a value, and before `function` behind `async`, where no node begins; behind `return`, `throw`, `yield`, `break` and
 * `continue`; behind `async` before a parameter or the name of a method; behind `using`; behind `accessor`.
 */
class Finder implements Structure {
  readonly breaks: Uint8Array;
  readonly ends = new Map<number, number>();
  readonly functions: FoundFunction[] = [];

  constructor(private readonly code: string) {
    this.breaks = new Uint8Array(code.length + 1);
  }

  /** `owner`: the index of the function around the node. `name`: what the node's value is assigned to. */
  visit(node: AnyNode, owner: number, name: string | null): void {
    const { type } = node;
    if (type === 'TemplateElement') return;
    this.#allow(node.start);
    switch (type) {
      case 'Identifier':
      case 'Literal':
        return;
      case 'MemberExpression':
        this.visit(node.object, owner, null);
        return this.visit(node.property, owner, null);
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return this.#function(node, owner, node.id?.name ?? name, node.start);
      case 'ClassDeclaration':
      case 'ClassExpression':
        if (node.superClass) this.visit(node.superClass, owner, null);
        // esbuild gives a class that its variable names already a name of its own, for use inside of it.
        for (const member of node.body.body) this.visit(member, owner, name ?? node.id?.name ?? null);
        return;
      case 'MethodDefinition':
      case 'PropertyDefinition': {
        const key = keyName(node);
        return this.#member(node, owner, name === null || key === null ? key : `${name}.${key}`);
      }
      case 'Property':
        return this.#member(node, owner, keyName(node));
      case 'StaticBlock':
        return this.#children(node, this.#add(null, owner, node.start, node.end));
      case 'VariableDeclarator':
        return this.#assigned(node.id, node.init ?? null, owner);
      case 'AssignmentExpression':
      case 'AssignmentPattern':
        return this.#assigned(node.left, node.right, owner);
      case 'VariableDeclaration':
        if (node.kind.endsWith('using')) this.#forbid(node.declarations[0]);
        break;
      case 'BreakStatement':
      case 'ContinueStatement':
        this.#forbid(node.label);
        break;
      case 'ReturnStatement':
      case 'ThrowStatement':
        this.#enclose(node.argument);
        break;
      case 'YieldExpression':
        if (!node.delegate) this.#enclose(node.argument);
        break;
      case 'CallExpression':
        if (isWrapper(node.callee)) {
          for (const each of node.arguments) this.#wrapper(each, owner);
          return;
        }
        this.#allow(node.end - 1);
        break;
      case 'BlockStatement':
        this.#allow(node.end - 1);
        break;
      default:
    }
    this.#children(node, owner);
  }

  #children(node: Node, owner: number): void {
    const fields = node as unknown as Readonly<Record<string, unknown>>;
    for (const key in fields) {
      const value = fields[key];
      if (Array.isArray(value)) {
        for (const each of value as readonly unknown[]) if (isNode(each)) this.visit(each, owner, null);
      } else if (isNode(value)) this.visit(value, owner, null);
    }
  }

  #function(node: FunctionNode, owner: number, name: string | null, start: number): void {
    const [first] = node.params;
    // Not where the parameter stands in parentheses, as more than one do.
    if (node.async && first !== undefined && this.code[first.start - 1] !== '(') this.#forbid(first);
    this.#children(node, this.#add(name, owner, start, node.end));
  }

  #member(
    node: Extract<AnyNode, { type: 'MethodDefinition' | 'PropertyDefinition' | 'Property' }>,
    owner: number,
    name: string | null,
  ): void {
    const { key, value, computed } = node;
    // Behind `async`; behind the other modifiers, nothing is lost.
    if (!computed && key.start !== node.start) this.#forbid(key);
    if (key !== value) this.visit(key, owner, null);
    if (!value) return;
    const isMethod =
      node.type === 'MethodDefinition' || (node.type === 'Property' && (node.method || node.kind !== 'init'));
    if (isMethod && value.type === 'FunctionExpression')
      return this.#function(value, owner, name, computed ? value.start : node.start);
    if (node.type !== 'PropertyDefinition' || isFunction(value)) return this.visit(value, owner, name);
    // V8 evaluates it in a function of its own, for each object.
    this.visit(value, this.#add(name, owner, computed ? value.start : node.start, node.end), name);
  }

  #assigned(target: AnyNode, value: AnyNode | null, owner: number): void {
    this.visit(target, owner, null);
    if (value !== null) this.visit(value, owner, targetName(target));
  }

  /** What esbuild wraps around a module is the module's top level, not a function. */
  #wrapper(modules: AnyNode, owner: number): void {
    if (modules.type !== 'ObjectExpression') return this.visit(modules, owner, null);
    for (const each of modules.properties) {
      this.#allow(each.start);
      if (each.type === 'Property' && each.value.type === 'FunctionExpression') this.#children(each.value, owner);
      else this.visit(each, owner, null);
    }
  }

  #add(name: string | null, parent: number, start: number, end: number): number {
    this.#allow(start);
    return this.functions.push({ name, parent, start, end }) - 1;
  }

  /** Does not override what a node around it said of the same offset. */
  #allow(offset: number): void {
    if (this.breaks[offset] === breaks.unknown) this.breaks[offset] = breaks.harmless;
  }

  #forbid(node: Node | null | undefined): void {
    if (node) this.breaks[node.start] = breaks.never;
  }

  #enclose(node: Node | null | undefined): void {
    if (!node || this.code[node.start - 1] === '(') return;
    this.breaks[node.start] = breaks.inParentheses;
    this.ends.set(node.start, node.end);
  }
}

const isNode = (value: unknown): value is AnyNode =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Node>).type === 'string';

const isFunction = ({ type }: AnyNode): boolean => type === 'FunctionExpression' || type === 'ArrowFunctionExpression';

/** esbuild calls it so, with a number behind it if the user has the same name. */
const isWrapper = (callee: AnyNode): boolean =>
  callee.type === 'Identifier' && /^__(?:commonJS|esm)(?:Min)?\d*$/.test(callee.name);

function keyName({
  key,
  computed,
}: Extract<AnyNode, { type: 'MethodDefinition' | 'PropertyDefinition' | 'Property' }>): string | null {
  if (key.type === 'PrivateIdentifier') return `#${key.name}`;
  if (key.type === 'Literal') return String(key.value);
  if (!computed) return key.type === 'Identifier' ? key.name : null;
  const isSymbol = key.type === 'MemberExpression' && key.object.type === 'Identifier' && key.object.name === 'Symbol';
  return isSymbol && key.property.type === 'Identifier' ? `[Symbol.${key.property.name}]` : null;
}

/** `a` for `a = …`, `b` for `a.b = …`, `A.b` for `A.prototype.b = …`. */
function targetName(target: AnyNode): string | null {
  if (target.type === 'Identifier') return target.name;
  if (target.type !== 'MemberExpression') return null;
  const { object, property, computed } = target;
  if (property.type === 'PrivateIdentifier') return `#${property.name}`;
  const isLiteral = property.type === 'Literal' && typeof property.value === 'string';
  const name = isLiteral ? String(property.value) : property.type === 'Identifier' && !computed ? property.name : null;
  const isOfPrototype =
    object.type === 'MemberExpression' &&
    object.object.type === 'Identifier' &&
    object.property.type === 'Identifier' &&
    object.property.name === 'prototype';
  return name !== null && isOfPrototype && object.object.type === 'Identifier' ? `${object.object.name}.${name}` : name;
}
