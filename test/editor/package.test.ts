import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listFiles } from '@vscode/vsce';
import { beforeAll, expect, test } from 'vitest';
import { createDemo } from '../fixtures/demo.mjs';
import { makePackage, stagePackage } from '../host/package.mjs';
import { Workbench } from './workbench.js';

let vsix: string;

beforeAll(() => {
  vsix = makePackage();
});

test('the package holds what runs, and nothing else', async () => {
  const staged = stagePackage();
  const files = await listFiles({ cwd: staged });
  await rm(staged, { recursive: true });
  const data = /^(media|syntaxes)\/|^(README|CHANGELOG)\.md$/;
  const platform = `${process.platform}-${process.arch}`;
  const esbuild = process.platform === 'win32' ? 'esbuild.exe' : 'bin/esbuild';
  // The parts that are loaded when they are needed are named by their content.
  const named = new Set(files.map((file) => file.replace(/^dist\/(chunk|cli)-[\w-]+\.js$/, 'dist/$1-….js')));
  expect([...named].filter((file) => !data.test(file)).toSorted()).toEqual(
    [
      'LICENSE',
      'dist/chunk-….js',
      'dist/cli-….js',
      'dist/cli.js',
      'dist/debug.js',
      'dist/end.js',
      'dist/engine.js',
      'dist/explain.css',
      'dist/explain.js',
      'dist/extension.js',
      'dist/page.css',
      'dist/page.js',
      'dist/pipeline.js',
      'dist/process.js',
      'dist/watch.js',
      'dist/worker.js',
      `node_modules/@esbuild/${platform}/${esbuild}`,
      `node_modules/@esbuild/${platform}/package.json`,
      `node_modules/@koromix/koffi-${platform}/${platform.replace('-', '_')}/koffi.node`,
      `node_modules/@koromix/koffi-${platform}/index.js`,
      `node_modules/@koromix/koffi-${platform}/package.json`,
      'node_modules/esbuild/LICENSE.md',
      'node_modules/esbuild/lib/main.js',
      'node_modules/esbuild/package.json',
      'node_modules/koffi/LICENSE.txt',
      'node_modules/koffi/index.js',
      'node_modules/koffi/package.json',
      'node_modules/koffi/src/koffi/index.js',
      'node_modules/koffi/src/koffi/src/static.js',
      'package.json',
      'package.nls.json',
    ].toSorted(),
  );
});

test('installed from its package, the extension measures the demo', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'perf-budget-package-'));
  try {
    await createDemo(path.join(folder, 'demo'));
    await using workbench = await Workbench.start({ folder: path.join(folder, 'demo'), vsix });
    // Only where the extension is active does the palette offer its commands.
    await workbench.waitFor(
      () => workbench.statusBar('meter'),
      (meter) => meter !== null,
    );
    await workbench.command('Perf Budget: Run All Budgets');
    await workbench.waitFor(
      () => workbench.statusBar('meter'),
      (meter) => /^\$\(dashboard\) \d+%( · \d+ undecided)?$/.test(meter?.text ?? ''),
      120_000,
    );
    await workbench.screenshot('package');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
