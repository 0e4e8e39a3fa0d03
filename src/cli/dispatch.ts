import * as l10n from '@vscode/l10n';
import process from 'node:process';
import { GitError } from '../engine/git/process.js';
import { withRepair } from '../engine/git/repair.js';
import { TemporaryFolderError } from '../engine/util/temporary.js';
import { check } from './commands/check.js';
import { exitCodes, gravest } from '../requests/report/exit-codes.js';
import { UsageError } from '../requests/selection/usage-error.js';
import { outputFailure, printError } from './terminal/terminal.js';

// The older supported versions of Node warn at every start that `node:sqlite` is experimental.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') printError(`${warning.name}: ${warning.message}`);
});

// A check of unchanged code needs little of the program, so the other commands are in a file of their own.
const others = () => import('./commands/others.js');

/** The commands, each loaded when it is called. Each returns its exit code, and reports a mistake of the user in one line. */
export const commands = {
  init: reportingErrors(async () => (await others()).init),
  check: reportingErrors(() => Promise.resolve(check)),
  merge: reportingErrors(async () => (await others()).merge),
  report: reportingErrors(async () => (await others()).report),
  explain: reportingErrors(async () => (await others()).explain),
  capture: reportingErrors(async () => (await others()).capture),
  listBaselines: reportingErrors(async () => (await others()).listBaselines),
  switchBaseline: reportingErrors(async () => (await others()).switchBaseline),
  deleteBaseline: reportingErrors(async () => (await others()).deleteBaseline),
  record: reportingErrors(async () => (await others()).record),
  history: reportingErrors(async () => (await others()).history),
  mcp: reportingErrors(async () => (await import('./commands/mcp.js')).mcp),
  bisect: reportingErrors(async () => (await others()).bisect),
  shareHistory: reportingErrors(async () => (await others()).shareHistory),
  exportHistory: reportingErrors(async () => (await others()).exportHistory),
  importFiles: reportingErrors(async () => (await others()).importFiles),
};

function reportingErrors<Args extends readonly unknown[]>(
  load: () => Promise<(...args: Args) => Promise<number>>,
): (...args: Args) => Promise<number> {
  return async (...args) => {
    try {
      const command = await load();
      const code = await command(...args);
      const failure = outputFailure();
      if (failure === null) return code;
      printError(l10n.t`perf-budget: standard output cannot be written: ${failure}.`);
      return gravest([code, exitCodes.configuration]);
    } catch (error) {
      const known = sentenceOf(error);
      if (known === null) throw error;
      printError(`perf-budget: ${known.message}`);
      return known.code;
    }
  };
}

/** Returns what to tell the user of an error that is no bug of ours, and the exit code; null for a bug. */
function sentenceOf(error: unknown): { readonly message: string; readonly code: number } | null {
  if (error instanceof UsageError) return { message: error.message, code: exitCodes.configuration };
  if (error instanceof TemporaryFolderError) return { message: error.message, code: exitCodes.broken };
  if (error instanceof GitError) return { message: withRepair(error.message), code: exitCodes.configuration };
  return null;
}
