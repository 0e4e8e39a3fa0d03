import { type AnyNode, type Expression, type ObjectExpression, parse, type Property, type SpreadElement } from 'acorn';

/** What `Benchmark` compiles together, because `fn` sees the variables of `setup`. */
const compiled = ['setup', 'fn', 'teardown'];
const key = "[Symbol.for('perf-budget.texts')]";

/**
 * Adds the texts of functions to what a file passes to Benchmark.js, which compiles `setup`, `fn` and `teardown` into one function
 * by their texts. esbuild gives local variables other names where a name is also that of a global one, so that `fn` would no
 * longer find the variables of `setup`. Only a property after the functions is added, so that lines stay where they are.
 */
export function withFunctionTexts(text: string): string {
  if (!/['"]benchmark['"]/.test(text) || !/\b(?:setup|teardown)\b/.test(text)) return text;
  const program = parsed(text);
  if (program === null) return text;
  const functions = new Map<string, AnyNode>();
  const additions: { readonly at: number; readonly text: string }[] = [];
  const source = (node: AnyNode | null | undefined): string | null => {
    if (node === null || node === undefined) return null;
    if (/^(?:Arrow)?Function/.test(node.type)) return text.slice(node.start, node.end);
    return node.type === 'Identifier' ? source(functions.get(node.name)) : null;
  };
  const isOfPrototype = /\.prototype\.(?:setup|teardown)\b/.test(text);
  walk(program, (node) => {
    if (node.type === 'FunctionDeclaration' && node.id) functions.set(node.id.name, node);
    if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier' && node.init)
      functions.set(node.id.name, node.init);
  });
  walk(program, (node) => {
    if (node.type === 'AssignmentExpression') {
      const { left } = node;
      if (left.type !== 'MemberExpression' || left.property.type !== 'Identifier') return;
      const own = source(node.right);
      const owner = text.slice(left.object.start, left.object.end);
      if (own === null || !owner.endsWith('.prototype') || !compiled.includes(left.property.name)) return;
      const texts = JSON.stringify({ [left.property.name]: own });
      additions.push({ at: node.end, text: `,(${owner}${key}=Object.assign({},${owner}${key},${texts}))` });
      return;
    }
    if (node.type === 'ObjectExpression') {
      const texts = textsOf(node, source);
      if ('setup' in texts || 'teardown' in texts || ('fn' in texts && isOfPrototype)) addTo(node, texts);
      return;
    }
    if ((node.type !== 'CallExpression' && node.type !== 'NewExpression') || !defines(node.callee)) return;
    const [, first, second] = node.arguments;
    const fn = source(first);
    if (fn === null || first === undefined) return;
    if (second?.type !== 'ObjectExpression') {
      if (second === undefined && isOfPrototype)
        additions.push({ at: first.end, text: `,{${key}:${JSON.stringify({ fn })}}` });
      return;
    }
    const texts = { ...textsOf(second, source), fn };
    if ('setup' in texts || 'teardown' in texts || isOfPrototype) addTo(second, texts);
  });

  /** Adds the texts after the last property. An outer call comes first, and knows more. */
  function addTo(object: ObjectExpression, texts: Readonly<Record<string, string>>): void {
    const last = object.properties.at(-1);
    const at = last?.end ?? object.start + 1;
    if (additions.some((one) => one.at === at)) return;
    additions.push({ at, text: `${last === undefined ? '' : ','}${key}:${JSON.stringify(texts)}` });
  }

  return additions
    .toSorted((a, b) => b.at - a.at)
    .reduce((whole, { at, text: added }) => whole.slice(0, at) + added + whole.slice(at), text);
}

/** Whether this is `suite.add` or `Benchmark`. */
function defines(callee: AnyNode): boolean {
  const name = callee.type === 'MemberExpression' ? callee.property : callee;
  return name.type === 'Identifier' && (name.name === 'add' || name.name === 'Benchmark');
}

/** The texts of the functions that an object has under these names. */
function textsOf(object: ObjectExpression, source: (node: AnyNode | null) => string | null): Record<string, string> {
  const found: Record<string, string> = {};
  for (const property of object.properties) {
    const name = nameOf(property);
    if (property.type !== 'Property' || name === null || !compiled.includes(name)) continue;
    const own = source(property.value);
    // That of a method begins after its name.
    if (own !== null) found[name] = property.method ? `function ${own}` : own;
  }
  return found;
}

function nameOf(property: Property | SpreadElement): string | null {
  if (property.type !== 'Property' || property.computed) return null;
  const { key: own }: { key: Expression | { type: 'PrivateIdentifier' } } = property;
  if (own.type === 'Identifier') return own.name;
  return own.type === 'Literal' ? String(own.value) : null;
}

/** Returns null for what is not plain JavaScript: Benchmark.js gets what a compiler has made of it. */
function parsed(text: string): AnyNode | null {
  for (const sourceType of ['module', 'script'] as const) {
    try {
      return parse(text, { ecmaVersion: 'latest', sourceType, allowReturnOutsideFunction: true, allowHashBang: true });
    } catch {
      // The other one may fit.
    }
  }
  return null;
}

function walk(node: AnyNode, visit: (node: AnyNode) => void): void {
  visit(node);
  for (const value of Object.values(node) as unknown[])
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value])
      if (typeof child === 'object' && child !== null && 'type' in child && 'start' in child)
        walk(child as AnyNode, visit);
}
