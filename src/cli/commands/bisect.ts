import type { Bisection } from '../../core/results/bisection.js';
import { bisectReport } from '../../core/text/bisect.js';
import { writeJson } from '../report/json.js';
import { exitCodes } from '../../requests/report/exit-codes.js';
import { UsageError } from '../../requests/selection/usage-error.js';
import type { BisectOptions, GlobalOptions } from '../input/options.js';
import { withProjects } from '../input/projects.js';
import { requireBudget } from '../../requests/selection/selection.js';
import { paint } from '../../requests/lines/paint.js';
import { Progress } from '../terminal/progress.js';
import { wrapped } from '../../requests/lines/table.js';
import { columnsOfOutput, print, printError } from '../terminal/terminal.js';

/** Finds the commits that made a budget's benchmark slower, prints them, and returns the exit code. */
export async function bisect(
  options: GlobalOptions,
  name: string,
  { good, bad, json, timeMs, strict }: BisectOptions,
): Promise<number> {
  const { directory, signal } = options;
  const progress = new Progress();
  const found = await withProjects(
    options,
    true,
    async (projects) => {
      const { project, budget } = requireBudget(projects, name, directory);
      const request = {
        budget: budget.name,
        ...(good !== null && { good }),
        ...(bad !== null && { bad }),
        ...(timeMs !== null && { timeMs }),
      };
      try {
        return await project.bisect(request, progress.bisecting(), signal);
      } finally {
        progress.hide();
      }
    },
    { isBrief: true },
  );
  if (!found.ok) {
    const { kind, message } = found.error;
    if (kind === 'request') throw new UsageError(message);
    printError(message);
    return kind === 'interrupted' ? exitCodes.interrupted : exitCodes.broken;
  }
  if (json !== '-') await print(reportLines(found.value));
  if (json !== null) await writeJson(directory, json, { version: 1, ...found.value });
  return strict && found.value.outcome === 'undecided' ? exitCodes.failed : exitCodes.ok;
}

function reportLines(found: Bisection): readonly string[] {
  const width = columnsOfOutput();
  const { commits, rest, message } = bisectReport(found);
  return [
    ...commits.flatMap(({ title, lines }) => [
      ...wrapped(title, width, '  ').map((line) => paint('bold', line)),
      ...lines.flatMap((line) => wrapped(`  ${line}`, width, '    ')),
      '',
    ]),
    ...rest.flatMap((line) => wrapped(line, width, '  ')),
    ...(rest.length === 0 ? [] : ['']),
    ...wrapped(message, width, '  ').map((line) => paint('bold', line)),
  ];
}
