/** The temporary repositories of the corpus, and one side of each as a plain module. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { applied, type Edit, type Module } from './corpus.js';

const run = promisify(execFile);
const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', '-c', 'commit.gpgsign=false'];

/** The name of the budget that every module has. */
export const budget = 'the benchmark';

const configOf = ({ benchFile, benchmark }: Module): string => `{
  "benchmarks": [{ "files": ${JSON.stringify(benchFile)} }],
  "budgets": { ${JSON.stringify(budget)}: { "benchmark": ${JSON.stringify(benchmark)}, "limit": ["time <= baseline + 5%"] } }
}
`;

/** A user's project with a module of the corpus, committed; linked and installed packages in node_modules, which git ignores. */
export async function createRepository(folder: string, module: Module, fixtures: string): Promise<void> {
  await cp(module.folder ?? path.join(fixtures, module.name), folder, { recursive: true });
  await mkdir(path.join(folder, 'node_modules'), { recursive: true });
  // What is in `installed` is so, and what is in `packages` is linked, as `npm install` leaves them.
  const installed = path.join(folder, 'installed');
  if (existsSync(installed)) await cp(installed, path.join(folder, 'node_modules'), { recursive: true });
  const packages = path.join(folder, 'packages');
  for (const name of existsSync(packages) ? await readdir(packages) : []) {
    await symlink(path.join(packages, name), path.join(folder, 'node_modules', name), 'junction');
  }
  await writeFile(path.join(folder, 'perf-budget.jsonc'), configOf(module));
  await writeFile(path.join(folder, '.gitignore'), 'node_modules/\n.perf-budget/\n');
  await git(folder, 'init', '-q');
  await commit(folder, 'The old version');
}

const git = (folder: string, ...args: string[]): Promise<unknown> => run('git', args, { cwd: folder });

export async function commit(folder: string, message: string): Promise<void> {
  await git(folder, 'add', '-A');
  await git(folder, ...author, 'commit', '-q', '-m', message);
}

/** Makes the change of a variant in the working tree. Returns the new texts of the files that it changes. */
export async function change(folder: string, edits: readonly Edit[]): Promise<Map<string, string>> {
  const texts = applied(edits, (file) => readFileSync(path.join(folder, file), 'utf8'));
  for (const [file, text] of texts) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
  return texts;
}

/** A stand-in for every benchmark library that keeps the first function that is defined. */
const library = `
const keep = (_, fn) => ((globalThis.kept ??= fn), undefined);
const inside = (_, fn) => fn();
class Bench { add(name, fn) { keep(name, fn); return this; } run() {} table() {} }
class Suite { add(name, fn) { keep(name, fn); return this; } run() { return this; } }
module.exports = { bench: keep, describe: inside, group: inside, run() {}, Bench, Suite };
`;

/** Writes the benchmark of a project as it is now as a module that exports it as \`work\`, for Node alone to run. */
export async function writePlain(folder: string, { benchFile }: Module, to: string): Promise<void> {
  await build({
    stdin: {
      contents: `import './${benchFile}';\nexport const work = globalThis.kept;\n`,
      resolveDir: folder,
      sourcefile: 'plain.mjs',
    },
    outfile: to,
    bundle: true,
    format: 'esm',
    platform: 'node',
    sourcemap: 'inline',
    // Bench files print their tables, of which there is nothing here; and CommonJS requires parts of Node.
    banner: {
      js: `console.table = () => undefined; import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`,
    },
    plugins: [
      {
        name: 'library',
        setup(plugin) {
          plugin.onResolve({ filter: /^(?:vitest|tinybench|mitata|benchmark)$/ }, () => ({
            path: 'library',
            namespace: 'library',
          }));
          plugin.onLoad({ filter: /./, namespace: 'library' }, () => ({ contents: library, loader: 'js' }));
        },
      },
    ],
  });
}
