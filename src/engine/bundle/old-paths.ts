import path from 'node:path';

/** esbuild's order, and the module variants behind it. */
export const extensions = ['.tsx', '.ts', '.jsx', '.js', '.mts', '.mjs', '.cts', '.cjs', '.json'] as const;

/** TypeScript is imported under the name of what it compiles to. */
const sources: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.jsx': ['.tsx', '.ts'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
};

/** The files that an import of `target` (an absolute path) may mean, in the order in which they are tried. */
export function candidates(target: string): readonly string[] {
  const extension = path.extname(target);
  const stem = target.slice(0, target.length - extension.length);
  return [
    target,
    ...(sources[extension] ?? []).map((source) => stem + source),
    ...extensions.map((each) => target + each),
    ...extensions.map((each) => path.join(target, `index${each}`)),
  ];
}
