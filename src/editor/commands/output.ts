import * as vscode from 'vscode';
import { commands } from '../session/ids.js';
import type { Session } from '../session/session.js';

/** Show Output, and Restart for an engine that has stopped. */
export function outputCommands(session: Session, log: vscode.LogOutputChannel): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand(commands.showOutput, () => log.show(true)),
    vscode.commands.registerCommand(commands.restart, () => session.restart()),
  );
}
