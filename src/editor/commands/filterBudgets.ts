import * as vscode from 'vscode';
import { order } from '../../core/formats/reporters/filters.js';
import { verdictWords } from '../../core/formats/reporters/markup.js';
import { verdictOf, type ShownVerdict } from '../../core/formats/reporters/overview.js';
import { visibleLine } from '../../core/text/escape.js';
import type { BudgetView } from '../../engine/project/snapshot.js';
import { chooseSeveral } from '../session/dialogs.js';
import { commands } from '../session/ids.js';
import type { Session } from '../session/session.js';

/** Filter by Verdict, Filter by Tag and Clear Filter: which budgets the view shows. */
export class FilterChoice implements vscode.Disposable {
  /** Empty for all. */
  #verdicts: ReadonlySet<ShownVerdict> = new Set();
  #tags: ReadonlySet<string> = new Set();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #commands: vscode.Disposable;

  constructor(readonly session: Session) {
    this.#commands = vscode.Disposable.from(
      vscode.commands.registerCommand(commands.filterByVerdict, () => this.#pickVerdicts()),
      vscode.commands.registerCommand(commands.filterByTag, () => this.#pickTags()),
      vscode.commands.registerCommand(commands.clearFilter, () => this.#set(new Set(), new Set())),
    );
  }

  /** Whether the filter lets a budget through. While it is measured, its last verdict counts. */
  has({ budget, state }: BudgetView): boolean {
    if (this.#verdicts.size > 0 && !this.#verdicts.has(verdictOf(state))) return false;
    return this.#tags.size === 0 || (budget.tags ?? []).some((tag) => this.#tags.has(tag));
  }

  /** What is shown, in words; empty for all. */
  get words(): string {
    const words = [
      ...order.filter((verdict) => this.#verdicts.has(verdict)).map((verdict) => verdictWords[verdict]()),
      ...Array.from(this.#tags, (tag) => `#${tag}`),
    ];
    return visibleLine(words.join(', '));
  }

  dispose(): void {
    this.#commands.dispose();
    this.#changed.dispose();
  }

  async #pickVerdicts(): Promise<void> {
    const verdicts = this.#views().map(({ state }) => verdictOf(state));
    const choices = order.map((verdict) => {
      const count = verdicts.filter((one) => one === verdict).length;
      return { verdict, label: verdictWords[verdict](), description: `${count}`, picked: this.#verdicts.has(verdict) };
    });
    const picked = await chooseSeveral(choices, vscode.l10n.t('Show budgets with these verdicts'));
    if (picked !== undefined) this.#set(new Set(picked.map(({ verdict }) => verdict)), this.#tags);
  }

  async #pickTags(): Promise<void> {
    const all = this.#views().flatMap(({ budget }) => budget.tags ?? []);
    const choices = [...new Set(all)].sort().map((tag) => {
      const count = all.filter((one) => one === tag).length;
      return { label: tag, description: `${count}`, picked: this.#tags.has(tag) };
    });
    const picked = await chooseSeveral(choices, vscode.l10n.t('Show budgets with any of these tags'));
    if (picked !== undefined) this.#set(this.#verdicts, new Set(picked.map(({ label }) => label)));
  }

  #views(): readonly BudgetView[] {
    return this.session.projects.flatMap(({ snapshot }) => snapshot.budgets);
  }

  #set(verdicts: ReadonlySet<ShownVerdict>, tags: ReadonlySet<string>): void {
    [this.#verdicts, this.#tags] = [verdicts, tags];
    void vscode.commands.executeCommand('setContext', 'perfBudget.filtered', this.words !== '');
    this.#changed.fire();
  }
}
