import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Loader } from 'esbuild';

/**
 * A bundle is one file in another place, but every module in it must still see its own path. esbuild's `define` is the same
 * for all files, so it turns these expressions into names, and each file that uses one gets its own constants. `define`
 * leaves names alone that the file declares itself.
 */
export const definitions: Readonly<Record<string, string>> = {
  __filename: '__budgetFilename',
  __dirname: '__budgetDirname',
  'require.main': '__budgetMainModule',
  'require.resolve': '__budgetRequireResolve',
  'import.meta.url': '__budgetUrl',
  'import.meta.filename': '__budgetFilename',
  'import.meta.dirname': '__budgetDirname',
  'import.meta.main': '__budgetMain',
  'import.meta.resolve': '__budgetResolve',
  // The values of vite, but without tests in source files.
  'import.meta.vitest': 'undefined',
  'import.meta.env': '__budgetEnv',
};

const viteEnv = '{ MODE: "benchmark", DEV: true, PROD: false, SSR: true, BASE_URL: "/" }';

const loaders: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  // JSX in a file named .js is common, and the loader also takes plain JavaScript.
  '.js': 'jsx',
  '.mjs': 'jsx',
  '.cjs': 'jsx',
  '.jsx': 'jsx',
  '.json': 'json',
  '.txt': 'text',
};

/** Returns how esbuild reads the file; undefined if it cannot. */
export const loaderOf = (file: string): Loader | undefined => loaders[path.extname(file).toLowerCase()];

export const isCode = (file: string): boolean => /\.(?:[cm]?[jt]s|[jt]sx)$/i.test(file);

/** `const require = createRequire(import.meta.url)`: if it is removed, esbuild sees what is required and bundles it. */
const ownRequire =
  /\b(?:const|let|var)\s+require\s*=\s*(?:[\w$]+\.)?createRequire\(\s*(?:import\.meta\.(?:url|filename)|__filename)\s*\)/g;

export function bundleRequire(text: string): string {
  return text.includes('createRequire') ? text.replace(ownRequire, (found) => ' '.repeat(found.length)) : text;
}

const anyRequire = /(?<![\w$.])(?:[\w$]+\.)?createRequire\(\s*(?:import\.meta\.(?:url|filename)|__filename)\s*\)/g;

/** Lets old code that makes its own `require` load what `runtime` loads. */
export const movedRequire = (text: string, runtime: string): string =>
  text.replace(anyRequire, () => `${runtime}.require`);

/** Adds the constants that `definitions` names to a text, where they move no line and no `'use strict'`. */
export function locate(text: string, file: string, isMain: boolean): string {
  const constants: string[] = [];
  const add = (name: string, value: string) => constants.push(`${name} = ${value}`);
  const meta = text.includes('import.meta');
  const url = JSON.stringify(pathToFileURL(file).href);
  if (meta) add('__budgetUrl', url);
  if (meta || text.includes('__filename')) add('__budgetFilename', JSON.stringify(file));
  if (meta || text.includes('__dirname')) add('__budgetDirname', JSON.stringify(path.dirname(file)));
  if (text.includes('import.meta.main')) add('__budgetMain', String(isMain));
  if (text.includes('import.meta.resolve'))
    add('__budgetResolve', `require('perf-budget:runtime').from(${url}).resolve`);
  if (text.includes('import.meta.env')) add('__budgetEnv', viteEnv);
  if (text.includes('require.resolve'))
    add('__budgetRequireResolve', `require('perf-budget:runtime').from(${url}).require.resolve`);
  if (text.includes('require.main')) add('__budgetMainModule', isMain ? 'module' : 'undefined');
  if (constants.length === 0) return text;
  const at = afterDirectives(text);
  // Standard style ends a directive with its line.
  const end = /['"][ \t]*$/.test(text.slice(0, at)) ? ';' : '';
  return `${text.slice(0, at)}${end}const ${constants.join(', ')};${text.slice(at)}`;
}

const directives = /^(?:#![^\n]*\n)?(?:(?:\s|\/\/[^\n]*\n|\/\*[^]*?\*\/)*(?:'use [a-z]+'|"use [a-z]+")[ \t]*;?)*/;

function afterDirectives(text: string): number {
  const start = text.startsWith('\uFEFF') ? 1 : 0;
  return start + (directives.exec(text.slice(start))?.[0].length ?? 0);
}
