import { baselineName } from '../core/wording-terminal.js';
import { exitCode, measureAll } from './check.js';
import { shownPath } from './checked.js';
import { exitCodes, gravest } from './exit-codes.js';
import type { CaptureOptions, GlobalOptions } from './options.js';
import { requireBaseline, withProjects } from './projects.js';
import { checkText } from './report.js';
import { paint, print, say } from './terminal.js';

/** Shows what the present code does, keeps it as the baseline, and returns the exit code. */
export async function capture(
  options: GlobalOptions,
  { name, reason, against, timeMs }: CaptureOptions,
): Promise<number> {
  const { directory, signal } = options;
  return withProjects(options, true, async (projects) => {
    if (against !== null) for (const project of projects) await requireBaseline(project, against);
    const checked = await measureAll(projects, options, () => ({
      ...(against !== null && { against }),
      ...(timeMs !== null && { timeMs }),
    }));
    if (signal.aborted) {
      say('Interrupted: the baseline stays as it was.');
      return exitCodes.interrupted;
    }
    await print([...checkText(directory, checked, { paint, strict: false }), '']);
    const codes = [exitCode(checked, false)].filter((code) => code !== exitCodes.failed);
    const broken = checked.flatMap(({ report }) => report.budgets).filter(({ verdict }) => verdict === 'error');
    if (broken.length > 0) {
      say(`Nothing is captured, because ${broken.map((one) => one.name).join(', ')} could not be measured.`);
      return gravest(codes);
    }
    for (const project of projects) {
      const captured = await project.capture(name, reason);
      if (captured.ok) {
        const where = projects.length > 1 ? ` of ${shownPath(directory, project.root)}` : '';
        await print([`${baselineName(captured.value)} is the baseline${where} now: ${reason}`]);
      } else {
        say(`perf-budget: the baseline could not be captured: ${captured.error}`);
        codes.push(exitCodes.configuration);
      }
    }
    return gravest(codes);
  });
}
