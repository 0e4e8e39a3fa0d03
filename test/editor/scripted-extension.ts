import { copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BudgetResult } from '../../src/core/results/measurement.js';
import type { Explained } from '../../src/engine/explain/request.js';
import { root } from '../host/install.mjs';

/** What `scripted-engine.mjs` says. */
export interface Script {
  readonly budget: string;
  readonly result: BudgetResult;
  readonly explained: Explained | null;
  /** The verdicts of other budgets, which stand whatever is saved. */
  readonly others?: Readonly<Record<string, BudgetResult>>;
  /** The commit of the baseline; without it, there is old code only in what is told. */
  readonly commit?: string;
}

/** The extension as it was built, with an engine that says what a script says. `folder` is where both are written. */
export async function scriptedExtension(folder: string, script: Script): Promise<string> {
  const extension = path.join(folder, 'extension');
  const dist = path.join(root, 'dist');
  await mkdir(path.join(extension, 'dist'), { recursive: true });
  // Copied, since VS Code knows by its place whose code calls it.
  const needed = (await readdir(dist)).filter((name) =>
    /^(?:chunk-[\w-]+|extension|explain|worker)\.(?:js|css)$/.test(name),
  );
  await Promise.all([
    ...['package.json', 'package.nls.json'].map((name) => copyFile(path.join(root, name), path.join(extension, name))),
    ...['media', 'syntaxes', 'node_modules'].map((name) => symlink(path.join(root, name), path.join(extension, name))),
    ...needed.map((name) => copyFile(path.join(dist, name), path.join(extension, 'dist', name))),
  ]);
  const file = path.join(folder, 'script.json');
  await writeFile(file, JSON.stringify(script));
  const address = (...parts: readonly string[]) => JSON.stringify(pathToFileURL(path.join(...parts)).href);
  await writeFile(
    path.join(extension, 'dist', 'engine.js'),
    `import { play } from ${address(import.meta.dirname, 'scripted-engine.mjs')};
await play(${address(dist, 'engine.js')}, ${JSON.stringify(file)});
`,
  );
  return extension;
}
