/** The temporary repositories of the corpus, and one side of each as a plain module. */
import { execFile } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
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
  await cp(path.join(fixtures, module.name), folder, { recursive: true });
  await mkdir(path.join(folder, 'node_modules'));
  const packages = path.join(folder, 'packages');
  if (module.name === 'render') {
    await symlink(path.join(packages, 'escape-text'), path.join(folder, 'node_modules/escape-text'), 'junction');
    await cp(path.join(folder, 'installed'), path.join(folder, 'node_modules'), { recursive: true });
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
  for (const [file, text] of texts) await writeFile(path.join(folder, file), text);
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
    // Bench files print their tables, of which there is nothing here.
    banner: { js: 'console.table = () => undefined;' },
    plugins: [
      {
        name: 'library',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^(?:vitest|tinybench|mitata|benchmark)$/ }, () => ({
            path: 'library',
            namespace: 'library',
          }));
          onLoad({ filter: /./, namespace: 'library' }, () => ({ contents: library, loader: 'js' }));
        },
      },
    ],
  });
}
