import { backfillAll } from './backfill.js';
import { exitCodes } from '../../requests/report/exit-codes.js';
import { writeJson } from '../report/json.js';
import type { GlobalOptions, HistoryOptions } from '../input/options.js';
import { withProjects } from '../input/projects.js';
import { requireBudgets } from '../../requests/selection/selection.js';
import { paint } from '../../requests/lines/paint.js';
import { columnsOfOutput, print } from '../terminal/terminal.js';
import { historyJson, historyText, pastOf } from '../../requests/report/history-report.js';

const usualLimit = 20;

/** Prints the last runs of one budget, or the last run of each; runs nothing without a backfill. Returns the exit code. */
export async function history(
  options: GlobalOptions,
  name: string | null,
  { limit, json, backfill }: HistoryOptions,
): Promise<number> {
  let code: number = exitCodes.ok;
  const pasts = await withProjects(options, backfill !== null, async (projects) => {
    if (name !== null) requireBudgets(projects, [name]);
    if (backfill !== null) code = await backfillAll(projects, name, backfill, options);
    const most = limit ?? (name === null ? 1 : Math.max(usualLimit, backfill?.commits ?? 0));
    return Promise.all(projects.map((project) => pastOf(project, name, most)));
  });
  if (options.signal.aborted) return code;
  const past = pasts.flat();
  if (json !== '-') await print(historyText(past, name === null, { paint, width: columnsOfOutput() }));
  if (json !== null) await writeJson(options.directory, json, historyJson(past));
  return code;
}
