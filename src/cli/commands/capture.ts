import * as l10n from '@vscode/l10n';
import { captureRefusal } from '../../core/text/capture.js';
import { counts } from '../../core/text/words.js';
import { baselineName, localDay, localTime } from '../../core/text/terminal.js';
import type { Result } from '../../core/result.js';
import { currentBaseline, readBaselines, type Baselines } from '../../engine/baseline/files.js';
import { deleteBaseline as deleteKept } from '../../engine/baseline/manage.js';
import { Git } from '../../engine/git/repository.js';
import { History } from '../../engine/history/history.js';
import type { Project } from '../../engine/project/snapshot.js';
import { exitCodeOfChecks } from '../../requests/report/exit-code.js';
import { measureAll } from '../../requests/measure/measure-all.js';
import { shownPath } from '../../requests/report/project-check.js';
import { exitCodes, gravest } from '../../requests/report/exit-codes.js';
import { UsageError } from '../../requests/selection/usage-error.js';
import type { CaptureOptions, GlobalOptions } from '../input/options.js';
import { withProjects } from '../input/projects.js';
import { requireBaseline } from '../../requests/selection/revisions.js';
import { Progress } from '../terminal/progress.js';
import { checkText } from '../../requests/report/terminal-report.js';
import { table } from '../../requests/lines/table.js';
import { paint } from '../../requests/lines/paint.js';
import { columnsOfOutput, print, printError } from '../terminal/terminal.js';

/** Measures the current code, prints the report, captures the baseline, and returns the exit code. */
export async function capture(
  options: GlobalOptions,
  { name, reason, automatic, replace, against, timeMs }: CaptureOptions,
): Promise<number> {
  const { directory, signal } = options;
  const isInterrupted = (): boolean => signal.aborted;
  return withProjects(options, true, async (all) => {
    const projects = automatic && name === null ? await notToday(directory, all) : all;
    if (projects.length === 0) return exitCodes.ok;
    if (against !== null) for (const project of projects) await requireBaseline(project, against);
    await requireKeeping(projects, name ?? today(), replace);
    const checked = await measureAll(projects, { ...options, progress: new Progress() }, () => ({
      capturing: true,
      fresh: true,
      causes: false,
      ...(against !== null && { against }),
      ...(timeMs !== null && { timeMs }),
    }));
    if (isInterrupted()) {
      printError(l10n.t('Interrupted: the baseline is unchanged.'));
      return exitCodes.interrupted;
    }
    await print([...checkText(directory, checked, { paint, strict: false }), '']);
    const refusals = checked.map(async ({ report }, index) => {
      const root = projects[index]?.root;
      const previous = root === undefined ? null : currentBaseline(await readBaselines(root));
      return captureRefusal(report.budgets, previous, { reason, automatic });
    });
    const refusal = (await Promise.all(refusals)).find((one) => one !== null) ?? null;
    const code = exitCodeOfChecks(checked, false);
    if (refusal !== null) {
      printError(refusal);
      // Only a flag is missing, so this is a usage error; but an automatic capture exits as a check would.
      return automatic || code === exitCodes.broken ? code : exitCodes.configuration;
    }
    const codes = [code].filter((one) => one !== exitCodes.failed);
    for (const project of projects) {
      const kept = await project.capture({ name: name ?? today(), reason, automatic, replace }, signal);
      const where = projects.length > 1 ? shownPath(directory, project.root) : null;
      if (!kept.ok && isInterrupted()) {
        printError(
          where === null
            ? l10n.t('Interrupted: the baseline is unchanged.')
            : l10n.t`Interrupted: the baseline of ${where} is unchanged.`,
        );
        return exitCodes.interrupted;
      }
      if (!kept.ok) {
        printError(l10n.t`perf-budget: the baseline could not be captured: ${kept.error}`);
        codes.push(exitCodes.configuration);
        continue;
      }
      const { value } = kept;
      const file = shownPath(directory, `${project.root}/${value.file}`);
      await print([
        ...(value.accepts.length === 0 ? [] : [l10n.t('It accepts:'), ...value.accepts.map((line) => `  ${line}`), '']),
        baselineNow(where, baselineName(value), reason),
        [
          l10n.t`${file} has its figures.`,
          ...(value.commit === null ? [] : [l10n.t('Commit it.')]),
          ...(value.uncommitted === null ? [] : [uncommittedCode()]),
        ].join(' '),
      ]);
    }
    return gravest(codes);
  });
}

