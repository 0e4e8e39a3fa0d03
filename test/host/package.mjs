// node test/host/package.mjs: makes the VSIX for this machine's platform, with that platform's esbuild in it.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };
import { root } from './install.mjs';

/** What may be in the package; `.vscodeignore` says what of it is. */
const parts = [
  'package.json',
  'package.nls.json',
  '.vscodeignore',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'dist',
  'media',
  'syntaxes',
];
const packages = ['esbuild', '@esbuild', 'koffi', '@koromix'];

/**
 * Copies to a folder of its own what may be in the package, because vsce holds each file below its folder against each line of
 * `.vscodeignore`.
 * @returns {string} the folder, which is the caller's to remove
 */
export function stagePackage() {
  const folder = mkdtempSync(path.join(tmpdir(), 'perf-budget-package-'));
  for (const part of [...parts, ...packages.map((name) => `node_modules/${name}`)])
    cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
  return folder;
}

/**
 * Packages what is built in dist. It does not build: other tests run that very dist.
 * @returns {string} the VSIX
 */
export function makePackage() {
  const target = `${process.platform}-${process.arch}`;
  const vsix = path.join(root, `${manifest.name}-${target}-${manifest.version}.vsix`);
  const folder = stagePackage();
  try {
    packageFolder(folder, vsix, '--target', target);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const { size } = statSync(vsix);
  console.error(`${path.basename(vsix)}: ${(size / 1e6).toFixed(2)} MB`);
  return vsix;
}

/**
 * @param {string} folder of an extension
 * @param {string} vsix the file to write
 * @param {...string} args more for vsce
 */
export function packageFolder(folder, vsix, ...args) {
  const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
  const quiet = ['--allow-missing-repository', '--no-rewrite-relative-links'];
  run(folder, vsce, 'package', '--out', vsix, ...quiet, ...args);
}

/** Builds the extension, and packages it. */
export function buildPackage() {
  run(root, 'esbuild.mjs');
  return makePackage();
}

/**
 * Runs Node, and says nothing unless it fails: then all that it said is on standard error.
 * @param {string} cwd
 * @param {readonly string[]} args of Node
 */
function run(cwd, ...args) {
  const { status, error, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status === 0) return;
  console.error(`${stdout}${stderr}`.trim());
  throw new Error(`node ${args.join(' ')} ended with ${String(status)} in ${cwd}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) buildPackage();
