import * as vscode from 'vscode';
import { worstOf } from '../../core/formats/reporters/document.js';
import { lastResult } from '../../core/results/state.js';
import { counts } from '../../core/text/words.js';
import type { Project } from '../../engine/project/snapshot.js';
import { FilterChoice } from '../commands/filterBudgets.js';
import { budgetItem, budgetTooltip, childrenOf, detailItem, projectItem, type Detail } from '../drawing/budgetItems.js';
import { keyOf, type Session } from '../session/session.js';
import { rankedBudgets, type Ranked } from '../session/rankedBudgets.js';

/** While budgets are measured, the tree follows this often. */
const drawEveryMs = 250;

/** A budget in the tree. It is a `BudgetKey`, so that commands take it. */
interface BudgetNode extends Ranked {
  readonly kind: 'budget';
  readonly root: string;
  readonly budget: string;
}
interface ProjectNode {
  readonly kind: 'project';
  readonly project: Project;
}
type Node = BudgetNode | ProjectNode | Detail;

/** The view Budgets: every budget of the workspace, worst first, and below each what it asks for. */
export function budgetTree(session: Session): vscode.Disposable {
  const tree = new BudgetTree(session);
  const view = vscode.window.createTreeView('perfBudget.budgets', { treeDataProvider: tree, showCollapseAll: true });
  let timer: NodeJS.Timeout | undefined;
  const draw = (): void => {
    timer = undefined;
    const broken = session.projects.flatMap(({ snapshot }) =>
      snapshot.budgets.filter(({ state }) => ['fail', 'error'].includes(lastResult(state)?.verdict ?? '')),
    ).length;
    if (view.badge?.value !== (broken === 0 ? undefined : broken))
      view.badge = broken === 0 ? undefined : { value: broken, tooltip: counts(broken, 'broken budget') };
    view.description = tree.filter.words;
    view.message = messageOf(session, tree);
    if (view.visible) tree.draw();
  };
  const later = (): void => void (timer ??= setTimeout(draw, drawEveryMs));
  return vscode.Disposable.from(
    view,
    tree,
    tree.filter,
    tree.filter.onDidChange(draw),
    session.onDidChange(later),
    view.onDidChangeVisibility(draw),
    new vscode.Disposable(() => clearTimeout(timer)),
  );
}

function messageOf({ projects }: Session, tree: BudgetTree): string {
  if (projects.length === 0) return '';
  if (!vscode.workspace.isTrusted)
    return vscode.l10n.t('This workspace is not trusted: known results are shown, nothing is measured.');
  const all = projects.reduce((sum, { snapshot }) => sum + snapshot.budgets.length, 0);
  return tree.filter.words !== '' && all > 0 && tree.hidden() === all
    ? vscode.l10n.t('No budget matches the filter.')
    : '';
}

class BudgetTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly filter: FilterChoice;
  readonly #changed = new vscode.EventEmitter<Node[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  /** What is shown, by its id: the same objects, so that VS Code finds them again. */
  #shown = new Map<string, BudgetNode>();
  #roots: readonly ProjectNode[] = [];

  constructor(readonly session: Session) {
    this.filter = new FilterChoice(session);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  /** How many budgets the filter leaves out. */
  hidden(): number {
    return rankedBudgets(this.session.projects).filter((one) => !this.filter.has(one.view)).length;
  }

  /** Asks VS Code for what has changed: for all of it only if there are others, or in another order. */
  draw(): void {
    const before = this.#shown;
    const ids = [...before.keys()];
    const next = this.#nodes();
    const isSame =
      next.size === before.size &&
      this.#roots.length === this.session.projects.length &&
      this.#roots.every(({ project }, at) => project === this.session.projects[at]) &&
      [...next.keys()].every((id, at) => id === ids[at]);
    if (!isSame) {
      this.#shown = next;
      this.#changed.fire(undefined);
      return;
    }
    const changed = Array.from(next).flatMap(([id, node]) => {
      const old = before.get(id);
      if (old === undefined || old.view === node.view) return [];
      // The node stays the same object, which is how VS Code knows it.
      Object.assign(old, { view: node.view });
      return [old];
    });
    if (changed.length === 0) return;
    // The icon of a project is that of its worst budget.
    const isIn = ({ project }: ProjectNode): boolean => changed.some(({ root }) => root === project.root);
    this.#changed.fire(this.#roots.length > 1 ? [...this.#roots.filter(isIn), ...changed] : changed);
  }

  getChildren(node?: Node): Node[] {
    if (node === undefined) {
      this.#roots = this.session.projects.map((project) => ({ kind: 'project', project }));
      this.#shown = this.#nodes();
      return this.#roots.length > 1 ? [...this.#roots] : [...this.#shown.values()];
    }
    if (node.kind === 'project') return [...this.#shown.values()].filter(({ root }) => root === node.project.root);
    return node.kind === 'budget' ? [...childrenOf(node)] : [];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if (node.kind === 'budget') return budgetItem(node);
    if (node.kind === 'detail') return detailItem(node);
    const { project } = node;
    const verdicts = project.snapshot.budgets.flatMap(({ state }) => lastResult(state)?.verdict ?? []);
    return projectItem(project, verdicts.length === 0 ? null : worstOf(verdicts));
  }

  resolveTreeItem(item: vscode.TreeItem, node: Node): vscode.TreeItem {
    if (node.kind === 'budget') item.tooltip = budgetTooltip(node);
    return item;
  }

  #nodes(): Map<string, BudgetNode> {
    const found = rankedBudgets(this.session.projects).filter(({ view }) => this.filter.has(view));
    return new Map(
      found.map(({ project, view }) => {
        const key = keyOf(project, view);
        const id = `${key.root}\0${key.budget}`;
        const old = this.#shown.get(id);
        const isKnown = old?.view === view && old.project === project;
        return [id, isKnown ? old : { kind: 'budget', ...key, project, view }];
      }),
    );
  }
}
