import path from 'node:path';
import * as vscode from 'vscode';
import type { Project } from '../../engine/project/snapshot.js';
import { showInformation } from '../session/dialogs.js';
import { commands, type BudgetKey } from '../session/ids.js';
import { whenSlow } from './progress.js';
import type { Session } from '../session/session.js';
import type { RunRequest } from '../../engine/measure/request.js';
import { configFileName } from '../../core/config/file-names.js';

/** Run Budgets for This File, Run All Budgets, one budget, and Cancel. */
export function runCommands(session: Session): vscode.Disposable {
  const run = async (title: string, requests: readonly (readonly [Project, RunRequest])[]): Promise<number> => {
    const reports = await whenSlow(session, title, (signal) =>
      // What the user asks for is measured again, even if the same code was measured before.
      Promise.all(requests.map(([project, request]) => project.run({ ...request, fresh: true }, signal))),
    );
    return reports.reduce((count, { budgets }) => count + budgets.length, 0);
  };

  const runFile = async (): Promise<void> => {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.uri.scheme !== 'file') return;
    if (document.isDirty) await document.save();
    const file = document.uri.fsPath;
    const own = session.projects.find(({ root }) => path.join(root, configFileName) === file);
    const requests =
      own === undefined
        ? session.projects.map((project) => [project, { files: [file] }] as const)
        : [[own, {}] as const];
    const ran = await run(vscode.l10n.t('Measuring {0}', path.basename(file)), requests);
    if (ran === 0) showInformation(vscode.l10n.t('No budget depends on {0}.', path.basename(file)));
  };

  return vscode.Disposable.from(
    vscode.commands.registerCommand(commands.runFile, runFile),
    vscode.commands.registerCommand(commands.runAll, () =>
      run(
        vscode.l10n.t('Measuring all budgets'),
        session.projects.map((project) => [project, {}]),
      ),
    ),
    vscode.commands.registerCommand(commands.runBudget, async (key: BudgetKey) => {
      const found = session.find(key);
      if (found !== null)
        await run(vscode.l10n.t('Measuring {0}', key.budget), [[found.project, { budgets: [key.budget] }]]);
    }),
    vscode.commands.registerCommand(commands.cancel, () => session.projects.forEach((project) => project.cancel())),
  );
}
