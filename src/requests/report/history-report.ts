import * as l10n from '@vscode/l10n';
import { subjectText } from '../../core/language/budget.js';
import { formatTime } from '../../core/language/figures.js';
import { changeText, localTime } from '../../core/text/terminal.js';
import { marks } from '../../core/text/title.js';
import { commitName, machineName } from '../../core/text/words.js';
import type { HistoryRow } from '../../engine/history/store.js';
import type { Project } from '../../engine/project/snapshot.js';
import type { Paint } from '../lines/paint.js';
import { table } from '../lines/table.js';

export interface BudgetRuns {
  readonly name: string;
  readonly benchmark: string;
  readonly rows: readonly HistoryRow[];
}

/** Returns the last runs of one budget of a project, or the last run of each. */
export async function pastOf(project: Project, name: string | null, limit: number): Promise<readonly BudgetRuns[]> {
  const budgets = project.snapshot.budgets.filter(({ budget }) => name === null || budget.name === name);
  return Promise.all(
    budgets.map(async ({ budget }) => ({
      name: budget.name,
      benchmark: subjectText(budget),
      rows: await rowsOf(project, budget.name, name === null, limit),
    })),
  );
}

/** Returns the runs of a budget; the last run is this machine's, if it has one. */
async function rowsOf(project: Project, name: string, isLast: boolean, limit: number): Promise<readonly HistoryRow[]> {
  const own = isLast ? await project.history(name, limit, true) : [];
  return own.length > 0 ? own : project.history(name, limit);
}

/** Returns the runs as lines of columns; `named` puts the name of the budget before each. */
export function historyText(
  past: readonly BudgetRuns[],
  named: boolean,
  { paint, width }: { readonly paint: Paint; readonly width: number },
): readonly string[] {
  const rows = past.flatMap(({ name, rows: runs }) => runs.map((run) => ({ name, run })));
  if (rows.length === 0) return [l10n.t('Nothing has been measured yet. Run perf-budget check.')];
  const several = rows.some(({ run }) => !run.here);
  const more = several ? ['machine'] : [];
  const header = [...(named ? ['budget'] : []), 'when', 'commit', ...more, 'time', 'change', 'verdict'];
  const lines = rows.map(({ name, run }) => ({
    cells: [
      ...(named ? [name] : []),
      localTime(new Date(run.at)),
      commitName(run.commit, run.dirty),
      ...(several ? [machineName(run.machine, run.here)] : []),
      run.time === null ? '–' : formatTime(run.time.value, run.time),
      changeAgainst(run),
      `${marks[run.result.verdict]} ${run.result.verdict}`,
    ],
  }));
  const alignments = header.map((head) => (head === 'time' ? 'right' : 'left'));
  const [first = '', ...others] = table([{ cells: header }, ...lines], alignments, width);
  return [paint('dim', first), ...others];
}

function changeAgainst({ baseline, result }: HistoryRow): string {
  const change = changeText(result);
  return change === '' || baseline === null || result.comparison === null
    ? change
    : l10n.t`${change} vs ${baseline.name}`;
}

/** What `history --json` prints. */
export type HistoryDocument = Readonly<Record<string, unknown>>;

/** Returns the runs as JSON, newest first: times in nanoseconds, dates in ISO 8601. */
export function historyJson(past: readonly BudgetRuns[]): HistoryDocument {
  return {
    version: 1,
    budgets: past.map(({ name, benchmark, rows }) => ({
      name,
      benchmark,
      runs: rows.map(({ at, commit, dirty, baseline, result, time, machine, here }) => ({
        at: new Date(at).toISOString(),
        commit,
        dirty,
        ...(!here && { machine }),
        baseline,
        verdict: result.verdict,
        severity: result.severity,
        time: time === null ? null : { ...time, unit: 'ns' },
        comparison: result.comparison,
        message: result.message,
      })),
    })),
  };
}
