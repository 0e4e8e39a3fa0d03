import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parse } from 'jsonc-parser';

/** The options that esbuild does not read itself. */
export interface CompilerOptions {
  readonly customConditions: readonly string[];
  readonly emitDecoratorMetadata: boolean;
  /** The files that say so. */
  readonly files: readonly string[];
}

/** Reads them from the nearest tsconfig.json up to `root`, with what it extends. */
export function compilerOptionsFor(file: string, root: string): CompilerOptions {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const files: string[] = [];
    const found = read(path.join(folder, 'tsconfig.json'), files);
    if (found !== null) {
      const { customConditions, emitDecoratorMetadata } = found;
      const conditions = Array.isArray(customConditions)
        ? customConditions.filter((one) => typeof one === 'string')
        : [];
      return { customConditions: conditions, emitDecoratorMetadata: emitDecoratorMetadata === true, files };
    }
    if (folder === root || folder === path.dirname(folder)) break;
  }
  return { customConditions: [], emitDecoratorMetadata: false, files: [] };
}

type Options = Readonly<Record<string, unknown>>;

function read(file: string, files: string[]): Options | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  const { extends: bases, compilerOptions = {} } = ((parse(text) as unknown) ?? {}) as {
    readonly extends?: unknown;
    readonly compilerOptions?: Options;
  };
  if (files.includes(file)) return compilerOptions;
  files.push(file);
  const inherited = [bases]
    .flat()
    .flatMap((base) => (typeof base === 'string' ? (read(baseOf(file, base), files) ?? []) : []));
  return Object.assign({}, ...inherited, compilerOptions) as Options;
}

/** As TypeScript finds it: a path, with or without its ending, or a file in an installed package. */
function baseOf(file: string, base: string): string {
  const named = base.endsWith('.json') ? base : `${base}.json`;
  if (/^\.{0,2}\//.test(base) || path.isAbsolute(base)) return path.resolve(path.dirname(file), named);
  const near = createRequire(file);
  for (const each of [base, named, `${base}/tsconfig.json`]) {
    try {
      return near.resolve(each);
    } catch {
      // The next one.
    }
  }
  return '';
}
