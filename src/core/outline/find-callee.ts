import type { Callee } from './bench-calls.js';
import type { Symbol } from './symbols.js';

/**
 * Finds the symbol that a benchmark calls, in the outline of the module that it imports: the method if it is there, else the
 * class or object that should have it. Null if the module has neither; it may export it from another module.
 */
export function findCallee(symbols: readonly Symbol[], { imported, member }: Omit<Callee, 'source'>): Symbol | null {
  const paths =
    imported === '*'
      ? [member]
      : [
          member === null ? null : `${imported}.${member}`,
          imported,
          // The default import of a CommonJS module is its `module.exports`, whose members are outlined without a prefix.
          imported === 'default' ? member : null,
        ];
  for (const path of paths) {
    const found = path === null ? undefined : symbols.find((symbol) => symbol.path === path);
    if (found !== undefined) return found;
  }
  return null;
}
