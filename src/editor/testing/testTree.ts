import path from 'node:path';
import * as vscode from 'vscode';
import { escapeLabel, visibleLine } from '../../core/text/escape.js';
import { headline, stateTitle } from '../../core/text/title.js';
import type { Location } from '../../core/problem.js';
import type { BudgetView, Project, Snapshot } from '../../engine/project/snapshot.js';
import { fileKey } from '../session/budgetIndex.js';
import { againstOf, type Session } from '../session/session.js';
import { testPlace } from './testPlace.js';

/** A budget in the view. */
export interface BudgetTest {
  readonly item: vscode.TestItem;
  readonly project: Project;
  readonly view: BudgetView;
}

interface Shown extends BudgetTest {
  readonly benchmarks: Snapshot['benchmarks'];
  readonly against: string;
  readonly index: number;
}

const numbered = (index: number): string => String(index).padStart(6, '0');

/** The items of the Testing view: a project if there are several, suites, benchmarks, budgets. Only what changes is touched. */
export class TestTree {
  /** By project and name. */
  #shown = new Map<string, Shown>();
  readonly #byItem = new WeakMap<vscode.TestItem, string>();
  /** The files of items, with where the items are in the saved file. */
  readonly #places = new Map<vscode.TestItem, Location>();
  #hasProjects = false;

  constructor(
    readonly controller: vscode.TestController,
    readonly session: Session,
  ) {}

  /** Returns the budget of an item; null for a suite, a benchmark or a project. */
  budgetOf(item: vscode.TestItem): BudgetTest | null {
    return this.#shown.get(this.#byItem.get(item) ?? '') ?? null;
  }

  /** Returns the budgets in or below these items, each once; all if `items` is undefined. */
  budgetsIn(
    items: Iterable<vscode.TestItem> | undefined,
    excluded: readonly vscode.TestItem[] = [],
  ): readonly BudgetTest[] {
    const found = new Map<vscode.TestItem, BudgetTest>();
    const visit = (item: vscode.TestItem): void => {
      if (excluded.includes(item)) return;
      const own = this.budgetOf(item);
      if (own !== null) found.set(item, own);
      item.children.forEach(visit);
    };
    if (items === undefined) this.controller.items.forEach(visit);
    else for (const item of items) visit(item);
    return [...found.values()];
  }

