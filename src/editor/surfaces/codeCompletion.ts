import path from 'node:path';
import * as vscode from 'vscode';
import type { Session } from '../session/session.js';
import { configFileName } from '../../core/config/file-names.js';

/** Completes the path and the function of `code`: folders and files up to the #, then what the file declares. */
export function codeCompletion(session: Session): vscode.Disposable {
  const provider: vscode.CompletionItemProvider = {
    async provideCompletionItems(document, position) {
      const project = await session.openedProjectOf(document.uri);
      if (project === null) return undefined;
      const { codeAt } = await import('../../core/assist/completion.js');
      const offset = document.offsetAt(position);
      const code = codeAt(document.getText(), offset);
      if (code === null) return undefined;
      const { start, end } = code.range;
      const left = code.text.slice(0, offset - start);
      const hash = left.indexOf('#');
      const from = start + Math.max(hash, left.lastIndexOf('/')) + 1;
      const range = new vscode.Range(document.positionAt(from), document.positionAt(end));
      if (hash !== -1) {
        const symbols = await symbolsOf(path.join(project.root, left.slice(0, hash)));
        return symbols.map((symbol) => item(symbol, vscode.CompletionItemKind.Function, range));
      }
      const folder = vscode.Uri.file(path.join(project.root, left.slice(0, left.lastIndexOf('/') + 1)));
      const entries = await vscode.workspace.fs.readDirectory(folder);
      return entries.flatMap(([name, type]) => {
        if (name === 'node_modules' || name.startsWith('.') || name === configFileName) return [];
        const isFolder = (type & vscode.FileType.Directory) !== 0;
        const made = item(name, isFolder ? vscode.CompletionItemKind.Folder : vscode.CompletionItemKind.File, range);
        if (isFolder) {
          made.insertText = `${name}/`;
          made.command = { title: vscode.l10n.t('Suggest'), command: 'editor.action.triggerSuggest' };
        }
        return [made];
      });
    },
  };
  const selector = { scheme: 'file', pattern: `**/${configFileName}` };
  return vscode.languages.registerCompletionItemProvider(selector, provider, '/', '#', '"');
}

function item(name: string, kind: vscode.CompletionItemKind, range: vscode.Range): vscode.CompletionItem {
  const made = new vscode.CompletionItem(name, kind);
  made.range = range;
  made.sortText = `0${name}`;
  return made;
}

async function symbolsOf(file: string): Promise<readonly string[]> {
  const { outline } = await import('../../core/outline/index.js');
  const bytes = await vscode.workspace.fs.readFile(vscode.Uri.file(file));
  return [...new Set(outline(Buffer.from(bytes).toString(), file).map((symbol) => symbol.path))];
}
