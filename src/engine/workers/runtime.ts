import * as l10n from '@vscode/l10n';
import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import { settleColors } from '../util/color-settings.js';

/** The Node that measures. */
export interface Runtime {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Finds the user's own `node`, which their code runs on: the one that a setting names, else the first on the PATH, else the
 * one that runs this program (in an editor, its Electron as plain Node).
 */
export async function findRuntime(setting: string | null): Promise<Runtime> {
  const env = { ...process.env };
  delete env['ELECTRON_RUN_AS_NODE'];
  settleColors(env);
  if (setting !== null) return { command: setting, env };
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    if (folder === '') continue;
    const command = path.join(folder, name);
    try {
      await access(command, constants.X_OK);
      // A folder can be entered, which is the same right.
      if ((await stat(command)).isFile()) return { command, env };
    } catch {
      // Not in this folder.
    }
  }
  return { command: process.execPath, env: { ...env, ELECTRON_RUN_AS_NODE: '1' } };
}

/** The oldest major version of Node whose figures agree with the long run (docs/measurement.md). */
const oldestMajor = 20;

/** Returns why a version of Node cannot measure, in one sentence with the way out; null if it can. */
export function refusalOf(version: string): string | null {
  // If its version is unknown, it does not start, and starting it says why.
  if (!(Number(version.split('.')[0]) < oldestMajor)) return null;
  return l10n.t`Node ${version} is too old to measure with: name Node 20, 22, 24 or 26 in perfBudget.node or with --node`;
}
