import { existsSync } from 'node:fs';
import path from 'node:path';
import { formatTime } from '../../core/language/figures.js';
import { openBenchRunner } from '../../engine/project/bench-runner.js';
import { proposeConfig, writeConfig } from '../../engine/project/init.js';
import { shownPath } from '../report/project-check.js';
import { exitCodes } from '../terminal/exit-codes.js';
import { planCi, writeCi } from './init-ci.js';
import { UsageError, type GlobalOptions, type InitOptions } from '../input/options.js';
import { Progress } from '../terminal/progress.js';
import { nodePath, workerPath } from '../input/projects.js';
import { table } from '../terminal/table.js';
import { paint, print, printError, terminalLog } from '../terminal/terminal.js';
import { configFileName } from '../../core/config/file-names.js';
import { counts } from '../../core/text/words.js';

/** Finds bench files, measures, and writes a `perf-budget.jsonc`; with `ci`, also a workflow. Returns the exit code. */
export async function init(options: GlobalOptions, { ci, force }: InitOptions): Promise<number> {
  const { directory } = options;
  if (force && ci === null) throw new UsageError('--force works only with --ci github.');
  // This throws before anything is measured if the workflow may not be overwritten.
  const planned = ci === null ? null : await planCi(directory, force);
  const known = existsSync(path.join(directory, configFileName));
  const code = known && planned !== null ? exitCodes.ok : await propose(options);
  if (planned !== null && code === exitCodes.ok) {
    if (!known) await print(['']);
    await writeCi(directory, planned);
  }
  return code;
}

async function propose(options: GlobalOptions): Promise<number> {
  const { directory, signal, verbose } = options;
  if (existsSync(path.join(directory, configFileName))) {
    throw new UsageError(`${path.join(directory, configFileName)} already exists, and init never overwrites it.`);
  }
  const log = terminalLog(verbose);
  const runner = await openBenchRunner(directory, { log, nodePath: nodePath(options), workerPath, signal });
  const progress = new Progress();
  try {
    const proposed = await proposeConfig(directory, {
      runner,
      signal,
      onProgress: (done, total) => progress.show(done, total, ''),
    });
    progress.hide();
    if (proposed === null) {
      printError('Interrupted: nothing was written.');
      return exitCodes.interrupted;
    }
    if (!proposed.ok) throw new UsageError(proposed.error);
    const written = await writeConfig(directory, proposed.value);
    if (!written.ok) throw new UsageError(written.error);
    const { benchmarks, leftOut } = proposed.value;
    const rows = benchmarks.map(({ name, time, limit, file }) => ({
      cells: [name, formatTime(time.value, time), limit ?? '', paint('dim', file)],
    }));
    await print([
      ...table(rows, ['left', 'right', 'left', 'left']),
      '',
      ...(leftOut.length === 0 ? [] : ['Left out:', ...leftOut.map((reason) => `  ${reason}`), '']),
      `${shownPath(directory, written.value)} now has ${counts(benchmarks.length, 'budget')}. Next: perf-budget check`,
    ]);
    return exitCodes.ok;
  } finally {
    progress.hide();
    await runner.dispose();
  }
}
