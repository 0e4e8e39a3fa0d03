import * as vscode from 'vscode';
import { agentTools } from './commands/agentTools.js';
import { mcpServer } from './commands/mcpServer.js';
import { actions } from './surfaces/actions.js';
import { manageBaselines } from './commands/baselines.js';
import { addBudgetCommand } from './commands/addBudget.js';
import { budgetPicker } from './commands/budgetPicker.js';
import { budgetTree } from './surfaces/budgetTree.js';
import { captureCommand } from './commands/capture.js';
import { causes } from './surfaces/causes.js';
import { checkHover } from './surfaces/checkHover.js';
import { codeCompletion } from './surfaces/codeCompletion.js';
import { codeLens } from './surfaces/codeLens.js';
import { compareCommand } from './commands/compare.js';
import { completion } from './surfaces/completion.js';
import { configProblems } from './surfaces/configProblems.js';
import { contexts } from './surfaces/contexts.js';
import { dashboard } from './surfaces/dashboard.js';
import { diagnostics } from './surfaces/diagnostics.js';
import { findCommit } from './commands/findCommit.js';
import { Explainer } from './commands/explain.js';
import { explainPanel } from './surfaces/explainPanel.js';
import { fixes } from './surfaces/fixes.js';
import { goTo } from './commands/goTo.js';
import { gitHeadWatcher } from './session/gitHeadWatcher.js';
import { hover } from './surfaces/hover.js';
import { initialize } from './commands/initialize.js';
import { links } from './surfaces/links.js';
import { loosenCommand } from './commands/loosen.js';
import { oldCode } from './session/oldCode.js';
import { openBudgetFile } from './commands/openBudgetFile.js';
import { openProfile } from './commands/openProfile.js';
import { outputCommands } from './commands/output.js';
import { runCommands } from './commands/run.js';
import { fileChanges } from './session/fileChanges.js';
import { waiveCommand } from './commands/waive.js';
import { Session } from './session/session.js';
import { statusBar } from './surfaces/statusBar.js';
import { verdicts } from './surfaces/verdicts.js';
import { testing } from './surfaces/testing.js';
import { useTable } from '../core/text/table.js';

export function activate(context: vscode.ExtensionContext): void {
  useTable(vscode.l10n.bundle);
  const log = vscode.window.createOutputChannel('Perf Budget', { log: true });
  const session = new Session(log, context.asAbsolutePath('dist/worker.js'), context.asAbsolutePath('dist/engine.js'));
  const explainer = new Explainer(session);
  context.subscriptions.push(
    log,
    session,
    fileChanges(session),
    gitHeadWatcher(session),
    contexts(session),
    codeLens(session),
    verdicts(session),
    diagnostics(session),
    causes(session),
    configProblems(session),
    statusBar(session),
    hover(session),
    checkHover(session),
    completion(session),
    codeCompletion(session),
    fixes(session),
    links(session),
    budgetTree(session),
    dashboard(session, context.extensionUri),
    explainPanel(session, explainer, context.extensionUri),
    oldCode(session),
    actions(session),
    testing(session, context.storageUri ?? context.globalStorageUri),
    budgetPicker(session),
    goTo(session),
    runCommands(session),
    captureCommand(session),
    manageBaselines(session),
    compareCommand(session),
    loosenCommand(session),
    waiveCommand(session),
    addBudgetCommand(session),
    findCommit(session),
    openBudgetFile(session),
    openProfile(session, explainer, context.storageUri ?? context.globalStorageUri),
    initialize(session),
    outputCommands(session, log),
    agentTools(session),
    mcpServer(session, context.extension),
  );
}
