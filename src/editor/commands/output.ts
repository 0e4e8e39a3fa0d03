import * as vscode from 'vscode';
import { commands } from '../session/ids.js';

/** The command that shows the log. */
export function outputCommand(log: vscode.LogOutputChannel): vscode.Disposable {
  return vscode.commands.registerCommand(commands.showOutput, () => log.show(true));
}
