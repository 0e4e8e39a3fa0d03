import * as vscode from 'vscode';
import { escapeLabel, visible, visibleLine } from '../../core/text/escape.js';
import { manageTrust } from './ids.js';

/** Notifications and lists, in which VS Code would draw text of others as icons and links. */

/** Shows a notification, and waits for nobody. */
export const showInformation = (message: string): void =>
  void vscode.window.showInformationMessage(escapeLabel(message));

/** Shows a notification of an error, and waits for nobody. */
export const showError = (message: string): void => void vscode.window.showErrorMessage(escapeLabel(message));

/** Shows a notification with buttons. Returns the one that was pressed; undefined if none was. */
export async function offer(
  severity: 'Error' | 'Warning' | 'Information',
  message: string,
  buttons: readonly string[],
): Promise<string | undefined> {
  return vscode.window[`show${severity}Message`](escapeLabel(message), ...buttons);
}

/** Says what was not done because the workspace is not trusted, beside the way to trust it. */
export async function offerTrust(message: string): Promise<void> {
  const manage = vscode.l10n.t('Manage Workspace Trust');
  if ((await offer('Warning', message, [manage])) === manage) await vscode.commands.executeCommand(manageTrust);
}

/** Asks in a dialog, which has a button to cancel besides. Returns whether the user pressed `button`. */
export async function confirm(message: string, detail: string, button: string): Promise<boolean> {
  const options = { modal: true, detail: visible(detail) };
  return (await vscode.window.showWarningMessage(visibleLine(message), options, button)) === button;
}

/** One line of a list. */
export interface Choice extends Pick<
  vscode.QuickPickItem,
  'description' | 'detail' | 'label' | 'alwaysShow' | 'picked'
> {
  /** The name of an icon of VS Code. */
  readonly icon?: string;
}

/** Lets the user choose from a list; undefined if they choose nothing. Lines below `title` come after the others. */
export async function choose<T extends Choice>(
  choices: readonly T[],
  options: vscode.QuickPickOptions,
  below: { readonly title: string; readonly choices: readonly T[] } | null = null,
): Promise<T | undefined> {
  const items = (of: readonly T[]) => of.map((choice) => ({ ...itemOf(choice), choice }));
  const separator = {
    label: escapeLabel(below?.title ?? ''),
    kind: vscode.QuickPickItemKind.Separator,
    choice: undefined,
  };
  const all = [...items(choices), ...(below === null ? [] : [separator, ...items(below.choices)])];
  const { title, placeHolder, ...others } = options;
  const picked = await vscode.window.showQuickPick<vscode.QuickPickItem & { choice: T | undefined }>(all, {
    ...others,
    ...(title !== undefined && { title: escapeLabel(title) }),
    ...(placeHolder !== undefined && { placeHolder: escapeLabel(placeHolder) }),
  });
  return picked?.choice;
}

/** Lets the user choose several from a list; undefined if they cancel. */
export async function chooseSeveral<T extends Choice>(
  choices: readonly T[],
  placeHolder: string,
): Promise<readonly T[] | undefined> {
  const items = choices.map((choice) => ({ ...itemOf(choice), choice }));
  const options = { canPickMany: true, placeHolder: escapeLabel(placeHolder) } as const;
  return (await vscode.window.showQuickPick(items, options))?.map(({ choice }) => choice);
}

const itemOf = ({ icon, label, description, detail, alwaysShow, picked }: Choice): vscode.QuickPickItem => ({
  label: (icon === undefined ? '' : `$(${icon}) `) + escapeLabel(label),
  ...(description !== undefined && { description: escapeLabel(description) }),
  ...(detail !== undefined && { detail: escapeLabel(detail) }),
  ...(alwaysShow !== undefined && { alwaysShow }),
  ...(picked !== undefined && { picked }),
});
