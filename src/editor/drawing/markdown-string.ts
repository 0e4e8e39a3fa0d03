import * as vscode from 'vscode';
import type { Markdown } from '../../core/text/markdown.js';

/** Returns Markdown for a hover, whose links may run only these commands. It shows no HTML and no icons. */
export function markdownString(source: Markdown, enabledCommands: readonly string[] = []): vscode.MarkdownString {
  const made = new vscode.MarkdownString(source.text);
  if (enabledCommands.length > 0) made.isTrusted = { enabledCommands: [...enabledCommands] };
  return made;
}