const uncommittedCode = (): string =>
  l10n.t('The code has uncommitted changes, so other clones will have only its figures.');

/** `where`: the file that says so; null if there is only one. */
function baselineNow(where: string | null, name: string, reason: string): string {
  if (where === null)
    return reason === '' ? l10n.t`The baseline is now ${name}.` : l10n.t`The baseline is now ${name}: ${reason}`;
  return reason === ''
    ? l10n.t`The baseline of ${where} is now ${name}.`
    : l10n.t`The baseline of ${where} is now ${name}: ${reason}`;
}

/** Returns the projects that have no baseline of this day yet, because one automatic baseline a day is enough. */
async function notToday(directory: string, projects: readonly Project[]): Promise<readonly Project[]> {
  const open: Project[] = [];
  for (const project of projects) {
    const { all } = await readBaselines(project.root);
    if (all.some(({ name }) => name === today())) {
      const where = projects.length > 1 ? shownPath(directory, project.root) : null;
      await print([
        where === null
          ? l10n.t('The baseline was already captured today. Capture another one with --name.')
          : l10n.t`The baseline of ${where} was already captured today. Capture another one with --name.`,
      ]);
    } else open.push(project);
  }
  return open;
}

/** Throws `UsageError`, before anything is measured, if a project could not keep a baseline. */
async function requireKeeping(projects: readonly Project[], name: string, replace: boolean): Promise<void> {
  for (const project of projects) {
    const wrong = await project.baselineNameProblem(name);
    if (wrong !== null && !(wrong.kind === 'taken' && replace))
      throw new UsageError(
        wrong.kind === 'taken'
          ? l10n.t`${wrong.message} Replace it with --replace, or choose another name.`
          : wrong.message,
      );
    const why = await project.cannotCapture();
    if (why !== null) throw new UsageError(l10n.t`the baseline could not be captured: ${why}`);
  }
}

/** Returns the local day, such as `2026-11-21`. */
const today = (): string => localDay(new Date());

/** Prints the captured baselines, the newest first; runs nothing. Returns the exit code. */
export async function listBaselines(options: GlobalOptions): Promise<number> {
  return withProjects(options, false, async (projects) => {
    for (const [index, project] of projects.entries()) {
      const title = projects.length > 1 ? [`${shownPath(options.directory, project.root)}:`] : [];
      await print([...(index > 0 ? [''] : []), ...title, ...baselinesText(await readBaselines(project.root))]);
    }
    return exitCodes.ok;
  });
}

function baselinesText({ all, current, warnings }: Baselines): readonly string[] {
  const warningLines = warnings.map(({ message }) => message);
  if (all.length === 0 && warningLines.length === 0)
    return [l10n.t('No baseline has been captured yet. Run perf-budget capture.')];
  const heads = [l10n.t('name'), l10n.t('captured'), l10n.t('code'), l10n.t('machine'), l10n.t('reason')];
  const rows = all.map((one) => {
    const { cpu, cores, node } = one.machine;
    const code = one.commit === null ? '–' : (one.uncommitted?.on ?? one.commit).slice(0, 7);
    const reason = one.reason === '' ? (one.automatic ? l10n.t('within its limits') : '–') : one.reason;
    return {
      cells: [
        one.name === current ? '*' : '',
        one.name,
        localTime(new Date(one.at)),
        one.uncommitted === null ? code : l10n.t`${code} + changes`,
        `${cpu}, ${counts(cores, 'core')}, Node ${node}`,
        reason,
      ],
    };
  });
  const [first = '', ...lines] = table(
    [{ cells: ['', ...heads] }, ...rows],
    ['left', 'left', 'left', 'left', 'left', 'left'],
    columnsOfOutput(),
  );
  return [...(all.length === 0 ? [] : [paint('dim', first), ...lines]), ...warningLines];
}

