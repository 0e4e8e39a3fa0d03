import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as vscode from 'vscode';
import { visibleLine } from '../../core/text/escape.js';
import { relativeTo, slashed } from '../../engine/util/paths.js';
import type { Explainer } from '../commands/explain.js';
import { pickBudget } from '../commands/pick.js';
import { commands, type BudgetKey } from '../session/ids.js';
import type { Session } from '../session/session.js';

/** Explain Regression: one panel, which shows the budget that was explained last. */
export function explainPanel(session: Session, explainer: Explainer, extension: vscode.Uri): vscode.Disposable {
  const dist = vscode.Uri.joinPath(extension, 'dist');
  let panel: vscode.WebviewPanel | undefined;
  let shown: BudgetKey | undefined;

  const open = (): vscode.WebviewPanel => {
    const opened = vscode.window.createWebviewPanel(
      'perfBudget.explain',
      vscode.l10n.t('Explain'),
      vscode.ViewColumn.Beside,
      {
        enableScripts: true,
        localResourceRoots: [dist],
      },
    );
    opened.webview.onDidReceiveMessage(async (sent: unknown) => {
      const { readRequest } = await import('../drawing/explainPage.js');
      const request = readRequest(sent);
      if (request === null || shown === undefined) return;
      if (request.type === 'profiles') await vscode.commands.executeCommand(commands.openProfile, shown);
      else await show(fileOf(request.file, shown.root), request, opened.viewColumn);
    });
    opened.onDidDispose(() => (panel = undefined));
    return opened;
  };

  return vscode.Disposable.from(
    vscode.commands.registerCommand(commands.explain, async (key?: BudgetKey) => {
      const asked = key ?? (await pickBudget(session, vscode.l10n.t('Explain the difference of a budget')));
      const explained = asked && (await explainer.explain(asked));
      if (!explained) return;
      const { explainPage } = await import('../drawing/explainPage.js');
      shown = asked;
      if (panel === undefined) panel = open();
      else panel.reveal();
      panel.title = visibleLine(vscode.l10n.t('Explain: {0}', explained.budget));
      const address = (file: string): string =>
        panel?.webview.asWebviewUri(vscode.Uri.joinPath(dist, file)).toString() ?? '';
      panel.webview.html = explainPage({
        explained,
        shown: (url) => shortened(fileOf(url, asked.root), asked.root),
        script: address('explain.js'),
        stylesheet: address('explain.css'),
        source: panel.webview.cspSource,
        nonce: randomBytes(16).toString('hex'),
      });
    }),
    new vscode.Disposable(() => {
      panel?.dispose();
    }),
  );
}

/** Returns the path of a file that a cause or a profile names; of what is no file, the name. */
function fileOf(name: string, root: string): string {
  if (/^\w{2,}:/.test(name) && !name.startsWith('file:')) return name;
  try {
    return name.startsWith('file:') ? fileURLToPath(name) : path.resolve(root, name);
  } catch {
    return name;
  }
}

/** Returns a path as the user writes it: from the folder of the configuration, if it is below it. */
function shortened(file: string, root: string): string {
  const relative = relativeTo(root, file);
  return relative.startsWith('..') ? slashed(file) : relative;
}

async function show(
  file: string,
  { line, column }: { readonly line: number; readonly column: number },
  from: vscode.ViewColumn | undefined,
): Promise<void> {
  const at = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
  const viewColumn = from === vscode.ViewColumn.One ? vscode.ViewColumn.Beside : vscode.ViewColumn.One;
  await vscode.window.showTextDocument(vscode.Uri.file(file), { selection: new vscode.Range(at, at), viewColumn });
}
