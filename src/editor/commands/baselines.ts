import * as vscode from 'vscode';
import type { BudgetResult } from '../../core/results/measurement.js';
import { byGravity } from '../../core/text/rank.js';
import { localTime } from '../../core/text/terminal.js';
import { resultTitle } from '../../core/text/title.js';
import type { KeptBaseline } from '../../engine/baseline/files.js';
import type { KnownBaselines } from '../../engine/baseline/manage.js';
import type { Project } from '../../engine/project/snapshot.js';
import { verdictIcon } from '../drawing/verdictIcon.js';
import { choose, confirm, showError, showInformation, type Choice } from '../session/dialogs.js';
import { commands, type BudgetKey } from '../session/ids.js';
import { judgedAnew } from '../session/judgedAnew.js';
import type { Session } from '../session/session.js';
import { pickProject } from './pick.js';
import { whenSlow } from './progress.js';

/** A baseline that can be read, one that cannot, or one that is marked as current and gone. */
interface Listed {
  readonly name: string;
  readonly kept: KeptBaseline | null;
  readonly isCurrent: boolean;
}

interface Action extends Choice {
  readonly act: () => Promise<unknown>;
}

/** Manage Baselines: lists the captured baselines; each can be compared with, made the current one, and deleted. */
export function manageBaselines(session: Session): vscode.Disposable {
  return vscode.commands.registerCommand(commands.manageBaselines, async () => {
    const project = await pickProject(session, vscode.l10n.t('The baselines of which budgets?'));
    if (project === undefined) return;
    const baselines = await project.baselines();
    const own = baselines.all.map((kept): Action =>
      item(session, project, baselines, { ...kept, kept, isCurrent: kept.name === baselines.current }),
    );
    const broken = baselines.broken.map(({ name }): Action =>
      item(session, project, baselines, { name, kept: null, isCurrent: name === baselines.current }),
    );
    const isAutomatic = baselines.current === null && baselines.lost === null;
    const git: Action = {
      icon: isAutomatic ? 'check' : 'git-commit',
      label: vscode.l10n.t('Compare with Git'),
      description: isAutomatic ? vscode.l10n.t('current') : '',
      detail:
        baselines.lost === null
          ? vscode.l10n.t('Where the branch left the default branch, else the last commit')
          : vscode.l10n.t('{0}, so nothing is compared', capital(baselines.lost)),
      act: () => use(project, null),
    };
    const capture: Action = {
      icon: 'bookmark',
      label: vscode.l10n.t('Capture Baseline…'),
      act: async () => vscode.commands.executeCommand(commands.captureBaseline),
    };
    const isTrusted = vscode.workspace.isTrusted;
    const choices = [...own, ...broken, git, ...(isTrusted ? [capture] : [])];
    const placeHolder =
      own.length + broken.length === 0 && baselines.lost === null
        ? vscode.l10n.t('No baseline has been captured yet')
        : vscode.l10n.t('Choose a baseline');
    const picked = await choose(choices, { title: vscode.l10n.t('Baselines'), placeHolder, matchOnDetail: true });
    await picked?.act();
  });
}

function item(session: Session, project: Project, baselines: KnownBaselines, listed: Listed): Action {
  const { name, kept, isCurrent } = listed;
  const lacking = baselines.lacking[name];
  const broken = baselines.broken.find((one) => one.name === name);
  const wrong = broken?.message ?? (lacking === undefined ? null : `${capital(lacking)}.`);
  const code = kept === null ? '' : codeOf(kept);
  return {
    icon: wrong !== null ? 'warning' : isCurrent ? 'check' : 'bookmark',
    label: name,
    description: [isCurrent ? vscode.l10n.t('current') : '', kept === null ? '' : localTime(new Date(kept.at)), code]
      .filter((part) => part !== '')
      .join(' · '),
    detail: [kept?.reason ?? '', wrong ?? ''].filter((part) => part !== '').join(' · '),
    act: () => actions(session, project, listed),
  };
}

