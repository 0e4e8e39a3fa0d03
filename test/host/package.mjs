// node test/host/package.mjs: makes the VSIX for this machine's platform, with that platform's esbuild in it.
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };
import { root } from './install.mjs';

/**
 * Builds and packages the extension, saying on standard error what is done.
 * @returns {string} the VSIX
 */
export function makePackage() {
  const target = `${process.platform}-${process.arch}`;
  const vsix = path.join(root, `${manifest.name}-${target}-${manifest.version}.vsix`);
  const vsce = ['node_modules/@vscode/vsce/vsce', 'package', '--target', target, '--out', vsix];
  run('esbuild.mjs');
  run(...vsce, '--allow-missing-repository', '--no-rewrite-relative-links');
  const { size } = statSync(vsix);
  console.error(`${path.basename(vsix)}: ${(size / 1e6).toFixed(2)} MB`);
  return vsix;
}

/** @param {readonly string[]} args of Node */
function run(...args) {
  execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) makePackage();
