import path from 'node:path';
import * as vscode from 'vscode';
import { configFileName } from '../../core/config/file-names.js';
import { counts } from '../../core/text/words.js';
import type { OpenBenchRunner } from '../../engine/project/bench-runner.js';
import type { Proposal } from '../../engine/project/init.js';
import { choose, showError, showInformation } from '../session/dialogs.js';
import { commands } from '../session/ids.js';
import type { Session } from '../session/session.js';
import { nodePath } from '../session/settings.js';

/** Initialize: finds benchmarks, calls each once, and writes a `perf-budget.jsonc`; never replaces one. */
export function initialize(session: Session): vscode.Disposable {
  return vscode.commands.registerCommand(commands.initialize, async () => {
    const folder = await pickFolder();
    if (folder === undefined || !vscode.workspace.isTrusted) return;
    const file = vscode.Uri.joinPath(folder.uri, configFileName);
    const there = await vscode.workspace.fs.stat(file).then(
      () => true,
      () => false,
    );
    const proposal = there ? null : await written(session, folder.uri.fsPath);
    if (!there && proposal === null) return;
    await vscode.window.showTextDocument(file, { preview: false, viewColumn: besideWelcome() });
    if (proposal === null) return;
    // Opening the project says "same code" of all that has not changed; there is nothing to measure.
    await session.refresh();
    const { budgets, passedOver } = proposal;
    const has = vscode.l10n.t('{0} has {1}.', configFileName, counts(budgets.length, 'budget'));
    const passed = vscode.l10n.t('The comments in the file say what was passed over.');
    showInformation(passedOver.length === 0 ? has : `${has} ${passed}`);
  });
}

/** The walkthrough, from which the user may have come, is a preview: a file in its place would end it. */
function besideWelcome(): vscode.ViewColumn {
  const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
  return tab !== undefined && tab.input === undefined ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
}

async function written({ log, workerPath }: Session, root: string): Promise<Proposal | null> {
  const title = vscode.l10n.t('Finding benchmarks for {0}', configFileName);
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    const [{ openBenchRunner }, { proposeConfig, writeConfig }, { Git }] = await Promise.all([
      import('../../engine/project/bench-runner.js'),
      import('../../engine/project/init.js'),
      import('../../engine/git/repository.js'),
    ]);
    const controller = new AbortController();
    const { signal } = controller;
    const cancelled = token.onCancellationRequested(() => controller.abort());
    const opened = await Git.open(root);
    const git = opened.ok ? opened.value : null;
    let runner: OpenBenchRunner | null = null;
    try {
      runner = await openBenchRunner(root, { log, nodePath: nodePath(root), workerPath, signal });
      const proposed = await proposeConfig(root, {
        runner,
        git,
        signal,
        onProgress: (stage, done, total) =>
          progress.report({
            message:
              stage === 'finding'
                ? vscode.l10n.t('bench file {0} of {1}', done, total)
                : vscode.l10n.t('benchmark {0} of {1}', done, total),
          }),
      });
      if (proposed === null || signal.aborted) return null;
      const wrote = proposed.ok ? await writeConfig(root, proposed.value) : proposed;
      if (!wrote.ok) showError(wrote.error);
      return proposed.ok && wrote.ok ? proposed.value : null;
    } finally {
      cancelled.dispose();
      git?.dispose();
      await runner?.dispose();
    }
  });
}

async function pickFolder(): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length <= 1) return folders[0];
  const active = vscode.window.activeTextEditor?.document.uri;
  const folder = active && vscode.workspace.getWorkspaceFolder(active);
  const items = folders.map((one) => ({
    label: one.name,
    description: path.normalize(one.uri.fsPath),
    picked: one === folder,
    folder: one,
  }));
  return (await choose(items, { placeHolder: vscode.l10n.t('Which folder should get a budget file?') }))?.folder;
}
