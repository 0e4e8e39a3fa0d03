import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

/**
 * An executable's whole path, as a shell would find it.
 * @param {string} name
 * @returns {string | null}
 */
export function which(name) {
  const suffixes = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    for (const suffix of suffixes) {
      const file = path.join(folder, name + suffix);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not here.
      }
    }
  }
  return null;
}

/**
 * A Chromium: the one that a variable names, one on the PATH, or Debian's package where this process may install it.
 * @returns {string} its executable
 */
export function chromium() {
  const named = process.env['PERF_BUDGET_CHROMIUM'] ?? process.env['CHROME_PATH'];
  if (named !== undefined) return named;
  const found = installedChromium();
  if (found !== null) return found;
  if (process.platform === 'linux' && process.getuid?.() === 0 && which('apt-get') !== null) {
    console.error('Installing Chromium …');
    aptGet('update');
    aptGet('install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu');
    const installed = installedChromium();
    if (installed !== null) return installed;
  }
  throw new Error('No Chromium was found. Install one, or name its executable in CHROME_PATH.');
}

/** @param {readonly string[]} args */
function aptGet(...args) {
  execFileSync('apt-get', ['-qq', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 2, 2],
  });
}

/** @returns {string | null} */
function installedChromium() {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']) {
    const file = which(name);
    if (file !== null) return file;
  }
  const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  return existsSync(mac) ? mac : null;
}
