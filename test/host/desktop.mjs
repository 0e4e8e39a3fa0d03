import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { which } from './browser.mjs';

/** @returns {string | null} the desktop VS Code's command line: the one that a variable names, or the one on the PATH */
export function desktopCode() {
  return process.env['VSCODE_PATH'] ?? which('code');
}

/**
 * The program behind {@link desktopCode}, which ends when its window does, with the exit code of its tests.
 * @returns {string | null}
 */
export function desktopExecutable() {
  const code = desktopCode();
  if (code === null) return null;
  const bin = path.dirname(realpathSync(code));
  const places = ['../code', '../Code.exe', '../../../../MacOS/Electron'];
  return places.map((place) => path.resolve(bin, place)).find((file) => existsSync(file)) ?? code;
}

/**
 * What `runTests` of @vscode/test-electron is to run: the desktop program, or what takes its arguments and serves VS Code
 * to a browser. Windows, where only the desktop program can be had, is left to test-electron, which fetches it.
 * @returns {string | undefined}
 */
export function testExecutable() {
  const launcher = path.join(import.meta.dirname, 'launcher.mjs');
  return desktopExecutable() ?? (process.platform === 'win32' ? undefined : launcher);
}
