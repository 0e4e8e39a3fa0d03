// npm run bench: our own figures, measured side by side in one run and printed as tables.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';

const folder = path.resolve(import.meta.dirname, '../../dist/bench');
const require = `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);`;

await build({
  entryPoints: [path.join(import.meta.dirname, 'figures.ts')],
  outdir: folder,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  mainFields: ['module', 'main'],
  external: ['esbuild', 'koffi'],
  banner: { js: require },
  logLevel: 'warning',
});
const child = spawn(process.execPath, [path.join(folder, 'figures.js'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
const [code] = /** @type {[number | null]} */ (await once(child, 'exit'));
process.exitCode = code ?? 1;
