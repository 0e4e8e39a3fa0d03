import { rangeOf, statementsOf } from './parse.js';
import { scopesOf } from './scope.js';

/** What replaces a module by another one. */
const mocking = ['mock', 'doMock', 'unmock', 'doUnmock', 'importMock', 'importActual', 'resetModules'];
const maybe = new RegExp(`\\b(?:vi|vitest)\\s*\\.\\s*(?:${mocking.join('|')})\\b`);

/** Returns the first call of Vitest's that replaces modules, and its offset; null if there is none. */
export function mockCall(text: string, filename: string): { readonly name: string; readonly offset: number } | null {
  if (!maybe.test(text)) return null;
  for (const { node, scope } of scopesOf(statementsOf(text, filename)).nodes) {
    if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') continue;
    const { object, property } = node.callee;
    if (object.type !== 'Identifier' || property.type !== 'Identifier') continue;
    if (!/^vi(?:test)?$/.test(object.name) || !mocking.includes(property.name)) continue;
    const binding = scope.find(object.name);
    if (binding === null || (binding.kind === 'import' && binding.from.source === 'vitest'))
      return { name: `${object.name}.${property.name}`, offset: rangeOf(node).start };
  }
  return null;
}
