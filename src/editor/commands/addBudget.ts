import * as vscode from 'vscode';
import { covers } from '../../core/config/mentions.js';
import type { KnownBenchmark, Project } from '../../engine/project/snapshot.js';
import { relativeTo } from '../../engine/util/paths.js';
import { editBudgetFile, openBudgetFileOf } from '../session/budgetFile.js';
import { choose, showInformation } from '../session/dialogs.js';
import { budgetsIn, rangeOf } from '../session/documentBudgets.js';
import { commands, type BenchmarkKey } from '../session/ids.js';
import type { Session } from '../session/session.js';
import { uncovered } from '../session/uncovered.js';

interface Found {
  readonly project: Project;
  readonly benchmark: KnownBenchmark;
}

/** Add Budget…: writes an entry for a benchmark that has none, and goes there. Measures nothing. */
export function addBudgetCommand(session: Session): vscode.Disposable {
  return vscode.commands.registerCommand(commands.addBudget, async (key?: BenchmarkKey) => {
    const found = key === undefined ? await picked(session) : benchmarkOf(session, key);
    if (found === null) return;
    const { project, benchmark } = found;
    const document = await openBudgetFileOf(project);
    const [{ addToConfig }, { proposeBudgets }, { proposedLimits }] = await Promise.all([
      import('../../core/assist/edit-config.js'),
      import('../../core/assist/propose.js'),
      import('../../core/assist/measured-bound.js'),
    ]);
    const candidate = (one: KnownBenchmark) => ({ file: relativeTo(project.root, one.file), name: one.name });
    const own = { ...candidate(benchmark), steady: benchmark.name, code: null, seconds: null };
    const others = (project.snapshot.benchmarks ?? []).filter((one) => one !== benchmark).map(candidate);
    const [proposed] = proposeBudgets([own], others);
    if (proposed === undefined) return;
    // A budget of this name may have been measured before it was removed.
    const [last] = await project.history(proposed.name, 1, true);
    const limits = proposedLimits(last?.result.benchmark === benchmark.name ? last.time : null);
    // It may have been added since the file was saved, which is all that the lens and the list know.
    const written = (await budgetsIn(session, document))?.budgets ?? [];
    const covering = written.find((one) => covers([one])(candidate(benchmark)));
    if (covering !== undefined) {
      await vscode.window.showTextDocument(document, { selection: rangeOf(covering.location) });
      return;
    }
    const taken = project.snapshot.budgets.map(({ budget }) => budget.name);
    await editBudgetFile(document, addToConfig(document.getText(), proposed, limits, taken));
  });
}

function benchmarkOf(session: Session, { root, name, file }: BenchmarkKey): Found | null {
  const project = session.projects.find((one) => one.root === root);
  const benchmark = project?.snapshot.benchmarks?.find((one) => one.name === name && one.file === file);
  return project === undefined || benchmark === undefined ? null : { project, benchmark };
}

async function picked(session: Session): Promise<Found | null> {
  const items = session.projects.flatMap((project) =>
    uncovered(project).map((benchmark) => ({
      icon: 'beaker',
      label: benchmark.name,
      description: relativeTo(project.root, benchmark.file),
      found: { project, benchmark },
    })),
  );
  if (items.length === 0) {
    showInformation(vscode.l10n.t('Every benchmark that was found has a budget.'));
    return null;
  }
  const placeHolder = vscode.l10n.t('Add a budget for which benchmark?');
  return (await choose(items, { placeHolder, matchOnDescription: true }))?.found ?? null;
}
