import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The repository. */
export const root = path.resolve(import.meta.dirname, '..', '..');

/** What is fetched on demand lies here; git ignores it. */
export const fetched = path.join(root, '.vscode-test');

/**
 * Runs npm in a folder, and says nothing unless it fails: then all that it said is on standard error.
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {Promise<void>}
 */
export function npm(args, cwd) {
  const cli = process.env['npm_execpath'];
  const [command, prefix] = cli?.endsWith('.js') === true ? [process.execPath, [cli]] : ['npm', []];
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...prefix, ...args, '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd,
      // npm is a `.cmd` file on Windows, and only the shell starts those.
      shell: command === 'npm' && process.platform === 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => (said += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) {
        resolve();
        return;
      }
      console.error(said.trim());
      reject(new Error(`npm ${args.join(' ')} ended with ${String(code)} in ${cwd}`));
    });
  });
}

/**
 * Says on standard error what is being done, and then how long it took.
 * @template T
 * @param {string} what such as `Fetching VS Code`
 * @param {() => Promise<T>} work
 * @returns {Promise<T>} what the work returns
 */
export async function step(what, work) {
  const started = performance.now();
  console.error(`${what} …`);
  const done = await work();
  console.error(`${what}: done after ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return done;
}

/**
 * Installs packages into a folder of {@link fetched}, once. The folder appears whole or not at all, so that two that
 * install at the same time do not meet, and what was interrupted starts again.
 * @param {string} name of the folder; one that names the versions in it never needs to be refreshed
 * @param {readonly string[]} packages
 * @param {(folder: string) => Promise<void>} [finish] what is left to do before the folder is complete
 * @returns {Promise<string>} the folder
 */
export async function installOnce(name, packages, finish) {
  const folder = path.join(fetched, name);
  if (existsSync(folder)) return folder;
  return step(`Fetching ${packages.join(', ')} into ${path.relative(root, folder)}, once`, () =>
    install(folder, packages, finish),
  );
}

/**
 * @param {string} folder
 * @param {readonly string[]} packages
 * @param {((folder: string) => Promise<void>) | undefined} finish
 * @returns {Promise<string>} the folder
 */
async function install(folder, packages, finish) {
  await mkdir(fetched, { recursive: true });
  const unfinished = await mkdtemp(path.join(fetched, 'unfinished-'));
  try {
    await writeFile(path.join(unfinished, 'package.json'), '{ "private": true }\n');
    await npm(['install', '--ignore-scripts', `--prefix=${unfinished}`, ...packages], unfinished);
    await finish?.(unfinished);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
