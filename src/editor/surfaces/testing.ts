import * as vscode from 'vscode';
import type { Project } from '../../engine/project/snapshot.js';
import { errorText } from '../../engine/util/log.js';
import { offerTrust } from '../session/dialogs.js';
import { fileKey } from '../session/budgetIndex.js';
import type { Session } from '../session/session.js';
import { debugBenchmarks, profileBenchmarks } from '../testing/debugBenchmarks.js';
import { TestResults } from '../testing/testResults.js';
import { TestTree, type BudgetTest } from '../testing/testTree.js';

/** All extensions share a thread, which this one may keep for so many milliseconds. */
const sliceMs = 4;
/** What is typed is followed after this many milliseconds. */
const typingMs = 150;

/** The Testing view: budgets as tests, with marks beside their code. `storage` is a folder of ours. */
export function testing(session: Session, storage: vscode.Uri): vscode.Disposable {
  const controller = vscode.tests.createTestController('perfBudget', 'Perf Budget');
  const tree = new TestTree(controller, session);
  const results = new TestResults(controller, session, tree);
  const update = (): void => results.tell(tree.update());
  let rest: NodeJS.Immediate | undefined;
  /** The same in slices, between which the other extensions have their turn. */
  const updateSoon = (): void => {
    rest = undefined;
    const next = tree.update(sliceMs);
    results.tell(next);
    if (!next.isDone) rest ??= setImmediate(updateSoon);
  };

  const run = async (request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> => {
    if (!(await isAllowed())) return;
    if (request.continuous === true) {
      results.follow(request, token);
      return;
    }
    update();
    const tests = tree.budgetsIn(request.include, request.exclude);
    const open = results.begin(request, tests);
    const aborter = new AbortController();
    const cancelled = vscode.Disposable.from(
      token.onCancellationRequested(() => aborter.abort()),
      open.run.token.onCancellationRequested(() => aborter.abort()),
    );
    try {
      const { signal } = aborter;
      const reports = [...byProject(tests)].map(async ([project, own]) => {
        const budgets = own.map(({ view }) => view.budget.name);
        // What the user asks for is measured again, even if the same code was measured before.
        const report = await project.run({ budgets, fresh: true }, signal);
        return [project, new Map(report.budgets.map((result) => [result.name, result]))] as const;
      });
      const found = new Map(await Promise.all(reports));
      update();
      for (const test of tests) {
        if (open.told.has(test.item)) continue;
        const result = found.get(test.project)?.get(test.view.budget.name);
        if (result !== undefined) results.told(open, test, result);
        else if (!signal.aborted) open.run.skipped(test.item);
      }
    } catch (error) {
      session.log.error(errorText(error));
      const message = new vscode.TestMessage(error instanceof Error ? error.message : String(error));
      for (const { item } of tests) if (!open.told.has(item)) open.run.errored(item, message);
    } finally {
      cancelled.dispose();
      results.end(open);
    }
  };

  const debug =
    (act: typeof debugBenchmarks) => async (request: vscode.TestRunRequest, token: vscode.CancellationToken) => {
      if (!(await isAllowed())) return;
      const tests = tree.budgetsIn(request.include, request.exclude);
      await act(session, { tests, storage, run: controller.createTestRun(request), token });
      results.again(tree.budgetsIn(request.include, request.exclude));
    };

  const { Run, Debug } = vscode.TestRunProfileKind;
  controller.refreshHandler = async () => {
    await Promise.all(session.projects.map((project) => project.reload()));
  };
  let timer: NodeJS.Timeout | undefined;
  const edited = new Set<string>();
  return vscode.Disposable.from(
    controller,
    results,
    controller.createRunProfile(vscode.l10n.t('Measure'), Run, run, true, undefined, true),
    controller.createRunProfile(vscode.l10n.t('Debug'), Debug, debug(debugBenchmarks), true),
    controller.createRunProfile(vscode.l10n.t('CPU Profile'), Debug, debug(profileBenchmarks), false),
    session.onDidChange(() => (rest ??= setImmediate(updateSoon))),
    vscode.workspace.onDidChangeTextDocument(({ document: { uri } }) => {
      if (uri.scheme !== 'file') return;
      edited.add(fileKey(uri.fsPath));
      timer ??= setTimeout(() => {
        timer = undefined;
        for (const file of edited) tree.move(file);
        edited.clear();
      }, typingMs);
    }),
    new vscode.Disposable(() => {
      clearTimeout(timer);
      clearImmediate(rest);
    }),
  );
}

function byProject(tests: readonly BudgetTest[]): ReadonlyMap<Project, readonly BudgetTest[]> {
  const grouped = new Map<Project, BudgetTest[]>();
  for (const test of tests) grouped.set(test.project, [...(grouped.get(test.project) ?? []), test]);
  return grouped;
}

/** Returns whether benchmarks may run; says so if they may not. */
async function isAllowed(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  await offerTrust(vscode.l10n.t('Nothing was measured: that runs the benchmarks, and this workspace is not trusted.'));
  return false;
}
