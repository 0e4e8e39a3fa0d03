// npm run bench: our own figures, measured side by side in one run and printed as tables.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { createDemo } from '../fixtures/demo.mjs';

const folder = path.resolve(import.meta.dirname, '../../dist/bench');
const require = `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);`;

await build({
  entryPoints: [path.join(import.meta.dirname, 'figures.ts')],
  outdir: folder,
  bundle: true,
  alias: { '@vscode/l10n': '@vscode/l10n/dist/browser.js' },
  format: 'esm',
  platform: 'node',
  target: 'node22',
  mainFields: ['module', 'main'],
  external: ['esbuild', 'koffi', 'playwright-core'],
  banner: { js: require },
  logLevel: 'warning',
});
const home = await mkdtemp(path.join(tmpdir(), 'perf-budget-bench-'));
try {
  await createDemo(path.join(home, 'demo'));
  const args = [path.join(folder, 'figures.js'), home, ...process.argv.slice(2)];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  process.exitCode = await new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
} finally {
  await rm(home, { recursive: true, force: true });
}
