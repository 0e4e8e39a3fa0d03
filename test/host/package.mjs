// node test/host/package.mjs: makes the VSIX for this machine's platform, with that platform's esbuild in it.
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };
import { root } from './install.mjs';

/**
 * Packages what is built in dist, saying on standard error what is done. It does not build: other tests run that very dist.
 * @returns {string} the VSIX
 */
export function makePackage() {
  const target = `${process.platform}-${process.arch}`;
  const vsix = path.join(root, `${manifest.name}-${target}-${manifest.version}.vsix`);
  const vsce = ['node_modules/@vscode/vsce/vsce', 'package', '--target', target, '--out', vsix];
  run(...vsce, '--allow-missing-repository', '--no-rewrite-relative-links');
  const { size } = statSync(vsix);
  console.error(`${path.basename(vsix)}: ${(size / 1e6).toFixed(2)} MB`);
  return vsix;
}

/** Builds the extension, and packages it. */
export function buildPackage() {
  run('esbuild.mjs');
  return makePackage();
}

/** @param {readonly string[]} args of Node */
function run(...args) {
  execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) buildPackage();
