import * as l10n from '@vscode/l10n';
import type { CheckDocument } from '../../core/formats/reporters/document.js';
import type { RunRequest } from '../../engine/measure/request.js';
import type { Project } from '../../engine/project/snapshot.js';
import type { CheckOptions, GlobalOptions } from '../input/options.js';
import type { Shard } from '../../core/ci/shard.js';
import { selectBudgets } from '../../requests/selection/selection.js';
import { checkDocument } from '../../requests/report/document.js';
import { exitCodeOf } from '../../requests/report/exit-code.js';
import type { ProjectCheck } from '../../requests/report/project-check.js';
import { noBudgets } from '../../requests/report/terminal-report.js';
import { writeReports } from '../report/write-reports.js';
import { gravest } from '../../requests/report/exit-codes.js';

type Page = (document: CheckDocument) => Promise<string>;

/** What was asked for. */
export interface Ask extends CheckOptions {
  readonly options: GlobalOptions;
  readonly patterns: readonly string[];
  /** Absolute paths of the changed files; null for every budget. */
  readonly files: readonly string[] | null;
}

const isPart = ({ patterns, tags, shard }: Ask): boolean => patterns.length > 0 || tags.length > 0 || shard !== null;

/** Whether it is a check of every budget, as the settings say. */
export const isPlain = (ask: Ask): boolean =>
  !isPart(ask) && ask.files === null && ask.against === null && ask.timeMs === null;

/** Returns the projects that have selected budgets, and what is asked of each. */
export async function selection<P extends Pick<Project, 'root' | 'snapshot'>>(
  projects: readonly P[],
  ask: Ask,
): Promise<readonly { readonly project: P; readonly request: RunRequest }[]> {
  const { files, against, timeMs, causes } = ask;
  const selected = await selectBudgets(projects, ask);
  const asked = projects.map((project) => ({ project, budgets: selected.get(project) ?? [] }));
  return asked
    .filter(({ budgets }) => !isPart(ask) || budgets.length > 0)
    .map(({ project, budgets }) => ({
      project,
      request: {
        ...(isPart(ask) && { budgets }),
        ...(files !== null && { files }),
        ...(against !== null && { against }),
        ...(timeMs !== null && { timeMs }),
        ...(!causes && { causes }),
      },
    }));
}

/** Reports what was checked and returns the exit code. `page` makes the HTML of a document. */
export function finish(ask: Ask, checked: readonly ProjectCheck[], page: Page): Promise<number> {
  const { options, shard } = ask;
  const nothing = isPart(ask) && checked.length === 0 ? noneAsked(shard) : noBudgets(checked);
  return show(ask, checkDocument(options.directory, checked, shard), nothing, page);
}

/** Writes the reports and returns the exit code. `nothing` is the last line if no budget was judged. */
export async function show(
  { options: { directory }, reporters, strict }: Ask,
  document: CheckDocument,
  nothing: string,
  page: Page,
): Promise<number> {
  const html = (): Promise<string> => page(document);
  const outputCode = await writeReports({ directory, document, reporters, strict, nothing, html });
  return gravest([outputCode, exitCodeOf(document, strict)]);
}

/** Returns the message if every requested name and tag exists, but no budget has both. */
const noneAsked = (shard: Shard | null): string =>
  shard === null
    ? l10n.t('No budget with that name has that tag.')
    : l10n.t`Shard ${shard.index} of ${shard.count} has no budgets.`;
