import * as vscode from 'vscode';
import type { Explained } from '../../engine/explain/request.js';
import type { ExplainProgress } from '../../engine/measure/explaining.js';
import type { BudgetView } from '../../engine/project/snapshot.js';
import { lastResult } from '../../core/results/state.js';
import { escapeLabel } from '../../core/text/escape.js';
import { isSameCode } from '../../core/text/figures.js';
import { offerTrust, showError } from '../session/dialogs.js';
import type { BudgetKey } from '../session/ids.js';
import type { Session } from '../session/session.js';

const stages: Readonly<Record<ExplainProgress, string>> = {
  comparing: vscode.l10n.t('comparing old and new code'),
  profiling: vscode.l10n.t('profiling both'),
  'asking V8': vscode.l10n.t('asking V8 for its reasons'),
  'looking at the memory': vscode.l10n.t('looking at the memory'),
};

/** Whether there is a difference to explain, and the code may run. */
export function canExplain({ state }: BudgetView): boolean {
  const result = lastResult(state);
  if (result === null || !vscode.workspace.isTrusted) return false;
  return result.comparison !== null && !isSameCode(result);
}

/** Explains budgets, and keeps the last explanation while its verdict stands. */
export class Explainer {
  #last: { readonly key: BudgetKey; readonly at: number | null; readonly explained: Explained } | null = null;

  constructor(readonly session: Session) {}

  /** Explains a budget while a notification shows how far it is. Returns null if nothing came of it, which was said. */
  async explain(key: BudgetKey): Promise<Explained | null> {
    const found = this.session.find(key);
    if (found === null) return null;
    if (!vscode.workspace.isTrusted) {
      await offerTrust(
        vscode.l10n.t('Nothing was explained: that runs the benchmark, and this workspace is not trusted.'),
      );
      return null;
    }
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: escapeLabel(vscode.l10n.t('Explaining {0}', key.budget)),
      cancellable: true,
    };
    const result = await vscode.window.withProgress(options, async (progress, token) => {
      const controller = new AbortController();
      const cancelled = token.onCancellationRequested(() => controller.abort());
      const report = (stage: ExplainProgress): void => progress.report({ message: stages[stage] });
      try {
        const answer = await found.project.explain({ budget: key.budget }, report, controller.signal);
        // The user knows that they cancelled it.
        return controller.signal.aborted ? null : answer;
      } finally {
        cancelled.dispose();
      }
    });
    if (result === null) return null;
    if (!result.ok) {
      showError(result.error);
      return null;
    }
    this.#last = { key, at: this.#at(key), explained: result.value };
    return result.value;
  }

  /** Returns the last explanation if it is of this budget and nothing was measured since; otherwise explains it. */
  async explained(key: BudgetKey): Promise<Explained | null> {
    const last = this.#last;
    const isSame = last?.key.root === key.root && last.key.budget === key.budget && last.at === this.#at(key);
    return isSame ? last.explained : this.explain(key);
  }

  #at(key: BudgetKey): number | null {
    const state = this.session.find(key)?.view.state;
    return state?.kind === 'known' ? state.known.at : null;
  }
}