/** Deletes a captured baseline; runs nothing. Returns the exit code. */
export async function deleteBaseline(options: GlobalOptions, name: string): Promise<number> {
  return withProjects(options, false, async (projects) => {
    const having = await projectsWith(projects, name);
    for (const { root } of having) {
      const { current } = await readBaselines(root);
      if (current === name)
        throw new UsageError(
          projects.length > 1
            ? l10n.t`${name} is the current baseline of ${shownPath(options.directory, root)}, so it was not deleted. Choose another with --use <name>, or compare with git with --use none.`
            : l10n.t`${name} is the current baseline, so it was not deleted. Choose another with --use <name>, or compare with git with --use none.`,
        );
    }
    for (const { root } of having) {
      const deleted = await deletedIn(root, name);
      if (!deleted.ok) throw new UsageError(deleted.error);
      const where = projects.length > 1 ? shownPath(options.directory, root) : null;
      await print([
        where === null
          ? l10n.t`The baseline ${name} was deleted.`
          : l10n.t`The baseline ${name} of ${where} was deleted.`,
      ]);
    }
    return exitCodes.ok;
  });
}

/** Makes a captured baseline the current one, or none of them if `name` is `none`; runs nothing. Returns the exit code. */
export async function switchBaseline(options: GlobalOptions, name: string): Promise<number> {
  return withProjects(options, false, async (projects) => {
    const otherwise = l10n.t(
      'To compare with a revision, set "baseline" in perf-budget.jsonc; to compare with git again, use --use none.',
    );
    for (const project of name === 'none' ? projects : await projectsWith(projects, name, otherwise)) {
      const used = await project.useBaseline(name === 'none' ? null : name);
      if (!used.ok) throw new UsageError(used.error);
      const where = projects.length > 1 ? shownPath(options.directory, project.root) : null;
      const setting = project.snapshot.config?.defaults.baseline ?? 'auto';
      const otherwise =
        setting === 'auto' ? '' : ` ${l10n.t`"baseline": "${setting}" in perf-budget.jsonc still takes precedence.`}`;
      await print([
        name === 'none'
          ? (where === null
              ? l10n.t('No captured baseline is current now, so results are compared with git.')
              : l10n.t`No captured baseline of ${where} is current now, so results are compared with git.`) + otherwise
          : baselineNow(where, name, '') + otherwise,
      ]);
    }
    return exitCodes.ok;
  });
}

/** Returns the projects that have a captured baseline of this name. Throws `UsageError` if none has; `advice` follows the names. */
async function projectsWith(projects: readonly Project[], name: string, advice = ''): Promise<readonly Project[]> {
  const having: Project[] = [];
  const known = new Set<string>();
  for (const project of projects) {
    const { all, broken } = await readBaselines(project.root);
    for (const one of [...all, ...broken]) known.add(one.name);
    if ([...all, ...broken].some((one) => one.name === name)) having.push(project);
  }
  if (having.length > 0) return having;
  const names =
    known.size === 0
      ? l10n.t('None has been captured.')
      : known.size === 1
        ? l10n.t`There is ${[...known].join(', ')}.`
        : l10n.t`There are ${[...known].join(', ')}.`;
  throw new UsageError([l10n.t`No captured baseline is named "${name}".`, names, advice].filter(Boolean).join(' '));
}

/** Deletes a baseline of one project, with what this machine keeps of its code. */
async function deletedIn(root: string, name: string): Promise<Result<null, string>> {
  const git = await Git.open(root);
  const history = await History.open(root, { readOnly: false });
  try {
    return await deleteKept(root, name, { git: git.ok ? git.value : null, history });
  } finally {
    history.close();
    if (git.ok) git.value.dispose();
  }
}
