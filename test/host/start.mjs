// npm start [-- --desktop | --once]: the extension, installed from its package into a real VS Code, with the demo open.
//   --desktop  in the `code` of this machine, with a profile of its own
//   --once     in a browser without a window, until the extension shows itself; for checks
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { createDemo } from '../fixtures/demo.mjs';
import { which } from './browser.mjs';
import { desktopCode } from './desktop.mjs';
import { startHost, workbenchUrl } from './host.mjs';
import { root, step } from './install.mjs';
import { pathOutsideTests } from './node.mjs';
import { buildPackage, packageFolder } from './package.mjs';
import { compileLogs, startServer } from './server.mjs';

const { values } = parseArgs({ options: { desktop: { type: 'boolean' }, once: { type: 'boolean' } } });

const home = await mkdtemp(path.join(tmpdir(), 'perf-budget-start-'));
const folder = path.join(home, 'demo');
// A person's own Node measures, not the one that was fetched for the tests.
const env = { ...process.env, PATH: pathOutsideTests() };
/** @type {Promise<void>} */
const interrupted = new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => resolve());
});
try {
  const own = await step('Building and packaging the extension', () => Promise.resolve(buildPackage()));
  const demo = path.join(home, 'demo.vsix');
  packageFolder(path.join(import.meta.dirname, 'demo'), demo);
  const vsix = [own, demo];
  await createDemo(folder);
  // As if it had been installed: vitest and tinybench are there for its types, and for whoever runs them in a terminal.
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  if (values.desktop === true) await desktop(vsix);
  else if (values.once === true) await once(vsix);
  else await served(vsix);
} finally {
  await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
process.exit();

/** @param {readonly string[]} vsix */
async function served(vsix) {
  await compileLogs();
  const server = await step('Starting VS Code', () => startServer({ vsix, env }));
  const url = workbenchUrl(server.origin, folder);
  console.log(`\n  VS Code with Perf Budget and the demo:  ${url}\n  Ctrl-C ends it.\n`);
  openBrowser(url);
  await Promise.race([server.ended, interrupted]);
  await server.stop();
}

/** @param {readonly string[]} vsix */
async function once(vsix) {
  const host = await step('Starting VS Code', () => startHost({ vsix, env, folder }));
  try {
    const shown = host.page.locator('.statusbar-item[id^="perf-budget."]').first();
    const walkthrough = host.page.locator('.gettingStartedContainer .step-title').first();
    await Promise.race([shown.waitFor({ timeout: 60_000 }), interrupted]);
    await Promise.race([walkthrough.waitFor({ timeout: 60_000 }), interrupted]);
    const screenshot = path.join(root, 'test-results', 'screenshots', 'start.png');
    await mkdir(path.dirname(screenshot), { recursive: true });
    await host.page.screenshot({ path: screenshot });
    console.log(`The extension runs in ${folder} and says: ${(await shown.textContent()) ?? ''}`);
  } finally {
    await host.stop();
  }
}

/** @param {readonly string[]} vsix */
async function desktop(vsix) {
  const code = desktopCode();
  if (code === null)
    throw new Error('No desktop VS Code: `code` is not on the PATH. Name its executable in VSCODE_PATH.');
  const profile = ['--user-data-dir', path.join(home, 'user-data'), '--extensions-dir', path.join(home, 'extensions')];
  for (const one of vsix) await run(code, [...profile, '--install-extension', one]);
  console.log('Close the window to end.');
  await run(code, [...profile, '--disable-workspace-trust', '--new-window', '--wait', folder]);
}

/**
 * @param {string} code the desktop VS Code
 * @param {readonly string[]} args
 * @returns {Promise<void>} settles when it has ended, or was told to
 */
function run(code, args) {
  const shell = code.endsWith('.cmd');
  const quote = (/** @type {string} */ text) => (shell ? `"${text}"` : text);
  const child = spawn(quote(code), args.map(quote), { env, shell, stdio: 'inherit' });
  void interrupted.then(() => child.kill());
  return new Promise((resolve, reject) => child.on('error', reject).on('close', () => resolve()));
}

/** @param {string} url shown where there is a display */
function openBrowser(url) {
  /** @type {Partial<Record<NodeJS.Platform, string>>} */
  const names = { darwin: 'open', win32: 'explorer' };
  const headless = process.platform === 'linux' && !(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
  const program = headless ? null : which(names[process.platform] ?? 'xdg-open');
  if (program !== null)
    spawn(program, [url], { stdio: 'ignore', detached: true })
      .on('error', () => undefined)
      .unref();
}
