import * as vscode from 'vscode';
import { unreachable } from '../../core/result.js';
import type { BudgetResult } from '../../core/results/measurement.js';
import { visible } from '../../core/text/escape.js';
import { resultTitle } from '../../core/text/title.js';
import { againstOf, type Session } from '../session/session.js';
import { errorMessage, missedMessages } from './testMessages.js';
import type { BudgetTest, TestTree } from './testTree.js';

/** A run that results go to. */
export interface OpenRun {
  readonly run: vscode.TestRun;
  covers(item: vscode.TestItem): boolean;
  /** The budgets that have a result in it. */
  readonly told: Set<vscode.TestItem>;
}

/**
 * Tells the Testing view what is known of budgets, whoever had them measured: its own runs, a save, another command, an earlier
 * session. What was not asked for here goes to a run of its own, which VS Code does not keep; continuous runs come first.
 */
export class TestResults implements vscode.Disposable {
  readonly #open = new Set<OpenRun>();
  /** The requests for continuous runs, while they are on. */
  readonly #continuous = new Set<vscode.TestRunRequest>();
  /** The runs of what was not asked for here, which end when nothing is measured any more. */
  readonly #own = new Set<OpenRun>();
  /** What was told last, as JSON: a result that the engine sends again is another object. */
  readonly #told = new WeakMap<vscode.TestItem, string>();

  constructor(
    readonly controller: vscode.TestController,
    readonly session: Session,
    readonly tree: TestTree,
  ) {}

  /** Begins a run that was asked for. */
  begin(request: vscode.TestRunRequest, tests: readonly BudgetTest[]): OpenRun {
    const items = new Set(tests.map(({ item }) => item));
    const run = this.controller.createTestRun(request);
    const open = { run, covers: (item: vscode.TestItem) => items.has(item), told: new Set<vscode.TestItem>() };
    for (const item of items) run.enqueued(item);
    this.#open.add(open);
    return open;
  }

  end(open: OpenRun): void {
    this.#open.delete(open);
    open.run.end();
  }

  /** From now on results of saves go to runs of this request, until it is cancelled. */
  follow(request: vscode.TestRunRequest, token: vscode.CancellationToken): void {
    this.#continuous.add(request);
    this.session.runsContinuously = true;
    token.onCancellationRequested(() => {
      this.#continuous.delete(request);
      this.session.runsContinuously = this.#continuous.size > 0;
    });
  }

  /** Tells what has changed; `isDone` says that it is all. */
  tell({ changed, isDone }: ReturnType<TestTree['update']>): void {
    const news: BudgetTest[] = [];
    const stale: vscode.TestItem[] = [];
    for (const test of changed) {
      const { item, view } = test;
      switch (view.state.kind) {
        case 'measuring':
          news.push(test);
          break;
        case 'known':
          if (this.#told.get(item) !== JSON.stringify(view.state.known.result)) news.push(test);
          break;
        case 'stale':
          stale.push(item);
          this.#told.delete(item);
          break;
        case 'unmeasured':
          break;
        default:
          unreachable(view.state);
      }
    }
    if (stale.length > 0) this.controller.invalidateTestResults(stale);
    if (news.length > 0) this.#openFor(news);
    for (const test of news) for (const open of this.#open) if (open.covers(test.item)) this.#report(open, test);
    const isMeasuring = this.session.projects.some(
      ({ snapshot }) => snapshot.progress !== null || snapshot.budgets.some(({ state }) => state.kind === 'measuring'),
    );
    if (isMeasuring || !isDone) return;
    for (const open of this.#own) this.end(open);
    this.#own.clear();
  }

  /** Tells what is known of budgets once more: a run that ends without their results, as one under the debugger does, hides them. */
  again(tests: readonly BudgetTest[]): void {
    for (const { item } of tests) this.#told.delete(item);
    this.tell({ changed: tests, isDone: true });
  }

  /** Tells a run the result of a budget. */
  told(open: OpenRun, test: BudgetTest, result: BudgetResult): void {
    const { run } = open;
    const { item, project, view } = test;
    const { positions } = this.session;
    open.told.add(item);
    this.#told.set(item, JSON.stringify(result));
    const durationMs = result.cached ? undefined : result.elapsedMs;
    const { verdict } = result;
    const title = `${view.budget.name}: ${resultTitle(result, againstOf(project))}`;
    run.appendOutput(`${visible(title).replaceAll('\n', '\r\n')}\r\n`, undefined, item);
    switch (verdict) {
      case 'pass':
      case 'warn':
        // What is only warned of, such as a missed acceptable bound, fails no check either.
        run.passed(item, durationMs);
        return;
      case 'fail':
        run.failed(item, missedMessages(project, view, result, positions), durationMs);
        return;
      case 'undecided':
        // Neither passed nor failed; the output and the description say why.
        run.skipped(item);
        return;
      case 'error':
        run.errored(item, errorMessage(project, view, result, positions), durationMs);
        return;
      default:
        unreachable(verdict);
    }
  }

  dispose(): void {
    for (const open of this.#open) this.end(open);
    this.#own.clear();
  }

  #report(open: OpenRun, test: BudgetTest): void {
    const { state } = test.view;
    if (state.kind === 'known') this.told(open, test, state.known.result);
    else open.run.started(test.item);
  }

  /** Opens runs for what no run covers. */
  #openFor(news: readonly BudgetTest[]): void {
    const uncovered = (): readonly BudgetTest[] =>
      news.filter(({ item }) => ![...this.#open].some((open) => open.covers(item)));
    for (const request of this.#continuous) {
      const covered = new Set(this.tree.budgetsIn(request.include, request.exclude).map(({ item }) => item));
      if (!uncovered().some(({ item }) => covered.has(item))) continue;
      this.#add(this.controller.createTestRun(request), (item) => covered.has(item));
    }
    if (uncovered().length === 0) return;
    // Nobody asked for it, so that it takes no focus.
    const request = new vscode.TestRunRequest(undefined, undefined, undefined, false, true);
    this.#add(this.controller.createTestRun(request, undefined, false), () => true);
  }

  #add(run: vscode.TestRun, covers: OpenRun['covers']): void {
    const open = { run, covers, told: new Set<vscode.TestItem>() };
    this.#open.add(open);
    this.#own.add(open);
  }
}
