// node test/host/node.mjs <script> [argument…]: runs the script on a Node that this project's tests can run on. The
// running one is used where it is new enough; else one is fetched from npm, into a folder that git ignores.
import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { fetched, installOnce } from './install.mjs';

/** @type {Readonly<Record<string, string>>} */
const versions = { 20: '20.20.2', 22: '22.23.5', 24: '24.21.0', 26: '26.12.1' };

/** @returns {Promise<string>} an executable of Node 24, fetched where the running one is another */
export async function node24() {
  if (process.versions.node.startsWith('24.')) return process.execPath;
  return nodeOf('24');
}

/**
 * @param {string} major the major version of a Node that benchmarks can run on
 * @returns {Promise<string>} its executable, fetched
 */
export async function nodeOf(major) {
  const version = versions[major];
  if (version === undefined) throw new Error(`no Node ${major} is known here: ${Object.keys(versions).join(', ')}`);
  const os = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${os}-${process.arch}`;
  const folder = await installOnce(`node-${version}`, [`${name}@${version}`]);
  return path.join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/** @returns {boolean} whether the running Node has `node:sqlite` without a flag */
function isNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 13);
}

/**
 * The PATH as it is outside the tests, without the Node that was fetched for them: a person's own Node measures.
 * @returns {string}
 */
export function pathOutsideTests() {
  const entries = (process.env['PATH'] ?? '').split(path.delimiter);
  return entries.filter((entry) => !entry.startsWith(fetched)).join(path.delimiter);
}

/**
 * Runs a script to its end, with the Node that runs it first on the PATH so that its children find the same one.
 * @param {readonly string[]} args the script and its arguments
 */
async function run(args) {
  const node = isNewEnough() ? process.execPath : await node24();
  process.env['PATH'] = [path.dirname(node), pathOutsideTests()].join(path.delimiter);
  const child = spawn(node, args, { stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    // A terminal has sent Ctrl-C to the child already; once more would mean "at once, without cleaning up".
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  child.on('error', (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 1;
  });
}

// Not where it is a part of another program's bundle.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href && import.meta.url.endsWith('/node.mjs'))
  await run(process.argv.slice(2));
