import process from 'node:process';
import { which } from './browser.mjs';

/** @returns {string | null} the desktop VS Code's command line: the one that a variable names, or the one on the PATH */
export function desktopCode() {
  return process.env['VSCODE_PATH'] ?? which('code');
}
