import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** A folder with a configuration of Vitest or Vite, and what is installed there. */
export interface Configured {
  readonly folder: string;
  /** Its name in the folder. */
  readonly configFile: string;
  /** The folders of the installed packages; `vitest` is null if it is not installed. */
  readonly vitest: string | null;
  readonly vite: string;
}

const extensions = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'];
/** In Vitest's own order. A workspace file alone is enough for versions before 4. */
const configNames = ['vitest.config', 'vite.config', 'vitest.workspace'].flatMap((name) =>
  extensions.map((extension) => `${name}.${extension}`),
);

/** Returns the name of the configuration in a folder; null if there is none. */
export const configIn = (folder: string): string | null =>
  configNames.find((name) => existsSync(path.join(folder, name))) ?? null;

/**
 * Returns the nearest configuration from a bench file's folder up to `top`, as Vitest finds it when it is started there. `uninstalled`
 * if neither Vitest nor Vite is installed.
 */
export function findConfigured(benchFile: string, top: string): Configured | 'uninstalled' | null {
  for (let folder = path.dirname(benchFile); ; folder = path.dirname(folder)) {
    const configFile = configIn(folder);
    if (configFile !== null) {
      const vitest = installed(folder, 'vitest');
      const vite = installed(folder, 'vite') ?? (vitest === null ? null : installed(vitest, 'vite'));
      return vite === null ? 'uninstalled' : { folder, configFile, vitest, vite };
    }
    if (folder === top || folder === path.dirname(folder)) return null;
  }
}

/** Returns the folder of a package that a file in this folder would import; null if it is not installed. */
function installed(from: string, name: string): string | null {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const found = path.join(folder, 'node_modules', name);
    if (existsSync(path.join(found, 'package.json'))) return realpathSync(found);
    if (folder === path.dirname(folder)) return null;
  }
}
