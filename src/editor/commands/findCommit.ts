import * as vscode from 'vscode';
import { escapeLabel } from '../../core/text/escape.js';
import { bisectLines, comparedWords } from '../../core/text/bisect.js';
import type { Bisection } from '../../core/results/bisection.js';
import type { Result } from '../../core/result.js';
import type { BisectFailure, BisectProgress } from '../../engine/bisect/request.js';
import type { Project } from '../../engine/project/snapshot.js';
import { offer, showError } from '../session/dialogs.js';
import { commands, type BudgetKey } from '../session/ids.js';
import { pickBudget } from './pick.js';
import { showCommit } from './showCommit.js';
import type { Session } from '../session/session.js';

const show = vscode.l10n.t('Show Commit');
const details = vscode.l10n.t('Show Output');

/** Find the Commit: searches the commits since the baseline for those that made a budget's benchmark slower. */
export function findCommit(session: Session): vscode.Disposable {
  return vscode.commands.registerCommand(commands.findCommit, async (key?: BudgetKey) => {
    if (!vscode.workspace.isTrusted) return;
    const picked = key ?? (await pickBudget(session, vscode.l10n.t('Find the commit that made which budget slower?')));
    const found = picked === undefined ? null : session.find(picked);
    if (picked === undefined || found === null) return;
    const { project } = found;
    const result = await searched(project, picked.budget);
    if (!result.ok) {
      // Whoever cancels it knows.
      if (result.error.kind === 'interrupted') session.log.info(result.error.message);
      else showError(result.error.message);
      return;
    }
    for (const line of bisectLines(result.value)) session.log.info(line);
    const { commits, message } = result.value;
    const commit = commits.toSorted((a, b) => b.step.ratio - a.step.ratio)[0]?.commit;
    const button = await offer('Information', message, commit === undefined ? [details] : [show, details]);
    if (button === details) await vscode.commands.executeCommand(commands.showOutput);
    if (button === show && commit !== undefined) await showCommit(session, project.root, commit);
  });
}

function searched(project: Project, budget: string): Thenable<Result<Bisection, BisectFailure>> {
  const title = escapeLabel(vscode.l10n.t('Finding the commit that made {0} slower', budget));
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    const controller = new AbortController();
    const cancelled = token.onCancellationRequested(() => controller.abort());
    const report = (one: BisectProgress): void => {
      const what = comparedWords(one.commit, one.kind === 'measuring' && one.isLonger);
      const message =
        one.kind === 'measuring'
          ? vscode.l10n.t('{0}: {1} compared, about {2} left', what, one.done, one.left)
          : vscode.l10n.t('{0}: {1} compared', what, one.done);
      progress.report({ message });
    };
    try {
      return await project.bisect({ budget }, report, controller.signal);
    } finally {
      cancelled.dispose();
    }
  });
}
