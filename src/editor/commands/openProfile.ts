import * as vscode from 'vscode';
import type { Explained } from '../../engine/explain/request.js';
import { showInformation } from '../session/dialogs.js';
import { commands, type BudgetKey } from '../session/ids.js';
import { plainName } from '../session/plainName.js';
import type { Session } from '../session/session.js';
import type { Explainer } from './explain.js';
import { pickBudget } from './pick.js';

/** A profile may be megabytes, and few are looked at again. */
const keptOpenings = 5;

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
    const files = await written(vscode.Uri.joinPath(storage, 'profiles'), explained, profiles);
    for (const [index, file] of files.entries()) {
      const viewColumn = index === 0 ? vscode.ViewColumn.One : vscode.ViewColumn.Two;
      await vscode.commands.executeCommand('vscode.open', file, { viewColumn, preview: false });
    }
  });
}

/** Writes the old and the new profile into a folder of their own, and removes the oldest folders. */
async function written(
  folder: vscode.Uri,
  { budget, from, to }: Explained,
  { baseline, current }: NonNullable<Explained['profiles']>,
): Promise<readonly vscode.Uri[]> {
  const { fs } = vscode.workspace;
  await fs.createDirectory(folder);
  const names = (await fs.readDirectory(folder)).map(([name]) => name).sort();
  for (const name of names.slice(0, -(keptOpenings - 1)))
    await fs.delete(vscode.Uri.joinPath(folder, name), { recursive: true });
  const own = vscode.Uri.joinPath(folder, String(Date.now()));
  await fs.createDirectory(own);
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
      await fs.writeFile(file, Buffer.from(JSON.stringify(profile)));
      return file;
    }),
  );
}
