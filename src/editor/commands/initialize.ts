import path from 'node:path';
import * as vscode from 'vscode';
import { commands } from '../session/ids.js';
import type { Session } from '../session/session.js';
import { nodePath } from '../session/settings.js';
import { configFileName } from '../../core/config/file-names.js';

/** Initialize: finds bench files, measures them once, and writes a `perf-budget.jsonc`; never replaces one. */
export function initialize(session: Session): vscode.Disposable {
  return vscode.commands.registerCommand(commands.initialize, async () => {
    const folder = await pickFolder();
    if (folder === undefined || !vscode.workspace.isTrusted) return;
    const file = vscode.Uri.joinPath(folder.uri, configFileName);
    const there = await vscode.workspace.fs.stat(file).then(
      () => true,
      () => false,
    );
    if (!there && !(await written(session, folder.uri.fsPath))) return;
    await vscode.window.showTextDocument(file);
    if (there) return;
    await session.refresh();
    await vscode.commands.executeCommand(commands.runAll);
  });
}

async function written({ log, workerPath }: Session, root: string): Promise<boolean> {
  const [{ openBenchRunner }, { proposeConfig, writeConfig }] = await Promise.all([
    import('../../engine/project/bench-runner.js'),
    import('../../engine/project/init.js'),
  ]);
  const title = `Measuring for ${configFileName}`;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    const controller = new AbortController();
    const { signal } = controller;
    const cancelled = token.onCancellationRequested(() => controller.abort());
    const runner = await openBenchRunner(root, { log, nodePath: nodePath(root), workerPath, signal });
    try {
      const proposed = await proposeConfig(root, {
        runner,
        signal,
        onProgress: (done, total) => progress.report({ message: `${done} of ${total}` }),
      });
      if (proposed === null) return false;
      const wrote = proposed.ok ? await writeConfig(root, proposed.value) : proposed;
      if (!wrote.ok) void vscode.window.showErrorMessage(wrote.error);
      return wrote.ok;
    } finally {
      cancelled.dispose();
      await runner.dispose();
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
  return (await vscode.window.showQuickPick(items, { placeHolder: 'Which folder should get a budget file?' }))?.folder;
}
