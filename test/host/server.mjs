import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { installOnce, npm, root, step } from './install.mjs';
import { node24 } from './node.mjs';

const version = '4.139.1';

/** What a test must not be surprised by; and in a browser VS Code would save by itself. */
const settings = {
  'chat.disableAIFeatures': true,
  'editor.cursorBlinking': 'solid',
  // `false` is migrated when it is read, and the migration saves a file.
  'extensions.autoUpdate': 'off',
  'files.autoSave': 'off',
  'telemetry.telemetryLevel': 'off',
  'typescript.disableAutomaticTypeAcquisition': true,
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
};

/**
 * @typedef {object} ServerOptions
 * @property {string} [userDataDir] a private one that goes with the server where absent
 * @property {string} [extensionsDir] the same
 * @property {string | readonly string[]} [vsix] extensions to install first
 * @property {boolean} [trust] whether every folder is trusted (the default) or VS Code asks
 * @property {Readonly<Record<string, unknown>>} [settings] the user's, over those that tests need
 * @property {NodeJS.ProcessEnv} [env] instead of this process's
 */

/**
 * @typedef {object} Server
 * @property {string} origin such as `http://127.0.0.1:40123`
 * @property {string} home a private folder, removed when the server has ended
 * @property {Promise<void>} ended settles when the server and all it had started are gone
 * @property {(own: Readonly<Record<string, unknown>>) => Promise<void>} writeSettings what a test's user has set from now on
 * @property {() => Promise<void>} stop
 */

/**
 * Starts VS Code's server on this machine's loopback, with folders of its own for everything that it writes. It ends
 * with this process, however that ends.
 * @param {ServerOptions} [options]
 * @returns {Promise<Server>}
 */
export async function startServer(options = {}) {
  const [node, entry] = await Promise.all([node24(), codeServer()]);
  const home = await mkdtemp(path.join(tmpdir(), 'perf-budget-host-'));
  const userDataDir = options.userDataDir ?? path.join(home, 'user-data');
  const extensionsDir = options.extensionsDir ?? path.join(home, 'extensions');
  await Promise.all(['tmp', 'runtime'].map((name) => mkdir(path.join(home, name), { mode: 0o700 })));
  const writeSettings = await settingsWriter(userDataDir);
  await writeSettings(options.settings ?? {});
  await writeFile(path.join(home, 'config.yaml'), '');

  const env = privateEnvironment(options.env ?? process.env, home);
  const shared = [
    ...['--config', path.join(home, 'config.yaml'), '--user-data-dir', userDataDir, '--extensions-dir', extensionsDir],
    ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'],
  ];
  for (const vsix of [options.vsix ?? []].flat())
    await promisify(execFile)(node, [entry, ...shared, '--install-extension', vsix], { env, cwd: home });

  const child = spawn(
    node,
    [
      ...[path.join(root, 'test/host/guard.mjs'), home, entry, ...shared],
      ...['--auth', 'none', '--bind-addr', '127.0.0.1:0', '--disable-proxy', '--vscode-option', 'disable-experiments'],
      ...(options.trust === false ? [] : ['--disable-workspace-trust']),
    ],
    // Ctrl-C on the terminal is for this process; the guard ends the server when this process is through.
    { env, cwd: home, detached: true, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => child.once('close', () => resolve()));
  const stop = () => {
    child.stdin.end();
    return ended;
  };
  /** @type {string[]} */
  const said = [];
  createInterface(child.stderr).on('line', (line) => said.push(line));
  for await (const line of createInterface(child.stdout)) {
    said.push(line);
    const origin = /HTTP server listening on (http:\/\/[\d.:]+)/.exec(line)?.[1];
    if (origin === undefined) continue;
    child.stdout.resume();
    return { origin, home, ended, stop, writeSettings };
  }
  await ended;
  throw new Error(`VS Code's server did not start:\n${said.join('\n')}`);
}

/** @returns {Promise<string>} code-server's script, fetched where it is not there yet */
export async function codeServer() {
  const inside = path.join('node_modules', 'code-server');
  const folder = await installOnce(`code-server-${version}`, [`code-server@${version}`], async (unfinished) => {
    const vscode = path.join(unfinished, inside, 'lib', 'vscode');
    await npm(['install', '--omit=dev', '--ignore-scripts'], vscode);
    // TypeScript's language server, for one.
    await npm(['install', '--omit=dev', '--ignore-scripts'], path.join(vscode, 'extensions'));
  });
  return path.join(folder, inside, 'out', 'node', 'entry.js');
}

/**
 * Compiles what writes log files, once, and with them what extensions say under Output. No test reads that, and it takes as long
 * as a minute.
 * @returns {Promise<void>}
 */
export async function compileLogs() {
  const vscode = path.resolve(await codeServer(), '..', '..', '..', 'lib', 'vscode');
  if (existsSync(path.join(vscode, 'node_modules', '@vscode', 'spdlog', 'build', 'Release', 'spdlog.node'))) return;
  const rebuild = () => npm(['rebuild', '@vscode/spdlog', '@vscode/native-watchdog'], vscode);
  await step('Compiling what writes the log files of VS Code, once', rebuild).catch(() => {
    console.error('Without a C++ compiler VS Code writes no log files; everything else works.');
  });
}

/**
 * @param {string} userDataDir
 * @returns {Promise<Server['writeSettings']>}
 */
async function settingsWriter(userDataDir) {
  const file = path.join(userDataDir, 'User', 'settings.json');
  /** @type {unknown} */
  const present = existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : {};
  await mkdir(path.dirname(file), { recursive: true });
  return (own) => writeFile(file, JSON.stringify(Object.assign({}, settings, present, own), null, 2));
}

/**
 * The environment without what npm, vitest and a surrounding VS Code put into it, as a person's VS Code would see it.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} home
 * @returns {NodeJS.ProcessEnv}
 */
function privateEnvironment(env, home) {
  const foreign =
    /^(npm_|VSCODE_|ELECTRON_|VITEST|CODE_SERVER_|XDG_|(NODE_ENV|NODE_OPTIONS|TEST|INIT_CWD|PASSWORD|PORT)$)/;
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name))),
    HOME: home,
    TMPDIR: path.join(home, 'tmp'),
    XDG_CONFIG_HOME: path.join(home, 'config'),
    XDG_DATA_HOME: path.join(home, 'data'),
    XDG_CACHE_HOME: path.join(home, 'cache'),
    XDG_STATE_HOME: path.join(home, 'state'),
    XDG_RUNTIME_DIR: path.join(home, 'runtime'),
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
  };
}
