import path from 'node:path';
import * as vscode from 'vscode';
import { lastResult } from '../../core/results/state.js';
import { visibleLine } from '../../core/text/escape.js';
import type { ChangedFile, CodeChanges } from '../../engine/project/old-code.js';
import type { BudgetView, Project } from '../../engine/project/snapshot.js';
import { relativeTo } from '../../engine/util/paths.js';
import { causeLocation } from '../session/causePlaces.js';
import { choose, showError, showInformation, type Choice } from '../session/dialogs.js';
import { commands, type BudgetKey } from '../session/ids.js';
import { oldCodeUri } from '../session/oldCode.js';
import type { Session } from '../session/session.js';
import { pickBudget } from './pick.js';
import { unlessAborted, whenSlow } from './progress.js';

/** Compare with Baseline: the changed files that a budget's benchmark reaches, old and new, in VS Code's diff editor. */
export function compareCommand(session: Session): vscode.Disposable {
  return vscode.commands.registerCommand(commands.compare, async (key?: BudgetKey) => {
    const asked = key ?? (await pickBudget(session, vscode.l10n.t('Compare the code of a budget with its baseline')));
    const found = asked && session.find(asked);
    if (!found) return;
    const { project, view } = found;
    // Git may start programs that the repository names.
    if (!vscode.workspace.isTrusted) {
      showInformation(vscode.l10n.t('Git reads the old code, and does not run in a workspace that is not trusted.'));
      return;
    }
    const changes = await whenSlow(
      session,
      vscode.l10n.t('Comparing {0}', view.budget.name),
      (signal) => unlessAborted(project.changes(view.budget.name), signal),
      { measures: false },
    );
    if (changes === null) return;
    if (!changes.ok) showError(changes.error);
    else await show(project, view, changes.value);
  });
}

async function show(project: Project, view: BudgetView, { baseline, files }: CodeChanges): Promise<void> {
  const old = files.filter((file) => file.old !== null);
  const shown = (file: string): string => relativeTo(project.root, file);
  const [first] = files;
  if (first === undefined) {
    showInformation(vscode.l10n.t('No file that {0} runs differs from {1}.', view.budget.name, baseline.name));
    return;
  }
  if (old.length === 0) {
    const names = files.map(({ file }) => shown(file)).join(', ');
    showInformation(
      files.length === 1
        ? vscode.l10n.t('{0} is new since {1}, so there is no old code to compare with.', names, baseline.name)
        : vscode.l10n.t('{0} are new since {1}, so there is no old code to compare with.', names, baseline.name),
    );
    return;
  }
  const sides = sidesOf(project.root, baseline.commit);
  if (files.length === 1) return openDiff(project, view, baseline.name, first, sides(first));
  const about = placesOf(project, view).map(({ file }) => file);
  const rank = ({ file }: ChangedFile): number => (about.includes(file) ? about.indexOf(file) : about.length);
  const all: Choice & { readonly file?: ChangedFile } = {
    icon: 'diff-multiple',
    label: vscode.l10n.t('All {0} Files', files.length),
  };
  const choices = files
    .toSorted((a, b) => rank(a) - rank(b))
    .map((one) => ({
      icon: one.old === null ? 'diff-added' : one.old === one.file ? 'diff-modified' : 'diff-renamed',
      label: shown(one.file),
      ...(one.old === null && { description: vscode.l10n.t('new since {0}', baseline.name) }),
      ...(one.old !== null && one.old !== one.file && { description: vscode.l10n.t('was {0}', shown(one.old)) }),
      file: one,
    }));
  const picked = await choose([all, ...choices], {
    placeHolder: vscode.l10n.t('What has changed since {0}', baseline.name),
  });
  if (picked === undefined) return;
  if (picked.file !== undefined) return openDiff(project, view, baseline.name, picked.file, sides(picked.file));
  const title = visibleLine(vscode.l10n.t('{0}: changes since {1}', view.budget.name, baseline.name));
  const resources = files.map((file) => {
    const { left, right } = sides(file);
    return [right, file.old === null ? undefined : left, right];
  });
  await vscode.commands.executeCommand('vscode.changes', title, resources);
}

interface Sides {
  readonly left: vscode.Uri;
  readonly right: vscode.Uri;
}

const sidesOf =
  (root: string, commit: string) =>
  ({ file, old }: ChangedFile): Sides => ({
    left: oldCodeUri(root, commit, old ?? file),
    right: vscode.Uri.file(file),
  });

async function openDiff(
  project: Project,
  view: BudgetView,
  against: string,
  { file, old }: ChangedFile,
  { left, right }: Sides,
): Promise<void> {
  // The other files show what is new by its colour; a file alone would be all new.
  if (old === null) {
    await vscode.window.showTextDocument(right);
    return;
  }
  const title = visibleLine(`${path.posix.basename(old)} (${against}) ↔ ${path.posix.basename(file)}`);
  const place = placesOf(project, view).find((one) => one.file === file);
  const at = place && new vscode.Position(place.line - 1, 0);
  const options = at === undefined ? {} : { selection: new vscode.Range(at, at) };
  await vscode.commands.executeCommand('vscode.diff', left, right, title, options);
}

/** What to look at first: the causes, then the budget's function. */
function placesOf(project: Project, { state, code, also }: BudgetView): readonly { file: string; line: number }[] {
  const causes = (lastResult(state)?.causes ?? []).flatMap((cause) => causeLocation(cause, project.root) ?? []);
  return [...causes, code, ...also].flatMap((one) => (one === null ? [] : [{ file: one.file, line: one.start.line }]));
}
