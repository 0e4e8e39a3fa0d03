import path from 'node:path';

/** esbuild's order, followed by the module variants. */
export const extensions = ['.tsx', '.ts', '.jsx', '.js', '.mts', '.mjs', '.cts', '.cjs', '.json'] as const;

/** TypeScript files are imported under the names of their compiled files. */
const sources: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.jsx': ['.tsx', '.ts'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
};

/** Returns the files that an import of `target` (an absolute path) may mean, in the order in which to try them. */
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