  /**
   * Makes the items show what the projects do, for about so many milliseconds. Returns the budgets that have changed, and whether
   * that was all.
   */
  update(ms = Infinity): { readonly changed: readonly BudgetTest[]; readonly isDone: boolean } {
    const end = performance.now() + ms;
    let isDone = true;
    const { projects } = this.session;
    const hasProjects = projects.length > 1;
    if (hasProjects !== this.#hasProjects) this.#clear();
    this.#hasProjects = hasProjects;
    const shown = new Map<string, Shown>();
    const changed: BudgetTest[] = [];
    for (const project of projects) {
      const { budgets, benchmarks } = project.snapshot;
      const against = againstOf(project);
      for (const [index, view] of budgets.entries()) {
        const id = JSON.stringify([project.root, view.budget.name]);
        const before = this.#shown.get(id);
        const isSame = before?.view === view && before.project === project && before.benchmarks === benchmarks;
        if (isSame && before.against === against && before.index === index) {
          shown.set(id, before);
          continue;
        }
        if (performance.now() > end) {
          isDone = false;
          if (before !== undefined) shown.set(id, before);
          continue;
        }
        const item = this.#item(project, view, index, before?.item ?? null);
        const now = { item, project, view, benchmarks, against, index };
        this.#byItem.set(item, id);
        shown.set(id, now);
        if (before?.view !== view) changed.push(now);
      }
    }
    for (const [id, { item }] of this.#shown) if (!shown.has(id)) this.#remove(item);
    this.#shown = shown;
    this.#busy(projects);
    return { changed, isDone };
  }

  /** Moves the items of a file to where their code is in its unsaved text. */
  move(file: string): void {
    for (const [item, location] of this.#places)
      if (fileKey(location.file) === file) item.range = this.#range(location);
  }

  #item(project: Project, view: BudgetView, index: number, before: vscode.TestItem | null): vscode.TestItem {
    const { budget, state, code, bench } = view;
    const location = code ?? budget.location;
    const parent = this.#parent(project, view, index);
    const siblings = parent?.children ?? this.controller.items;
    const id = `budget ${budget.name}`;
    const uri = vscode.Uri.file(location.file);
    const there = siblings.get(id);
    // An item cannot move to another file or parent.
    const item =
      there?.uri?.toString() === uri.toString()
        ? there
        : this.controller.createTestItem(id, escapeLabel(budget.name), uri);
    if (before !== null && before !== item) {
      this.#places.delete(before);
      if (before.parent !== parent) this.#remove(before);
    }
    this.#place(item, location);
    const result = state.kind === 'known' ? state.known.result : null;
    const isPass = result?.verdict === 'pass';
    item.description = visibleLine(
      isPass ? headline(result, againstOf(project)) : stateTitle(state, againstOf(project)),
    );
    item.sortText = numbered(index);
    item.tags = (budget.tags ?? []).map((tag) => new vscode.TestTag(tag));
    // Last: each change of an item that is there crosses to the window by itself.
    if (item !== there) siblings.add(item);
    if (parent !== undefined && bench !== null && parent.uri?.toString() === vscode.Uri.file(bench.file).toString())
      this.#place(parent, bench);
    return item;
  }

  /** Returns what a budget stands below, which is made if it is not there yet; undefined for the top. */
  #parent(project: Project, { budget, bench }: BudgetView, index: number): vscode.TestItem | undefined {
    const { suites, benchmark } = testPlace(budget, project.snapshot.benchmarks, project.root);
    const uri = bench === null ? undefined : vscode.Uri.file(bench.file);
    let parent = this.#hasProjects
      ? this.#branch(undefined, `project ${project.root}`, projectLabel(project), vscode.Uri.file(project.root), index)
      : undefined;
    for (const suite of suites) parent = this.#branch(parent, `suite ${suite}`, suite, undefined, index);
    if (benchmark === null) return parent;
    const made = this.#branch(parent, `benchmark ${benchmark.id}`, benchmark.label, uri, index);
    if (benchmark.file !== null) made.description = visibleLine(benchmark.file);
    return made;
  }

  #branch(
    parent: vscode.TestItem | undefined,
    id: string,
    label: string,
    uri: vscode.Uri | undefined,
    index: number,
  ): vscode.TestItem {
    const siblings = parent?.children ?? this.controller.items;
    const there = siblings.get(id);
    if (there !== undefined && (uri === undefined || there.uri?.toString() === uri.toString())) {
      if (there.sortText === undefined || there.sortText > numbered(index)) there.sortText = numbered(index);
      return there;
    }
    const made = this.controller.createTestItem(id, escapeLabel(label), uri);
    made.sortText = there?.sortText ?? numbered(index);
    // Its file was not known, or is another: it takes the budgets below with it.
    if (there !== undefined) {
      this.#places.delete(there);
      const below = Array.from(there.children, ([, child]) => child);
      there.children.replace([]);
      made.children.replace(below);
    }
    siblings.add(made);
    return made;
  }

  #place(item: vscode.TestItem, location: Location): void {
    this.#places.set(item, location);
    item.range = this.#range(location);
  }

  /** Returns the name's range from the start of its line, so that the commands for the test at the cursor find it from there. */
  #range(location: Location): vscode.Range {
    const { start, end } = this.session.positions.now(location);
    return new vscode.Range(start.with({ character: 0 }), end);
  }

  /** Removes an item, and what is empty without it. */
  #remove(item: vscode.TestItem): void {
    this.#places.delete(item);
    const { parent } = item;
    const siblings = parent?.children ?? this.controller.items;
    // Another may have taken its place.
    if (siblings.get(item.id) === item) siblings.delete(item.id);
    if (parent?.children.size === 0) this.#remove(parent);
  }

  #clear(): void {
    this.controller.items.replace([]);
    this.#places.clear();
    this.#shown = new Map();
  }

  #busy(projects: readonly Project[]): void {
    const isSearching = vscode.workspace.isTrusted && projects.some(({ snapshot }) => snapshot.benchmarks === null);
    this.controller.items.forEach((item) => {
      if (item.busy !== isSearching) item.busy = isSearching;
    });
  }
}

const projectLabel = ({ root }: Project): string => {
  const relative = vscode.workspace.asRelativePath(root);
  return relative === root ? path.basename(root) : relative;
};
