// npm run faults -- [--seed 7] [--minutes 10] [--only kill,benchmarks] [--case 12] [--jobs 2] [--keep]: the campaign. It copies the
// built program into a folder of its own, so that a long run is about one version whatever happens to the sources meanwhile.
import { spawn } from 'node:child_process';
import { cp, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';

const repository = path.resolve(import.meta.dirname, '../..');
const require = `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);`;

const home = await realpath(await mkdtemp(path.join(tmpdir(), 'faults-')));
/** @type {import('node:child_process').ChildProcess | null} */
let child = null;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  // A terminal has sent Ctrl-C to the child already.
  process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child?.kill(signal)));
}
try {
  await symlink(path.join(repository, 'node_modules'), path.join(home, 'node_modules'), 'junction');
  await cp(path.join(repository, 'dist'), path.join(home, 'dist'), {
    recursive: true,
    filter: (file) => !/dist[\\/](?:bench|faults)$/.test(file),
  });
  await build({
    entryPoints: {
      main: path.join(import.meta.dirname, 'main.ts'),
      editor: path.join(import.meta.dirname, 'editor.ts'),
    },
    outdir: path.join(home, 'faults'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    alias: { '@vscode/l10n': '@vscode/l10n/dist/browser.js' },
    format: 'esm',
    platform: 'node',
    target: 'node22',
    mainFields: ['module', 'main'],
    external: ['esbuild', 'koffi'],
    banner: { js: require },
    logLevel: 'warning',
  });
  const args = [
    path.join(home, 'faults/main.mjs'),
    home,
    path.join(repository, 'test/fixtures'),
    ...process.argv.slice(2),
  ];
  child = spawn(process.execPath, args, { stdio: 'inherit' });
  process.exitCode = await new Promise((resolve) => child?.on('exit', (code) => resolve(code ?? 1)));
} finally {
  if (!process.argv.includes('--keep')) await rm(home, { recursive: true, force: true, maxRetries: 5 });
}
