import process from 'node:process';
import { capture, listBaselines, switchBaseline } from './commands/capture.js';
import { check } from './commands/check.js';
import { exitCodes, gravest } from './terminal/exit-codes.js';
import { exportHistory } from './commands/export.js';
import { history } from './commands/history.js';
import { importFiles } from './commands/import.js';
import { init } from './commands/init.js';
import { merge } from './commands/merge.js';
import { UsageError } from './input/options.js';
import { report } from './commands/report.js';
import { record } from './commands/record.js';
import { shareHistory } from './commands/share.js';
import { outputFailure, printError } from './terminal/terminal.js';

// The older supported versions of Node warn at every start that `node:sqlite` is experimental.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') printError(`${warning.name}: ${warning.message}`);
});

/** The commands. Each returns its exit code, and reports a mistake of the user in one line. */
export const commands = {
  init: reportingErrors(init),
  check: reportingErrors(check),
  merge: reportingErrors(merge),
  report: reportingErrors(report),
  capture: reportingErrors(capture),
  listBaselines: reportingErrors(listBaselines),
  switchBaseline: reportingErrors(switchBaseline),
  record: reportingErrors(record),
  history: reportingErrors(history),
  shareHistory: reportingErrors(shareHistory),
  exportHistory: reportingErrors(exportHistory),
  importFiles: reportingErrors(importFiles),
};

function reportingErrors<Args extends readonly unknown[]>(
  command: (...args: Args) => Promise<number>,
): (...args: Args) => Promise<number> {
  return async (...args) => {
    try {
      const code = await command(...args);
      const failure = outputFailure();
      if (failure === null) return code;
      printError(`perf-budget: standard output cannot be written: ${failure}.`);
      return gravest([code, exitCodes.configuration]);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      printError(`perf-budget: ${error.message}`);
      return exitCodes.configuration;
    }
  };
}
