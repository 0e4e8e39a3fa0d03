// node built.mjs detect.ts|truth/truth.ts|cause/cause.ts [option…]: builds a benchmark and the worker into a folder of its own, so that a long run
// measures one version whatever happens to the sources meanwhile, and runs it there.
import { spawn } from 'node:child_process';
import { mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';

const repository = path.resolve(import.meta.dirname, '../..');
const [entry = '', ...options] = process.argv.slice(2);
const require = `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);`;
/** @type {import('node:child_process').ChildProcess | null} */
let child = null;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  // A terminal has sent Ctrl-C to the child already; once more would mean "at once, without cleaning up".
  process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child?.kill(signal)));
}

const home = await realpath(await mkdtemp(path.join(tmpdir(), 'perf-budget-bench-')));
try {
  await symlink(path.join(repository, 'node_modules'), path.join(home, 'node_modules'), 'junction');
  await build({
    entryPoints: {
      main: path.join(import.meta.dirname, entry),
      worker: path.join(repository, 'src/worker/main.ts'),
      ...Object.fromEntries(
        ['tinybench', 'turns', 'load'].map((name) => [name, path.join(import.meta.dirname, `detect/${name}.ts`)]),
      ),
    },
    outdir: path.join(home, 'dist'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    alias: { '@vscode/l10n': '@vscode/l10n/dist/browser.js' },
    format: 'esm',
    platform: 'node',
    target: 'node22',
    mainFields: ['module', 'main'],
    external: ['esbuild', 'koffi', 'tinybench'],
    banner: { js: require },
    logLevel: 'warning',
  });
  const args = [path.join(home, 'dist/main.mjs'), home, repository, ...options];
  child = spawn(process.execPath, args, { stdio: 'inherit' });
  process.exitCode = await new Promise((resolve) => child?.on('exit', (code) => resolve(code ?? 1)));
} finally {
  await rm(home, { recursive: true, force: true });
}
