import * as vscode from 'vscode';
import { configFileName } from '../../core/config/file-names.js';
import { loosenedChecks, type Loosened } from '../../core/assist/loosen.js';
import type { BudgetView, Project } from '../../engine/project/snapshot.js';
import { showInformation } from '../session/dialogs.js';
import { editDocuments, type DocumentEdits } from '../session/edits.js';
import { commands, type BudgetKey } from '../session/ids.js';
import { commentsIn, isConfig } from '../session/documentBudgets.js';
import type { Session } from '../session/session.js';
import { pickBudget } from './pick.js';

/** Loosen to What Was Measured: rewrites the bounds of all missed checks of a budget, where they are written. */
export function loosenCommand(session: Session): vscode.Disposable {
  return vscode.commands.registerCommand(commands.loosen, async (key?: BudgetKey) => {
    const asked = key ?? (await pickBudget(session, vscode.l10n.t('Loosen the missed checks of a budget')));
    const found = asked && session.find(asked);
    if (!found) return;
    const { project, view } = found;
    const changes = view.state.kind === 'known' ? loosenedChecks(view.state.known.result) : [];
    if (changes.length === 0) {
      showInformation(vscode.l10n.t('{0} has no missed check with a bound that can be loosened.', view.budget.name));
      return;
    }
    const { all, left } = await editsFor(project, view, changes);
    if (left.length > 0) {
      const checks = left.map(({ from }) => `"${from}"`).join(', ');
      showInformation(vscode.l10n.t('Not loosened, because the file has changed since it was measured: {0}.', checks));
    }
    if (all.length === 0) return;
    const count = changes.length - left.length;
    const isMade = await editDocuments(all, count > 1 ? vscode.l10n.t('Loosen {0}', view.budget.name) : null);
    if (!isMade) showInformation(vscode.l10n.t('Nothing was loosened. Tick what to loosen in the refactor preview.'));
  });
}

/** Returns the edits by document, and the changes whose check is nowhere. */
async function editsFor(
  project: Project,
  { budget }: BudgetView,
  changes: readonly Loosened[],
): Promise<{ readonly all: readonly DocumentEdits[]; readonly left: readonly Loosened[] }> {
  const [{ loosenInComments, loosenInConfig }, { defaultSettings }] = await Promise.all([
    import('../../core/assist/edit-config.js'),
    import('../../core/config/settings.js'),
  ]);
  const defaults = project.snapshot.config?.defaults ?? defaultSettings;
  const implied = budget.checks.filter(({ location }) => location === null).map(({ text }) => text);
  const config = `${project.root}/${configFileName}`;
  const files = new Set([
    config,
    ...[budget.location, ...budget.checks.map(({ location }) => location)].flatMap((one) => one?.file ?? []),
  ]);
  let left = changes;
  const all: DocumentEdits[] = [];
  for (const file of files) {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
    const text = document.getText();
    const own = isConfig(document)
      ? loosenInConfig(text, budget.name, left, implied)
      : loosenInComments(text, budget.name, left, implied, {
          defaults,
          known: await commentsIn(document.uri.path, text),
        });
    if (own.edits.length > 0) all.push({ document, edits: own.edits });
    left = left.filter((change) => !own.found.includes(change));
  }
  return { all, left };
}
