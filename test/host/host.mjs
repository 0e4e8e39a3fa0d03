import path from 'node:path';
import { chromium as playwright } from 'playwright-core';
import { chromium } from './browser.mjs';
import { node24 } from './node.mjs';
import { codeServer, startServer } from './server.mjs';

/**
 * @typedef {object} Development
 * @property {readonly string[]} [extensionDevelopmentPaths] folders of extensions to run from their sources
 * @property {string} [extensionTestsPath] a module whose `run()` the extension host calls
 * @property {(type: string, args: readonly unknown[]) => void} [onLog] what is logged there
 */

/**
 * @typedef {object} Host
 * @property {import('./server.mjs').Server} server
 * @property {import('playwright-core').Page} page the workbench
 * @property {Promise<number>} exited the code with which the tests in the extension host ended; never, without such tests
 * @property {(folder?: string, settings?: Readonly<Record<string, unknown>>) => Promise<void>} open another folder in the
 *   same window, with these settings of the user's; none where absent
 * @property {() => Promise<void>} stop
 */

/**
 * Fetches whatever a VS Code is made of and this machine has not yet, so that no test has to wait for the network.
 * @returns {Promise<void>}
 */
export async function prepareHost() {
  await Promise.all([node24(), codeServer()]);
  chromium();
}

/**
 * Starts a VS Code with a folder open: its server, and a browser without a window that shows the workbench.
 * @param {import('./server.mjs').ServerOptions & Development & { readonly folder?: string }} options
 * @returns {Promise<Host>}
 */
export async function startHost(options) {
  const server = await startServer(options);
  try {
    const context = await playwright.launchPersistentContext(path.join(server.home, 'browser'), {
      executablePath: chromium(),
      args: ['--disable-quic', '--disable-gpu', '--no-first-run', '--disable-component-update', '--disable-sync'],
      env: { ...process.env, HOME: server.home, XDG_CONFIG_HOME: server.home, XDG_CACHE_HOME: server.home },
      viewport: { width: 1280, height: 800 },
      permissions: ['clipboard-read', 'clipboard-write'],
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
    const page = context.pages()[0] ?? (await context.newPage());
    // A window with unsaved text asks before it is left.
    page.on('dialog', (dialog) => void dialog.accept());
    /** @type {(code: number) => void} */
    let exit = () => undefined;
    /** @type {Promise<number>} */
    const exited = new Promise((resolve) => (exit = resolve));
    await page.exposeFunction('codeAutomationExit', (/** @type {number} */ code) => exit(code));
    await page.exposeFunction('codeAutomationLog', options.onLog ?? (() => undefined));
    await page.addInitScript(developmentScript(developmentOptions(server.origin, options)));
    await page.goto(workbenchUrl(server.origin, options.folder));
    return {
      server,
      page,
      exited,
      open: async (folder, settings) => {
        // Away from it first: what the window had started is ended before the next begins.
        await page.goto('about:blank');
        if (folder === undefined) return;
        await server.writeSettings(settings ?? {});
        await page.goto(workbenchUrl(server.origin, folder));
      },
      stop: async () => {
        await context.close();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/**
 * @param {string} origin
 * @param {string} [folder] or a `.code-workspace` file
 * @returns {string} where the workbench with it open is
 */
export function workbenchUrl(origin, folder) {
  const url = new URL(origin);
  if (folder === undefined) url.searchParams.set('ew', 'true');
  else url.searchParams.set(folder.endsWith('.code-workspace') ? 'workspace' : 'folder', folder);
  return url.href;
}

/**
 * @param {string} origin
 * @param {Development} options
 * @returns {object | null} as the workbench wants them
 */
function developmentOptions(origin, { extensionDevelopmentPaths = [], extensionTestsPath }) {
  if (extensionDevelopmentPaths.length === 0 && extensionTestsPath === undefined) return null;
  const remote = (/** @type {string} */ file) => ({
    $mid: 1,
    scheme: 'vscode-remote',
    authority: new URL(origin).host,
    path: file,
  });
  return {
    extensions: extensionDevelopmentPaths.map(remote),
    ...(extensionTestsPath === undefined ? {} : { extensionTestsPath: remote(extensionTestsPath) }),
  };
}

/**
 * What runs in the page before the workbench reads its configuration there. The address could carry the same options,
 * but VS Code listens to them only in a mode that hides notifications.
 * @param {object | null} developmentOptions
 * @returns {string}
 */
function developmentScript(developmentOptions) {
  if (developmentOptions === null) return '';
  return `document.addEventListener('readystatechange', () => {
    if (document.readyState !== 'interactive') return;
    const element = document.getElementById('vscode-workbench-web-configuration');
    const settings = JSON.parse(element?.getAttribute('data-settings') ?? '{}');
    settings.developmentOptions = ${JSON.stringify(developmentOptions)};
    element?.setAttribute('data-settings', JSON.stringify(settings));
  });`;
}
