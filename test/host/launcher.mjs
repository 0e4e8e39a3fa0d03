#!/usr/bin/env node
// Takes the arguments of the desktop VS Code's executable, and runs the extension tests they name in a VS Code served to
// a browser without a window, so that `runTests` of @vscode/test-electron works with either. The exit code is the tests'.
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { startHost } from './host.mjs';

const { values, positionals } = parseArgs({
  // Of the desktop program's many switches only these mean something here; the others are let pass.
  strict: false,
  options: {
    extensionDevelopmentPath: { type: 'string', multiple: true },
    extensionTestsPath: { type: 'string' },
    'user-data-dir': { type: 'string' },
    'extensions-dir': { type: 'string' },
  },
});

/**
 * @param {string} name of an option
 * @returns {string[]} its values as absolute paths
 */
function paths(name) {
  return [values[name] ?? []].flat().flatMap((value) => (typeof value === 'string' ? [path.resolve(value)] : []));
}

const folder = positionals
  .map((each) => path.resolve(each))
  .find((each) => existsSync(each) && statSync(each).isDirectory());
const [userDataDir] = paths('user-data-dir');
const [extensionsDir] = paths('extensions-dir');
const [extensionTestsPath] = paths('extensionTestsPath');

const host = await startHost({
  ...(folder === undefined ? {} : { folder }),
  ...(userDataDir === undefined ? {} : { userDataDir }),
  ...(extensionsDir === undefined ? {} : { extensionsDir }),
  ...(extensionTestsPath === undefined ? {} : { extensionTestsPath }),
  extensionDevelopmentPaths: paths('extensionDevelopmentPath'),
  trust: values['disable-workspace-trust'] === true,
  onLog: (type, args) => console.error(`[${type}] ${args.join(' ')}`),
});

/** @type {Promise<number>} */
const interrupted = new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => resolve(130));
});
const code = await Promise.race([host.exited, host.server.ended.then(() => 1), interrupted]);
await host.stop();
process.exit(code);
