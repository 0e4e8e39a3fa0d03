import * as vscode from 'vscode';
import type { Explained } from '../../engine/explain/request.js';
import { showInformation } from '../session/dialogs.js';
import { commands, type BudgetKey } from '../session/ids.js';
import { plainName } from '../session/plainName.js';
import { runFolder } from '../session/runFolder.js';
import type { Session } from '../session/session.js';
import type { Explainer } from './explain.js';
import { pickBudget } from './pick.js';

/** Open Profile: old and new beside each other, in VS Code's own viewer. `storage` is a folder of ours. */
export function openProfile(session: Session, explainer: Explainer, storage: vscode.Uri): vscode.Disposable {
  return vscode.commands.registerCommand(commands.openProfile, async (key?: BudgetKey) => {
    const asked = key ?? (await pickBudget(session, vscode.l10n.t('Open the profiles of a budget')));
    const explained = asked && (await explainer.explained(asked));
    if (!explained) return;
    const { profiles } = explained;
    if (profiles === null) {
      showInformation(explained.why ?? vscode.l10n.t('No profile of {0} was taken.', explained.budget));
      return;
    }
    const files = await written(await runFolder(storage, 'profiles'), explained, profiles);
    for (const [index, file] of files.entries()) {
      const viewColumn = index === 0 ? vscode.ViewColumn.One : vscode.ViewColumn.Two;
      await vscode.commands.executeCommand('vscode.open', file, { viewColumn, preview: false });
    }
  });
}

/** Writes the old and the new profile into a folder. */
async function written(
  own: vscode.Uri,
  { budget, from, to }: Explained,
  { baseline, current }: NonNullable<Explained['profiles']>,
): Promise<readonly vscode.Uri[]> {
  const sides = [
    [from, baseline],
    [to, current],
  ] as const;
  return Promise.all(
    sides.map(async ([name, profile], index) => {
      const file = vscode.Uri.joinPath(
        own,
        `${plainName(budget)}, ${index === 0 ? 'old' : 'new'} (${plainName(name)}).cpuprofile`,
      );
      await vscode.workspace.fs.writeFile(file, Buffer.from(JSON.stringify(profile)));
      return file;
    }),
  );
}
