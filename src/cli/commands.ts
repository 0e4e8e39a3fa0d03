import process from 'node:process';
import { capture, listBaselines, switchBaseline } from './capture.js';
import { check } from './check.js';
import { exitCodes, gravest } from './exit-codes.js';
import { exportHistory } from './export.js';
import { history } from './history.js';
import { importFiles } from './import.js';
import { init } from './init.js';
import { merge } from './merge.js';
import { UsageError } from './options.js';
import { report } from './page.js';
import { record } from './record.js';
import { shareHistory } from './share.js';
import { outputFailure, say } from './terminal.js';

// `node:sqlite` is announced as experimental by the older of the Nodes that we run on, at every start.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') say(`${warning.name}: ${warning.message}`);
});

/** The commands, each with its exit code; a mistake of the user's is told in one line. */
export const commands = {
  init: told(init),
  check: told(check),
  merge: told(merge),
  report: told(report),
  capture: told(capture),
  listBaselines: told(listBaselines),
  switchBaseline: told(switchBaseline),
  record: told(record),
  history: told(history),
  shareHistory: told(shareHistory),
  exportHistory: told(exportHistory),
  importFiles: told(importFiles),
};

function told<Args extends readonly unknown[]>(
  command: (...args: Args) => Promise<number>,
): (...args: Args) => Promise<number> {
  return async (...args) => {
    try {
      const code = await command(...args);
      const failure = outputFailure();
      if (failure === null) return code;
      say(`perf-budget: standard output cannot be written: ${failure}.`);
      return gravest([code, exitCodes.configuration]);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      say(`perf-budget: ${error.message}`);
      return exitCodes.configuration;
    }
  };
}
