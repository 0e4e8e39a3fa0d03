import * as vscode from 'vscode';
import { isDay } from '../../core/config/day.js';
import { localDay } from '../../core/text/terminal.js';
import { editBudgetFile, openBudgetFileOf } from '../session/budgetFile.js';
import { commands, type BudgetKey } from '../session/ids.js';
import type { Session } from '../session/session.js';
import { pickBudget } from './pick.js';

/** As long as most need to mend what is slow. */
const usualDays = 14;

/** Waive Until…: asks for a day and a reason, and writes a waiver into the `perf-budget.jsonc`. */
export function waiveCommand(session: Session): vscode.Disposable {
  return vscode.commands.registerCommand(commands.waive, async (key?: BudgetKey) => {
    const asked = key ?? (await pickBudget(session, vscode.l10n.t('Waive a budget for a while')));
    const found = asked && session.find(asked);
    if (!found) return;
    const { project, view } = found;
    const { budget } = view;
    const today = localDay(new Date());
    const until = await vscode.window.showInputBox({
      title: vscode.l10n.t('Waive Until (1 of 2)'),
      prompt: vscode.l10n.t('The last day on which a miss is only a warning.'),
      value: budget.waived?.until ?? localDay(new Date(Date.now() + usualDays * 86_400_000)),
      validateInput: (text) =>
        !isDay(text.trim())
          ? vscode.l10n.t('Write a day, such as 2027-01-31.')
          : text.trim() < today
            ? vscode.l10n.t('This day is over. The waiver would change nothing.')
            : undefined,
    });
    if (until === undefined) return;
    const reason = await vscode.window.showInputBox({
      title: vscode.l10n.t('Waive Until (2 of 2)'),
      prompt: vscode.l10n.t('Why it may be missed until then.'),
      placeHolder: vscode.l10n.t('The new parser lands in March'),
      ...(budget.waived !== undefined && { value: budget.waived.reason }),
      validateInput: (text) => (text.trim() === '' ? vscode.l10n.t('A waiver needs a reason.') : undefined),
    });
    if (reason === undefined) return;
    const { waiveInConfig } = await import('../../core/assist/edit-config.js');
    const document = await openBudgetFileOf(project);
    const waiver = { until: until.trim(), reason: reason.trim() };
    const benchmark = budget.subject.kind === 'benchmark' ? budget.subject.name : budget.name;
    await editBudgetFile(document, waiveInConfig(document.getText(), budget.name, waiver, benchmark));
  });
}
