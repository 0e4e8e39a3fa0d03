import * as vscode from 'vscode';
import { visibleLine } from '../../core/text/escape.js';
import { historyPage } from '../drawing/historyPage.js';
import { commands, type BudgetKey } from '../session/ids.js';
import { pickBudget } from '../commands/pick.js';
import { picture } from '../drawing/picture.js';
import { againstOf, type Session } from '../session/session.js';
import { stateTitle } from '../../core/text/title.js';

const shownRuns = 200;

/** Show History: one panel, which shows the budget that was chosen last. */
export function historyPanel(session: Session, extension: vscode.Uri): vscode.Disposable {
  const media = vscode.Uri.joinPath(extension, 'media');
  let panel: vscode.WebviewPanel | undefined;
  let shown: BudgetKey | undefined;

  const draw = (): void => {
    redraw().catch((error: unknown) => session.log.error(`Drawing the history failed: ${String(error)}`));
  };

  const redraw = async (): Promise<void> => {
    const found = shown && session.find(shown);
    if (panel?.visible !== true || !found) return;
    const { project, view } = found;
    const rows = await project.history(view.budget.name, shownRuns);
    const here = rows.filter((row) => row.here);
    const { webview } = panel;
    const html = historyPage({
      budget: view.budget.name,
      title: stateTitle(view.state, againstOf(project)),
      rows,
      picture: here.length === 0 ? null : picture(here, view.budget, 480),
      stylesheet: webview.asWebviewUri(vscode.Uri.joinPath(media, 'history.css')).toString(),
      source: webview.cspSource,
      now: Date.now(),
    });
    panel.title = visibleLine(`History: ${view.budget.name}`);
    if (webview.html !== html) webview.html = html;
  };

  const open = (): vscode.WebviewPanel => {
    const opened = vscode.window.createWebviewPanel('perfBudget.history', 'History', vscode.ViewColumn.Beside, {
      enableScripts: false,
      localResourceRoots: [media],
    });
    opened.onDidChangeViewState(draw);
    opened.onDidDispose(() => (panel = undefined));
    return opened;
  };

  return vscode.Disposable.from(
    vscode.commands.registerCommand(commands.showHistory, async (key?: BudgetKey) => {
      const asked = key ?? (await pickBudget(session, 'Show the history of a budget'));
      if (asked === undefined) return;
      shown = asked;
      if (panel === undefined) panel = open();
      else panel.reveal();
      draw();
    }),
    session.onDidChange(draw),
    vscode.window.onDidChangeActiveColorTheme(draw),
    new vscode.Disposable(() => {
      panel?.dispose();
    }),
  );
}
