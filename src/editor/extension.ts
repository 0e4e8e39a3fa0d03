import * as vscode from 'vscode';
import { actions } from './actions.js';
import { budgetPicker } from './budgetPicker.js';
import { captureCommand } from './capture.js';
import { checkHover } from './checkHover.js';
import { codeCompletion } from './codeCompletion.js';
import { codeLens } from './codeLens.js';
import { completion } from './completion.js';
import { configProblems } from './configProblems.js';
import { contexts } from './contexts.js';
import { diagnostics } from './diagnostics.js';
import { fixes } from './fixes.js';
import { goTo } from './goTo.js';
import { heads } from './heads.js';
import { historyPanel } from './history.js';
import { hover } from './hover.js';
import { initialize } from './initialize.js';
import { links } from './links.js';
import { openBudgetFile } from './open.js';
import { outputCommand } from './output.js';
import { runCommands } from './run.js';
import { saves } from './saves.js';
import { Session } from './session.js';
import { statusBar } from './statusBar.js';

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Perf Budget', { log: true });
  const session = new Session(log, context.asAbsolutePath('dist/worker.js'), context.asAbsolutePath('dist/engine.js'));
  context.subscriptions.push(
    log,
    session,
    saves(session),
    heads(session),
    contexts(session),
    codeLens(session),
    diagnostics(session),
    configProblems(session),
    statusBar(session),
    hover(session),
    checkHover(session),
    completion(session),
    codeCompletion(session),
    fixes(session),
    links(session),
    historyPanel(session, context.extensionUri),
    actions(session),
    budgetPicker(session),
    goTo(session),
    runCommands(session),
    captureCommand(session),
    openBudgetFile(session),
    initialize(session),
    outputCommand(log),
  );
}