const codeOf = ({ commit, uncommitted }: KeptBaseline): string => {
  const shown = (uncommitted?.on ?? commit)?.slice(0, 7) ?? '';
  return uncommitted === null ? shown : vscode.l10n.t('{0} + changes', shown);
};

async function actions(session: Session, project: Project, { name, kept, isCurrent }: Listed): Promise<void> {
  const compare: Action = {
    icon: 'diff',
    label: vscode.l10n.t('Compare with {0}', name),
    detail: vscode.l10n.t('Measures the current code against it'),
    act: () => compared(session, project, name),
  };
  const choices: readonly (Action | null)[] = [
    vscode.workspace.isTrusted && kept !== null ? compare : null,
    isCurrent
      ? null
      : { icon: 'check', label: vscode.l10n.t('Make It the Current Baseline'), act: () => use(project, name) },
    { icon: 'trash', label: vscode.l10n.t('Delete…'), act: () => deleted(project, name, isCurrent) },
  ];
  const picked = await choose(
    choices.filter((choice) => choice !== null),
    { title: name, placeHolder: kept?.reason ?? '' },
  );
  await picked?.act();
}

async function use(project: Project, name: string | null): Promise<void> {
  const used = await project.useBaseline(name);
  if (!used.ok) {
    showError(used.error);
    return;
  }
  const setting = project.snapshot.config?.defaults.baseline ?? 'auto';
  const otherwise =
    setting === 'auto'
      ? null
      : vscode.l10n.t('"baseline": "{0}" in perf-budget.jsonc still takes precedence.', setting);
  const now = vscode.l10n.t('The baseline is now {0}.', name ?? vscode.l10n.t('what Git has'));
  showInformation(otherwise === null ? now : `${now} ${otherwise}`);
  await judgedAnew(project);
}

async function deleted(project: Project, name: string, isCurrent: boolean): Promise<void> {
  const what = vscode.l10n.t('Its figures, its reason and what this repository keeps of its code are lost.');
  const after = isCurrent
    ? ` ${vscode.l10n.t('It is the current baseline: afterwards results are compared with Git.')}`
    : '';
  if (!(await confirm(vscode.l10n.t('Delete the baseline {0}?', name), what + after, vscode.l10n.t('Delete')))) return;
  const done = await project.deleteBaseline(name);
  if (!done.ok) {
    showError(done.error);
    return;
  }
  showInformation(vscode.l10n.t('The baseline {0} was deleted.', name));
  if (isCurrent) await judgedAnew(project);
}

/** Measures the current code against a baseline, and lists the figures, worst first. What was known before is shown again. */
async function compared(session: Session, project: Project, name: string): Promise<void> {
  const report = await whenSlow(session, vscode.l10n.t('Comparing with {0}', name), (signal) =>
    project.run({ against: name, causes: false }, signal),
  );
  const restored = judgedAnew(project);
  const lines = report.budgets
    .toSorted(byGravity)
    .map((result) => line(project, result, report.baseline?.name ?? name));
  const options = {
    title: vscode.l10n.t('The current code and {0}', name),
    matchOnDescription: true,
    matchOnDetail: true,
  };
  const placeHolder =
    lines.length === 0 ? vscode.l10n.t('Nothing was measured') : vscode.l10n.t('Go to the code of a budget');
  const picked = lines.length === 0 ? undefined : await choose(lines, { ...options, placeHolder });
  if (picked !== undefined) await vscode.commands.executeCommand(commands.goTo, picked.key);
  await restored;
}

function line(project: Project, result: BudgetResult, against: string): Choice & { readonly key: BudgetKey } {
  return {
    icon: verdictIcon(result.verdict).id,
    label: result.name,
    description: resultTitle(result, against).slice(2),
    key: { root: project.root, budget: result.name },
  };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
